//! Reads `ATLASHPOWork`.

use serde_json::Value;

use super::Decoder;
use crate::wire::class::OUTPUT_JSON;
use crate::wire::decode::name;
use crate::work::base::TakesBase as _;
use crate::work::hpo::DIALECT;
use crate::{ATLASHPOWork, Dialect, InitialPoint, Method, SearchSpace};

pub(super) const CLASSES: &[Decoder] = &[Decoder {
    class: "ATLASHPOWork",
    module: "idds.atlas.workflowv2.atlashpowork",
    own: &[
        "method",
        "container_workdir",
        "opt_space",
        "initial_points",
        "max_points",
        "num_points_per_iteration",
        "unfinished_points",
        "input_json",
        "output_json",
        "finished_points",
        "points_to_generate",
        "point_index",
        "terminated",
        "es",
        DIALECT,
    ],
    is_unrestricted: false,
    decode: |mut base, fields| {
        // Both collections are made from the name of the search, which is one of them.
        base.primary_output = None;
        let collection = base.primary_input.take();
        // The remedy; any other value is the user's.
        if let Some(es) = fields.get("es").filter(|es| **es != true) {
            base.attributes.push(crate::work::base::Attribute {
                name: "es".to_owned(),
                value: es.clone(),
                form: crate::AttributeForm::Plain,
            });
        }
        let mut work = ATLASHPOWork::builder().base(base);
        if let Some(collection) = collection {
            work = match name::search(collection.name()) {
                name::Search::Given => work.name(collection.name()),
                name::Search::Generated(Some(workload)) => work.workload_id(workload),
                name::Search::Generated(None) => work,
            };
        }
        if let Some(name) = fields.read::<&str>("method")? {
            let method = Method::ALL.iter().find(|method| method.name() == name);
            work = work.method(*method.ok_or_else(|| fields.error("method", format_args!("{name:?} is no method")))?);
        }
        if let Some(document) = fields.get("opt_space") {
            let (space, dialect) =
                space(document, fields.read(DIALECT)?).map_err(|error| fields.error("opt_space", error))?;
            work = work.opt_space(space);
            if let Some(dialect) = dialect {
                work = work.dialect(dialect);
            }
        }
        if let Some(points) = fields.read::<Vec<InitialPoint>>("initial_points")? {
            work = work.initial_points(points);
        }
        if let Some(count) = fields.read("max_points")? {
            work = work.max_points(count);
        }
        if let Some(count) = fields.read("num_points_per_iteration")? {
            work = work.num_points_per_iteration(count);
        }
        if let Some(directory) = fields.read::<String>("container_workdir")? {
            work = work.container_workdir(directory);
        }
        if let Some(file) = fields.read::<String>("output_json")?.filter(|file| file != OUTPUT_JSON) {
            work = work.output_json(file);
        }
        Ok(work.build()?.into())
    },
}];

/// Reads a space in the dialect that the definition names, or else in its own form or the only dialect that fits.
fn space(document: &Value, dialect: Option<Dialect>) -> Result<(SearchSpace, Option<Dialect>), String> {
    if let Some(dialect) = dialect {
        let space = SearchSpace::read(document, dialect).map_err(|error| error.to_string())?;
        return Ok((space, Some(dialect)));
    }
    let own = match SearchSpace::from_value(document) {
        Ok(space) => return Ok((space, None)),
        Err(error) => error,
    };
    let read = |dialect: Dialect| Some((SearchSpace::read(document, dialect).ok()?, Some(dialect)));
    let mut fitting = Dialect::ALL.into_iter().filter_map(read);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(own.to_string()),
        (Some((_, Some(one))), Some((_, Some(other)))) => Err(format!("is of the {one} dialect or of the {other} one")),
        (Some(_), Some(_)) => Err(own.to_string()),
    }
}
