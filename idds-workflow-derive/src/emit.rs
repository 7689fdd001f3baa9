//! The code that a declaration stands for.

mod accessors;

use proc_macro2::TokenStream;
use quote::quote;

use self::accessors::{getter, setter};
use crate::declaration::{
    Choice, Declaration, Kind, Setting, WireEntry, argument_of, ident, is_called,
};

pub(crate) fn settings(declaration: &Declaration) -> TokenStream {
    let fields = fields(declaration);
    let accessors = declaration.settings.iter().map(|setting| {
        let (setter, getter) = (setter(declaration, setting), getter(declaration, setting));
        quote!(#setter #getter)
    });
    let inherits = inherits(declaration);
    let class = match &declaration.kind {
        Kind::Class(groups) => class(declaration, groups),
        Kind::Part { .. } => TokenStream::new(),
    };
    quote!(#fields #(#accessors)* #inherits #class)
}

/// The trait by which documents, their schema and the wire read and write the fields.
fn fields(declaration: &Declaration) -> TokenStream {
    let Declaration {
        name,
        settings,
        skipped,
        is_part_first,
        ..
    } = declaration;
    let count = settings.len();
    let part = declaration
        .part
        .as_ref()
        .map(|(field, ty)| (field, argument_of(ty, "BoxedIfSet").unwrap_or(ty)));
    let specs = settings.iter().map(spec);
    let [part_specs, part_attributes, part_state] = match part {
        None => [quote!(&[]), quote!(&[]), quote!(&[])],
        Some((_, ty)) => [
            quote!(<#ty as crate::work::fields::Fields>::specs()),
            quote!(<#ty as crate::work::fields::Fields>::attributes()),
            quote!(<#ty as crate::work::fields::Fields>::state()),
        ],
    };

    let defaults = settings.iter().map(|setting| {
        let (field, value) = (&setting.name, default(setting));
        quote!(#field: #value)
    });
    let others = declaration
        .part
        .iter()
        .map(|(field, _)| field)
        .chain(skipped);
    let others = others.map(|field| quote!(#field: ::core::default::Default::default()));

    let reads = settings.iter().enumerate().map(|(index, setting)| {
        let (field, read) = (&setting.name, read(setting));
        let value = if setting.is_option { quote!(::core::option::Option::Some(value)) } else { quote!(value) };
        quote!(#index => if let ::core::option::Option::Some(value) = #read { self.#field = #value; })
    });
    let writes = settings.iter().enumerate().map(|(index, setting)| {
        let write = write(setting);
        quote!(#index => { #write })
    });
    let [part_read, part_write, part_v2] = match part {
        None => [
            quote!(_ => {}),
            quote!(_ => {}),
            quote!(::core::option::Option::None),
        ],
        Some((field, ty)) => [
            quote!(other => self.#field.read_field(other - #count, value, reading)),
            quote!(other => self.#field.write_field(other - #count, map)?),
            quote!(<#ty as crate::work::fields::Fields>::only_in_v2(&self.#field)),
        ],
    };
    let checks = settings.iter().filter_map(check);
    let decodes = settings.iter().filter_map(decode);
    let all = entries(declaration, true);
    let names = all.iter().map(|entry| &entry.name);
    let state = all
        .iter()
        .filter(|entry| entry.is_state)
        .map(|entry| &entry.name);
    let metadata = metadata(declaration);
    let read_metadata = (!metadata.is_empty()).then(|| quote!(let metadata = fields.metadata()?;));
    let encode_metadata = encode(metadata);
    let v2 = settings.iter().filter(|setting| setting.options.v2).map(|setting| {
        let (field, name, (standard, is_set)) = (&setting.name, setting.name.to_string(), is_set(setting));
        quote!({ let value = &self.#field; #standard if #is_set { return ::core::option::Option::Some(#name); } })
    });
    let encode = match settings.iter().any(|setting| setting.options.v2) {
        false => encode(entries(declaration, true)),
        true => {
            let (v2, v1) = (
                encode(entries(declaration, true)),
                encode(entries(declaration, false)),
            );
            quote!(match family { crate::wire::Family::V2 => { #v2 } crate::wire::Family::V1 => { #v1 } })
        }
    };
    quote! {
        impl crate::work::fields::Fields for #name {
            fn attributes() -> &'static [&'static str] {
                static ATTRIBUTES: ::std::sync::LazyLock<::std::vec::Vec<&str>> = ::std::sync::LazyLock::new(|| {
                    let mut names = ::std::vec![#(#names),*];
                    names.extend_from_slice(#part_attributes);
                    names
                });
                &ATTRIBUTES
            }

            fn state() -> &'static [&'static str] {
                static STATE: ::std::sync::LazyLock<::std::vec::Vec<&str>> = ::std::sync::LazyLock::new(|| {
                    let mut names = ::std::vec![#(#state),*];
                    names.extend_from_slice(#part_state);
                    names
                });
                &STATE
            }

            fn specs() -> &'static [crate::work::fields::Spec] {
                static SPECS: ::std::sync::LazyLock<::std::vec::Vec<crate::work::fields::Spec>> =
                    ::std::sync::LazyLock::new(|| {
                        crate::work::fields::in_order(::std::vec![#(#specs),*], #part_specs, #is_part_first)
                    });
                &SPECS
            }

            fn standard() -> Self {
                Self { #(#defaults,)* #(#others,)* }
            }

            fn read_field(
                &mut self,
                index: usize,
                value: ::serde_json::Value,
                reading: &mut crate::neutral::Reading<'_>,
            ) {
                match index {
                    #(#reads,)*
                    #part_read,
                }
            }

            fn write_field<M: ::serde::ser::SerializeMap>(
                &self,
                index: usize,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                match index {
                    #(#writes)*
                    #part_write,
                }
                ::core::result::Result::Ok(())
            }

            fn only_in_v2(&self) -> ::core::option::Option<&'static str> {
                #(#v2)*
                #part_v2
            }

            fn check(&self, problems: &mut ::std::vec::Vec<crate::error::Problem>) {
                let _ = &problems;
                #(#checks)*
            }

            fn encode<M: crate::wire::run::EntryMap>(
                &self,
                mode: crate::wire::Mode<'_>,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                let crate::wire::Mode { family, remedies, is_aside, work } = mode;
                let _ = (family, remedies, is_aside, work, &map);
                #encode
                ::core::result::Result::Ok(())
            }

            fn encode_metadata<M: crate::wire::run::EntryMap>(
                &self,
                mode: crate::wire::Mode<'_>,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                let crate::wire::Mode { work, .. } = mode;
                let _ = (work, &map);
                #encode_metadata
                ::core::result::Result::Ok(())
            }

            fn decode(
                &mut self,
                fields: &crate::wire::decode::Fields<'_>,
            ) -> ::core::result::Result<(), crate::wire::DecodeError> {
                let _ = fields;
                #read_metadata
                #(#decodes)*
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// What the struct has on the wire by itself, in order.
fn entries(declaration: &Declaration, is_v2: bool) -> Vec<WireEntry> {
    let mut entries = Vec::new();
    for setting in &declaration.settings {
        entries.extend(setting.before.0.iter().cloned());
        let is_sent = !setting.options.metadata && (is_v2 || !setting.options.v2);
        entries.extend(is_sent.then(|| entry(setting)).flatten());
    }
    entries.extend(declaration.end.0.iter().cloned());
    entries
}

/// What the struct has in the metadata object of its work, in order.
fn metadata(declaration: &Declaration) -> Vec<WireEntry> {
    let settings = declaration.settings.iter();
    settings
        .filter(|setting| setting.options.metadata)
        .filter_map(entry)
        .collect()
}

/// The attribute of a setting, none when it is not sent by itself.
fn entry(setting: &Setting) -> Option<WireEntry> {
    let field = &setting.name;
    let value = setting
        .options
        .encode
        .clone()
        .unwrap_or_else(|| quote!(self.#field));
    Some(WireEntry {
        name: setting.wire()?,
        value: quote!(=> #value),
        is_sometimes: false,
        is_state: false,
    })
}

/// Writes entries on the wire: those that are always there in one go.
fn encode(entries: Vec<WireEntry>) -> TokenStream {
    let (mut code, mut run) = (TokenStream::new(), TokenStream::new());
    let end_run = |run: &mut TokenStream, code: &mut TokenStream| {
        if !run.is_empty() {
            let run = std::mem::take(run);
            code.extend(quote!(crate::wire::run::entries!(map; #run);));
        }
    };
    for WireEntry {
        name,
        value,
        is_sometimes,
        is_state: _,
    } in entries
    {
        if is_sometimes {
            end_run(&mut run, &mut code);
            code.extend(quote! {
                if let ::core::option::Option::Some(value) = #value {
                    ::serde::ser::SerializeMap::serialize_entry(map, #name, &value)?;
                }
            });
        } else {
            run.extend(quote!(#name #value,));
        }
    }
    end_run(&mut run, &mut code);
    code
}

/// What is said of a field in documents and their schema.
fn spec(setting: &Setting) -> TokenStream {
    let (name, about, inner) = (setting.name.to_string(), &setting.about, &setting.inner);
    let options = &setting.options;
    let schema = match (&options.schema, &options.takes, &options.form) {
        (Some(schema), ..) => quote!(#schema),
        (None, Some(takes), _) => quote!(|_| crate::literal::Takes::#takes.schema()),
        (None, None, Some(form)) => quote!(::schemars::SchemaGenerator::subschema_for::<#form>),
        (None, None, None) => quote!(::schemars::SchemaGenerator::subschema_for::<#inner>),
    };
    let (required, max_chars) = (options.required, options.max_chars);
    let group = options.group.iter();
    let group = match options.group {
        Some(_) => quote!(::core::option::Option::Some(#(crate::work::fields::Group::#group)*)),
        None => quote!(::core::option::Option::None),
    };
    let before = match &options.before {
        Some(before) => quote!(::core::option::Option::Some(#before)),
        None => quote!(::core::option::Option::None),
    };
    quote! {
        crate::work::fields::Spec {
            index: 0,
            name: #name,
            about: #about,
            schema: #schema,
            is_required: #required,
            has_max_chars: #max_chars,
            group: #group,
            before: #before,
        }
    }
}

fn default(setting: &Setting) -> TokenStream {
    match &setting.options.default {
        Some(default) => quote!(#default),
        None => quote!(::core::default::Default::default()),
    }
}

/// Reads the value of a field from a document.
fn read(setting: &Setting) -> TokenStream {
    let inner = &setting.inner;
    match (&setting.options.takes, &setting.options.form) {
        (Some(takes), _) => quote!(reading.amount::<#inner>(value, crate::literal::Takes::#takes)),
        (None, Some(form)) => quote!(reading.form::<#form, #inner>(value)),
        (None, None) => quote!(reading.plain::<#inner>(value)),
    }
}

/// Writes the value of a field to a document, unless it is the one that it has without being set.
fn write(setting: &Setting) -> TokenStream {
    let (field, inner, name) = (&setting.name, &setting.inner, setting.name.to_string());
    let written = match &setting.options.form {
        Some(form) => quote!(&<#form as crate::neutral::Form<#inner>>::of(value)),
        None => quote!(value),
    };
    let entry = quote!(map.serialize_entry(#name, #written)?;);
    if setting.is_option {
        return quote!(if let ::core::option::Option::Some(value) = &self.#field { #entry });
    }
    if setting.options.required {
        return quote!(let value = &self.#field; #entry);
    }
    let (standard, is_set) = is_set(setting);
    quote!(let value = &self.#field; #standard if #is_set { #entry })
}

/// What tells whether a value is another one than that without being set, and what has to stand before it.
fn is_set(setting: &Setting) -> (TokenStream, TokenStream) {
    let (inner, default) = (&setting.inner, default(setting));
    match setting.is_option {
        true => (quote!(), quote!(value.is_some())),
        false => (
            quote!(let standard: #inner = #default;),
            quote!(*value != standard),
        ),
    }
}

/// Says what is wrong with the value of a field.
fn check(setting: &Setting) -> Option<TokenStream> {
    let (field, name) = (&setting.name, setting.name.to_string());
    let problem = if let Some(check) = &setting.options.check {
        quote!(#check(#name, value))
    } else if let Some(takes) = &setting.options.takes {
        quote!(crate::literal::Takes::#takes.problem(#name, crate::literal::Numeric::literal(value)))
    } else if setting.options.max_chars {
        quote!(crate::text::optional(#name, crate::work::fields::Chars::chars(value)))
    } else if setting.is("Map")
        || argument_of(&setting.inner, "Box").is_some_and(|inner| is_called(inner, "Map"))
    {
        quote!(crate::text::map_is_python_object(value).then(|| crate::text::python_object(#name)))
    } else {
        return None;
    };
    Some(match setting.is_option {
        true => quote!(problems.extend(self.#field.as_ref().and_then(|value| #problem));),
        false => quote!({ let value = &self.#field; problems.extend(#problem); }),
    })
}

/// Reads the value of a field from the wire.
fn decode(setting: &Setting) -> Option<TokenStream> {
    let field = &setting.name;
    match &setting.options.decode {
        Choice::None => None,
        Choice::Said(value) => Some(quote!(self.#field = #value;)),
        Choice::Usual => {
            let name = setting.wire()?;
            let fields = if setting.options.metadata {
                quote!(metadata)
            } else {
                quote!(fields)
            };
            if let Some(takes) = &setting.options.takes {
                let read = quote!(#fields.amount(#name, crate::literal::Takes::#takes)?);
                return Some(match setting.is_option {
                    true => {
                        quote!(self.#field = #read.filter(|value| !value.is_null()).map(::core::convert::Into::into);)
                    }
                    false => {
                        quote!(if let ::core::option::Option::Some(value) = #read { self.#field = value.into(); })
                    }
                });
            }
            Some(match setting.is_option {
                // Null is a value of it.
                true if setting.is("NullableText") => quote!(self.#field = #fields.given(#name)?;),
                true => quote!(self.#field = #fields.read(#name)?;),
                false => {
                    let read = match ["Literal", "NullableText", "Seconds"]
                        .iter()
                        .any(|name| setting.is(name))
                    {
                        true => quote!(#fields.given(#name)?),
                        false => quote!(#fields.read(#name)?),
                    };
                    quote!(if let ::core::option::Option::Some(value) = #read { self.#field = value; })
                }
            })
        }
    }
}

/// Where the struct has what works of all classes have in common, and the getters of that.
fn inherits(declaration: &Declaration) -> TokenStream {
    let name = &declaration.name;
    let part = declaration
        .part
        .as_ref()
        .filter(|(_, ty)| argument_of(ty, "BoxedIfSet").is_none());
    let has_base = declaration.skipped.iter().any(|field| field == "base");
    let (field, target, base, base_mut) = match part {
        _ if has_base => (
            ident("base"),
            quote!(crate::work::base::Base),
            quote!(&self.base),
            quote!(&mut self.base),
        ),
        Some((field, ty)) => (
            field.clone(),
            quote!(#ty),
            quote!(crate::work::base::HasBase::base(&self.#field)),
            quote!(crate::work::base::HasBase::base_mut(&mut self.#field)),
        ),
        None => return TokenStream::new(),
    };
    quote! {
        impl ::core::ops::Deref for #name {
            type Target = #target;

            fn deref(&self) -> &#target {
                &self.#field
            }
        }

        impl crate::work::base::HasBase for #name {
            fn base(&self) -> &crate::work::base::Base {
                #base
            }

            fn base_mut(&mut self) -> &mut crate::work::base::Base {
                #base_mut
            }
        }
    }
}

/// What a class of works has besides its fields.
fn class(declaration: &Declaration, groups: &[syn::Ident]) -> TokenStream {
    let (name, about) = (&declaration.name, &declaration.about);
    let text = name.to_string();
    let builder = ident(&format!("{name}Builder"));
    let (part, part_type) = match &declaration.part {
        Some((field, ty)) => (field.clone(), quote!(#ty)),
        None => (ident("base"), quote!(crate::work::base::Base)),
    };
    let builder_doc = format!("Builder of [`{name}`].");
    quote! {
        #[doc = #builder_doc]
        pub type #builder = crate::work::builder::Builder<#name>;

        #(impl crate::work::fields::Has<crate::work::fields::#groups> for #name {})*

        impl crate::work::fields::Declared for #name {
            const NAME: &'static str = #text;
            const ABOUT: &'static str = #about;
            const GROUPS: &'static [crate::work::fields::Group] = &[#(crate::work::fields::Group::#groups),*];

            type Part = #part_type;

            fn part(&self) -> &#part_type {
                &self.#part
            }

            fn part_mut(&mut self) -> &mut #part_type {
                &mut self.#part
            }
        }

        impl crate::neutral::Read for #name {
            fn read(
                tree: ::serde_json::Value,
                effort: crate::neutral::Effort,
            ) -> ::core::result::Result<Self, crate::Error> {
                crate::neutral::settings::read(tree, effort)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                crate::neutral::deserialize(deserializer)
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                crate::neutral::settings::write(self, serializer)
            }
        }

        impl ::schemars::JsonSchema for #name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                <Self as crate::work::class::Class>::SCHEMA.into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                crate::neutral::settings::schema::<Self>(generator)
            }
        }
    }
}
