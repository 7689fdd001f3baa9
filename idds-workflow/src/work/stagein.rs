//! Staging data from tape.

use std::time::Duration;

use derive_builder::Builder;

use super::base::{Base, collection_settings, common_settings, program_settings};
use crate::error::Problem;
use crate::{Collection, Error, text};

/// Staging a dataset from tape to disk, followed by a Rucio rule.
///
/// ```
/// use std::time::Duration;
///
/// use idds_workflow::{ATLASStageinWork, Collection};
///
/// let raw = Collection::new("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW")?;
/// let staged = Collection::new("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW.idds.stagein")?;
/// let work = ATLASStageinWork::builder(raw, staged)
///     .max_waiting_time(Duration::from_secs(3600))
///     .src_rse("NDGF-T1_DATATAPE")
///     .dest_rse("NDGF-T1_DATADISK")
///     .rule_id("236e4bf87e11490291e3259b14724e30")
///     .build()?;
/// assert_eq!(work.max_waiting_time().as_secs(), 3600);
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
pub struct ATLASStageinWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    /// Time after which the work ends with what is there, in whole seconds; 7 days unless set.
    #[builder(default = Duration::from_secs(7 * 24 * 3600))]
    max_waiting_time: Duration,
    /// Storage element to stage from.
    #[builder(default, setter(into, strip_option))]
    src_rse: Option<String>,
    /// Storage element to stage to.
    #[builder(default, setter(into, strip_option))]
    dest_rse: Option<String>,
    /// Rucio rule that moves the files.
    #[builder(default, setter(into, strip_option))]
    rule_id: Option<String>,
}

impl ATLASStageinWork {
    /// Starts staging `input`; the staged files appear in `output`.
    pub fn builder(input: Collection, output: Collection) -> ATLASStageinWorkBuilder {
        ATLASStageinWorkBuilder::empty().input(input).output(output)
    }

    /// Returns the time after which the work ends with what is there.
    pub fn max_waiting_time(&self) -> Duration {
        self.max_waiting_time
    }

    /// Returns the storage element to stage from.
    pub fn src_rse(&self) -> Option<&str> {
        self.src_rse.as_deref()
    }

    /// Returns the storage element to stage to.
    pub fn dest_rse(&self) -> Option<&str> {
        self.dest_rse.as_deref()
    }

    /// Returns the Rucio rule that moves the files.
    pub fn rule_id(&self) -> Option<&str> {
        self.rule_id.as_deref()
    }
}

impl ATLASStageinWorkBuilder {
    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// When the waiting time is less than a second or not a whole number of seconds, or a text is too long to be stored.
    pub fn build(self) -> Result<ATLASStageinWork, Error> {
        let work = self.assemble()?;
        let mut problems = work.base.problems();
        problems.extend(self::problems(work.max_waiting_time, [work.src_rse(), work.dest_rse(), work.rule_id()]));
        Error::unless_empty(problems, work)
    }
}

/// Finds what is wrong with a waiting time, the two storage elements and the rule.
pub(super) fn problems(waiting: Duration, texts: [Option<&str>; 3]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if waiting.as_secs() == 0 || waiting.subsec_nanos() != 0 {
        let message = format!("{waiting:?} is not a whole number of seconds above 0");
        problems.push(Problem::new("max_waiting_time", message));
    }
    let fields = ["src_rse", "dest_rse", "rule_id"];
    problems.extend(fields.into_iter().zip(texts).filter_map(|(field, value)| text::optional(field, value)));
    problems
}

program_settings!(ATLASStageinWork, ATLASStageinWorkBuilder);
collection_settings!(ATLASStageinWork, ATLASStageinWorkBuilder);
common_settings!(ATLASStageinWork, ATLASStageinWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> ATLASStageinWorkBuilder {
        let [input, output] = ["in", "out"].map(|name| Collection::new("s", name).expect("a collection"));
        ATLASStageinWork::builder(input, output)
    }

    #[test]
    fn two_collections_are_enough() {
        let work = builder().build().expect("a work");
        assert_eq!((work.max_waiting_time().as_secs(), work.rule_id()), (604_800, None));
    }

    #[test]
    fn a_fraction_of_a_second_is_refused() {
        let error = builder().max_waiting_time(Duration::from_millis(1500)).build().expect_err("a fraction");
        insta::assert_snapshot!(error, @"max_waiting_time: 1.5s is not a whole number of seconds above 0");
    }
}
