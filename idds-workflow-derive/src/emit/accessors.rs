//! Setters and getters.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::declaration::{Choice, Declaration, Kind, Setting, argument_of};

/// The setter, on the builders of the works that have the field.
pub(super) fn setter(declaration: &Declaration, setting: &Setting) -> TokenStream {
    let Setting {
        name: field,
        docs,
        inner,
        ..
    } = setting;
    let name = match &setting.options.set {
        Choice::None => return TokenStream::new(),
        Choice::Usual => quote!(#field),
        Choice::Said(name) => name.clone(),
    };
    let is_plain = (setting.options.copy && !setting.options.into)
        || setting.is("Map")
        || setting.is("bool")
        || setting.is("u32");
    let boxed = argument_of(&setting.inner, "Box");
    let (taken, value) = match boxed {
        Some(boxed) => (quote!(#boxed), quote!(::std::boxed::Box::new(#field))),
        None if is_plain => (quote!(#inner), quote!(#field)),
        None => (
            quote!(impl ::core::convert::Into<#inner>),
            quote!(#field.into()),
        ),
    };
    let value = if setting.is_option {
        quote!(::core::option::Option::Some(#value))
    } else {
        value
    };
    let (generics, place, expectation, builder) = match &declaration.kind {
        Kind::Class(_) => {
            let work = &declaration.name;
            (quote!(), quote!(self.work), quote!(), quote!(#work))
        }
        Kind::Part { bound, path } => {
            let group = setting.options.group.iter();
            (
                quote!(<W: #bound #(+ crate::work::fields::Has<crate::work::fields::#group>)*>),
                quote!(self.work.#path),
                quote!(#[expect(private_bounds, reason = "all classes of works are in this crate")]),
                quote!(W),
            )
        }
    };
    quote! {
        #expectation
        impl #generics crate::work::builder::Builder<#builder> {
            #(#docs)*
            pub fn #name(mut self, #field: #taken) -> Self {
                #place.#field = #value;
                self
            }
        }
    }
}

/// The getter, on the type that has the getters.
pub(super) fn getter(declaration: &Declaration, setting: &Setting) -> TokenStream {
    let Setting {
        name: field,
        docs,
        inner,
        ..
    } = setting;
    let name = match &setting.options.get {
        Choice::None => return TokenStream::new(),
        Choice::Usual => quote!(#field),
        Choice::Said(name) => name.clone(),
    };
    let (owner, place) = match &declaration.getters {
        Some((owner, path)) => (owner.clone(), quote!(self.#path.#field)),
        None => {
            let name = &declaration.name;
            (quote!(#name), quote!(self.#field))
        }
    };
    let (returned, value) = returned(setting, inner, &place);
    quote! {
        impl #owner {
            #(#docs)*
            pub fn #name(&self) -> #returned {
                #value
            }
        }
    }
}

/// What a getter returns of a place, and how.
fn returned(setting: &Setting, inner: &Type, place: &TokenStream) -> (TokenStream, TokenStream) {
    let is_copy = setting.options.copy || setting.is("bool") || setting.is("u32");
    let item = argument_of(inner, "Vec");
    let boxed = argument_of(inner, "Box");
    let option = |ty: TokenStream| quote!(::core::option::Option<#ty>);
    match (setting.is_option, item) {
        (true, _) if is_copy => (option(quote!(#inner)), place.clone()),
        (true, _) if setting.is("String") => (option(quote!(&str)), quote!(#place.as_deref())),
        (true, _) if setting.is("NullableText") => (
            option(quote!(&str)),
            quote!(#place.as_ref().and_then(crate::NullableText::as_text)),
        ),
        (true, Some(item)) => (option(quote!(&[#item])), quote!(#place.as_deref())),
        (true, None) => match boxed {
            Some(boxed) => (option(quote!(&#boxed)), quote!(#place.as_deref())),
            None => (option(quote!(&#inner)), quote!(#place.as_ref())),
        },
        (false, _) if is_copy => (quote!(#inner), place.clone()),
        (false, _) if setting.is("String") => (quote!(&str), quote!(&#place)),
        (false, _) if setting.is("NullableText") => {
            (option(quote!(&str)), quote!(#place.as_text()))
        }
        (false, Some(item)) => (quote!(&[#item]), quote!(&#place)),
        (false, None) => (quote!(&#inner), quote!(&#place)),
    }
}
