//! The neutral form of works. A work of a new class needs a block of `work_form!` below and its line in `works!`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::collection::CollectionForm;
use super::given::{Amount, Any, Count, Divisor, Given, Int, Limit, Plain, Positive, Row, RuleId, Time, Whole};
use super::{Attributes, Effort, Form as _, Read, deserialize_by_reading, fill, none_of};
use crate::error::{Problem, suggestion};
use crate::work::base::{Base, Details, HasBase, TakesBase as _};
use crate::work::class::Class;
use crate::work::each_class;
use crate::{AnyWork, Collection, Error, Literal, NullableText};

/// A work that documents can have.
pub(crate) trait Typed {
    /// What stands in the field `type`.
    const TYPE: &'static str;
}

impl<W: Class> Typed for W {
    const TYPE: &'static str = W::TYPE;
}

/// A definition of a work with a neutral form.
pub(crate) trait NeutralWork: Typed + HasBase + Into<AnyWork> + Sized {
    /// Name of the schema.
    const NAME: &'static str;
    /// Fields that must be there although builders can do without a setter for them.
    const REQUIRED: &'static [&'static str];
    /// A work, for readers of the schema.
    fn example() -> Value;

    type Form: DeserializeOwned + JsonSchema + Serialize;

    fn form(&self) -> Self::Form;
    fn build(form: Self::Form) -> Result<Self, Error>;
}

/// A class of works, for reading a work of any.
pub(crate) struct WorkKind {
    pub(crate) name: &'static str,
    read: fn(Value, Effort) -> Result<AnyWork, Error>,
    schema: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of the work alone, and the rest of its file's name.
    pub(super) document: fn() -> Schema,
}

impl WorkKind {
    pub(crate) const fn of<W: Typed + Read + Into<AnyWork> + JsonSchema>() -> Self {
        Self {
            name: W::TYPE,
            read: |tree, effort| W::read(tree, effort).map(W::into),
            schema: SchemaGenerator::subschema_for::<W>,
            document: super::schema::root::<W>,
        }
    }
}

/// A form with its `type`.
#[derive(Serialize)]
struct WithType<F> {
    r#type: &'static str,
    #[serde(flatten)]
    form: F,
}

fn write<W: NeutralWork, S: Serializer>(work: &W, serializer: S) -> Result<S::Ok, S::Error> {
    WithType { r#type: W::TYPE, form: work.form() }.serialize(serializer)
}

fn read<W: NeutralWork>(mut tree: Value, effort: Effort) -> Result<W, Error> {
    let Some(fields) = tree.as_object_mut() else { return Err(Error::new("", format!("{tree} is no work"))) };
    match fields.shift_remove("type") {
        Some(Value::String(kind)) if kind == W::TYPE => {}
        Some(other) => return Err(Error::new("type", format!("{other} is not {:?}", W::TYPE))),
        None => return Err(Error::new("type", format!("is missing; it is {:?}", W::TYPE))),
    }
    let missing = W::REQUIRED.iter().filter(|field| !fields.contains_key(**field));
    let mut problems: Vec<_> = missing.map(|field| Problem::new(*field, "is missing")).collect();
    if problems.is_empty() {
        return fill(tree, effort)?.build(W::build);
    }
    if effort == Effort::All {
        // What is missing keeps the work from being built as well.
        let others = fill(tree, effort).and_then(|filled| filled.build(W::build).map(drop));
        let others = others.map_or_else(Error::into_problems, |()| Vec::new());
        problems.extend(others.into_iter().filter(|other| !W::REQUIRED.contains(&other.at())));
    }
    Err(Error::of(problems))
}

fn schema<W: NeutralWork>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = W::Form::json_schema(generator);
    let object = schema.ensure_object();
    let mut properties = Map::from_iter([("type".to_owned(), json!({ "const": W::TYPE }))]);
    if let Some(Value::Object(fields)) = object.remove("properties") {
        properties.extend(fields);
    }
    let mut required = vec![json!("type")];
    required.extend(W::REQUIRED.iter().map(|field| json!(field)));
    if let Some(Value::Array(fields)) = object.remove("required") {
        required.extend(fields);
    }
    object.insert("properties".to_owned(), Value::Object(properties));
    object.insert("required".to_owned(), Value::Array(required));
    object.insert("title".to_owned(), json!(W::NAME));
    object.insert("examples".to_owned(), json!([W::example()]));
    schema
}

