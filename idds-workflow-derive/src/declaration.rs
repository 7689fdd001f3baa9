//! What a struct and its attributes declare.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, GenericArgument, Ident, LitStr, Meta,
    PathArguments, Result, Token, Type, parenthesized,
};

/// A struct with settings.
pub(crate) struct Declaration {
    pub(crate) name: Ident,
    pub(crate) kind: Kind,
    /// Type that has the getters, and where it has the struct.
    pub(crate) getters: Option<(TokenStream, TokenStream)>,
    /// Documentation, up to the first code block or heading.
    pub(crate) about: String,
    pub(crate) settings: Vec<Setting>,
    /// The field with settings of its own.
    pub(crate) part: Option<(Ident, Type)>,
    /// Whether that field is declared before all settings.
    pub(crate) is_part_first: bool,
    /// All other fields.
    pub(crate) skipped: Vec<Ident>,
    /// Constants on the wire after all fields.
    pub(crate) end: Constants,
}

/// What the settings belong to.
pub(crate) enum Kind {
    /// A class of works with these groups of settings of all works.
    Class(Vec<Ident>),
    /// A part of all works that are of a trait, which they have at a place.
    Part { bound: Ident, path: TokenStream },
}

/// A field that is a setting.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) about: String,
    /// Its type, without the option around it.
    pub(crate) inner: Type,
    pub(crate) is_option: bool,
    pub(crate) options: Options,
    /// Constants on the wire before it.
    pub(crate) before: Constants,
}

/// The options of a setting.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) default: Option<TokenStream>,
    pub(crate) required: bool,
    pub(crate) takes: Option<TokenStream>,
    pub(crate) max_chars: bool,
    pub(crate) form: Option<TokenStream>,
    pub(crate) schema: Option<TokenStream>,
    pub(crate) check: Option<TokenStream>,
    pub(crate) copy: bool,
    pub(crate) into: bool,
    pub(crate) v2: bool,
    /// Whether the attribute is one of the metadata object of the work.
    pub(crate) metadata: bool,
    pub(crate) set: Choice,
    pub(crate) get: Choice,
    pub(crate) wire: Choice,
    pub(crate) encode: Option<TokenStream>,
    pub(crate) decode: Choice,
    pub(crate) group: Option<TokenStream>,
    pub(crate) before: Option<TokenStream>,
    is_part: bool,
    is_skipped: bool,
}

/// Something that is usual, not there, or said.
#[derive(Default)]
pub(crate) enum Choice {
    #[default]
    Usual,
    None,
    Said(TokenStream),
}

/// Entries on the wire that are no field.
#[derive(Default)]
pub(crate) struct Constants(pub(crate) Vec<WireEntry>);

/// An entry on the wire.
#[derive(Clone)]
pub(crate) struct WireEntry {
    pub(crate) name: TokenStream,
    /// What `entries!` takes after the name; of an entry that is not always there, the optional value.
    pub(crate) value: TokenStream,
    pub(crate) is_sometimes: bool,
    /// Whether the server keeps its state there.
    pub(crate) is_state: bool,
}

impl Declaration {
    pub(crate) fn read(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new_spanned(
                &input.ident,
                "is no struct with settings",
            ));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(Error::new_spanned(&input.ident, "has no named fields"));
        };
        let Head { kind, getters } = head(&input.attrs)?;
        let mut declaration = Self {
            name: input.ident.clone(),
            kind: kind.ok_or_else(|| {
                Error::new_spanned(&input.ident, "needs #[settings(class(..))] or part(..)")
            })?,
            getters,
            about: about(&input.attrs),
            settings: Vec::new(),
            part: None,
            is_part_first: false,
            skipped: Vec::new(),
            end: Constants::read(&input.attrs)?,
        };
        let is_class = matches!(declaration.kind, Kind::Class(_));
        for field in &fields.named {
            let name = field
                .ident
                .clone()
                .expect("the field of a struct has a name");
            let options = Options::read(&field.attrs)?;
            if options.is_part {
                declaration.is_part_first = declaration.settings.is_empty();
                declaration.part = Some((name, field.ty.clone()));
            } else if options.is_skipped || (is_class && name == "base") {
                declaration.skipped.push(name);
            } else {
                let inner = argument_of(&field.ty, "Option");
                declaration.settings.push(Setting {
                    name,
                    docs: field
                        .attrs
                        .iter()
                        .filter(|attribute| attribute.path().is_ident("doc"))
                        .cloned()
                        .collect(),
                    about: about(&field.attrs),
                    is_option: inner.is_some(),
                    inner: inner.unwrap_or(&field.ty).clone(),
                    options,
                    before: Constants::read(&field.attrs)?,
                });
            }
        }
        Ok(declaration)
    }
}

