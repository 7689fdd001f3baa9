//! What works of all classes have in common, and the setters for it.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Problem;
use crate::literal::Takes;
use crate::sparse::{Lent, Sparse};
use crate::{Collection, Literal, NullableText, text};

/// Values of the attributes that every work has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Base {
    pub(crate) executable: Option<String>,
    pub(crate) arguments: Option<String>,
    pub(crate) parameters: Option<Box<Map<String, Value>>>,
    pub(crate) primary_input: Option<Collection>,
    pub(crate) primary_output: Option<Collection>,
    pub(crate) is_template: bool,
    pub(crate) release_inputs_after_submitting: bool,
    pub(crate) details: Sparse<Details>,
}

/// Values of the attributes that every work has and few works set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details {
    pub(crate) work_name: Option<String>,
    pub(crate) work_tag: Option<NullableText>,
    pub(crate) work_id: Option<Literal>,
    pub(crate) request_id: Option<Literal>,
    pub(crate) username: Option<String>,
    pub(crate) setup: Option<String>,
    pub(crate) exec_type: Option<NullableText>,
    pub(crate) sandbox: Option<String>,
    pub(crate) agent_attributes: Option<Map<String, Value>>,
    pub(crate) other_inputs: Vec<Collection>,
    pub(crate) other_outputs: Vec<Collection>,
    pub(crate) logs: Vec<Collection>,
    pub(crate) all_of: Map<String, Value>,
    pub(crate) any_of: Map<String, Value>,
    pub(crate) task_name: Option<String>,
    pub(crate) attributes: Vec<Attribute>,
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

/// Attributes that every v2 work has already.
pub(crate) const TAKEN: [&str; 28] = [
    "is_template",
    "class_name",
    "logger",
    "setup",
    "executable",
    "arguments",
    "username",
    "work_type",
    "work_tag",
    "exec_type",
    "sandbox",
    "request_id",
    "log_collections",
    "release_inputs_after_submitting",
    "work_name_to_coll_map",
    "terminated_msg",
    "parameters_for_next_task",
    "status_statistics",
    "agent_attributes",
    "proxy",
    "original_proxy",
    "backup_to_release_inputs",
    "or_custom_conditions",
    "and_custom_conditions",
    "sliced_global_parameters",
    "func_site_to_cloud",
    "dispatch_ext_content",
    "task_name",
];

impl Base {
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let Details { work_name, work_tag, work_id, request_id, username, task_name, agent_attributes, .. } =
            &*self.details;
        let Details { all_of, any_of, attributes, .. } = &*self.details;
        let texts = [("work_name", work_name), ("username", username), ("task_name", task_name)];
        let mut problems: Vec<_> =
            texts.into_iter().filter_map(|(field, text)| text::optional(field, text.as_deref())).collect();
        problems.extend(text::optional("work_tag", work_tag.as_ref().and_then(NullableText::as_text)));
        for (field, id) in [("work_id", work_id), ("request_id", request_id)] {
            problems.extend(id.as_ref().and_then(|id| Takes::ROW.problem(field, id)));
        }
        for (index, attribute) in attributes.iter().enumerate() {
            let name = attribute.name.as_str();
            let place = || format!("attributes.{name}");
            if name.is_empty() {
                problems.push(Problem::new(format!("attributes[{index}]"), "has no name"));
            } else if name.starts_with('_') || TAKEN.contains(&name) {
                problems.push(Problem::new(place(), "is an attribute of the class itself"));
            } else if attributes[..index].iter().any(|earlier| earlier.name == name) {
                problems.push(Problem::new(place(), "is given twice"));
            }
        }
        if text::ENVELOPE.iter().all(|key| attributes.iter().any(|attribute| attribute.name == *key)) {
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
                problems.push(text::python_object(&format!("attributes.{}", attribute.name)));
            }
        }
        problems
    }
}