/// Declares the form of a work: what all works have, what the types name that stand for a program, what only `Work` of Python does
/// not lose, the tag and collections, and the fields of its own with where they come from; then how it is built from the form and the values
/// that works have in common.
macro_rules! work_form {
    (
        $(#[$doc:meta])*
        $form:ident of $work:ident: $kind:literal, $name:literal, requires $required:expr,
        program [$($program:ty)?], unrestricted [$($request:ty)?], tag [$($tag:ty)?], collections [$($collection:ty)?],
        fields {
            $( $(#[$own_doc:meta])* $own:ident: $own_type:ty = |$source:ident| $value:expr; )*
        }
        build |$filled:ident, $base:ident| $build:expr,
        example $example:tt
    ) => {
        $(#[$doc])*
        #[derive(Deserialize, JsonSchema, Serialize)]
        #[serde(deny_unknown_fields, expecting = "a work")]
        pub(crate) struct $form {
            $( $(#[$own_doc])* $own: $own_type, )*
            $(
                /// Name of the work on the server; its id unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                #[schemars(length(max = 255))]
                work_name: Given<String>,
                /// Id of the request; the server sets it by itself.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                request_id: Given<$request>,
                /// User that the work belongs to.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                #[schemars(length(max = 255))]
                username: Given<String>,
                /// Whether every run of a loop gets a copy of the work with an id of its own; false unless given.
                #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                template: bool,
                /// Whether the inputs are held back until the work is submitted to the workload system; false unless given.
                #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                release_inputs_after_submitting: bool,
            )?
            $(
                /// Program that the work runs.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                executable: Given<$program>,
                /// Arguments of the program; `{name}` or `%NAME` is replaced by the value of a parameter.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                arguments: Given<String>,
                /// Parameters of the arguments, by name.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                parameters: Given<Map<String, Value>>,
                /// Shell command that prepares the environment of the program.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                setup: Given<String>,
                /// Container image, or the archive that holds the program.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                sandbox: Given<String>,
            )?
            /// Where the work runs; `local` unless given, `panda` for works of PanDA.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            exec_type: Given<NullableText>,
            $(
                /// Tag by which the server chooses settings of its agents.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                #[schemars(length(max = 255))]
                work_tag: Given<$tag>,
            )?
            /// Id of the transform. The agents then look for that transform instead of making one.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            work_id: Given<Amount<Row>>,
            $(
                /// Collection that the work reads in the first place.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                input: Given<$collection>,
                /// Further collections that the work reads.
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                other_inputs: Vec<CollectionForm>,
                /// Collection that the work writes in the first place. The server appends run numbers to its name.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                output: Given<CollectionForm>,
                /// Further collections that the work writes. The server appends run numbers to their names.
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                other_outputs: Vec<CollectionForm>,
                /// Collections that the work writes logs to.
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                logs: Vec<CollectionForm>,
            )?
            /// Name that the 2.6.21 agents tell works apart by; the id of the work unless given.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            #[schemars(length(max = 255))]
            task_name: Given<String>,
            /// Custom condition of the work: it holds when all of its outputs have these values.
            #[serde(default, skip_serializing_if = "Map::is_empty")]
            all_of: Map<String, Value>,
            /// Custom condition of the work: it holds when any of its outputs has its value.
            #[serde(default, skip_serializing_if = "Map::is_empty")]
            any_of: Map<String, Value>,
            /// Attributes that the class does not have, by name. The server keeps them with the work.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            #[schemars(schema_with = "Attributes::schema")]
            attributes: Given<Attributes>,
            /// Settings for the agents of the server.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            agent_attributes: Given<Map<String, Value>>,
        }

        impl Typed for $work {
            const TYPE: &'static str = $kind;
        }

        impl NeutralWork for $work {
            const NAME: &'static str = $name;
            const REQUIRED: &'static [&'static str] = &$required;

            type Form = $form;

            fn example() -> Value {
                json!($example)
            }

            fn form(&self) -> $form {
                let base = self.base();
                let attributes = Some(&base.details.attributes).filter(|attributes| !attributes.is_empty());
                $form {
                    $( $own: { let $source = self; $value }, )*
                    $(
                        work_name: (&base.details.work_name).into(),
                        request_id: base.details.request_id.clone().map(<$request>::from).into(),
                        username: (&base.details.username).into(),
                        template: base.template,
                        release_inputs_after_submitting: base.release_inputs_after_submitting,
                    )?
                    $(
                        executable: Given::<$program>::from(&base.executable),
                        arguments: (&base.arguments).into(),
                        parameters: base.parameters.as_deref().cloned().into(),
                        setup: (&base.details.setup).into(),
                        sandbox: (&base.details.sandbox).into(),
                    )?
                    exec_type: (&base.details.exec_type).into(),
                    $( work_tag: Given::<$tag>::from(&base.details.work_tag), )?
                    work_id: base.details.work_id.clone().map(Amount::from).into(),
                    $(
                        input: base.input.as_ref().map(<$collection>::from).into(),
                        other_inputs: base.details.other_inputs.iter().map(CollectionForm::from).collect(),
                        output: base.output.as_ref().map(CollectionForm::from).into(),
                        other_outputs: base.details.other_outputs.iter().map(CollectionForm::from).collect(),
                        logs: base.details.logs.iter().map(CollectionForm::from).collect(),
                    )?
                    task_name: (&base.details.task_name).into(),
                    all_of: base.details.all_of.clone(),
                    any_of: base.details.any_of.clone(),
                    attributes: attributes.map(Attributes::of).into(),
                    agent_attributes: (&base.details.agent_attributes).into(),
                }
            }

            fn build(form: $form) -> Result<Self, Error> {
                let ($filled, mut problems) = (form, Vec::new());
                let attributes = $filled.attributes.0.map(Attributes::build).transpose()?;
                let details = Details {
                    exec_type: $filled.exec_type.0,
                    work_id: $filled.work_id.0.map(|id| id.0),
                    task_name: $filled.task_name.0,
                    all_of: $filled.all_of,
                    any_of: $filled.any_of,
                    attributes: attributes.unwrap_or_default(),
                    agent_attributes: $filled.agent_attributes.0,
                    ..Details::default()
                };
                let mut $base = Base { details: details.into(), ..Base::default() };
                $(
                    $base.details.work_name = $filled.work_name.0;
                    $base.details.request_id = $filled.request_id.0.map(|id: $request| id.0);
                    $base.details.username = $filled.username.0;
                    $base.template = $filled.template;
                    $base.release_inputs_after_submitting = $filled.release_inputs_after_submitting;
                )?
                $(
                    $base.executable = Given::<$program>::value($filled.executable);
                    $base.arguments = $filled.arguments.0;
                    $base.parameters = $filled.parameters.0.map(Box::new);
                    $base.details.setup = $filled.setup.0;
                    $base.details.sandbox = $filled.sandbox.0;
                )?
                $( $base.details.work_tag = Given::<$tag>::value($filled.work_tag); )?
                $(
                    $base.input = collection::<$collection>("input", $filled.input, &mut problems);
                    $base.details.other_inputs = collections("other_inputs", $filled.other_inputs, &mut problems);
                    $base.output = collection::<CollectionForm>("output", $filled.output, &mut problems);
                    $base.details.other_outputs = collections("other_outputs", $filled.other_outputs, &mut problems);
                    $base.details.logs = collections("logs", $filled.logs, &mut problems);
                )?
                match $build {
                    Ok(work) => Error::unless_empty(problems, work),
                    Err(error) => {
                        problems.extend(error.into_problems());
                        Err(Error::of(problems))
                    }
                }
            }
        }

        impl Read for $work {
            fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
                read(tree, effort)
            }
        }

        deserialize_by_reading!($work);

        impl Serialize for $work {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                write(self, serializer)
            }
        }

        impl JsonSchema for $work {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                schema::<Self>(generator)
            }
        }
    };
}

fn collections(field: &str, forms: Vec<CollectionForm>, problems: &mut Vec<Problem>) -> Vec<Collection> {
    super::condition::build_list(field, forms, CollectionForm::build)
        .map_err(|error| problems.extend(error.into_problems()))
        .unwrap_or_default()
}

fn collection<F: Into<CollectionForm>>(field: &str, form: Given<F>, problems: &mut Vec<Problem>) -> Option<Collection> {
    let form: CollectionForm = form.0?.into();
    form.build().map_err(|error| problems.extend(error.within(field).into_problems())).ok()
}

/// Returns a number when it is not the usual one.
fn amount<K>(usual: u32, literal: &Literal) -> Given<Amount<K>> {
    Some(literal).filter(|literal| **literal != usual.into()).cloned().map(Amount::from).into()
}

/// The value of a field, unless it is the one that the work has without the field.
fn unless<T: PartialEq>(default: T, value: T) -> Option<T> {
    Some(value).filter(|value| *value != default)
}

// Below the macro, which they use.
mod doma;
mod panda;
mod search;
mod staging;

impl AnyWork {
    /// Returns the schemas of the works of all classes.
    pub(super) fn schemas(generator: &mut SchemaGenerator) -> Vec<Schema> {
        Self::KINDS.iter().map(|kind| (kind.schema)(generator)).collect()
    }
}

impl Read for AnyWork {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        let kinds = || Self::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>();
        match tree.get("type").map(|kind| (kind, Self::KINDS.iter().find(|known| kind == known.name))) {
            Some((_, Some(kind))) => (kind.read)(tree, effort),
            Some((kind, None)) => {
                let word = kind.as_str().unwrap_or_default();
                Err(Error::new("type", none_of(&kind.to_string(), word, &kinds())))
            }
            None => Err(match tree.as_object() {
                Some(fields) => {
                    let meant = fields.keys().find(|key| !suggestion(key, ["type"]).is_empty());
                    let meant = meant.map_or_else(String::new, |key| format!(" {key} is no field here, write type;"));
                    Error::new("type", format!("is missing;{meant} it is one of {}", kinds().join(", ")))
                }
                None => Error::new("", "is no work, which is an object with a type"),
            }),
        }
    }
}

deserialize_by_reading!(AnyWork);

impl Serialize for AnyWork {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each_class!(self, work => work.serialize(serializer))
    }
}

impl JsonSchema for AnyWork {
    fn schema_name() -> Cow<'static, str> {
        "Work".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A work of any type.", "oneOf": Self::schemas(generator) })
    }
}
