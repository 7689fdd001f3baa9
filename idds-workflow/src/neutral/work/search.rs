//! Hyperparameter searches.

use super::*;
use crate::{ATLASHPOWork, ATLASHPOWorkBuilder, Dialect, InitialPoint, Method, SearchSpace, WorkloadId};

work_form! {
    /// A hyperparameter search: iDDS proposes points of a space in generations, and waits for a loss of each.
    HpoForm of ATLASHPOWork: "hpo", "HpoWork", requires [],
    program [String], unrestricted [], tag [], collections [],
    fields {
        /// How the server runs the steering program. Unless given, the server takes docker if the executable contains
        /// `docker`, and fails otherwise.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        method: Given<Method> = |work| work.method.into();
        /// Space that points are proposed in, or the spaces of the segments of the search.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(with = "SearchSpace")]
        opt_space: Given<Value> = |work| work.opt_space().map(|space| json!(space)).into();
        /// How the steering program wants the space written; as it is here unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        dialect: Given<Dialect> = |work| Some(work.dialect()).filter(|dialect| *dialect != Dialect::default()).into();
        /// Points known before the search begins, in their order.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        initial_points: Given<Vec<InitialPoint>> = |work| work.initial_points().map(<[_]>::to_vec).into();
        /// Number of points with a loss at which the search ends. Without it the 2.6.21 server goes on until the steering
        /// program returns no point.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        max_points: Given<Amount<Count>> = |work| work.max_points().cloned().map(Amount::from).into();
        /// Number of points of one generation; 10 unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        num_points_per_iteration: Given<Amount<Count>> = |work| amount(10, work.num_points_per_iteration());
        /// Directory of the container that the job's directory is mounted at.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        container_workdir: Given<String> = |work| work.container_workdir().into();
        /// File that the steering program writes its points to; `idds_output.json` unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        output_json: Given<String> = |work| work.output_json().into();
        /// Name of the collection of points; generated from the time unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        #[schemars(length(max = 255))]
        name: Given<String> = |work| work.name().into();
        /// Task that the generated name mentions.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        workload_id: Given<WorkloadId> = |work| work.workload_id().into();
    }
    build |form, base| {
        let work = form.method.set(Self::builder().base(base), ATLASHPOWorkBuilder::method);
        let work = form.dialect.set(work, ATLASHPOWorkBuilder::dialect);
        let work = form.initial_points.set(work, ATLASHPOWorkBuilder::initial_points);
        let work = form.max_points.set(work, |work, count| work.max_points(count.0));
        let work = form.num_points_per_iteration.set(work, |work, count| work.num_points_per_iteration(count.0));
        let work = form.container_workdir.set(work, ATLASHPOWorkBuilder::container_workdir);
        let work = form.output_json.set(work, ATLASHPOWorkBuilder::output_json);
        let work = form.name.set(work, ATLASHPOWorkBuilder::name);
        let work = form.workload_id.set(work, ATLASHPOWorkBuilder::workload_id);
        match form.opt_space.0.map(|space| SearchSpace::from_value(&space)).transpose() {
            Ok(Some(space)) => work.opt_space(space).build(),
            Ok(None) => work.build(),
            Err(error) => Err(error),
        }
    },
    example {
        "type": "hpo",
        "method": "nevergrad",
        "opt_space": {
            "A": { "type": "Choice", "params": { "choices": [1, 4] } },
            "B": { "type": "Scalar", "bounds": [0, 5] }
        },
        "initial_points": [[{ "A": 1, "B": 2 }, 0.3], [{ "A": 1, "B": 3 }, null]],
        "max_points": 20
    }
}
