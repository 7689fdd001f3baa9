//! The neutral form of works. A work of a new class needs a block of `work_form!` here and its line in `works!`.

use std::borrow::Cow;
use std::time::Duration;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::collection::CollectionForm;
use super::given::{ByName, Given, Whole};
use super::{Read, deserialize_by_reading, fill};
use crate::error::Problem;
use crate::work::base::{Attribute, Base, HasBase, TAKEN};
use crate::work::each_class;
use crate::{
    ATLASActuatorWork, ATLASActuatorWorkBuilder, ATLASCondorWork, ATLASHPOWork, ATLASHPOWorkBuilder, ATLASStageinWork,
    ATLASStageinWorkBuilder, AnyWork, AttributeForm, Collection, CustomWork, DataWork, Error, InitialPoint, Method,
    OptSpace, ProcessingWork, TransformType, Work, WorkloadId,
};

/// A definition of a work with a neutral form.
pub(crate) trait NeutralWork: HasBase + Into<AnyWork> + Sized {
    /// What stands in the field `type`.
    const TYPE: &'static str;
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
    read: fn(Value) -> Result<AnyWork, Error>,
    schema: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of the work alone, and the rest of its file's name.
    pub(super) document: fn() -> Schema,
}

impl WorkKind {
    pub(crate) const fn of<W: NeutralWork + JsonSchema>() -> Self {
        Self {
            name: W::TYPE,
            read: |tree| read::<W>(tree).map(W::into),
            schema: SchemaGenerator::subschema_for::<W>,
            document: super::schema::root::<W>,
        }
    }
}

/// A form with its `type`.
#[derive(Serialize)]
struct Typed<F> {
    r#type: &'static str,
    #[serde(flatten)]
    form: F,
}

fn write<W: NeutralWork, S: Serializer>(work: &W, serializer: S) -> Result<S::Ok, S::Error> {
    Typed { r#type: W::TYPE, form: work.form() }.serialize(serializer)
}

fn read<W: NeutralWork>(mut tree: Value) -> Result<W, Error> {
    let Some(fields) = tree.as_object_mut() else { return Err(Error::new("", format!("{tree} is no work"))) };
    match fields.shift_remove("type") {
        Some(Value::String(kind)) if kind == W::TYPE => {}
        Some(other) => return Err(Error::new("type", format!("{other} is not {:?}", W::TYPE))),
        None => return Err(Error::new("type", format!("is missing; it is {:?}", W::TYPE))),
    }
    let missing = W::REQUIRED.iter().filter(|field| !fields.contains_key(**field));
    let problems: Vec<_> = missing.map(|field| Problem::new(*field, "is missing")).collect();
    Error::unless_empty(problems, ())?;
    W::build(fill(tree)?)
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

/// An attribute that the class does not have.
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "an attribute")]
#[schemars(rename = "Attribute")]
struct ValueForm {
    /// Value of the attribute, any JSON.
    value: Value,
    /// How it is sent; plain unless given.
    #[serde(default, skip_serializing_if = "is_plain")]
    form: AttributeForm,
}

fn is_plain(form: &AttributeForm) -> bool {
    *form == AttributeForm::Plain
}

fn attributes(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": { "pattern": "^[^_]", "not": { "enum": TAKEN } },
        "additionalProperties": generator.subschema_for::<ValueForm>(),
    })
}

