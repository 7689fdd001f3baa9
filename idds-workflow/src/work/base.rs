//! What works of all classes have in common, and the setters for it.

use std::sync::LazyLock;

use idds_workflow_derive::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::builder::Builder;
use super::fields::{Collections, Fields as _, Has, Unrestricted};
use crate::boxed_if_set::{BoxedIfSet, DefaultRef};
use crate::error::Problem;
use crate::neutral::{Attributes, CollectionForm};
use crate::wire::decode::{Fields as WireFields, Side};
use crate::wire::{Family, Member};
use crate::{Collection, Literal, NullableText, text};

/// What works of all classes have in common.
///
/// Not every class has setters of all of it.
// The attributes stand in the order of Python, here and in `Details`, so that payloads keep theirs.
#[derive(Clone, Debug, Default, PartialEq, Settings)]
#[settings(part(HasBase, base_mut()))]
pub struct Base {
    /// Whether every run of a loop gets a copy of the work with an id of its own; false by default.
    #[setting(group = Unrestricted, set = none, get = none, wire = "is_template")]
    pub(crate) template: bool,
    /// Shell command that prepares the environment of the program.
    #[setting(group = Program)]
    #[wire("class_name" => work.class.to_lowercase(), "logger": null)]
    pub(crate) setup: Option<String>,
    /// Program that the work runs.
    #[setting(group = Program)]
    pub(crate) executable: Option<String>,
    /// Arguments of the program; `{name}` or `%NAME` is replaced by the value of a parameter.
    #[setting(group = Program)]
    pub(crate) arguments: Option<String>,
    /// Parameters of the arguments, by name.
    #[setting(group = Program, metadata)]
    pub(crate) parameters: Option<Box<Map<String, Value>>>,
    /// Collection that the work reads in the first place.
    #[setting(
        group = Collections,
        before = "other_inputs",
        form = CollectionForm,
        get = none,
        wire = none,
        decode = Side::Input.primary(fields)?
    )]
    pub(crate) input: Option<Collection>,
    /// Collection that the work writes in the first place. The server appends run numbers to its name.
    #[setting(
        group = Collections,
        before = "other_outputs",
        form = CollectionForm,
        get = none,
        wire = none,
        decode = Side::Output.primary(fields)?
    )]
    pub(crate) output: Option<Collection>,
    #[setting(part)]
    pub(crate) details: BoxedIfSet<Details>,
}

