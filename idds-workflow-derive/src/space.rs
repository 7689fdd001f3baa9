//! `#[derive(Space)]` and `#[derive(Choices)]`: a search space from the fields of a struct.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DataEnum, DeriveInput, Error, Expr, ExprLit, ExprRange, Field, Fields, Lit,
    LitInt, RangeLimits, Result, Token, Type, UnOp, Variant,
};

use crate::rename::{Names, Rule};

/// What to write at a field, for errors.
const HOW: &str = "say what values it can take: #[space(1..=6)], #[space(log, 1e-5..=1e-1)], \
                   #[space(choice(\"adam\", \"sgd\"))]";

/// Derives `Space` for a struct, or for an enum whose variants have fields.
pub(crate) fn space(input: &DeriveInput) -> Result<TokenStream> {
    let krate = definitions()?;
    let names = Names::of(&input.attrs)?;
    let parameters = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => each(&fields.named, |field| {
                parameter(&krate, field, names.rename_all)
            })?,
            _ => {
                let message = "has fields without names, but each parameter of a space has one";
                return Err(Error::new_spanned(&input.ident, message));
            }
        },
        Data::Enum(data) => variants(&krate, input, &names, data)?,
        Data::Union(_) => {
            let message = "is no struct; an enum is a choice: derive Choices for it";
            return Err(Error::new_spanned(&input.ident, message));
        }
    };
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics #krate::Space for #name #arguments #bounds {
            fn add_to(space: #krate::OptSpaceBuilder) -> #krate::OptSpaceBuilder {
                #(#parameters)*
                space
            }
        }
    })
}

/// Makes the statements of all items, or tells what is wrong with each.
fn each<'a, T: 'a>(
    items: impl IntoIterator<Item = &'a T>,
    make: impl Fn(&'a T) -> Result<TokenStream>,
) -> Result<Vec<TokenStream>> {
    let mut errors: Option<Error> = None;
    let mut made = Vec::new();
    for item in items {
        match make(item) {
            Ok(tokens) => made.push(tokens),
            Err(error) => match &mut errors {
                None => errors = Some(error),
                Some(all) => all.combine(error),
            },
        }
    }
    errors.map_or(Ok(made), Err)
}

/// Returns the statements that add the choice of a variant, and the fields of each for the case that it is chosen.
fn variants(
    krate: &TokenStream,
    input: &DeriveInput,
    names: &Names,
    data: &DataEnum,
) -> Result<Vec<TokenStream>> {
    let has_fields = |variant: &Variant| !matches!(variant.fields, Fields::Unit);
    let Some(tag) = &names.tag else {
        let message = match data.variants.iter().any(has_fields) {
            true => {
                "has variants with fields: write #[serde(tag = \"..\")], which names the parameter that says which variant a point has"
            }
            false => "is no struct; an enum is a choice: derive Choices for it",
        };
        return Err(Error::new_spanned(&input.ident, message));
    };
    if names.has_content {
        let message = "has the fields of its variants in one of their own, and the parameters of a point stand side by side: leave content out";
        return Err(Error::new_spanned(&input.ident, message));
    }
    let mut known = Vec::new();
    for variant in &data.variants {
        let own = Names::of(&variant.attrs)?;
        if !own.is_skipped {
            known.push((own.variant(&variant.ident, names.rename_all), own, variant));
        }
    }
    let chosen = known.iter().map(|(name, ..)| name);
    let choice = quote!(let space = space.choice(#tag, [#(#chosen),*]););
    let fields = each(&known, |(name, own, variant)| {
        let rule = own.rename_all.or(names.rename_all_fields);
        let parameters = match &variant.fields {
            Fields::Unit => return Ok(TokenStream::new()),
            Fields::Named(fields) => each(&fields.named, |field| parameter(krate, field, rule))?,
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let ty = &fields.unnamed[0].ty;
                vec![
                    quote_spanned! {ty.span()=> let space = <#ty as #krate::Space>::add_to(space); },
                ]
            }
            Fields::Unnamed(_) => {
                let message = "has fields without names, but each parameter of a space has one";
                return Err(Error::new_spanned(variant, message));
            }
        };
        Ok(quote! {
            let space = space.when(#tag, [#name], |space| { #(#parameters)* space });
        })
    })?;
    Ok(std::iter::once(choice).chain(fields).collect())
}

/// Derives `Choices` for an enum of names.
pub(crate) fn choices(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        let message = "is no enum; derive Space for a struct";
        return Err(Error::new_spanned(&input.ident, message));
    };
    let krate = definitions()?;
    let rule = Names::of(&input.attrs)?.rename_all;
    let mut choices = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let message = "has fields; derive Space for the enum, with #[serde(tag = \"..\")], and flatten it where it stands";
            return Err(Error::new_spanned(variant, message));
        }
        let names = Names::of(&variant.attrs)?;
        if !names.is_skipped {
            choices.push(names.variant(&variant.ident, rule));
        }
    }
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics #krate::Choices for #name #arguments #bounds {
            fn choices() -> ::std::vec::Vec<#krate::Value> {
                ::std::vec![#(#krate::Value::from(#choices)),*]
            }
        }
    })
}