/// Declares the form of a work: what all works have, collections where they are named, and the fields of its own with
/// where they come from; then how it is built from the form and the values that all works have.
macro_rules! work_form {
    (
        $(#[$doc:meta])*
        $form:ident of $work:ident: $kind:literal, $name:literal, requires $required:expr,
        collections [$($collection:ty)?],
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
            /// Program that the work runs.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            executable: Given<String>,
            /// Arguments of the program; `{name}` or `%NAME` is replaced by the value of a parameter.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            arguments: Given<String>,
            /// Parameters of the arguments, by name.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            parameters: Given<Map<String, Value>>,
            /// Shell command that prepares the environment of the program.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            setup: Given<String>,
            /// Where the program runs; `local` unless given, `panda` for works of PanDA.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            exec_type: Given<String>,
            /// Container image, or the archive that holds the program.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            sandbox: Given<String>,
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
            #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
            #[schemars(schema_with = "attributes")]
            attributes: IndexMap<String, ValueForm>,
            /// Settings for the agents of the server.
            #[serde(default, skip_serializing_if = "Given::is_absent")]
            agent_attributes: Given<Map<String, Value>>,
        }

        impl NeutralWork for $work {
            const TYPE: &'static str = $kind;
            const NAME: &'static str = $name;
            const REQUIRED: &'static [&'static str] = &$required;

            type Form = $form;

            fn example() -> Value {
                json!($example)
            }

            fn form(&self) -> $form {
                let base = self.base();
                let attributes = base.attributes.iter().map(|attribute| {
                    (attribute.name.clone(), ValueForm { value: attribute.value.clone(), form: attribute.form })
                });
                $form {
                    $( $own: { let $source = self; $value }, )*
                    executable: (&base.executable).into(),
                    arguments: (&base.arguments).into(),
                    parameters: (&base.parameters).into(),
                    setup: (&base.setup).into(),
                    exec_type: (&base.exec_type).into(),
                    sandbox: (&base.sandbox).into(),
                    $(
                        input: base.primary_input.as_ref().map(<$collection>::from).into(),
                        other_inputs: base.other_inputs.iter().map(CollectionForm::from).collect(),
                        output: base.primary_output.as_ref().map(CollectionForm::from).into(),
                        other_outputs: base.other_outputs.iter().map(CollectionForm::from).collect(),
                        logs: base.logs.iter().map(CollectionForm::from).collect(),
                    )?
                    task_name: (&base.task_name).into(),
                    all_of: base.all_of.clone(),
                    any_of: base.any_of.clone(),
                    attributes: attributes.collect(),
                    agent_attributes: (&base.agent_attributes).into(),
                }
            }

            fn build(form: $form) -> Result<Self, Error> {
                let ($filled, mut problems) = (form, Vec::new());
                let attributes = $filled.attributes.into_iter().map(|(name, ValueForm { value, form })| {
                    Attribute { name, value, form }
                });
                let $base = Base {
                    executable: $filled.executable.0,
                    arguments: $filled.arguments.0,
                    parameters: $filled.parameters.0,
                    setup: $filled.setup.0,
                    exec_type: $filled.exec_type.0,
                    sandbox: $filled.sandbox.0,
                    $(
                        primary_input: collection::<$collection>("input", $filled.input, &mut problems),
                        other_inputs: collections("other_inputs", $filled.other_inputs, &mut problems),
                        primary_output: collection::<CollectionForm>("output", $filled.output, &mut problems),
                        other_outputs: collections("other_outputs", $filled.other_outputs, &mut problems),
                        logs: collections("logs", $filled.logs, &mut problems),
                    )?
                    task_name: $filled.task_name.0,
                    all_of: $filled.all_of,
                    any_of: $filled.any_of,
                    attributes: attributes.collect(),
                    agent_attributes: $filled.agent_attributes.0,
                    ..Base::default()
                };
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
            fn read(tree: Value) -> Result<Self, Error> {
                read(tree)
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

work_form! {
    /// A program with collections.
    ProgramForm of Work: "program", "ProgramWork", requires [],
    collections [CollectionForm],
    fields {
        /// What the work does, as the server shows it.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        work_type: Given<ByName<TransformType>> = |work| work.work_type().map(ByName).into();
        /// Name of the work on the server; its id unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        work_name: Given<String> = |work| (&work.base.work_name).into();
        /// Tag by which the server chooses settings of its agents.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        work_tag: Given<String> = |work| (&work.base.work_tag).into();
        /// Id of the transform. The agents then look for that transform instead of making one.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        work_id: Given<Whole<u64>> = |work| work.base.work_id.map(Whole).into();
        /// Id of the request; the server sets it by itself.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        request_id: Given<Whole<u64>> = |work| work.base.request_id.map(Whole).into();
        /// User that the work belongs to.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        username: Given<String> = |work| (&work.base.username).into();
        /// Whether every run of a loop gets a copy of the work with an id of its own; false unless given.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        template: bool = |work| work.base.is_template;
        /// Whether the inputs are held back until the work is submitted to the workload system; false unless given.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        release_inputs_after_submitting: bool = |work| work.base.release_inputs_after_submitting;
    }
    build |form, base| {
        let mut base = base;
        base.work_name = form.work_name.0;
        base.work_tag = form.work_tag.0;
        base.work_id = form.work_id.0.map(|id| id.0);
        base.request_id = form.request_id.0.map(|id| id.0);
        base.username = form.username.0;
        base.is_template = form.template;
        base.release_inputs_after_submitting = form.release_inputs_after_submitting;
        form.work_type.set(Self::empty().with_base(base), |work, work_type| work.work_type(work_type.0)).build()
    },
    example { "type": "program", "executable": "/bin/echo", "arguments": "hello" }
}

/// Declares the form of a work that has a type of its own besides what all works have.
macro_rules! generic_form {
    ($(#[$doc:meta])* $form:ident of $work:ident: $kind:literal, $name:literal) => {
        work_form! {
            $(#[$doc])*
            $form of $work: $kind, $name, requires ["executable"],
            collections [CollectionForm],
            fields {
                /// What the work does, as the server shows it.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                work_type: Given<ByName<TransformType>> = |work| work.work_type().map(ByName).into();
            }
            build |form, base| {
                let work = Self::builder("").with_base(base);
                form.work_type.set(work, |work, work_type| work.work_type(work_type.0)).build()
            },
            example { "type": $kind, "executable": "/bin/echo", "arguments": "hello" }
        }
    };
}

generic_form! {
    /// A work that handles data.
    DataForm of DataWork: "data", "DataWork"
}

generic_form! {
    /// A work that runs jobs.
    ProcessingForm of ProcessingWork: "processing", "ProcessingWork"
}

generic_form! {
    /// A program that runs as an HTCondor job.
    CondorForm of ATLASCondorWork: "condor", "CondorWork"
}

work_form! {
    /// A program whose output decides how the workflow goes on.
    ///
    /// The keys of the JSON object that the program writes become `user_` attributes of the work, which custom conditions
    /// and parameter links can use.
    ActuatorForm of ATLASActuatorWork: "actuator", "ActuatorWork", requires ["executable"],
    collections [CollectionForm],
    fields {
        /// File that the program writes its decision to.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        output_json: Given<String> = |work| work.output_json().into();
    }
    build |form, base| {
        form.output_json.set(Self::builder("").with_base(base), ATLASActuatorWorkBuilder::output_json).build()
    },
    example { "type": "actuator", "executable": "decide.sh", "output_json": "decision.json" }
}

work_form! {
    /// Staging a dataset from tape to disk, followed by a Rucio rule.
    StageInForm of ATLASStageinWork: "stage_in", "StageInWork", requires ["input", "output"],
    collections [CollectionForm],
    fields {
        /// Seconds after which the work ends with what is there; 604800, which is 7 days, unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        max_waiting_time: Given<Whole<u64, 1>> =
            |work| Some(work.max_waiting_time().as_secs()).filter(|time| *time != 604_800).map(Whole).into();
        /// Storage element to stage from.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        src_rse: Given<String> = |work| work.src_rse().into();
        /// Storage element to stage to.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        dest_rse: Given<String> = |work| work.dest_rse().into();
        /// Rucio rule that moves the files.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        rule_id: Given<String> = |work| work.rule_id().into();
    }
    build |form, base| {
        // A collection that is not there has a problem already.
        let [input, output] = [&base.primary_input, &base.primary_output].map(Clone::clone);
        match input.zip(output) {
            Some((input, output)) => {
                let work = Self::builder(input, output).with_base(base);
                let work =
                    form.max_waiting_time.set(work, |work, time| work.max_waiting_time(Duration::from_secs(time.0)));
                let work = form.src_rse.set(work, ATLASStageinWorkBuilder::src_rse);
                let work = form.dest_rse.set(work, ATLASStageinWorkBuilder::dest_rse);
                form.rule_id.set(work, ATLASStageinWorkBuilder::rule_id).build()
            }
            None => Err(Error::of(Vec::new())),
        }
    },
    example {
        "type": "stage_in",
        "input": { "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW" },
        "output": { "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW.idds.stagein" },
        "max_waiting_time": 3600,
        "src_rse": "NDGF-T1_DATATAPE",
        "dest_rse": "NDGF-T1_DATADISK",
        "rule_id": "236e4bf87e11490291e3259b14724e30"
    }
}

work_form! {
    /// A hyperparameter search: iDDS proposes points of a space in generations, and waits for a loss of each.
    HpoForm of ATLASHPOWork: "hpo", "HpoWork", requires [],
    collections [],
    fields {
        /// How the server runs the steering program. Unless given, the server takes docker if the executable contains
        /// `docker`, and fails otherwise.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        method: Given<Method> = |work| work.method.into();
        /// Space that points are proposed in.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(with = "OptSpace")]
        opt_space: Given<Value> = |work| work.opt_space().map(|space| json!(space)).into();
        /// Points known before the search begins, in their order.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        initial_points: Given<Vec<InitialPoint>> = |work| work.initial_points().map(<[_]>::to_vec).into();
        /// Number of points with a loss at which the search ends. Without it the 2.6.21 server goes on until the steering
        /// program returns no point.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        max_points: Given<Whole<u32, 1>> = |work| work.max_points().map(Whole).into();
        /// Number of points of one generation; 10 unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        num_points_per_iteration: Given<Whole<u32, 1>> =
            |work| Some(work.num_points_per_iteration()).filter(|count| *count != 10).map(Whole).into();
        /// Directory of the container that the job's directory is mounted at.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        container_workdir: Given<String> = |work| work.container_workdir().into();
        /// File that the steering program writes its points to; `idds_output.json` unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        output_json: Given<String> = |work| work.output_json().into();
        /// Name of the collection of points; generated from the time unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        name: Given<String> = |work| work.name().into();
        /// Task that the generated name mentions.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        workload_id: Given<WorkloadId> = |work| work.workload_id().into();
    }
    build |form, base| {
        let work = form.method.set(Self::builder().with_base(base), ATLASHPOWorkBuilder::method);
        let work = form.initial_points.set(work, ATLASHPOWorkBuilder::initial_points);
        let work = form.max_points.set(work, |work, count| work.max_points(count.0));
        let work = form.num_points_per_iteration.set(work, |work, count| work.num_points_per_iteration(count.0));
        let work = form.container_workdir.set(work, ATLASHPOWorkBuilder::container_workdir);
        let work = form.output_json.set(work, ATLASHPOWorkBuilder::output_json);
        let work = form.name.set(work, ATLASHPOWorkBuilder::name);
        let work = form.workload_id.set(work, ATLASHPOWorkBuilder::workload_id);
        match form.opt_space.0.map(|space| OptSpace::from_value(&space)).transpose() {
            Ok(Some(space)) => work.opt_space(space).build(),
            Ok(None) => work.build(),
            Err(error) => Err(error),
        }
    },
    example {
        "type": "hpo",
        "method": "nevergrad",
        "opt_space": {
            "A": { "type": "Choice", "params": { "choices": [1, 4] } },
            "B": { "type": "Scalar", "bounds": [0, 5] }
        },
        "initial_points": [[{ "A": 1, "B": 2 }, 0.3], [{ "A": 1, "B": 3 }, null]],
        "max_points": 20
    }
}

work_form! {
    /// A work of a Python class of the user's own, which the server must have installed and which extends `Work`.
    CustomForm of CustomWork: "custom", "CustomWork", requires [],
    collections [CollectionForm],
    fields {
        /// Name of the class.
        #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
        class: String = |work| work.class().to_owned();
        /// Module of the class.
        #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"))]
        module: String = |work| work.module().to_owned();
        /// What the work does, as the server shows it.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        work_type: Given<ByName<TransformType>> = |work| work.work_type().map(ByName).into();
    }
    build |form, base| {
        let work = Self::builder(form.class, form.module).with_base(base);
        form.work_type.set(work, |work, work_type| work.work_type(work_type.0)).build()
    },
    example {
        "type": "custom",
        "class": "SkimWork",
        "module": "experiment.workflow.skimwork",
        "attributes": { "threshold": { "value": 25 } }
    }
}

impl AnyWork {
    /// Returns the schemas of the works of all classes.
    pub(super) fn schemas(generator: &mut SchemaGenerator) -> Vec<Schema> {
        Self::KINDS.iter().map(|kind| (kind.schema)(generator)).collect()
    }
}

impl Read for AnyWork {
    fn read(tree: Value) -> Result<Self, Error> {
        let kinds = || Self::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
        match tree.get("type").map(|kind| (kind, Self::KINDS.iter().find(|known| kind == known.name))) {
            Some((_, Some(kind))) => (kind.read)(tree),
            Some((kind, None)) => Err(Error::new("type", format!("{kind} is none of {}", kinds()))),
            None => Err(Error::new("type", format!("is missing; it is one of {}", kinds()))),
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
