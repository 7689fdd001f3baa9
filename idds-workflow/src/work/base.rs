//! What works of all classes have in common, and the setters for it.

use std::sync::LazyLock;

use idds_workflow_derive::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::builder::Builder;
use super::fields::{Collections, Has, Unrestricted};

use crate::error::Problem;
use crate::literal::Takes;
use crate::neutral::{Attributes, CollectionForm};
use crate::sparse::{Lent, Sparse};
use crate::{Collection, Literal, NullableText, text};

/// What works of all classes have in common.
///
/// Not every class has setters of all of it.
#[derive(Clone, Debug, Default, PartialEq, Settings)]
#[settings(part(HasBase, base_mut()), off_wire)]
pub struct Base {
    /// Whether every run of a loop gets a copy of the work with an id of its own; false unless given.
    #[setting(group = Unrestricted, before = "setup", set = none, get = none)]
    pub(crate) template: bool,
    /// Whether the inputs are held back until the work is submitted to the workload system; false unless given.
    #[setting(group = Unrestricted, before = "setup", set = none, get = none)]
    pub(crate) release_inputs_after_submitting: bool,
    /// Program that the work runs.
    #[setting(group = Program, before = "setup")]
    pub(crate) executable: Option<String>,
    /// Arguments of the program; `{name}` or `%NAME` is replaced by the value of a parameter.
    #[setting(group = Program, before = "setup")]
    pub(crate) arguments: Option<String>,
    /// Parameters of the arguments, by name.
    #[setting(group = Program, before = "setup")]
    pub(crate) parameters: Option<Box<Map<String, Value>>>,
    /// Collection that the work reads in the first place.
    #[setting(group = Collections, before = "other_inputs", form = CollectionForm, get = none)]
    pub(crate) input: Option<Collection>,
    /// Collection that the work writes in the first place. The server appends run numbers to its name.
    #[setting(group = Collections, before = "other_outputs", form = CollectionForm, get = none)]
    pub(crate) output: Option<Collection>,
    #[setting(part)]
    pub(crate) details: Sparse<Details>,
}

/// What works of all classes have in common and few works set.
#[derive(Clone, Debug, Default, PartialEq, Settings)]
#[settings(part(HasBase, base_mut().details), getters(Base, details), off_wire)]
pub(crate) struct Details {
    /// Name of the work on the server; its id unless given.
    #[setting(group = Unrestricted, max_chars, get = none)]
    pub(crate) work_name: Option<String>,
    /// Id of the request; the server sets it by itself.
    #[setting(group = Unrestricted, takes = ROW, get = none)]
    pub(crate) request_id: Option<Literal>,
    /// User that the work belongs to.
    #[setting(group = Unrestricted, max_chars, get = none)]
    pub(crate) username: Option<String>,
    /// Shell command that prepares the environment of the program.
    #[setting(group = Program)]
    pub(crate) setup: Option<String>,
    /// Container image, or the archive that holds the program.
    #[setting(group = Program, get = sandbox_url)]
    pub(crate) sandbox: Option<String>,
    /// Where the work runs; `local` unless given, `panda` for works of PanDA.
    pub(crate) exec_type: Option<NullableText>,
    /// Tag by which the server chooses settings of its agents.
    #[setting(group = Tag, max_chars, get = none)]
    pub(crate) work_tag: Option<NullableText>,
    /// Id of the transform. The agents then look for that transform instead of making one.
    #[setting(takes = ROW, get = none)]
    pub(crate) work_id: Option<Literal>,
    /// Further collections that the work reads.
    #[setting(group = Collections, form = Vec<CollectionForm>, set = none, get = none)]
    pub(crate) other_inputs: Vec<Collection>,
    /// Further collections that the work writes. The server appends run numbers to their names.
    #[setting(group = Collections, form = Vec<CollectionForm>, set = none, get = none)]
    pub(crate) other_outputs: Vec<Collection>,
    /// Collections that the work writes logs to.
    #[setting(group = Collections, form = Vec<CollectionForm>, set = none, get = none)]
    pub(crate) logs: Vec<Collection>,
    /// Name that the 2.6.21 agents tell works apart by; the id of the work unless given.
    #[setting(max_chars)]
    pub(crate) task_name: Option<String>,
    /// Custom condition of the work: it holds when all of its outputs have these values.
    #[setting(set = none, get = none)]
    pub(crate) all_of: Map<String, Value>,
    /// Custom condition of the work: it holds when any of its outputs has its value.
    #[setting(set = none, get = none)]
    pub(crate) any_of: Map<String, Value>,
    /// Attributes that the class does not have, by name. The server keeps them with the work.
    #[setting(form = Attributes, schema = Attributes::schema, set = none, get = none)]
    pub(crate) attributes: Vec<Attribute>,
    /// Settings for the agents of the server.
    #[setting(get = none)]
    pub(crate) agent_attributes: Option<Map<String, Value>>,
}

