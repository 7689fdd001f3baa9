//! The names that serde gives to fields and variants.

use syn::{Attribute, Error, Ident, LitStr, Result, Token, parenthesized};

/// What serde is told of a struct, a field, an enum or a variant, as far as it matters for reading.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) rename_all: Option<Rule>,
    pub(crate) rename: Option<String>,
    /// Rule of the fields of all variants.
    pub(crate) rename_all_fields: Option<Rule>,
    /// Field that says which variant it is.
    pub(crate) tag: Option<String>,
    /// Whether the fields of a variant stand in one of their own.
    pub(crate) has_content: bool,
    pub(crate) is_skipped: bool,
    pub(crate) is_flattened: bool,
}

/// How all names are spelled.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Names {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut names = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"))
        {
            attribute.parse_nested_meta(|meta| {
                let mut text = None;
                if meta.input.peek(Token![=]) {
                    let value: syn::Expr = meta.value()?.parse()?;
                    if let syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(value),
                        ..
                    }) = value
                    {
                        text = Some(value);
                    }
                } else if meta.input.peek(syn::token::Paren) {
                    let inner;
                    parenthesized!(inner in meta.input);
                    if ["rename", "rename_all", "rename_all_fields"]
                        .iter()
                        .any(|name| meta.path.is_ident(name))
                    {
                        let parts = inner.parse_terminated(Part::parse, Token![,])?;
                        let read = parts.into_iter().find(|part| part.name == "deserialize");
                        text = read.map(|part| part.text);
                    } else {
                        inner.parse::<proc_macro2::TokenStream>()?;
                    }
                }
                match text {
                    Some(text) if meta.path.is_ident("rename") => names.rename = Some(text.value()),
                    Some(text) if meta.path.is_ident("rename_all") => {
                        names.rename_all = Some(Rule::of(&text)?);
                    }
                    Some(text) if meta.path.is_ident("rename_all_fields") => {
                        names.rename_all_fields = Some(Rule::of(&text)?);
                    }
                    Some(text) if meta.path.is_ident("tag") => names.tag = Some(text.value()),
                    Some(_) if meta.path.is_ident("content") => names.has_content = true,
                    _ => {}
                }
                names.is_skipped |=
                    meta.path.is_ident("skip") || meta.path.is_ident("skip_deserializing");
                names.is_flattened |= meta.path.is_ident("flatten");
                Ok(())
            })?;
        }
        Ok(names)
    }

    /// Returns the name of a field.
    pub(crate) fn field(&self, ident: &Ident, all: Option<Rule>) -> String {
        let name = plain(ident);
        let words = name
            .split('_')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        self.rename.clone().unwrap_or_else(|| {
            all.map_or_else(|| name.clone(), |rule| rule.spell_field(&name, words))
        })
    }

    /// Returns the name of a variant.
    pub(crate) fn variant(&self, ident: &Ident, all: Option<Rule>) -> String {
        let name = plain(ident);
        let mut words: Vec<String> = Vec::new();
        for letter in name.chars() {
            match words.last_mut().filter(|_| !letter.is_uppercase()) {
                Some(word) => word.push(letter),
                None => words.push(letter.to_lowercase().collect()),
            }
        }
        self.rename
            .clone()
            .unwrap_or_else(|| all.map_or_else(|| name.clone(), |rule| rule.spell(&words)))
    }
}

fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// `deserialize = "name"`.
struct Part {
    name: Ident,
    text: LitStr,
}

impl Part {
    fn parse(input: syn::parse::ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self {
            name,
            text: input.parse()?,
        })
    }
}

impl Rule {
    fn of(text: &LitStr) -> Result<Self> {
        Ok(match text.value().as_str() {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return Err(Error::new(text.span(), "is no rule of serde")),
        })
    }

    /// Serde keeps the underscores of fields where a rule does not say what becomes of them.
    fn spell_field(self, name: &str, words: Vec<String>) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal | Self::Camel => self.spell(&words),
        }
    }

    /// Spells words of lower case letters.
    fn spell(self, words: &[String]) -> String {
        match self {
            Self::Lower => words.concat(),
            Self::Upper => words.concat().to_uppercase(),
            Self::Pascal => words.iter().map(|word| capitalised(word)).collect(),
            Self::Camel => {
                let mut words = words.iter();
                let first = words.next().cloned().unwrap_or_default();
                words.fold(first, |name, word| name + &capitalised(word))
            }
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
            Self::ScreamingKebab => words.join("-").to_uppercase(),
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
