//! The derive macros of `idds-workflow`.
//!
//! [`Settings`](macro@Settings) stands behind its definitions: one declaration of a field is its setter, its getter, its place in documents and
//! their schema, its check and its attribute on the wire. It is of use there only, as the generated code names private items.
//!
//! [`Space`](macro@Space) and [`Choices`](macro@Choices) are for everybody: they make a search space of a struct.

mod declaration;
mod emit;
mod rename;
mod space;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use self::declaration::Declaration;

/// Makes the settings of a work of the fields of a struct.
///
/// On the struct:
///
/// | attribute | meaning |
/// | --- | --- |
/// | `#[settings(class(GROUP, ..))]` | The struct is a class of works, and has these groups of settings of all works: `program`, `unrestricted`, `tag`, `collections`. It has a field `base`. |
/// | `#[settings(part(TRAIT, PATH))]` | The struct is a part of works: setters are those of builders of every work that is `TRAIT`, and reach the part by `PATH`. |
/// | `#[settings(getters(TYPE, PATH))]` | Getters are those of `TYPE`, which has the struct at `PATH`; of the struct itself by default. |
/// | `#[wire("name": value, ..)]` | Constants on the wire after all fields. |
/// | `#[state("name": value, ..)]` | As `wire`, for attributes that the server keeps its state in. |
///
/// The documentation of a class, up to the first code block or heading, is the description of its schema.
///
/// On a field, whose documentation is that of its setter, its getter and its schema:
///
/// | attribute | meaning |
/// | --- | --- |
/// | `#[setting(part)]` | The field has settings itself, which documents have after those of the struct, or before them when it is declared first. |
/// | `#[setting(skip)]` | The field is no setting. |
/// | `default = EXPR` | Default value; that of `Default` when nothing is said. Documents leave it out. |
/// | `required` | Documents must have it. |
/// | `takes = KIND` | Numbers that are taken, one of the constants of `Takes`. |
/// | `check = FN` | What says what is wrong with the value, given the name of the field and the value. |
/// | `max_chars` | The server has room for 255 characters. |
/// | `form = TYPE` | What stands in documents; the value itself by default. |
/// | `schema = FN` | Schema of the value; that of its type by default. |
/// | `copy` | Setter and getter have the value itself. |
/// | `into` | The setter takes what becomes the value, also where it is copied. |
/// | `set = none`, `get = none`, `get = NAME` | No setter, no getter, a getter of another name. |
/// | `wire = "name"`, `wire = none` | Name of the attribute, when it is not that of the field; none. |
/// | `metadata` | The attribute is one of the metadata object of the work. |
/// | `v2` | Only the v2 family has the attribute. |
/// | `encode = EXPR` | What is sent, made of `self`, `family`, `remedies`, `is_aside` and `work`; the value itself by default. |
/// | `decode = EXPR`, `decode = none` | The value, made of `fields` and, for a struct with `metadata`, of that; the class reads it itself. |
/// | `group = TRAIT` | The setter is only there for works that are `TRAIT`. |
/// | `before = "name"` | The field stands before this one in documents. |
/// | `#[wire("name": value, ..)]` | Constants on the wire before this field; expressions after `=>`, and after `=>?` optional ones. |
/// | `#[state("name": value, ..)]` | As `wire`, for attributes that the server keeps its state in. |
#[proc_macro_derive(Settings, attributes(settings, setting, wire, state))]
pub fn settings(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let tokens = Declaration::read(&input).map(|declaration| emit::settings(&declaration));
    tokens.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a search space of the fields of a struct: implements `Space`, whose documentation has a table of what `#[space(..)]`
/// says of a field.
#[proc_macro_derive(Space, attributes(space, serde))]
pub fn space(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    space::space(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Makes a choice of the variants of an enum: implements `Choices`.
#[proc_macro_derive(Choices, attributes(serde))]
pub fn choices(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    space::choices(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
