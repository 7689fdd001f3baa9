//! Moving data with Rucio.

use derive_builder::Builder;

use super::base::{Base, collection_settings, common_settings, program_settings};
use super::stagein;
use crate::{Collection, Error, Literal, Seconds};

/// Declares a work that follows a Rucio rule.
macro_rules! rucio_work {
    ($(#[$doc:meta])* $work:ident, $builder:ident, $days:literal, $time:literal) => {
        $(#[$doc])*
        #[derive(Builder, Clone, Debug, PartialEq)]
        #[builder(
            pattern = "owned",
            custom_constructor,
            create_empty = "empty",
            derive(Debug),
            build_fn(private, name = "assemble", error = "Error")
        )]
        pub struct $work {
            #[builder(default, setter(custom))]
            pub(crate) base: Base,
            #[doc = concat!("Time after which the work ends with what is there; ", $time, " unless set.")]
            #[builder(default = Seconds::new($days * 24 * 3600), setter(into))]
            max_waiting_time: Seconds,
            /// Storage element to move from.
            #[builder(default, setter(into, strip_option))]
            src_rse: Option<String>,
            /// Storage element to move to.
            #[builder(default, setter(into, strip_option))]
            dest_rse: Option<String>,
            /// Rucio rule that moves the files.
            #[builder(default, setter(into, strip_option))]
            rule_id: Option<Literal>,
        }

        impl $work {
            /// Starts moving the files of `input`.
            pub fn builder(input: Collection) -> $builder {
                $builder::empty().input(input)
            }

            /// Returns the time after which the work ends with what is there.
            pub fn max_waiting_time(&self) -> &Seconds {
                &self.max_waiting_time
            }

            /// Returns the storage element to move from.
            pub fn src_rse(&self) -> Option<&str> {
                self.src_rse.as_deref()
            }

            /// Returns the storage element to move to.
            pub fn dest_rse(&self) -> Option<&str> {
                self.dest_rse.as_deref()
            }

            /// Returns the Rucio rule that moves the files.
            pub fn rule_id(&self) -> Option<&Literal> {
                self.rule_id.as_ref()
            }
        }

        impl $builder {
            /// Checks the values and makes the work.
            ///
            /// # Errors
            ///
            /// When the waiting time is not above 0, or a text is too long for the server.
            pub fn build(self) -> Result<$work, Error> {
                let work = self.assemble()?;
                let mut problems = work.base.problems();
                let texts = [work.src_rse(), work.dest_rse()];
                problems.extend(stagein::problems(work.max_waiting_time(), work.rule_id(), texts));
                Error::unless_empty(problems, work)
            }
        }

        program_settings!($work, $builder);
        collection_settings!($work, $builder);
        common_settings!($work, $builder);
    };
}

rucio_work!(
    /// Moving a dataset, followed by a Rucio rule.
    ///
    /// ```
    /// use idds_workflow::{Collection, DomaDataWork};
    ///
    /// let images = Collection::new("hsc", "hsc.raw.images")?;
    /// let work = DomaDataWork::builder(images).dest_rse("SLAC_RUBIN").rule_id("236e4bf87e11490291e3259b14724e30").build()?;
    /// assert_eq!(*work.max_waiting_time(), idds_workflow::Seconds::new(7 * 24 * 3600));
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    DomaDataWork,
    DomaDataWorkBuilder,
    7,
    "7 days"
);

rucio_work!(
    /// Waiting until the files of a dataset are where a Rucio rule brings them.
    DomaRucioWork,
    DomaRucioWorkBuilder,
    30,
    "30 days"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_enough() {
        let input = || Collection::new("s", "n").expect("a collection");
        let (data, rucio) = (DomaDataWork::builder(input()).build(), DomaRucioWork::builder(input()).build());
        let days = |days: u32| Seconds::new(days * 24 * 3600);
        assert_eq!(data.map(|work| work.max_waiting_time().clone()), Ok(days(7)));
        assert_eq!(rucio.map(|work| work.max_waiting_time().clone()), Ok(days(30)));
    }
}
