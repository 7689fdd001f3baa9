//! Works of classes that this crate does not know.

use std::borrow::Cow;

use idds_workflow_derive::Settings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::base::Base;
use super::builder::Builder;
use super::class::Class;
use crate::error::Problem;
use crate::neutral::ByName;
use crate::{Execution, TransformType, execution, text};

/// A work of a Python class of the user's own, which the server must have installed and which extends `Work`.
///
/// ```
/// use idds_workflow::CustomWork;
///
/// let work = CustomWork::builder("SkimWork", "experiment.workflow.skimwork").attribute("threshold", 25).build()?;
/// assert_eq!(work.class(), "SkimWork");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Unrestricted, Program, Tag, Collections))]
pub struct CustomWork {
    base: Base,
    /// Name of the class.
    #[setting(required, schema = class_name, check = class_problem, wire = none, set = none)]
    class: String,
    /// Module of the class.
    #[setting(required, schema = module_name, check = module_problem, wire = none, set = none)]
    module: String,
    /// What the work does, as the server shows it.
    #[setting(copy, form = ByName<TransformType>, wire = none)]
    work_type: Option<TransformType>,
}

impl CustomWork {
    /// Starts a work of this class of this module. The server refuses a request with a class that it cannot import.
    pub fn builder(class: impl Into<String>, module: impl Into<String>) -> CustomWorkBuilder {
        let mut builder = Builder::<Self>::new();
        builder.work.class = class.into();
        builder.work.module = module.into();
        builder
    }
}

impl Class for CustomWork {
    const TYPE: &'static str = "custom";
    const SCHEMA: &'static str = "CustomWork";
    const MODULE: Option<&'static str> = None;

    fn example() -> Value {
        json!({
            "type": "custom",
            "class": "SkimWork",
            "module": "experiment.workflow.skimwork",
            "attributes": { "threshold": { "value": 25 } }
        })
    }

    fn class(&self) -> &str {
        &self.class
    }

    fn module(&self) -> &str {
        &self.module
    }

    // Whichever family the user's class extends: its module is the user's affair.
    fn v1_module(&self) -> Option<Cow<'_, str>> {
        Some(self.module.as_str().into())
    }

    fn work_type(&self) -> Option<TransformType> {
        self.work_type
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::program(&self.base)
    }
}

fn class_problem(field: &str, class: &str) -> Option<Problem> {
    let message = || format!("{class:?} is not the name of a Python class");
    (!text::is_python_name(class)).then(|| Problem::new(field, message()))
}

fn module_problem(field: &str, module: &str) -> Option<Problem> {
    let message = || format!("{module:?} is not the name of a Python module");
    let is_name = module.split('.').all(text::is_python_name);
    (!is_name).then(|| Problem::new(field, message()))
}

fn class_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" })
}

fn module_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_and_module_are_enough() {
        let work = CustomWork::builder("C", "a.b_c.d2")
            .build()
            .expect("a work");
        assert_eq!(
            (work.class(), work.module(), work.work_type()),
            ("C", "a.b_c.d2", None)
        );
    }

    #[test]
    fn what_python_could_not_import_is_refused() {
        let error = CustomWork::builder("my work", "a..b")
            .build()
            .expect_err("no names");
        insta::assert_snapshot!(error, @r#"class: "my work" is not the name of a Python class; module: "a..b" is not the name of a Python module"#);
    }
}
