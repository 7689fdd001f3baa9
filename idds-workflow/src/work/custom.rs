//! The open door: works of classes that this crate does not know.

use derive_builder::Builder;

use super::base::{Base, collection_settings, common_settings, program_settings, unrestricted_settings};
use crate::error::Problem;
use crate::{Error, TransformType, text};

/// A work of a Python class of the user's own, which the server must have installed and which extends `Work`.
///
/// ```
/// use idds_workflow::CustomWork;
///
/// let work = CustomWork::builder("SkimWork", "experiment.workflow.skimwork").attribute("threshold", 25).build()?;
/// assert_eq!(work.class(), "SkimWork");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct CustomWork {
    #[builder(setter(custom))]
    class: String,
    #[builder(setter(custom))]
    module: String,
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    /// What the work does, as the server shows it.
    #[builder(default, setter(strip_option))]
    work_type: Option<TransformType>,
}

impl CustomWork {
    /// Starts a work of this class of this module. The server refuses a request with a class that it cannot import.
    pub fn builder(class: impl Into<String>, module: impl Into<String>) -> CustomWorkBuilder {
        CustomWorkBuilder { class: Some(class.into()), module: Some(module.into()), ..CustomWorkBuilder::empty() }
    }

    /// Returns the name of the class.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// Returns the module of the class.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// Returns what the work does, when set.
    pub fn work_type(&self) -> Option<TransformType> {
        self.work_type
    }
}

impl CustomWorkBuilder {
    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// When class or module are no Python names, a text is too long for the server, or an attribute is one of `Work`.
    pub fn build(self) -> Result<CustomWork, Error> {
        let work = self.assemble()?;
        let mut problems = work.base.problems();
        if !text::is_python_name(&work.class) {
            problems.push(Problem::new("class", format!("{:?} is not the name of a Python class", work.class)));
        }
        if !work.module.split('.').all(text::is_python_name) {
            problems.push(Problem::new("module", format!("{:?} is not the name of a Python module", work.module)));
        }
        Error::unless_empty(problems, work)
    }
}

program_settings!(CustomWork, CustomWorkBuilder);
collection_settings!(CustomWork, CustomWorkBuilder);
common_settings!(CustomWork, CustomWorkBuilder);
unrestricted_settings!(CustomWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_and_module_are_enough() {
        let work = CustomWork::builder("C", "a.b_c.d2").build().expect("a work");
        assert_eq!((work.class(), work.module(), work.work_type()), ("C", "a.b_c.d2", None));
    }

    #[test]
    fn what_python_could_not_import_is_refused() {
        let error = CustomWork::builder("my work", "a..b").build().expect_err("no names");
        insta::assert_snapshot!(error, @r#"class: "my work" is not the name of a Python class; module: "a..b" is not the name of a Python module"#);
    }
}
