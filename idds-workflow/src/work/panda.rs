//! Tasks of PanDA that are described by JEDI task parameters.

mod task;

use derive_builder::Builder;
use serde_json::{Map, Value};

pub(crate) use self::task::{DatasetKind, Datasets, TaskDataset};
use super::base::{Base, collection_settings, common_settings, tag_setting};
use crate::error::Problem;
use crate::literal::Takes;
use crate::{Error, Literal, text};

/// Declares a work with task parameters.
macro_rules! panda_work {
    ($(#[$doc:meta])* $work:ident, $builder:ident { $($own:tt)* }) => {
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
            #[builder(setter(custom))]
            task_parameters: Map<String, Value>,
            #[builder(setter(skip))]
            datasets: Datasets,
            /// Number of times that failed jobs are tried again; 5 unless set.
            #[builder(default = 5.into(), setter(into))]
            num_retries: Literal,
            $($own)*
        }

        impl $work {
            /// Starts a task with these JEDI task parameters.
            ///
            /// The datasets of its `jobParameters` and of its `log` become collections of the work, next to those that are
            /// added here. Of several input or output datasets the last one is the primary collection, and the others are
            /// sent but not used, as the Python package does it. Without any input or output there is a pseudo collection
            /// with a generated name. When there are no parameters at all, nothing is derived from them.
            pub fn builder(task_parameters: Map<String, Value>) -> $builder {
                $builder { task_parameters: Some(task_parameters), ..$builder::empty() }
            }

            /// Returns the JEDI task parameters.
            pub fn task_parameters(&self) -> &Map<String, Value> {
                &self.task_parameters
            }

            /// Returns the number of times that failed jobs are tried again.
            pub fn num_retries(&self) -> &Literal {
                &self.num_retries
            }
        }

        impl $builder {
            /// Sets where the task runs; `panda` unless set.
            pub fn exec_type(mut self, exec_type: impl Into<$crate::NullableText>) -> Self {
                self.base.get_or_insert_default().details.exec_type = Some(exec_type.into());
                self
            }

            /// Checks the values and makes the work.
            ///
            /// # Errors
            ///
            /// Names every problem of the task parameters: a `taskName` that is no text, is empty or longer than 255
            /// characters, `jobParameters` that are no list, and datasets that are no text, or ones that the server cannot
            /// store. (The Python package sends such a task, with the first problem in a list of errors.) Also names every
            /// text that is too long for the server.
            ///
            /// A dataset with more than one colon is no problem: as in Python, it is noted as an error of the work, and what
            /// comes after it becomes no collection.
            pub fn build(self) -> Result<$work, Error> {
                let mut work = self.assemble()?;
                let mut problems = Vec::new();
                work.datasets = task::datasets(&work.task_parameters, &mut problems);
                task::name(&work.task_parameters, &mut work.base, &mut problems);
                problems.extend(work.base.problems());
                problems.extend(Takes::LIMIT.problem("num_retries", &work.num_retries));
                Error::unless_empty(problems, work)
            }
        }

        impl PandaTask for $work {
            fn task_parameters(&self) -> &Map<String, Value> {
                &self.task_parameters
            }

            fn datasets(&self) -> &[TaskDataset] {
                &self.datasets.list
            }

            fn errors(&self) -> &[String] {
                &self.datasets.errors
            }
        }

        tag_setting!($work, $builder);
        collection_settings!($work, $builder);
        common_settings!($work, $builder);
    };
}

/// A work with task parameters.
pub(crate) trait PandaTask {
    fn task_parameters(&self) -> &Map<String, Value>;

    /// Returns the datasets of the parameters: those of the jobs in their order, then the log.
    fn datasets(&self) -> &[TaskDataset];

    /// Returns what stopped Python on its way through the parameters.
    fn errors(&self) -> &[String];
}

panda_work!(
    /// A PanDA task of ATLAS.
    ///
    /// ```
    /// use idds_workflow::ATLASPandaWork;
    /// use serde_json::json;
    ///
    /// let parameters = json!({
    ///     "taskName": "user.jdoe.simulation",
    ///     "jobParameters": [
    ///         {"type": "constant", "value": "-r ."},
    ///         {"type": "template", "param_type": "input", "dataset": "mc16:mc16.evgen/", "value": "-i ${IN/T}"},
    ///     ],
    ///     "log": {"type": "template", "param_type": "log", "dataset": "user.jdoe.simulation.log/", "value": "log.tgz"},
    /// });
    /// let work = ATLASPandaWork::builder(parameters.as_object().cloned().unwrap_or_default()).build()?;
    /// assert_eq!(work.task_name(), Some("user.jdoe.simulation"));
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ATLASPandaWork,
    ATLASPandaWorkBuilder {
        /// Whether the server asks Rucio for the state of the datasets; it does not unless set.
        #[builder(default)]
        use_rucio: bool,
    }
);

panda_work!(
    /// A PanDA task of ATLAS whose output files the server fetches and reads.
    ///
    /// The keys of the JSON object that the task writes become `user_` attributes of the work, which custom conditions and
    /// parameter links can use.
    ATLASLocalPandaWork,
    ATLASLocalPandaWorkBuilder {}
);

impl ATLASPandaWork {
    /// Tells whether the server asks Rucio for the state of the datasets.
    pub fn uses_rucio(&self) -> bool {
        self.use_rucio
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn build(parameters: &Value) -> Result<ATLASPandaWork, Error> {
        ATLASPandaWork::builder(parameters.as_object().cloned().unwrap_or_default()).build()
    }

    #[test]
    fn task_parameters_are_enough() {
        let work = build(&json!({})).expect("a work");
        assert_eq!((work.num_retries(), work.uses_rucio(), work.task_name()), (&5.into(), false, None));
        assert!(ATLASLocalPandaWork::builder(Map::new()).build().is_ok());
    }

    #[test]
    fn every_problem_of_the_task_parameters_is_named() {
        let error = build(&json!({
            "taskName": 7,
            "site": {"class": "C", "module": "m", "attributes": {}},
            "jobParameters": [
                {"param_type": "output", "dataset": null},
                {"param_type": "pseudo_input", "dataset": null},
            ],
            "log": "nowhere",
        }))
        .expect_err("problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        task_parameters: an object with class, module and attributes would become a Python object on the server
        task_parameters.jobParameters[0].dataset: null is no text
        task_parameters.log: "nowhere" is no object with a dataset
        task_parameters.taskName: 7 is no text
        "#);
    }

    #[test]
    fn a_dataset_with_two_colons_stops_python_and_empty_parts_do_not() {
        let dataset = |kind: &str, name: &str| json!({"param_type": kind, "dataset": name});
        let jobs = [dataset("input", ":b"), dataset("output", "a:b:c"), dataset("output", "never:read")];
        let work = build(&json!({"jobParameters": jobs, "log": {"dataset": "never:read"}})).expect("a work");
        assert_eq!((work.datasets().len(), work.errors().len()), (1, 1));
        assert_eq!(work.datasets()[0].collection.to_string(), ":b");
    }

    #[test]
    fn a_task_has_one_name() {
        let parameters = json!({"taskName": "a"}).as_object().cloned().unwrap_or_default();
        let error = ATLASPandaWork::builder(parameters).task_name("b").build().expect_err("two names");
        insta::assert_snapshot!(error, @r#"task_name: "b" is not the taskName "a" of the task parameters"#);
    }
}
