//! The bodies of `POST /request`.

use std::borrow::Cow;
use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::envelope::Member;
use super::object::{NO_LIMIT, Part};
use super::run::{EntryMap as _, Runs, Text, entries};
use super::{Encoded, Family, Remedies};
use crate::{
    Advice, AdviceCode, Days, InternalId, RequestStatus, RequestType, Server, Stamp, Workflow,
};

/// Version of the Python package whose wire form this is.
const VERSION: &str = "2.6.21";

/// The body that `ClientManager.submit` sends for a workflow.
///
/// It is always of the v2 [`Family`]: Python refuses to submit the other one, which an [`AddRequest`] can send.
///
/// The text of an x509 proxy is never part of it. (The Python client puts the whole proxy file there, private key included.)
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    workflow: Encoded<'a>,
    username: Option<&'a str>,
    user_dn: Option<&'a str>,
    use_dataset_name: bool,
    is_build: bool,
}

impl<'a> Submission<'a> {
    /// Prepares the submission of a workflow, with all [`Remedies`].
    pub fn new(workflow: &'a Workflow, stamp: &'a Stamp) -> Self {
        Self {
            workflow: Encoded::new(workflow, stamp),
            username: None,
            user_dn: None,
            use_dataset_name: false,
            is_build: false,
        }
    }

    /// Sets whether the attributes that the 2.6.21 server needs are added.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.workflow = self.workflow.remedies(remedies);
        self
    }

    /// Names the user that the request belongs to, before the one of the workflow.
    ///
    /// The server believes it, and then only that user may abort the request.
    pub fn username(mut self, name: &'a str) -> Self {
        self.username = Some(name);
        self
    }

    /// Gives the distinguished name of the user that the request belongs to, before the one of the workflow.
    pub fn user_dn(mut self, name: &'a str) -> Self {
        self.user_dn = Some(name);
        self
    }

    /// Names the request after the primary input of its primary step, or else of its first step that nothing releases, instead of after the workflow.
    ///
    /// Without effect on a workflow without steps.
    pub fn use_dataset_name(mut self) -> Self {
        self.use_dataset_name = true;
        self
    }

    /// Submits the build work of the workflow only, as `ClientManager.submit_build` does; the workflow itself follows when
    /// the server answers that the build is done.
    pub fn as_build(mut self) -> Self {
        self.is_build = true;
        self
    }

    /// Returns the name that the request will have.
    pub fn name(&self) -> Cow<'_, str> {
        self.scope_and_name().1
    }

    /// Returns the id of the workflow: the server keeps it with the request, so it tells whose submission made that.
    pub fn internal_id(&self) -> InternalId {
        self.workflow.id()
    }

    /// Returns what this server will ignore, change or fail on: the advice on the workflow, and on how it is
    /// sent.
    pub fn advice(&self, server: impl Into<Server>) -> Vec<Advice> {
        let workflow = self.workflow.workflow();
        let mut advice = workflow.advice_with(server, self.workflow.chosen_remedies());
        if self.username.is_some() && workflow.username().is_none() {
            advice.push(Advice::new(AdviceCode::UsernameSet, "username"));
        }
        advice
    }

    /// Writes the body as JSON text: the bytes that [`serde_json::to_writer`] writes, in less than half of its time.
    ///
    /// The text comes in small pieces, so the writer should have a buffer; it is not flushed.
    ///
    /// ```
    /// use idds_workflow::{Stamp, Work, Workflow, wire};
    ///
    /// let workflow = Workflow::builder().work(Work::builder("/bin/hostname").build()?).build()?;
    /// let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 1);
    /// let mut body = Vec::new();
    /// wire::Submission::new(&workflow, &stamp).write_json(&mut body)?;
    /// assert!(body.starts_with(br#"{"campaign":null,"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_json(&self, writer: impl io::Write) -> serde_json::Result<()> {
        let text = Text::new();
        text.write(
            writer,
            &Body {
                submission: self,
                runs: text.runs(),
            },
        )
    }

    pub(super) fn encoded(&self) -> &Encoded<'a> {
        &self.workflow
    }

    pub(super) fn is_of_build(&self) -> bool {
        self.is_build
    }

    /// Submits this part of the workflow only.
    pub(super) fn with_part(mut self, part: Part<'a>) -> Self {
        self.workflow = self.workflow.part(part);
        self
    }

    /// Prepares the submission of something that comes before the workflow, in the name of the same user.
    pub(super) fn upload<'b>(&self, header: &'b Workflow, part: Part<'b>) -> Submission<'b>
    where
        'a: 'b,
    {
        Submission {
            workflow: self.workflow.with_workflow(header).part(part),
            use_dataset_name: false,
            ..*self
        }
    }

    fn scope_and_name(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        self.use_dataset_name
            .then(|| self.workflow.primary_input())
            .flatten()
            .unwrap_or_else(|| (Cow::Borrowed("workflow"), self.workflow.name()))
    }
}

impl Serialize for Submission<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Body {
            submission: self,
            runs: Runs::default(),
        }
        .serialize(serializer)
    }
}