impl Lent for Details {
    fn lent() -> &'static Self {
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

/// An attribute that works of all classes have on the wire.
pub(crate) struct CommonAttribute {
    pub(crate) name: &'static str,
    /// Whether a definition is read from it, or it says nothing; what the server keeps there otherwise.
    pub(crate) is_defined: bool,
}

const fn defined(name: &'static str) -> CommonAttribute {
    CommonAttribute {
        name,
        is_defined: true,
    }
}

const fn kept(name: &'static str) -> CommonAttribute {
    CommonAttribute {
        name,
        is_defined: false,
    }
}

/// The attributes that every v2 work has, in their order, so that a user's own cannot have these names.
pub(crate) const ATTRIBUTES: [CommonAttribute; 28] = [
    defined("is_template"),
    defined("class_name"),
    defined("logger"),
    defined("setup"),
    defined("executable"),
    defined("arguments"),
    defined("username"),
    defined("work_type"),
    defined("work_tag"),
    defined("exec_type"),
    defined("sandbox"),
    defined("request_id"),
    defined("log_collections"),
    defined("release_inputs_after_submitting"),
    kept("work_name_to_coll_map"),
    kept("terminated_msg"),
    kept("parameters_for_next_task"),
    kept("status_statistics"),
    defined("agent_attributes"),
    kept("proxy"),
    kept("original_proxy"),
    kept("backup_to_release_inputs"),
    defined("or_custom_conditions"),
    defined("and_custom_conditions"),
    kept("sliced_global_parameters"),
    kept("func_site_to_cloud"),
    kept("dispatch_ext_content"),
    defined("task_name"),
];

/// Finds the attribute of this name among those that every work has.
pub(crate) fn common_attribute(name: &str) -> Option<&'static CommonAttribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

impl Base {
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let Details {
            work_name,
            work_tag,
            work_id,
            request_id,
            username,
            task_name,
            agent_attributes,
            ..
        } = &*self.details;
        let Details {
            all_of,
            any_of,
            attributes,
            ..
        } = &*self.details;
        let texts = [
            ("work_name", work_name),
            ("username", username),
            ("task_name", task_name),
        ];
        let mut problems: Vec<_> = texts
            .into_iter()
            .filter_map(|(field, text)| text::optional(field, text.as_deref()))
            .collect();
        problems.extend(text::optional(
            "work_tag",
            work_tag.as_ref().and_then(NullableText::as_text),
        ));
        for (field, id) in [("work_id", work_id), ("request_id", request_id)] {
            problems.extend(id.as_ref().and_then(|id| Takes::ROW.problem(field, id)));
        }
        for (index, attribute) in attributes.iter().enumerate() {
            let name = attribute.name.as_str();
            let place = || format!("attributes.{name}");
            if name.is_empty() {
                problems.push(Problem::new(format!("attributes[{index}]"), "has no name"));
            } else if name.starts_with('_') || common_attribute(name).is_some() {
                problems.push(Problem::new(place(), "is an attribute of the class itself"));
            } else if attributes[..index]
                .iter()
                .any(|earlier| earlier.name == name)
            {
                problems.push(Problem::new(place(), "is given twice"));
            }
        }
        if text::ENVELOPE
            .iter()
            .all(|key| attributes.iter().any(|attribute| attribute.name == *key))
        {
            problems.push(text::python_object("attributes"));
        }
        let maps = [
            ("parameters", self.parameters.as_deref()),
            ("agent_attributes", agent_attributes.as_ref()),
            ("all_of", Some(all_of)),
            ("any_of", Some(any_of)),
        ];
        for (field, map) in maps {
            if map.is_some_and(text::map_is_python_object) {
                problems.push(text::python_object(field));
            }
        }
        for attribute in attributes {
            if text::is_python_object(&attribute.value) {
                problems.push(text::python_object(&format!(
                    "attributes.{}",
                    attribute.name
                )));
            }
        }
        problems
    }
}

/// A work with a [`Base`].
pub(crate) trait HasBase {
    fn base(&self) -> &Base;
    fn base_mut(&mut self) -> &mut Base;
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
        self.work.base_mut().release_inputs_after_submitting = true;
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
