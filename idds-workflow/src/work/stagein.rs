//! Staging data from tape.

use derive_builder::Builder;

use super::base::{Base, collection_settings, common_settings, program_settings};
use crate::error::Problem;
use crate::literal::Takes;
use crate::{Collection, Error, Literal, Seconds, text};

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
/// assert_eq!(work.max_waiting_time().duration(), Some(Duration::from_secs(3600)));
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
    /// Time after which the work ends with what is there; 7 days unless set, and never with `Seconds::new(None)`.
    #[builder(default = Seconds::new(7 * 24 * 3600), setter(into))]
    max_waiting_time: Seconds,
    /// Storage element to stage from.
    #[builder(default, setter(into, strip_option))]
    src_rse: Option<String>,
    /// Storage element to stage to.
    #[builder(default, setter(into, strip_option))]
    dest_rse: Option<String>,
    /// Rucio rule that moves the files.
    #[builder(default, setter(into, strip_option))]
    rule_id: Option<Literal>,
}

impl ATLASStageinWork {
    /// Starts staging `input`; the staged files appear in `output`.
    pub fn builder(input: Collection, output: Collection) -> ATLASStageinWorkBuilder {
        ATLASStageinWorkBuilder::empty().input(input).output(output)
    }

    /// Returns the time after which the work ends with what is there.
    pub fn max_waiting_time(&self) -> &Seconds {
        &self.max_waiting_time
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
    pub fn rule_id(&self) -> Option<&Literal> {
        self.rule_id.as_ref()
    }
}

impl ATLASStageinWorkBuilder {
    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// When the waiting time is not above 0, or a text is too long to be stored.
    pub fn build(self) -> Result<ATLASStageinWork, Error> {
        let work = self.assemble()?;
        let mut problems = work.base.problems();
        problems.extend(self::problems(&work.max_waiting_time, work.rule_id(), [work.src_rse(), work.dest_rse()]));
        Error::unless_empty(problems, work)
    }
}

/// Finds what is wrong with a waiting time, a rule and the two storage elements.
pub(super) fn problems(waiting: &Seconds, rule_id: Option<&Literal>, texts: [Option<&str>; 2]) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(Takes::TIME.problem("max_waiting_time", &waiting.0));
    let fields = ["src_rse", "dest_rse"];
    problems.extend(fields.into_iter().zip(texts).filter_map(|(field, value)| text::optional(field, value)));
    problems.extend(match rule_id {
        Some(Literal::Text(rule)) => text::optional("rule_id", Some(rule)),
        Some(other @ (Literal::Null | Literal::Float(_))) => {
            Some(Problem::new("rule_id", format!("{other} is neither a text nor an integer")))
        }
        Some(Literal::Int(_)) | None => None,
    });
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
        assert_eq!((work.max_waiting_time(), work.rule_id()), (&Seconds::new(604_800), None));
    }

    #[test]
    fn a_time_can_be_a_fraction_or_without_limit_but_not_nothing() {
        let work = |time: Seconds| builder().max_waiting_time(time).rule_id(7).build();
        assert!(work(Seconds::new(1.5)).is_ok() && work(Seconds::new(None)).is_ok());
        let error = work(Seconds::new(0)).expect_err("no time");
        insta::assert_snapshot!(error, @"max_waiting_time: 0 is not above 0");
    }
}
