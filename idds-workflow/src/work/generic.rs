//! Works that run a program: the generic one, and the classes that differ from it by name only.

use derive_builder::Builder;

use super::base::{Base, collection_settings, common_settings, program_settings, unrestricted_settings};
use crate::{Error, TransformType};

/// Declares a work without attributes of its own.
macro_rules! generic_work {
    ($(#[$doc:meta])* $work:ident, $builder:ident) => {
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
            /// What the work does, as the server shows it.
            #[builder(default, setter(strip_option))]
            pub(crate) work_type: Option<TransformType>,
        }

        impl $work {
            /// Starts a work that runs this program.
            pub fn builder(executable: impl Into<String>) -> $builder {
                $builder::empty().executable(executable)
            }

            /// Starts a work without anything set, as one without arguments of Python is.
            pub fn empty() -> $builder {
                $builder::empty()
            }

            /// Returns what the work does, when set.
            pub fn work_type(&self) -> Option<TransformType> {
                self.work_type
            }
        }

        impl $builder {
            /// Checks the values and makes the work.
            ///
            /// # Errors
            ///
            /// Names every text that is too long for the server, and every attribute that the class has already.
            pub fn build(self) -> Result<$work, Error> {
                let work = self.assemble()?;
                Error::unless_empty(work.base.problems(), work)
            }
        }

        program_settings!($work, $builder);
        collection_settings!($work, $builder);
        common_settings!($work, $builder);
    };
}

generic_work!(
    /// A program with collections: the class that all others extend.
    ///
    /// ```
    /// use idds_workflow::Work;
    ///
    /// let work = Work::builder("/bin/hostname").build()?;
    /// assert_eq!(work.executable(), Some("/bin/hostname"));
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    Work,
    WorkBuilder
);

generic_work!(
    /// A work that handles data.
    DataWork,
    DataWorkBuilder
);

generic_work!(
    /// A work that runs jobs; its type is always [`TransformType::Processing`].
    ProcessingWork,
    ProcessingWorkBuilder
);

generic_work!(
    /// A program that runs as an HTCondor job.
    ATLASCondorWork,
    ATLASCondorWorkBuilder
);

unrestricted_settings!(WorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AttributeForm;

    #[test]
    fn a_program_is_enough() {
        let work = Work::builder("/bin/hostname").build().expect("a work");
        assert_eq!((work.inputs().count(), work.outputs().count(), work.task_name()), (0, 0, None));
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
        attributes.blob: is given twice
        attributes.blob: an object with class, module and attributes would become a Python object on the server
        ");
    }

    #[test]
    fn custom_conditions_hold_no_python_object() {
        let object = || serde_json::json!([{"class": "C", "module": "m", "attributes": {}}]);
        let error = Work::builder("x").all_of("a", object()).any_of("b", object()).build().expect_err("two problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
        all_of: an object with class, module and attributes would become a Python object on the server
        any_of: an object with class, module and attributes would become a Python object on the server
        ");
    }
}
