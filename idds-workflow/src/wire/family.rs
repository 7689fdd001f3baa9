//! The two families of Python classes.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::run::{EntryMap, Map, Runs, entries};

/// Which of the two families of Python classes a workflow is encoded for.
///
/// | | v2 | v1 |
/// | --- | --- | --- |
/// | modules | `idds.workflowv2`, `idds.atlas.workflowv2` | `idds.workflow`, `idds.atlas.workflow` |
/// | a 2.6.21 server | runs it | accepts it with 200; the request then fails, because its agents ask for attributes that v1 lacks |
/// | [`Submission`](super::Submission) | yes | no, as in Python: only [`AddRequest`](super::AddRequest) sends it |
/// | [`Remedies`](super::Remedies) | added | not added, none would help |
/// | build work, campaign values, `max_processing_requests` | yes | encoding fails and names the field |
/// | works of every class | yes | encoding fails and names the work when v1 has no such class, or its setting that v1 lacks |
/// | sliced global parameters | yes | the Python classes lose them, and so does the encoding |
/// | attributes that are sent compressed | yes | sent as they are |
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Family {
    /// The classes that the 2.6.21 server can run.
    #[default]
    V2,
    /// The classes that the documentation of iDDS shows, for servers of their time.
    V1,
}

impl Family {
    /// Returns the module of workflows, conditions and links.
    pub(super) fn workflow_module(self) -> &'static str {
        match self {
            Self::V2 => "idds.workflowv2.workflow",
            Self::V1 => "idds.workflow.workflow",
        }
    }
}

/// How the objects of one text are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form<'a> {
    pub(super) family: Family,
    pub(super) runs: Runs<'a>,
}

impl<'a> Form<'a> {
    /// Begins an object.
    pub(super) fn map<S: Serializer>(
        self,
        serializer: S,
    ) -> Result<Map<'a, S::SerializeMap>, S::Error> {
        self.runs.map(serializer)
    }

    /// Makes the metadata object of a definition, which the agents change.
    pub(super) fn metadata<A: Entries>(self, entries: A) -> Metadata<'a, A> {
        Metadata {
            form: self,
            entries,
        }
    }

    /// Writes the metadata of an object, with what objects of the family have around it.
    pub(super) fn write_metadata<M: EntryMap, A: Entries>(
        self,
        map: &mut M,
        entries: A,
    ) -> Result<(), M::Error> {
        match self.family {
            Family::V2 => {
                write_head(map)?;
                entries!(map; "_metadata" => self.metadata(entries));
            }
            Family::V1 => {
                entries!(map; "_metadata" => self.metadata(entries), "origin_metadata": null);
            }
        }
        Ok(())
    }

    /// Writes what objects of the family end with.
    pub(super) fn write_end<M: EntryMap>(self, map: &mut M) -> Result<(), M::Error> {
        match self.family {
            Family::V2 => Ok(()),
            Family::V1 => map.serialize_entry("_loading", &false),
        }
    }
}

/// Attributes of a metadata object, besides those that all metadata objects have.
pub(super) trait Entries {
    fn write<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// A metadata object.
pub(super) struct Metadata<'a, A> {
    form: Form<'a>,
    entries: A,
}

impl<A: Entries> Serialize for Metadata<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.form.map(serializer)?;
        let attributes = MetadataAttributes(self);
        match self.form.family {
            Family::V2 => {
                entries!(map; "class": "DictMetadata", "module": "idds.common.dict_class", "attributes" => attributes);
            }
            Family::V1 => {
                entries!(map; "class": "IDDSMetadata", "module": "idds.workflow.base", "attributes" => attributes);
            }
        }
        map.end()
    }
}

struct MetadataAttributes<'a, A>(&'a Metadata<'a, A>);

impl<A: Entries> Serialize for MetadataAttributes<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Metadata { form, entries } = self.0;
        let mut map = form.map(serializer)?;
        if form.family == Family::V2 {
            write_head(&mut map)?;
        }
        entries.write(&mut map)?;
        form.write_end(&mut map)?;
        map.end()
    }
}

/// Writes what v2 objects and their metadata objects begin with.
fn write_head<M: EntryMap>(map: &mut M) -> Result<(), M::Error> {
    entries!(map; "_zip_items": [], "_not_auto_unzip_items": [], "_loading": false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Encoded;
    use crate::{CustomWork, DomaPanDAWork, Stamp, Work, Workflow, WorkflowBuilder};

    fn v1(workflow: WorkflowBuilder) -> Result<serde_json::Value, String> {
        let workflow = workflow.build().expect("a workflow");
        let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse().expect("a time"), 1, 1);
        serde_json::to_value(Encoded::new(&workflow, &stamp).family(Family::V1))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_v1_has_no_form_for_is_named() {
        let work = || Work::builder("x").build().expect("a work");
        let build = v1(Workflow::builder().name("built").build_with(work()))
            .expect_err("no build works in v1");
        insta::assert_snapshot!(build, @"build_work of workflow built: the v1 family has no such field");
        let inner = Workflow::builder()
            .name("inner")
            .campaign("mc23")
            .build()
            .expect("a workflow");
        let campaign = v1(Workflow::builder().work(inner)).expect_err("no campaigns in v1");
        insta::assert_snapshot!(campaign, @"campaign of workflow inner: the v1 family has no such field");
    }

    #[test]
    fn a_setting_that_the_v1_class_lacks_is_named() {
        let task = DomaPanDAWork::builder("simulate")
            .es(true)
            .build()
            .expect("a task");
        let mut workflow = Workflow::builder();
        workflow.add("simulate", task);
        let error = v1(workflow).expect_err("no event service in v1");
        insta::assert_snapshot!(error, @"steps.simulate.es: DomaPanDAWork of the v1 family lacks it");
    }

    #[test]
    fn v1_classes_lose_sliced_parameters() {
        let parameters = serde_json::json!({ "user_runs": [1, 2] });
        let parameters = parameters.as_object().expect("an object").clone();
        let workflow =
            v1(Workflow::builder()
                .global_parameters(parameters)
                .slice("user_runs", 1, None));
        let template = &workflow.expect("a workflow")["attributes"]["template"]["attributes"];
        assert_eq!(template["_sliced_global_parameters"], serde_json::json!({}));
        assert_eq!(
            template["_metadata"]["attributes"]["sliced_gp"],
            serde_json::json!({})
        );
    }

    #[test]
    fn a_class_of_the_users_own_keeps_its_module() {
        let work = CustomWork::builder("SkimWork", "experiment.skim")
            .build()
            .expect("a work");
        let workflow = v1(Workflow::builder().work(work)).expect("a workflow");
        let works = workflow
            .pointer("/attributes/template/attributes/_works")
            .expect("works");
        assert_eq!(works["00000002"]["module"], "experiment.skim");
    }
}