/// What works of all classes have in common and few works set.
#[derive(Clone, Debug, Default, PartialEq, Settings)]
#[settings(part(HasBase, base_mut().details), getters(Base, details))]
#[state(
    "sliced_global_parameters": null,
    "func_site_to_cloud": null,
    "dispatch_ext_content" =>? (family == Family::V2).then_some(false),
)]
pub(crate) struct Details {
    /// User that the work belongs to.
    #[setting(group = Unrestricted, max_chars, get = none)]
    pub(crate) username: Option<String>,
    /// Tag by which the server chooses settings of its agents.
    #[setting(
        group = Tag,
        max_chars,
        get = none,
        encode = self.work_tag.as_ref().map_or(work.tag, NullableText::as_text)
    )]
    #[wire("work_type" => work.work_type.map(Member))]
    pub(crate) work_tag: Option<NullableText>,
    /// Where the work runs; `local` by default, `panda` for works of PanDA.
    #[setting(encode = self.exec_type.as_ref().map_or(Some(work.exec_type), NullableText::as_text))]
    pub(crate) exec_type: Option<NullableText>,
    /// Container image, or the archive that holds the program.
    #[setting(group = Program, get = sandbox_url)]
    pub(crate) sandbox: Option<String>,
    /// Id of the request; the server sets it by itself.
    #[setting(group = Unrestricted, takes = ROW, get = none)]
    pub(crate) request_id: Option<Literal>,
    /// Further collections that the work reads.
    #[setting(
        group = Collections,
        form = Vec<CollectionForm>,
        set = none,
        get = none,
        wire = none,
        decode = Side::Input.all(fields, "_other_input_collections")?
    )]
    pub(crate) other_inputs: Vec<Collection>,
    /// Further collections that the work writes. The server appends run numbers to their names.
    #[setting(
        group = Collections,
        form = Vec<CollectionForm>,
        set = none,
        get = none,
        wire = none,
        decode = Side::Output.all(fields, "_other_output_collections")?
    )]
    pub(crate) other_outputs: Vec<Collection>,
    /// Collections that the work writes logs to.
    #[setting(
        group = Collections,
        form = Vec<CollectionForm>,
        set = none,
        get = none,
        wire = none,
        decode = Side::Input.all(fields, "log_collections")?
    )]
    #[wire("log_collections" => work.logs)]
    pub(crate) logs: Vec<Collection>,
    /// Whether the inputs are held back until the work is submitted to the workload system; false by default.
    #[setting(
        group = Unrestricted,
        set = none,
        get = none,
        encode = work.release_inputs_after_submitting
    )]
    pub(crate) release_inputs_after_submitting: bool,
    /// Settings for the agents of the server.
    #[setting(get = none)]
    #[state(
        "work_name_to_coll_map": [],
        "terminated_msg": "",
        "parameters_for_next_task": null,
        "status_statistics": {},
    )]
    pub(crate) agent_attributes: Option<Map<String, Value>>,
    /// Custom condition of the work: it holds when any of its outputs has its value.
    #[setting(set = none, get = none, wire = "or_custom_conditions")]
    #[state(
        "proxy": null,
        "original_proxy": null,
        "backup_to_release_inputs" => BackupToReleaseInputs::default(),
    )]
    pub(crate) any_of: Map<String, Value>,
    /// Custom condition of the work: it holds when all of its outputs have these values.
    #[setting(set = none, get = none, before = "any_of", wire = "and_custom_conditions")]
    pub(crate) all_of: Map<String, Value>,
    /// Id of the transform. The agents then look for that transform instead of making one.
    #[setting(takes = ROW, get = none, metadata)]
    pub(crate) work_id: Option<Literal>,
    /// Name of the work on the server; its id by default.
    #[setting(
        group = Unrestricted,
        max_chars,
        get = none,
        metadata,
        encode = work.name,
        decode = given_name(metadata.read("work_name")?, &metadata)
    )]
    pub(crate) work_name: Option<String>,
    // Not written from here: it stands after the attributes of the class, and some classes have it by themselves.
    /// Name that the 2.6.21 agents tell works apart by; the id of the work by default.
    #[setting(
        max_chars,
        wire = none,
        decode = given_name(fields.read(TASK_NAME)?, &metadata)
    )]
    pub(crate) task_name: Option<String>,
    /// Attributes that the class does not have, by name. The server keeps them with the work.
    #[setting(
        form = Attributes,
        schema = Attributes::schema,
        set = none,
        get = none,
        wire = none,
        decode = none
    )]
    pub(crate) attributes: Vec<Attribute>,
}

/// Attribute that the 2.6.21 agents tell works apart by.
pub(crate) const TASK_NAME: &str = "task_name";

/// The inputs of a work by how far they are released, none as long as it has not begun.
#[derive(Default, Serialize)]
struct BackupToReleaseInputs {
    #[serde(rename = "0")]
    zero: [(); 0],
    #[serde(rename = "1")]
    one: [(); 0],
    #[serde(rename = "2")]
    two: [(); 0],
}

/// Returns a name that was given: one that is missing is sent as the id of the work, or of the work that it is a copy of.
fn given_name(name: Option<String>, metadata: &WireFields<'_>) -> Option<String> {
    let is_id = |name: &String| {
        ["internal_id", "template_work_id"]
            .into_iter()
            .any(|id| metadata.get(id).and_then(Value::as_str) == Some(name))
    };
    name.filter(|name| !is_id(name))
}

impl DefaultRef for Details {
    fn default_ref() -> &'static Self {
        static NONE: LazyLock<Details> = LazyLock::new(Details::default);
        &NONE
    }
}

/// An attribute of the user's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) form: AttributeForm,
}

/// How an attribute of the user's own is sent.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributeForm {
    /// As it is.
    #[default]
    Plain,
    /// Compressed; the server unpacks it when it reads the request.
    Compressed,
    /// Compressed; the server leaves it so until it is used.
    CompressedLazily,
}

/// Returns the names of the attributes that every v2 work has, in their order, so that a user's own cannot have them.
pub(crate) fn common_attributes() -> impl Iterator<Item = &'static str> {
    Base::attributes().iter().copied().chain([TASK_NAME])
}

