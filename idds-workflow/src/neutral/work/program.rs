//! Works that run a program.

use super::*;
use crate::{
    ATLASActuatorWork, ATLASActuatorWorkBuilder, ATLASCondorWork, CustomWork, DataWork, ProcessingWork, TransformType,
    Work,
};

work_form! {
    /// A program with collections.
    ProgramForm of Work: "program", "ProgramWork", requires [],
    program [String], unrestricted [Amount<Row>], tag [NullableText], collections [CollectionForm],
    fields {
        /// What the work does, as the server shows it.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        work_type: Given<ByName<TransformType>> = |work| work.work_type().map(ByName).into();
    }
    build |form, base| {
        form.work_type.set(Self::empty().base(base), |work, work_type| work.work_type(work_type.0)).build()
    },
    example { "type": "program", "executable": "/bin/echo", "arguments": "hello" }
}

/// Declares the form of a work that has a type of its own besides what all works have.
macro_rules! generic_form {
    ($(#[$doc:meta])* $form:ident of $work:ident: $kind:literal, $name:literal) => {
        work_form! {
            $(#[$doc])*
            $form of $work: $kind, $name, requires [],
            program [String], unrestricted [], tag [], collections [CollectionForm],
            fields {
                /// What the work does, as the server shows it.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                work_type: Given<ByName<TransformType>> = |work| work.work_type().map(ByName).into();
            }
            build |form, base| {
                let work = Self::empty().base(base);
                form.work_type.set(work, |work, work_type| work.work_type(work_type.0)).build()
            },
            example { "type": $kind, "executable": "/bin/echo", "arguments": "hello" }
        }
    };
}

generic_form! {
    /// A work that handles data.
    DataForm of DataWork: "data", "DataWork"
}

generic_form! {
    /// A work that runs jobs.
    ProcessingForm of ProcessingWork: "processing", "ProcessingWork"
}

generic_form! {
    /// A program that runs as an HTCondor job.
    CondorForm of ATLASCondorWork: "condor", "CondorWork"
}

work_form! {
    /// A program whose output decides how the workflow goes on.
    ///
    /// The keys of the JSON object that the program writes become `user_` attributes of the work, which custom conditions
    /// and parameter links can use.
    ActuatorForm of ATLASActuatorWork: "actuator", "ActuatorWork", requires [],
    program [String], unrestricted [], tag [], collections [CollectionForm],
    fields {
        /// File that the program writes its decision to.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        output_json: Given<String> = |work| work.output_json().into();
    }
    build |form, base| {
        form.output_json.set(Self::empty().base(base), ATLASActuatorWorkBuilder::output_json).build()
    },
    example { "type": "actuator", "executable": "decide.sh", "output_json": "decision.json" }
}

work_form! {
    /// A work of a Python class of the user's own, which the server must have installed and which extends `Work`.
    CustomForm of CustomWork: "custom", "CustomWork", requires [],
    program [String], unrestricted [Amount<Row>], tag [NullableText], collections [CollectionForm],
    fields {
        /// Name of the class.
        #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
        class: String = |work| work.class().to_owned();
        /// Module of the class.
        #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"))]
        module: String = |work| work.module().to_owned();
        /// What the work does, as the server shows it.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        work_type: Given<ByName<TransformType>> = |work| work.work_type().map(ByName).into();
    }
    build |form, base| {
        let work = Self::builder(form.class, form.module).base(base);
        form.work_type.set(work, |work, work_type| work.work_type(work_type.0)).build()
    },
    example {
        "type": "custom",
        "class": "SkimWork",
        "module": "experiment.workflow.skimwork",
        "attributes": { "threshold": { "value": 25 } }
    }
}
