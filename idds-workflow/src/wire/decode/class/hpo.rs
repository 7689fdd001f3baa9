//! Reads `ATLASHPOWork`.

use serde_json::Value;

use super::{Decoder, Inherits};
use crate::wire::class::OUTPUT_JSON;
use crate::wire::decode::name;
use crate::work::base::TakesBase as _;
use crate::work::hpo::DIALECT;
use crate::{ATLASHPOWork, Dialect, Error, InitialPoint, Literal, Method, SearchSpace};

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
    inherits: Inherits::Common,
    decode: |mut base, fields| {
        // Both collections are made from the name of the search, which is one of them.
        base.output = None;
        let collection = base.input.take();
        // The remedy; any other value is the user's.
        if let Some(es) = fields.get("es").filter(|es| **es != true) {
            base.details.attributes.push(crate::work::base::Attribute {
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
        if let Some(count) = fields.read::<Literal>("max_points")? {
            work = work.max_points(count);
        }
        if let Some(count) = fields.given::<Literal>("num_points_per_iteration")? {
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

/// Reads a space in the dialect that the definition names, or else in the one that it shows.
fn space(document: &Value, dialect: Option<Dialect>) -> Result<(SearchSpace, Option<Dialect>), Error> {
    match dialect {
        Some(dialect) => Ok((SearchSpace::read(document, dialect)?, Some(dialect))),
        None => SearchSpace::recognise(document),
    }
}