impl Base {
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.check(&mut problems);
        self.details.check(&mut problems);
        let attributes = &self.details.attributes;
        for (index, attribute) in attributes.iter().enumerate() {
            let name = attribute.name.as_str();
            let place = || format!("attributes.{name}");
            if name.is_empty() {
                problems.push(Problem::new(format!("attributes[{index}]"), "has no name"));
            } else if name.starts_with('_') || common_attributes().any(|common| common == name) {
                problems.push(Problem::new(place(), "is an attribute of the class itself"));
            } else if attributes[..index]
                .iter()
                .any(|earlier| earlier.name == name)
            {
                problems.push(Problem::new(place(), "is given twice"));
            }
            if text::is_python_object(&attribute.value) {
                problems.push(text::python_object(&place()));
            }
        }
        // Attributes are the entries of an object, which would be one itself.
        if text::ENVELOPE
            .iter()
            .all(|key| attributes.iter().any(|attribute| attribute.name == *key))
        {
            problems.push(text::python_object("attributes"));
        }
        problems
    }
}

/// A work with a [`Base`].
pub(crate) trait HasBase {
    fn base(&self) -> &Base;
    fn base_mut(&mut self) -> &mut Base;
}

impl HasBase for Base {
    fn base(&self) -> &Base {
        self
    }

    fn base_mut(&mut self) -> &mut Base {
        self
    }
}

impl Base {
    /// Returns the collections that the work reads, the primary one first.
    pub fn inputs(&self) -> impl Iterator<Item = &Collection> {
        self.input.iter().chain(&self.details.other_inputs)
    }

    /// Returns the collections that the work writes, the primary one first.
    pub fn outputs(&self) -> impl Iterator<Item = &Collection> {
        self.output.iter().chain(&self.details.other_outputs)
    }

    /// Returns the collections that the work writes logs to.
    pub fn logs(&self) -> impl Iterator<Item = &Collection> {
        self.details.logs.iter()
    }
}

#[expect(private_bounds, reason = "all classes of works are in this crate")]
impl<W: Has<Unrestricted>> Builder<W> {
    /// Makes the work a template: every run of a loop gets a copy with an id of its own.
    pub fn template(mut self) -> Self {
        self.work.base_mut().template = true;
        self
    }

    /// Holds the inputs back until the work is submitted to the workload system.
    pub fn release_inputs_after_submitting(mut self) -> Self {
        self.work.base_mut().details.release_inputs_after_submitting = true;
        self
    }
}

#[expect(private_bounds, reason = "all classes of works are in this crate")]
impl<W: Has<Collections>> Builder<W> {
    /// Adds a further collection that the work reads.
    pub fn other_input(mut self, collection: Collection) -> Self {
        self.work.base_mut().details.other_inputs.push(collection);
        self
    }

    /// Adds a further collection that the work writes. The server appends run numbers to its name.
    pub fn other_output(mut self, collection: Collection) -> Self {
        self.work.base_mut().details.other_outputs.push(collection);
        self
    }

    /// Adds a collection that the work writes logs to.
    pub fn log(mut self, collection: Collection) -> Self {
        self.work.base_mut().details.logs.push(collection);
        self
    }
}

#[expect(private_bounds, reason = "all classes of works are in this crate")]
impl<W: HasBase> Builder<W> {
    /// Adds a custom condition: with others added this way, *all* outputs called `key` must have these values
    /// for [`custom_condition`](crate::StepRef::custom_condition) to hold.
    pub fn all_of(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.work
            .base_mut()
            .details
            .all_of
            .insert(key.into(), value.into());
        self
    }

    /// Adds a custom condition: with others added this way, *any* output called `key` must have its value for
    /// [`custom_condition`](crate::StepRef::custom_condition) to hold.
    pub fn any_of(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.work
            .base_mut()
            .details
            .any_of
            .insert(key.into(), value.into());
        self
    }

    /// Adds an attribute that the class does not have. The server keeps it with the work.
    pub fn attribute(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attribute_as(name, value, AttributeForm::Plain)
    }

    /// Adds an attribute that the class does not have, in this form.
    pub fn attribute_as(
        mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
        form: AttributeForm,
    ) -> Self {
        self.work.base_mut().details.attributes.push(Attribute {
            name: name.into(),
            value: value.into(),
            form,
        });
        self
    }
}
