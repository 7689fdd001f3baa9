//! Tasks of PanDA with JEDI task parameters.

use super::*;
use crate::{ATLASLocalPandaWork, ATLASPandaWork};

/// Declares the form of a work with task parameters.
macro_rules! panda_form {
    (
        $(#[$doc:meta])* $form:ident of $work:ident: $kind:literal, $name:literal,
        fields { $($own:tt)* }
        build |$filled:ident, $builder:ident| $build:expr
    ) => {
        work_form! {
            $(#[$doc])*
            $form of $work: $kind, $name, requires [],
            program [], unrestricted [], tag [NullableText], collections [CollectionForm],
            fields {
                /// JEDI task parameters. The datasets of their `jobParameters` and `log` become collections of the work, and
                /// their `taskName` its name.
                #[schemars(schema_with = "task_parameters")]
                task_parameters: Map<String, Value> = |work| work.task_parameters().clone();
                /// Number of times that failed jobs are tried again; 5 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                num_retries: Given<Amount<Limit>> = |work| amount(5, work.num_retries());
                $($own)*
            }
            build |$filled, base| {
                let work = Self::builder($filled.task_parameters).base(base);
                let $builder = $filled.num_retries.set(work, |work, count| work.num_retries(count.0));
                $build
            },
            example {
                "type": $kind,
                "task_parameters": {
                    "taskName": "user.jdoe.simulation",
                    "jobParameters": [
                        { "type": "constant", "value": "-r ." },
                        { "type": "template", "param_type": "input", "dataset": "mc16:mc16.evgen/", "value": "-i ${IN/T}" }
                    ],
                    "log": { "type": "template", "param_type": "log", "dataset": "user.jdoe.simulation.log/", "value": "log.tgz" }
                }
            }
        }
    };
}

fn task_parameters(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "taskName": { "description": "Name of the task.", "type": "string", "minLength": 1, "maxLength": 255 },
            "jobParameters": { "description": "What the jobs are given, and the datasets they use.", "type": "array" },
            "log": {
                "description": "Dataset of the logs.",
                "type": "object",
                "properties": { "dataset": { "type": "string" } },
                "required": ["dataset"],
                "additionalProperties": true,
            },
        },
        "additionalProperties": true,
    })
}

panda_form! {
    /// A PanDA task of ATLAS.
    PandaForm of ATLASPandaWork: "panda", "PandaWork",
    fields {
        /// Whether the server asks Rucio for the state of the datasets; false unless given.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        use_rucio: bool = |work| work.uses_rucio();
    }
    build |form, work| work.use_rucio(form.use_rucio).build()
}

panda_form! {
    /// A PanDA task of ATLAS whose output files the server fetches and reads.
    LocalPandaForm of ATLASLocalPandaWork: "local_panda", "LocalPandaWork",
    fields {}
    build |form, work| work.build()
}