/// Returns the path of `idds-workflow`, which the user may know through the facade only.
fn definitions() -> Result<TokenStream> {
    let path = |found: FoundCrate, own: &str| {
        let name = match found {
            // Its own tests and documentation name it as everybody does.
            FoundCrate::Itself => own.to_owned(),
            FoundCrate::Name(name) => name,
        };
        let name = format_ident!("{name}");
        quote!(::#name)
    };
    if let Ok(found) = crate_name("idds") {
        let facade = path(found, "idds");
        return Ok(quote!(#facade::workflow));
    }
    crate_name("idds-workflow")
        .map(|found| path(found, "idds_workflow"))
        .map_err(|_| {
            Error::new(
                Span::call_site(),
                "needs a dependency on idds, or on idds-workflow",
            )
        })
}

/// Returns the statement that adds the parameter of a field, or those of a flattened one.
fn parameter(krate: &TokenStream, field: &Field, rule: Option<Rule>) -> Result<TokenStream> {
    let names = Names::of(&field.attrs)?;
    if names.is_skipped {
        return Ok(TokenStream::new());
    }
    let ty = &field.ty;
    let declared = Declared::of(&field.attrs)?;
    if names.is_flattened {
        if let Some(span) = declared.span {
            return Err(Error::new(
                span,
                "stands at a flattened field, whose own fields say what they can be",
            ));
        }
        return Ok(
            quote_spanned! {ty.span()=> let space = <#ty as #krate::Space>::add_to(space); },
        );
    }
    let name = field.ident.as_ref().map(|ident| names.field(ident, rule));
    let parameter = declared.parameter(krate, ty)?;
    Ok(quote!(let space = space.parameter(#name, #parameter);))
}

/// What `#[space(..)]` says of a field.
#[derive(Default)]
struct Declared {
    span: Option<Span>,
    values: Option<Values>,
    scale: Option<(Scale, Span)>,
    step: Option<Expr>,
}

/// The values that a parameter can take.
enum Values {
    Range(Box<Expr>, Box<Expr>),
    Choice(Vec<Expr>),
    Normal(Expr, Expr),
    LogNormal(Expr, Expr),
}

#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Log,
    Ordered,
}

impl Declared {
    fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut declared = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("space"))
        {
            declared.span = Some(attribute.span());
            let items =
                attribute.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
            for item in items {
                declared.add(item)?;
            }
        }
        Ok(declared)
    }

    fn add(&mut self, item: Expr) -> Result<()> {
        let span = item.span();
        let values = match item {
            Expr::Path(path) if path.path.is_ident("log") => {
                self.scale = Some((Scale::Log, span));
                return Ok(());
            }
            Expr::Path(path) if path.path.is_ident("ordered") => {
                self.scale = Some((Scale::Ordered, span));
                return Ok(());
            }
            Expr::Assign(assign) if is_named(&assign.left, "step") => {
                self.step = Some(*assign.right);
                return Ok(());
            }
            Expr::Range(range) => bounds(range)?,
            Expr::Call(call) if is_named(&call.func, "choice") => {
                if call.args.is_empty() {
                    return Err(Error::new(span, "has no value to choose from"));
                }
                Values::Choice(call.args.into_iter().collect())
            }
            Expr::Call(call) if is_named(&call.func, "normal") => {
                let [mean, deviation] = two(call.args, span, "normal(MEAN, DEVIATION)")?;
                Values::Normal(mean, deviation)
            }
            Expr::Call(call) if is_named(&call.func, "log_normal") => {
                let [mean, deviation] = two(call.args, span, "log_normal(MEAN, DEVIATION)")?;
                Values::LogNormal(mean, deviation)
            }
            other => {
                let message = "is none of a range such as 1..=6, log, step = .., choice(..), ordered, \
                               normal(MEAN, DEVIATION), log_normal(MEAN, DEVIATION)";
                return Err(Error::new_spanned(other, message));
            }
        };
        if self.values.replace(values).is_some() {
            return Err(Error::new(
                span,
                "is a second set of values; a parameter has one",
            ));
        }
        Ok(())
    }

    /// Returns the parameter of a field of this type.
    fn parameter(&self, krate: &TokenStream, ty: &Type) -> Result<TokenStream> {
        let (element, lengths) = element(ty);
        let is_array = !lengths.is_empty();
        let Some(values) = &self.values else {
            if let Some(span) = self
                .span
                .filter(|_| self.scale.is_none() || self.step.is_some())
            {
                return Err(Error::new(span, HOW));
            }
            if let Some((Scale::Log, span)) = self.scale {
                return Err(Error::new(span, format!("lacks a range; {HOW}")));
            }
            let choices = quote_spanned!(element.span()=> <#element as #krate::Choices>::choices());
            return self.choice(krate, choices, &lengths);
        };
        let is_integer = quote_spanned!(element.span()=> <#element as #krate::Numeric>::IS_INTEGER);
        let step = self.step.as_ref().map(|step| {
            let step = number(step);
            quote!(let parameter = parameter.step(#step);)
        });
        let finished = quote! {
            let parameter = if #is_integer { parameter.integer() } else { parameter };
            #step
            parameter
        };
        match (values, self.scale) {
            (Values::Choice(choices), _) => {
                if let Some(step) = &self.step {
                    return Err(Error::new_spanned(step, "a choice has no step"));
                }
                let choices = quote!([#(#krate::Value::from(#choices)),*]);
                self.choice(krate, choices, &lengths)
            }
            (_, Some((Scale::Ordered, span))) => Err(Error::new(
                span,
                "belongs to a choice; numbers always have an order",
            )),
            (Values::Range(..), Some((Scale::Log, span))) if is_array => Err(Error::new(
                span,
                "is a scale that the numbers of an array cannot have",
            )),
            (Values::Range(lower, upper), scale) => {
                let fits = [lower, upper].map(|bound| fits(element, bound));
                let (lower, upper) = (number(lower), number(upper));
                let range = quote!({ #(#fits)* #krate::Number::from(#lower)..=#krate::Number::from(#upper) });
                let parameter = match scale {
                    Some(_) => quote!(#krate::Log::new(#range)),
                    None if is_array => {
                        quote!(#krate::Array::new([#(#lengths as u32),*]).range(#range))
                    }
                    // The words of iDDS's documentation, which has no integers and no steps.
                    None if self.step.is_none() => quote! {
                        if #is_integer { #krate::Scalar::new().range(#range) } else { #krate::Scalar::new().bounds(#range) }
                    },
                    None => quote!(#krate::Scalar::new().range(#range)),
                };
                Ok(quote!({ let parameter = #parameter; #finished }))
            }
            (Values::Normal(..) | Values::LogNormal(..), _) if is_array => Err(Error::new_spanned(
                ty,
                "is an array, whose numbers have a range",
            )),
            (Values::Normal(..) | Values::LogNormal(..), Some((Scale::Log, span))) => {
                Err(Error::new(
                    span,
                    "belongs to a range; log_normal(MEAN, DEVIATION) is the other one",
                ))
            }
            (Values::Normal(mean, deviation), None) => {
                let (mean, deviation) = (number(mean), number(deviation));
                Ok(quote!({ let parameter = #krate::Normal::new(#mean, #deviation); #finished }))
            }
            (Values::LogNormal(mean, deviation), None) => {
                let (mean, deviation) = (number(mean), number(deviation));
                Ok(quote!({ let parameter = #krate::LogNormal::new(#mean, #deviation); #finished }))
            }
        }
    }

    /// Returns the parameter that is one of these choices, or a list of them.
    fn choice(
        &self,
        krate: &TokenStream,
        choices: TokenStream,
        lengths: &[Expr],
    ) -> Result<TokenStream> {
        let kind = match self.scale {
            None => quote!(Choice),
            Some((Scale::Ordered, _)) => quote!(TransitionChoice),
            Some((Scale::Log, span)) => {
                let message =
                    "belongs to a range; ordered says that neighbours of a choice are alike";
                return Err(Error::new(span, message));
            }
        };
        match lengths {
            [] => Ok(quote!(#krate::#kind::new(#choices))),
            [length] => Ok(quote!(#krate::#kind::new(#choices).repetitions(#length as u32))),
            [_, inner, ..] => Err(Error::new_spanned(
                inner,
                "makes an array of arrays of choices, which a search space cannot say",
            )),
        }
    }
}

fn is_named(path: &Expr, name: &str) -> bool {
    matches!(path, Expr::Path(path) if path.path.is_ident(name))
}

fn two(arguments: Punctuated<Expr, Token![,]>, span: Span, form: &str) -> Result<[Expr; 2]> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    arguments
        .try_into()
        .map_err(|_| Error::new(span, format!("is written {form}")))
}

fn bounds(range: ExprRange) -> Result<Values> {
    let message = "has its bounds in the space, both of them: write 1..=6";
    match range {
        ExprRange {
            start: Some(lower),
            end: Some(upper),
            limits: RangeLimits::Closed(_),
            ..
        } => Ok(Values::Range(lower, upper)),
        other => Err(Error::new_spanned(other, message)),
    }
}

/// Returns the type of the numbers or choices of a type, and the lengths of the arrays around it.
fn element(ty: &Type) -> (&Type, Vec<Expr>) {
    let (mut element, mut lengths) = (ty, Vec::new());
    while let Type::Array(array) = element {
        lengths.push(array.len.clone());
        element = &array.elem;
    }
    (element, lengths)
}

/// Returns a number as it is given, but integers without a type are as wide as those of a space.
fn number(expression: &Expr) -> Expr {
    let mut expression = expression.clone();
    let literal = match &mut expression {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => &mut *unary.expr,
        other => other,
    };
    if let Expr::Lit(ExprLit {
        lit: Lit::Int(integer),
        ..
    }) = literal
        && integer.suffix().is_empty()
    {
        *integer = LitInt::new(&format!("{integer}i64"), integer.span());
    }
    expression
}

/// Returns a constant that the compiler refuses when the type of the field cannot have a bound.
fn fits(element: &Type, bound: &Expr) -> Option<TokenStream> {
    const INTEGERS: [&str; 10] = [
        "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize",
    ];
    let literal = match bound {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => &*unary.expr,
        other => other,
    };
    let is_integer = matches!(literal, Expr::Lit(ExprLit { lit: Lit::Int(integer), .. }) if integer.suffix().is_empty());
    let is_primitive =
        matches!(element, Type::Path(path) if INTEGERS.iter().any(|name| path.path.is_ident(name)));
    (is_integer && is_primitive).then(|| quote!(const _: #element = #bound;))
}
