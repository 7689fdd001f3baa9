//! Works that move datasets.

use super::*;
use crate::{ATLASStageinWork, ATLASStageinWorkBuilder, DomaDataWork, DomaRucioWork, Seconds};

work_form! {
    /// Staging a dataset from tape to disk, followed by a Rucio rule.
    StageInForm of ATLASStageinWork: "stage_in", "StageInWork", requires ["input", "output"],
    program [String], unrestricted [], tag [], collections [CollectionForm],
    fields {
        /// Seconds after which the work ends with what is there; 604800, which is 7 days, unless given, and null for no end.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        max_waiting_time: Given<Amount<Time>> =
            |work| amount(604_800, &work.max_waiting_time().0);
        /// Storage element to stage from.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        src_rse: Given<String> = |work| work.src_rse().into();
        /// Storage element to stage to.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        dest_rse: Given<String> = |work| work.dest_rse().into();
        /// Rucio rule that moves the files.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        rule_id: Given<RuleId> = |work| work.rule_id().cloned().map(RuleId).into();
    }
    build |form, base| {
        // A collection that is not there has a problem already.
        let [input, output] = [&base.input, &base.output].map(Clone::clone);
        match input.zip(output) {
            Some((input, output)) => {
                let work = Self::builder(input, output).base(base);
                let work =
                    form.max_waiting_time.set(work, |work, time| work.max_waiting_time(Seconds::new(time.0)));
                let work = form.src_rse.set(work, ATLASStageinWorkBuilder::src_rse);
                let work = form.dest_rse.set(work, ATLASStageinWorkBuilder::dest_rse);
                form.rule_id.set(work, |work, rule| work.rule_id(rule.0)).build()
            }
            None => Err(Error::of(Vec::new())),
        }
    },
    example {
        "type": "stage_in",
        "input": { "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW" },
        "output": { "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW.idds.stagein" },
        "max_waiting_time": 3600,
        "src_rse": "NDGF-T1_DATATAPE",
        "dest_rse": "NDGF-T1_DATADISK",
        "rule_id": "236e4bf87e11490291e3259b14724e30"
    }
}

/// Declares the form of a work that follows a Rucio rule.
macro_rules! rucio_form {
    ($(#[$doc:meta])* $form:ident of $work:ident: $kind:literal, $name:literal, $seconds:literal) => {
        work_form! {
            $(#[$doc])*
            $form of $work: $kind, $name, requires ["input"],
            program [String], unrestricted [], tag [], collections [CollectionForm],
            fields {
                #[doc = concat!("Seconds after which the work ends with what is there; ", $seconds, " unless given, and null for no end.")]
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                max_waiting_time: Given<Amount<Time>> =
                    |work| amount($seconds, &work.max_waiting_time().0);
                /// Storage element to move from.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                #[schemars(length(max = 255))]
                src_rse: Given<String> = |work| work.src_rse().into();
                /// Storage element to move to.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                #[schemars(length(max = 255))]
                dest_rse: Given<String> = |work| work.dest_rse().into();
                /// Rucio rule that moves the files.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                rule_id: Given<RuleId> = |work| work.rule_id().cloned().map(RuleId).into();
            }
            build |form, base| {
                // A collection that is not there has a problem already.
                match base.input.clone() {
                    Some(input) => {
                        let work = Self::builder(input).base(base);
                        let work = form.max_waiting_time.set(work, |work, time| {
                            work.max_waiting_time(Seconds::new(time.0))
                        });
                        let work = form.src_rse.set(work, |work, rse| work.src_rse(rse));
                        let work = form.dest_rse.set(work, |work, rse| work.dest_rse(rse));
                        form.rule_id.set(work, |work, rule| work.rule_id(rule.0)).build()
                    }
                    None => Err(Error::of(Vec::new())),
                }
            },
            example {
                "type": $kind,
                "input": { "scope": "hsc", "name": "hsc.raw.images" },
                "dest_rse": "SLAC_RUBIN",
                "rule_id": "236e4bf87e11490291e3259b14724e30"
            }
        }
    };
}

rucio_form! {
    /// Moving a dataset, followed by a Rucio rule.
    DomaDataForm of DomaDataWork: "doma_data", "DomaDataWork", 604_800
}

rucio_form! {
    /// Waiting until the files of a dataset are where a Rucio rule brings them.
    DomaRucioForm of DomaRucioWork: "doma_rucio", "DomaRucioWork", 2_592_000
}