/// Setters and getters of the program that a work runs, for a builder with the field `base` and its work.
macro_rules! program_settings {
    ($work:ident, $builder:ident) => {
        impl $builder {
            /// Sets the program that the work runs.
            pub fn executable(mut self, program: impl Into<String>) -> Self {
                self.base.get_or_insert_default().executable = Some(program.into());
                self
            }

            /// Sets the arguments of the program; `{name}` or `%NAME` is replaced by the value of a parameter.
            pub fn arguments(mut self, arguments: impl Into<String>) -> Self {
                self.base.get_or_insert_default().arguments = Some(arguments.into());
                self
            }

            /// Sets the parameters of the arguments, by name.
            pub fn parameters(mut self, parameters: serde_json::Map<String, serde_json::Value>) -> Self {
                self.base.get_or_insert_default().parameters = Some(parameters.into());
                self
            }

            /// Sets the shell command that prepares the environment of the program.
            pub fn setup(mut self, command: impl Into<String>) -> Self {
                self.base.get_or_insert_default().details.setup = Some(command.into());
                self
            }

            /// Sets where the program runs; `local` unless set, `panda` for works of PanDA.
            pub fn exec_type(mut self, exec_type: impl Into<$crate::NullableText>) -> Self {
                self.base.get_or_insert_default().details.exec_type = Some(exec_type.into());
                self
            }

            /// Sets the container image, or the archive that holds the program.
            pub fn sandbox(mut self, sandbox: impl Into<String>) -> Self {
                self.base.get_or_insert_default().details.sandbox = Some(sandbox.into());
                self
            }
        }

        impl $work {
            /// Returns the program that the work runs.
            pub fn executable(&self) -> Option<&str> {
                self.base.executable.as_deref()
            }

            /// Returns the arguments of the program.
            pub fn arguments(&self) -> Option<&str> {
                self.base.arguments.as_deref()
            }

            /// Returns the parameters of the arguments, by name.
            pub fn parameters(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
                self.base.parameters.as_deref()
            }

            /// Returns the shell command that prepares the environment of the program.
            pub fn setup(&self) -> Option<&str> {
                self.base.details.setup.as_deref()
            }

            /// Returns where the program runs, when set.
            pub fn exec_type(&self) -> Option<&str> {
                self.base.details.exec_type.as_ref().and_then($crate::NullableText::as_text)
            }

            /// Returns the container image, or the archive that holds the program.
            pub fn sandbox_url(&self) -> Option<&str> {
                self.base.details.sandbox.as_deref()
            }
        }
    };
}
pub(crate) use program_settings;

/// Setters of what `Work` of Python lets its user set, and its subclasses in the packages of iDDS lose, for a builder with
/// the field `base`.
macro_rules! unrestricted_settings {
    ($builder:ident) => {
        impl $builder {
            /// Sets the name of the work on the server; its id unless set.
            pub fn work_name(mut self, name: impl Into<String>) -> Self {
                self.base.get_or_insert_default().details.work_name = Some(name.into());
                self
            }

            /// Sets the tag by which the server chooses settings of its agents.
            pub fn work_tag(mut self, tag: impl Into<$crate::NullableText>) -> Self {
                self.base.get_or_insert_default().details.work_tag = Some(tag.into());
                self
            }

            /// Sets the id of the request; the server sets it by itself.
            pub fn request_id(mut self, id: impl Into<$crate::Literal>) -> Self {
                self.base.get_or_insert_default().details.request_id = Some(id.into());
                self
            }

            /// Sets the user that the work belongs to.
            pub fn username(mut self, name: impl Into<String>) -> Self {
                self.base.get_or_insert_default().details.username = Some(name.into());
                self
            }

            /// Makes the work a template: every run of a loop gets a copy with an id of its own.
            pub fn template(mut self) -> Self {
                self.base.get_or_insert_default().is_template = true;
                self
            }

            /// Holds the inputs back until the work is submitted to the workload system.
            pub fn release_inputs_after_submitting(mut self) -> Self {
                self.base.get_or_insert_default().release_inputs_after_submitting = true;
                self
            }
        }
    };
}
pub(crate) use unrestricted_settings;

/// Setter of how the server runs a task of PanDA, for a builder with the field `base`.
macro_rules! tag_setting {
    ($work:ident, $builder:ident) => {
        impl $builder {
            /// Sets the tag by which the server chooses settings of its agents.
            pub fn work_tag(mut self, tag: impl Into<$crate::NullableText>) -> Self {
                self.base.get_or_insert_default().details.work_tag = Some(tag.into());
                self
            }
        }
    };
}
pub(crate) use tag_setting;

