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
#[settings(part(HasBase, base_mut()))]
pub struct Base {
    /// Whether every run of a loop gets a copy of the work with an id of its own; false unless given.
    #[setting(group = Unrestricted, before = "setup", wire = none, set = none, get = none)]
    pub(crate) template: bool,
    /// Whether the inputs are held back until the work is submitted to the workload system; false unless given.
    #[setting(group = Unrestricted, before = "setup", wire = none, set = none, get = none)]
    pub(crate) release_inputs_after_submitting: bool,
    /// Program that the work runs.
    #[setting(group = Program, before = "setup", wire = none)]
    pub(crate) executable: Option<String>,
    /// Arguments of the program; `{name}` or `%NAME` is replaced by the value of a parameter.
    #[setting(group = Program, before = "setup", wire = none)]
    pub(crate) arguments: Option<String>,
    /// Parameters of the arguments, by name.
    #[setting(group = Program, before = "setup", wire = none)]
    pub(crate) parameters: Option<Box<Map<String, Value>>>,
    /// Collection that the work reads in the first place.
    #[setting(group = Collections, before = "other_inputs", form = CollectionForm, wire = none, get = none)]
    pub(crate) input: Option<Collection>,
    /// Collection that the work writes in the first place. The server appends run numbers to its name.
    #[setting(group = Collections, before = "other_outputs", form = CollectionForm, wire = none, get = none)]
    pub(crate) output: Option<Collection>,
    #[setting(part)]
    pub(crate) details: Sparse<Details>,
}

/// What works of all classes have in common and few works set.
#[derive(Clone, Debug, Default, PartialEq, Settings)]
#[settings(part(HasBase, base_mut().details), getters(Base, details))]
pub(crate) struct Details {
    /// Name of the work on the server; its id unless given.
    #[setting(group = Unrestricted, max_chars, wire = none, get = none)]
    pub(crate) work_name: Option<String>,
    /// Id of the request; the server sets it by itself.
    #[setting(group = Unrestricted, takes = ROW, wire = none, get = none)]
    pub(crate) request_id: Option<Literal>,
    /// User that the work belongs to.
    #[setting(group = Unrestricted, max_chars, wire = none, get = none)]
    pub(crate) username: Option<String>,
    /// Shell command that prepares the environment of the program.
    #[setting(group = Program, wire = none)]
    pub(crate) setup: Option<String>,
    /// Container image, or the archive that holds the program.
    #[setting(group = Program, wire = none, get = sandbox_url)]
    pub(crate) sandbox: Option<String>,
    /// Where the work runs; `local` unless given, `panda` for works of PanDA.
    #[setting(wire = none)]
    pub(crate) exec_type: Option<NullableText>,
    /// Tag by which the server chooses settings of its agents.
    #[setting(group = Tag, max_chars, wire = none, get = none)]
    pub(crate) work_tag: Option<NullableText>,
    /// Id of the transform. The agents then look for that transform instead of making one.
    #[setting(takes = ROW, wire = none, get = none)]
    pub(crate) work_id: Option<Literal>,
    /// Further collections that the work reads.
    #[setting(group = Collections, form = Vec<CollectionForm>, wire = none, set = none, get = none)]
    pub(crate) other_inputs: Vec<Collection>,
    /// Further collections that the work writes. The server appends run numbers to their names.
    #[setting(group = Collections, form = Vec<CollectionForm>, wire = none, set = none, get = none)]
    pub(crate) other_outputs: Vec<Collection>,
    /// Collections that the work writes logs to.
    #[setting(group = Collections, form = Vec<CollectionForm>, wire = none, set = none, get = none)]
    pub(crate) logs: Vec<Collection>,
    /// Name that the 2.6.21 agents tell works apart by; the id of the work unless given.
    #[setting(max_chars, wire = none)]
    pub(crate) task_name: Option<String>,
    /// Custom condition of the work: it holds when all of its outputs have these values.
    #[setting(wire = none, set = none, get = none)]
    pub(crate) all_of: Map<String, Value>,
    /// Custom condition of the work: it holds when any of its outputs has its value.
    #[setting(wire = none, set = none, get = none)]
    pub(crate) any_of: Map<String, Value>,
    /// Attributes that the class does not have, by name. The server keeps them with the work.
    #[setting(form = Attributes, schema = Attributes::schema, wire = none, set = none, get = none)]
    pub(crate) attributes: Vec<Attribute>,
    /// Settings for the agents of the server.
    #[setting(wire = none, get = none)]
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
                self.base.get_or_insert_default().input = Some(collection);
                self
            }

            /// Adds a further collection that the work reads.
            pub fn other_input(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().details.other_inputs.push(collection);
                self
            }

            /// Sets the collection that the work writes in the first place. The server appends run numbers to its name.
            pub fn output(mut self, collection: $crate::Collection) -> Self {
                self.base.get_or_insert_default().output = Some(collection);
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
                self.base.input.iter().chain(&self.base.details.other_inputs)
            }

            /// Returns the collections that the work writes, the primary one first.
            pub fn outputs(&self) -> impl Iterator<Item = &$crate::Collection> {
                self.base.output.iter().chain(&self.base.details.other_outputs)
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

            fn base_mut(&mut self) -> &mut $crate::work::base::Base {
                &mut self.base
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
        self.work.base_mut().details.all_of.insert(key.into(), value.into());
        self
    }

    /// Adds a custom condition: with others added this way, *any* output called `key` must have its value for
    /// [`custom_condition`](crate::StepRef::custom_condition) to hold.
    pub fn any_of(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.work.base_mut().details.any_of.insert(key.into(), value.into());
        self
    }

    /// Adds an attribute that the class does not have. The server keeps it with the work.
    pub fn attribute(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attribute_as(name, value, AttributeForm::Plain)
    }

    /// Adds an attribute that the class does not have, in this form.
    pub fn attribute_as(mut self, name: impl Into<String>, value: impl Into<Value>, form: AttributeForm) -> Self {
        self.work.base_mut().details.attributes.push(Attribute { name: name.into(), value: value.into(), form });
        self
    }
}