impl Setting {
    /// Returns the name on the wire, none when it is not sent by itself.
    pub(crate) fn wire(&self) -> Option<TokenStream> {
        match &self.options.wire {
            Choice::Usual => {
                let name = LitStr::new(&self.name.to_string(), self.name.span());
                Some(quote::quote!(#name))
            }
            Choice::None => None,
            Choice::Said(name) => Some(name.clone()),
        }
    }

    /// Tells whether the value is of a type of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        is_called(&self.inner, name)
    }
}

/// What the attributes of a struct say.
#[derive(Default)]
struct Head {
    kind: Option<Kind>,
    getters: Option<(TokenStream, TokenStream)>,
}

fn head(attributes: &[Attribute]) -> Result<Head> {
    let mut head = Head::default();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("settings"))
    {
        attribute.parse_nested_meta(|meta| {
            let content;
            parenthesized!(content in meta.input);
            if meta.path.is_ident("class") {
                let groups = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
                head.kind = Some(Kind::Class(groups.into_iter().collect()));
            } else if meta.path.is_ident("part") {
                let bound = content.parse()?;
                content.parse::<Token![,]>()?;
                head.kind = Some(Kind::Part {
                    bound,
                    path: content.parse()?,
                });
            } else if meta.path.is_ident("getters") {
                let owner: Ident = content.parse()?;
                content.parse::<Token![,]>()?;
                head.getters = Some((quote::quote!(#owner), content.parse()?));
            } else {
                return Err(meta.error("is none of class, part, getters"));
            }
            Ok(())
        })?;
    }
    Ok(head)
}

impl Options {
    fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("setting"))
        {
            let list =
                attribute.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)?;
            for Entry { name, value } in list {
                options.add(&name, value)?;
            }
        }
        Ok(options)
    }

    fn add(&mut self, name: &Ident, value: Option<TokenStream>) -> Result<()> {
        let is_flag = value.is_none();
        let flags = [
            ("part", &mut self.is_part),
            ("skip", &mut self.is_skipped),
            ("required", &mut self.required),
            ("max_chars", &mut self.max_chars),
            ("copy", &mut self.copy),
            ("into", &mut self.into),
            ("v2", &mut self.v2),
            ("metadata", &mut self.metadata),
        ];
        for (flag, is_set) in flags {
            if name == flag {
                *is_set = true;
                return if is_flag {
                    Ok(())
                } else {
                    Err(Error::new(name.span(), "takes no value"))
                };
            }
        }
        let Some(value) = value else {
            return Err(Error::new(name.span(), "is no flag of a setting"));
        };
        match name.to_string().as_str() {
            "default" => self.default = Some(value),
            "takes" => self.takes = Some(value),
            "form" => self.form = Some(value),
            "schema" => self.schema = Some(value),
            "check" => self.check = Some(value),
            "encode" => self.encode = Some(value),
            "group" => self.group = Some(value),
            "before" => self.before = Some(value),
            "set" => self.set = Choice::of(value),
            "get" => self.get = Choice::of(value),
            "wire" => self.wire = Choice::of(value),
            "decode" => self.decode = Choice::of(value),
            _ => return Err(Error::new(name.span(), "is no option of a setting")),
        }
        Ok(())
    }
}

impl Choice {
    fn of(value: TokenStream) -> Self {
        if value.to_string() == "none" {
            Self::None
        } else {
            Self::Said(value)
        }
    }
}