/// Setters and getters of the collections of a work, for a builder with the field `base` and its work.
macro_rules! collection_settings {
    ($work:ident, $builder:ident) => {
        impl $builder {
            /// Sets the collection that the work reads in the first place.
            pub fn input(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().primary_input = Some(collection);
                self
            }

            /// Adds a further collection that the work reads.
            pub fn other_input(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().details.other_inputs.push(collection);
                self
            }

            /// Sets the collection that the work writes in the first place. The server appends run numbers to its name.
            pub fn output(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().primary_output = Some(collection);
                self
            }

            /// Adds a further collection that the work writes. The server appends run numbers to its name.
            pub fn other_output(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().details.other_outputs.push(collection);
                self
            }

            /// Adds a collection that the work writes logs to.
            pub fn log(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().details.logs.push(collection);
                self
            }
        }

        impl $work {
            /// Returns the collections that the work reads, the primary one first.
            pub fn inputs(&self) -> impl Iterator<Item = &$crate::Collection> {
                self.base.primary_input.iter().chain(&self.base.details.other_inputs)
            }

            /// Returns the collections that the work writes, the primary one first.
            pub fn outputs(&self) -> impl Iterator<Item = &$crate::Collection> {
                self.base.primary_output.iter().chain(&self.base.details.other_outputs)
            }

            /// Returns the collections that the work writes logs to.
            pub fn logs(&self) -> impl Iterator<Item = &$crate::Collection> {
                self.base.details.logs.iter()
            }
        }
    };
}
pub(crate) use collection_settings;

/// Setters and getters that works of all classes have, for a builder with the field `base` and its work.
macro_rules! common_settings {
    ($work:ident, $builder:ident) => {
        impl $builder {
            /// Sets the name that the 2.6.21 agents tell works apart by. The wire form adds the id of the work when it is
            /// unset, see [`Remedies`](crate::wire::Remedies).
            pub fn task_name(mut self, name: impl Into<String>) -> Self {
                self.base.get_or_insert_default().details.task_name = Some(name.into());
                self
            }

            /// Sets the id of the transform. The agents then look for that transform instead of making one.
            pub fn work_id(mut self, id: impl Into<$crate::Literal>) -> Self {
                self.base.get_or_insert_default().details.work_id = Some(id.into());
                self
            }

            /// Adds a custom condition: with others added this way, *all* outputs called `key` must have these values
            /// for [`custom_condition`](crate::StepRef::custom_condition) to hold.
            pub fn all_of(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                self.base.get_or_insert_default().details.all_of.insert(key.into(), value.into());
                self
            }

            /// Adds a custom condition: with others added this way, *any* output called `key` must have its value for
            /// [`custom_condition`](crate::StepRef::custom_condition) to hold.
            pub fn any_of(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                self.base.get_or_insert_default().details.any_of.insert(key.into(), value.into());
                self
            }

            /// Adds an attribute that the class does not have. The server keeps it with the work.
            pub fn attribute(self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                self.attribute_as(name, value, $crate::AttributeForm::Plain)
            }

            /// Adds an attribute that the class does not have, in this form.
            pub fn attribute_as(
                mut self,
                name: impl Into<String>,
                value: impl Into<serde_json::Value>,
                form: $crate::AttributeForm,
            ) -> Self {
                let attribute = $crate::work::base::Attribute { name: name.into(), value: value.into(), form };
                self.base.get_or_insert_default().details.attributes.push(attribute);
                self
            }

            /// Sets settings for the agents of the server.
            pub fn agent_attributes(mut self, settings: serde_json::Map<String, serde_json::Value>) -> Self {
                self.base.get_or_insert_default().details.agent_attributes = Some(settings);
                self
            }
        }

        impl $work {
            /// Returns the name that the 2.6.21 agents tell works apart by, when set.
            pub fn task_name(&self) -> Option<&str> {
                self.base.details.task_name.as_deref()
            }
        }

        impl $crate::work::base::TakesBase for $builder {
            fn base(mut self, base: $crate::work::base::Base) -> Self {
                self.base = Some(base);
                self
            }
        }

        impl $crate::work::base::HasBase for $work {
            fn base(&self) -> &$crate::work::base::Base {
                &self.base
            }
        }
    };
}
pub(crate) use common_settings;

/// A builder of a work with a [`Base`].
pub(crate) trait TakesBase {
    /// Sets at once what works of all classes have in common, as it was read.
    fn base(self, base: Base) -> Self;
}

/// A work with a [`Base`].
pub(crate) trait HasBase {
    fn base(&self) -> &Base;
}
