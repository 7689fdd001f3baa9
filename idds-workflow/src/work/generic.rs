//! Works that run a program, and classes that differ from them only in name and type.

use idds_workflow_derive::Settings;
use serde_json::{Value, json};

use super::base::Base;
use super::builder::Builder;
use super::class::Class;
use crate::error::Problem;
use crate::neutral::ByName;
use crate::wire::decode::Fields as WireFields;
use crate::wire::{DecodeError, Member};
use crate::{Execution, TransformType, execution};

/// A program with collections.
///
/// ```
/// use idds_workflow::Work;
///
/// let work = Work::builder("/bin/hostname").build()?;
/// assert_eq!(work.executable(), Some("/bin/hostname"));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Unrestricted, Program, Tag, Collections))]
pub struct Work {
    base: Base,
    /// What the work does, as the server shows it.
    #[setting(copy, form = ByName<TransformType>, wire = none, decode = work_type(fields)?)]
    work_type: Option<TransformType>,
}

impl Work {
    /// Starts a work that runs this program.
    pub fn builder(executable: impl Into<String>) -> WorkBuilder {
        Self::empty().executable(executable)
    }

    /// Starts a work without anything set, as one without arguments of Python is.
    pub fn empty() -> WorkBuilder {
        Builder::new()
    }
}

impl Class for Work {
    const TYPE: &'static str = "program";
    const SCHEMA: &'static str = "ProgramWork";
    const MODULE: Option<&'static str> = Some("idds.workflowv2.work");

    fn example() -> Value {
        json!({ "type": "program", "executable": "/bin/echo", "arguments": "hello" })
    }

    fn work_type(&self) -> Option<TransformType> {
        self.work_type
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::program(&self.base)
    }
}

/// A work that handles data.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
pub struct DataWork {
    base: Base,
    /// What the work does, as the server shows it.
    #[setting(copy, form = ByName<TransformType>, wire = none, decode = work_type(fields)?)]
    work_type: Option<TransformType>,
}

impl DataWork {
    /// Starts a work that runs this program.
    pub fn builder(executable: impl Into<String>) -> DataWorkBuilder {
        Self::empty().executable(executable)
    }

    /// Starts a work without anything set, as one without arguments of Python is.
    pub fn empty() -> DataWorkBuilder {
        Builder::new()
    }
}

impl Class for DataWork {
    const TYPE: &'static str = "data";
    const SCHEMA: &'static str = "DataWork";
    const MODULE: Option<&'static str> = Some("idds.workflowv2.datawork");

    fn example() -> Value {
        json!({ "type": "data", "executable": "/bin/echo", "arguments": "hello" })
    }

    fn work_type(&self) -> Option<TransformType> {
        self.work_type
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::program(&self.base)
    }
}

/// A work that runs jobs.
///
/// # On the server
///
/// Its type is always [`TransformType::Processing`].
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
pub struct ProcessingWork {
    base: Base,
    /// What the work does, as the server shows it.
    #[setting(copy, form = ByName<TransformType>, wire = none)]
    work_type: Option<TransformType>,
}

impl ProcessingWork {
    /// Starts a work that runs this program.
    pub fn builder(executable: impl Into<String>) -> ProcessingWorkBuilder {
        Self::empty().executable(executable)
    }

    /// Starts a work without anything set, as one without arguments of Python is.
    pub fn empty() -> ProcessingWorkBuilder {
        Builder::new()
    }
}

impl Class for ProcessingWork {
    const TYPE: &'static str = "processing";
    const SCHEMA: &'static str = "ProcessingWork";
    const MODULE: Option<&'static str> = Some("idds.workflowv2.processingwork");

    fn example() -> Value {
        json!({ "type": "processing", "executable": "/bin/echo", "arguments": "hello" })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::program(&self.base)
    }
}

/// A program that runs as an HTCondor job.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Collections))]
pub struct ATLASCondorWork {
    base: Base,
    /// What the work does, as the server shows it.
    #[setting(copy, form = ByName<TransformType>, wire = none, decode = work_type(fields)?)]
    work_type: Option<TransformType>,
}

impl ATLASCondorWork {
    /// Starts a work that runs this program.
    pub fn builder(executable: impl Into<String>) -> ATLASCondorWorkBuilder {
        Self::empty().executable(executable)
    }

    /// Starts a work without anything set, as one without arguments of Python is.
    pub fn empty() -> ATLASCondorWorkBuilder {
        Builder::new()
    }
}

impl Class for ATLASCondorWork {
    const TYPE: &'static str = "condor";
    const SCHEMA: &'static str = "CondorWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlascondorwork");

    fn example() -> Value {
        json!({ "type": "condor", "executable": "/bin/echo", "arguments": "hello" })
    }

    fn work_type(&self) -> Option<TransformType> {
        self.work_type
    }

    fn execution(&self) -> Result<Execution, Problem> {
        execution::own_directory(&self.base, None, false)
    }
}

/// Reads what a work does.
fn work_type(fields: &WireFields<'_>) -> Result<Option<TransformType>, DecodeError> {
    Ok(fields.read("work_type")?.map(|Member(work_type)| work_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AttributeForm;

    #[test]
    fn a_program_is_enough() {
        let work = Work::builder("/bin/hostname").build().expect("a work");
        assert_eq!(
            (
                work.inputs().count(),
                work.outputs().count(),
                work.task_name()
            ),
            (0, 0, None)
        );
    }

    #[test]
    fn attributes_the_class_has_and_python_objects_are_refused() {
        let error = Work::builder("x")
            .attribute("status_statistics", 1)
            .attribute("_works", 1)
            .attribute_as(
                "blob",
                serde_json::json!({"class": "C", "module": "m", "attributes": {}}),
                AttributeForm::Plain,
            )
            .attribute("blob", 2)
            .build()
            .expect_err("four problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
        attributes.status_statistics: is an attribute of the class itself
        attributes._works: is an attribute of the class itself
        attributes.blob: an object with class, module and attributes would become a Python object on the server
        attributes.blob: is given twice
        ");
    }

    #[test]
    fn custom_conditions_hold_no_python_object() {
        let object = || serde_json::json!([{"class": "C", "module": "m", "attributes": {}}]);
        let error = Work::builder("x")
            .all_of("a", object())
            .any_of("b", object())
            .build()
            .expect_err("two problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
        any_of: an object with class, module and attributes would become a Python object on the server
        all_of: an object with class, module and attributes would become a Python object on the server
        ");
    }
}