/// A submission as it is written with these runs.
struct Body<'a> {
    submission: &'a Submission<'a>,
    runs: Runs<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { submission, runs } = *self;
        let Submission {
            workflow: ref encoded,
            username,
            user_dn,
            is_build,
            ..
        } = *submission;
        let workflow = encoded.workflow();
        let (scope, name) = submission.scope_and_name();
        let mut map = runs.map(serializer)?;
        entries!(map;
            "campaign" => workflow.campaign(),
            "campaign_scope" => workflow.campaign_scope(),
            "campaign_group" => workflow.campaign_group(),
            "campaign_tag" => workflow.campaign_tag(),
        );
        // `submit_build` of Python sends neither this nor the site.
        if !is_build {
            entries!(map; "max_processing_requests" => workflow.max_processing_requests().unwrap_or(&NO_LIMIT));
        }
        entries!(map;
            "scope" => scope,
            "name" => name,
            "requester": "panda",
            "request_type" => Member(RequestType::Workflow),
            "username" => username.or(workflow.username()),
            "userdn" => user_dn.or(workflow.user_dn()),
            "transform_tag": "workflow",
            "status" => Member(RequestStatus::New),
            "priority" => workflow.priority(),
        );
        if !is_build {
            entries!(map; "site" => encoded.site());
        }
        entries!(map;
            "lifetime" => workflow.lifetime().map(Days::get),
            "workload_id" => workflow.workload_id(),
            "request_metadata" => RequestMetadata { encoded, runs, is_build },
        );
        map.end()
    }
}

/// The body that `Client.add_request` sends: only what is set, under a name of the caller's.
///
/// Older client managers and PanDA submit this way.
#[derive(Clone, Debug)]
pub struct AddRequest<'a> {
    workflow: Encoded<'a>,
    family: Family,
    scope: &'a str,
    name: &'a str,
    requester: &'a str,
    priority: Option<i32>,
    lifetime: Option<Days>,
}

impl<'a> AddRequest<'a> {
    /// Prepares a request of this name for a workflow, with all [`Remedies`].
    pub fn new(name: &'a str, workflow: &'a Workflow, stamp: &'a Stamp) -> Self {
        let workflow = Encoded::new(workflow, stamp);
        Self {
            workflow,
            family: Family::default(),
            scope: "workflow",
            name,
            requester: "panda",
            priority: None,
            lifetime: None,
        }
    }

    /// Chooses the family of classes; v2 by default.
    pub fn family(mut self, family: Family) -> Self {
        self.workflow = self.workflow.family(family);
        self.family = family;
        self
    }

    /// Sets whether the attributes that the 2.6.21 server needs are added.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.workflow = self.workflow.remedies(remedies);
        self
    }

    /// Sets the scope of the name; `workflow` by default.
    pub fn scope(mut self, scope: &'a str) -> Self {
        self.scope = scope;
        self
    }

    /// Sets the time after which the request expires, before the one of the workflow.
    pub fn lifetime(mut self, lifetime: Days) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Sets the priority, before the one of the workflow; higher ones come first.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Sets the system in whose name the request is made; `panda` by default.
    pub fn requester(mut self, requester: &'a str) -> Self {
        self.requester = requester;
        self
    }

    /// Returns what this server will ignore, change or fail on: the advice on the workflow, and on its family.
    pub fn advice(&self, server: impl Into<Server>) -> Vec<Advice> {
        let workflow = self.workflow.workflow();
        match self.family {
            Family::V1 => workflow.advice_on_v1(server),
            Family::V2 => workflow.advice_with(server, self.workflow.chosen_remedies()),
        }
    }
}

impl Serialize for AddRequest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let workflow = self.workflow.workflow();
        let runs = Runs::default();
        let mut map = runs.map(serializer)?;
        entries!(map;
            "scope" => self.scope,
            "name" => self.name,
            "requester" => self.requester,
            "request_type" => Member(RequestType::Workflow),
            "transform_tag": "workflow",
            "status" => Member(RequestStatus::New),
            "priority" => self.priority.unwrap_or(workflow.priority()),
            "lifetime" => self.lifetime.or(workflow.lifetime()).map(Days::get),
            "workload_id" => workflow.workload_id(),
            "request_metadata" => RequestMetadata { encoded: &self.workflow, runs, is_build: false },
        );
        map.end()
    }
}

struct RequestMetadata<'a> {
    encoded: &'a Encoded<'a>,
    runs: Runs<'a>,
    is_build: bool,
}

impl Serialize for RequestMetadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            encoded,
            runs,
            is_build,
        } = *self;
        let mut map = runs.map(serializer)?;
        entries!(map; "version" => VERSION, "workload_id" => encoded.workflow().workload_id());
        map.serialize_entry(
            if is_build {
                "build_workflow"
            } else {
                "workflow"
            },
            &encoded.scope_with(runs),
        )?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::to_value;

    use super::*;
    use crate::{Collection, DomaPanDAWork, StepRef};

    #[test]
    fn a_request_goes_to_the_site_of_its_primary_step() -> Result<(), crate::Error> {
        let work = |name: &str, site: &str| {
            DomaPanDAWork::builder(name)
                .input(Collection::new("scope", name)?)
                .task_site(site)
                .build()
        };
        let (first, second) = (work("first", "CERN")?, work("second", "SLAC")?);
        let site = |primary: &str| {
            let workflow = Workflow::builder()
                .work(first.clone())
                .work(second.clone())
                .initial(&StepRef::new("step1"))
                .initial(&StepRef::new("step2"))
                .primary(&StepRef::new(primary))
                .build()?;
            let stamp = Stamp::counting(jiff::Timestamp::UNIX_EPOCH, 1, 1);
            let body = to_value(Submission::new(&workflow, &stamp)).expect("JSON");
            Ok::<_, crate::Error>(body["site"].clone())
        };
        assert_eq!(site("step1")?, "CERN");
        assert_eq!(site("step2")?, "SLAC");
        Ok(())
    }
}
