//! Decisions made by a program.

use derive_builder::Builder;

use super::base::{Base, collection_settings, common_settings, program_settings};
use crate::Error;

/// A program whose output decides how the workflow goes on.
///
/// The keys of the JSON object that the program writes become `user_` attributes of the work, which custom conditions and
/// parameter links can use.
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct ATLASActuatorWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    /// File that the program writes its decision to.
    #[builder(default, setter(into, strip_option))]
    output_json: Option<String>,
}

impl ATLASActuatorWork {
    /// Starts a work that runs this program.
    pub fn builder(executable: impl Into<String>) -> ATLASActuatorWorkBuilder {
        ATLASActuatorWorkBuilder::empty().executable(executable)
    }

    /// Starts a work without anything set, as one without arguments of Python is.
    pub fn empty() -> ATLASActuatorWorkBuilder {
        ATLASActuatorWorkBuilder::empty()
    }

    /// Returns the file that the program writes its decision to.
    pub fn output_json(&self) -> Option<&str> {
        self.output_json.as_deref()
    }
}

impl ATLASActuatorWorkBuilder {
    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every text that is too long for the server, and every attribute that the class has already.
    pub fn build(self) -> Result<ATLASActuatorWork, Error> {
        let work = self.assemble()?;
        Error::unless_empty(work.base.problems(), work)
    }
}

program_settings!(ATLASActuatorWork, ATLASActuatorWorkBuilder);
collection_settings!(ATLASActuatorWork, ATLASActuatorWorkBuilder);
common_settings!(ATLASActuatorWork, ATLASActuatorWorkBuilder);