/// `name` or `name = value`, where the value ends at a comma.
struct Entry {
    name: Ident,
    value: Option<TokenStream>,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            return Ok(Self { name, value: None });
        }
        let (mut value, mut depth) = (TokenStream::new(), 0_i32);
        let is_end = |depth: i32| input.is_empty() || (depth <= 0 && input.peek(Token![,]));
        while !is_end(depth) {
            // A comma between angle brackets belongs to a type.
            depth += i32::from(input.peek(Token![<])) - i32::from(input.peek(Token![>]));
            value.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Self {
            name,
            value: Some(value),
        })
    }
}

impl Constants {
    fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut constants = Self::default();
        for attribute in attributes {
            let is_state = attribute.path().is_ident("state");
            if is_state || attribute.path().is_ident("wire") {
                let entries = attribute
                    .parse_args_with(Punctuated::<WireEntry, Token![,]>::parse_terminated)?;
                constants.0.extend(
                    entries
                        .into_iter()
                        .map(|entry| WireEntry { is_state, ..entry }),
                );
            }
        }
        Ok(constants)
    }
}

impl Parse for WireEntry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: LitStr = input.parse()?;
        let mut value = TokenStream::new();
        let is_sometimes = input.peek(Token![=>]) && input.peek3(Token![?]);
        if is_sometimes {
            input.parse::<Token![=>]>()?;
            input.parse::<Token![?]>()?;
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            value.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Self {
            name: quote::quote!(#name),
            value,
            is_sometimes,
            is_state: false,
        })
    }
}

/// Returns the documentation up to the first code block or heading, with the line breaks of the source.
fn about(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
    {
        let Meta::NameValue(meta) = &attribute.meta else {
            continue;
        };
        let value = &meta.value;
        let Ok(text) = syn::parse2::<LitStr>(quote::quote!(#value)) else {
            continue;
        };
        let text = text.value();
        let line = text.strip_prefix(' ').unwrap_or(&text).to_owned();
        if line.starts_with("```") || line.starts_with('#') {
            break;
        }
        lines.push(line);
    }
    lines.join("\n").trim().to_owned()
}

/// Returns the argument of a generic type of this name.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Tells whether a type has this name.
pub(crate) fn is_called(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == name))
}

/// Makes a name of parts.
pub(crate) fn ident(text: &str) -> Ident {
    Ident::new(text, Span::call_site())
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn error(input: &DeriveInput) -> String {
        Declaration::read(input)
            .map(|declaration| declaration.name)
            .expect_err("a wrong declaration")
            .to_string()
    }

    #[test]
    fn what_is_said_wrongly_is_named() {
        let unknown = parse_quote! {
            #[settings(class(Program))]
            struct Work { #[setting(defualt = 1)] number: u32 }
        };
        let valued = parse_quote! {
            #[settings(class(Program))]
            struct Work { #[setting(required = true)] number: u32 }
        };
        let lonely = parse_quote! { struct Work { number: u32 } };
        let errors = [error(&unknown), error(&valued), error(&lonely)];
        let expected = [
            "is no option of a setting",
            "takes no value",
            "needs #[settings(class(..))] or part(..)",
        ];
        assert_eq!(errors, expected);
    }

    #[test]
    fn a_value_ends_at_a_comma_outside_of_its_type() {
        let input: DeriveInput = parse_quote! {
            #[settings(class())]
            struct Work {
                /// Numbers of things.
                ///
                /// ```
                /// no part of the schema
                /// ```
                #[setting(form = Map<String, Form>, max_chars)]
                #[wire("first": null, "second" =>? self.second(), "third" => 3)]
                numbers: Option<Map<String, u32>>,
            }
        };
        let declaration = Declaration::read(&input).expect("a declaration");
        let setting = &declaration.settings[0];
        assert_eq!(
            (setting.about.as_str(), setting.is_option),
            ("Numbers of things.", true)
        );
        assert!(setting.options.max_chars && setting.options.form.is_some());
        let sometimes: Vec<_> = setting
            .before
            .0
            .iter()
            .map(|entry| entry.is_sometimes)
            .collect();
        assert_eq!(sometimes, [false, true, false]);
    }
}
