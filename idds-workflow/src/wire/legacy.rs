//! Requests without a workflow, as PanDA's JEDI makes them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::envelope::Member;
use super::run::{EntryMap as _, Runs, entries};
use crate::error::Problem;
use crate::work::base::Base;
use crate::work::hpo::WireSpace;
use crate::{
    ATLASHPOWork, ATLASStageinWork, Advice, Collection, CollectionType, Days, Error, InitialPoint,
    Literal, Method, RequestStatus, RequestType, Seconds, Server, Workflow, WorkloadId,
};

/// Number of points of one generation that the server takes when the request does not say.
const POINTS_PER_ITERATION: u32 = 10;

/// The body of `POST /request` by which JEDI asks for a search or for staging: no workflow, only a plain object of values.
///
/// The server makes a workflow of it, of the [v1 family](super::Family): **a 2.6.21 server answers with a request id, and the
/// request then fails** (`object has no attribute 'parent_internal_ids'`), as every v1 request does. Older servers run it.
///
/// ```
/// use idds_workflow::{ATLASHPOWork, OptSpace, wire};
///
/// let space = OptSpace::builder().scalar("B", 0..=5).build()?;
/// let search = ATLASHPOWork::nevergrad(space, 20).build()?;
/// let body = serde_json::to_value(wire::LegacyRequest::search(&search)?.workload_id(20525135))?;
/// assert_eq!(body["request_metadata"]["max_points"], 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LegacyRequest<'a> {
    task: Task<'a>,
    workload_id: Option<WorkloadId>,
    requester: &'a str,
    transform_tag: &'a str,
    priority: i32,
    lifetime: Days,
}

/// What the request asks for.
#[derive(Clone, Copy, Debug)]
enum Task<'a> {
    Search(&'a ATLASHPOWork),
    StageIn(&'a ATLASStageinWork),
}

impl<'a> LegacyRequest<'a> {
    /// Prepares the request for a search. The server makes up a name for it.
    ///
    /// A number of points of one generation other than 10 is sent twice: as `num_points_per_generation`, which JEDI says and
    /// 2.6.21 ignores, and as `num_points_per_iteration`.
    ///
    /// # Errors
    ///
    /// Names everything that the work sets and such a request has no place for: its name, the set-up command, the task name,
    /// settings for the agents, custom conditions, further attributes, and an `exec_type` other than `local`.
    pub fn search(work: &'a ATLASHPOWork) -> Result<Self, Error> {
        let mut problems = unsaid(work);
        problems.extend(work.name().map(|_| no_place("name")));
        Error::unless_empty(
            problems,
            Self::new(Task::Search(work), "2", work.workload_id()),
        )
    }

    /// Prepares the request for staging. It has the name of the input, which is the output as well.
    ///
    /// # Errors
    ///
    /// Names everything that the work sets and such a request has no place for: an output that is not the input, further
    /// collections, a type or further keys of the input, a program, and what [`search`](Self::search) names.
    pub fn stage_in(work: &'a ATLASStageinWork) -> Result<Self, Error> {
        let mut problems = unsaid(work);
        let input = work.input.as_ref();
        if work.output.as_ref() != input {
            problems.push(Problem::new(
                "output",
                "is not the input, and the server takes the input for the output",
            ));
        }
        let is_plain = |input: &Collection| {
            input.coll_type() == CollectionType::Dataset && input.metadata().is_empty()
        };
        let fields = [
            ("input", !input.is_some_and(is_plain)),
            ("other_inputs", work.inputs().nth(1).is_some()),
            ("other_outputs", work.outputs().nth(1).is_some()),
            ("logs", work.logs().next().is_some()),
            ("executable", work.executable().is_some()),
            ("arguments", work.arguments().is_some()),
            ("parameters", work.parameters().is_some()),
            ("sandbox", work.sandbox_url().is_some()),
        ];
        problems.extend(
            fields
                .iter()
                .filter(|(_, is_set)| *is_set)
                .map(|(field, _)| no_place(field)),
        );
        Error::unless_empty(problems, Self::new(Task::StageIn(work), "prodsys2", None))
    }

    fn new(task: Task<'a>, transform_tag: &'a str, workload_id: Option<WorkloadId>) -> Self {
        Self {
            task,
            workload_id,
            requester: "panda",
            transform_tag,
            priority: 0,
            lifetime: Days::new(30),
        }
    }

    /// Sets the task of the workload system that the request belongs to; the one that the search names by default.
    pub fn workload_id(mut self, id: impl Into<WorkloadId>) -> Self {
        self.workload_id = Some(id.into());
        self
    }

    /// Sets the time after which the request expires; 30 days by default.
    pub fn lifetime(mut self, lifetime: Days) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets the priority; 0 by default, higher ones come first.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Sets the system in whose name the request is made; `panda` by default.
    pub fn requester(mut self, requester: &'a str) -> Self {
        self.requester = requester;
        self
    }

    /// Sets the tag of the request; `2` for a search and `prodsys2` for staging by default. 2.6.21 replaces it.
    pub fn transform_tag(mut self, tag: &'a str) -> Self {
        self.transform_tag = tag;
        self
    }

    /// Returns what this server will ignore, change or fail on: the advice on the work as the only one of a
    /// workflow of the [v1 family](super::Family), which the server makes of the request.
    pub fn advice(&self, server: impl Into<Server>) -> Vec<Advice> {
        let workflow = Workflow::builder();
        let workflow = match self.task {
            Task::Search(work) => workflow.work(work.clone()),
            Task::StageIn(work) => workflow.work(work.clone()),
        };
        workflow
            .build()
            .map(|workflow| workflow.advice_on_v1(server))
            .unwrap_or_default()
    }
}

/// Names what the base of a work sets and none of these requests has a place for.
fn unsaid(base: &Base) -> Vec<Problem> {
    let fields = [
        ("setup", base.setup.is_some()),
        (
            "exec_type",
            base.details
                .exec_type
                .as_ref()
                .is_some_and(|exec_type| exec_type.as_text() != Some("local")),
        ),
        ("agent_attributes", base.details.agent_attributes.is_some()),
        ("all_of", !base.details.all_of.is_empty()),
        ("any_of", !base.details.any_of.is_empty()),
        ("task_name", base.details.task_name.is_some()),
        ("work_id", base.details.work_id.is_some()),
        ("attributes", !base.details.attributes.is_empty()),
    ];
    fields
        .into_iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(field, _)| no_place(field))
        .collect()
}

fn no_place(field: &str) -> Problem {
    Problem::new(field, "has no place in a request without a workflow")
}

impl Serialize for LegacyRequest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Runs::default().map(serializer)?;
        let request_type = match self.task {
            Task::Search(_) => RequestType::HyperParameterOpt,
            Task::StageIn(work) => {
                let input = work.inputs().next();
                entries!(map; "scope" => input.map(Collection::scope), "name" => input.map(Collection::name));
                RequestType::StageIn
            }
        };
        entries!(map;
            "requester" => self.requester,
            "request_type" => Member(request_type),
            "transform_tag" => self.transform_tag,
            "status" => Member(RequestStatus::New),
            "priority" => self.priority,
            "lifetime" => self.lifetime.get(),
        );
        match self.task {
            Task::Search(work) => {
                map.serialize_entry("request_metadata", &Search::new(work, self.workload_id))?;
            }
            Task::StageIn(work) => {
                map.serialize_entry("request_metadata", &StageIn::new(work, self.workload_id))?;
            }
        }
        map.end()
    }
}

/// What the request says of a search. The server takes what is not there for unset.
#[derive(Serialize)]
struct Search<'a> {
    workload_id: Option<WorkloadId>,
    sandbox: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workdir: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    executable: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_json: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opt_space: Option<WireSpace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_points: Option<&'a [InitialPoint]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_points: Option<&'a Literal>,
    num_points_per_generation: &'a Literal,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_points_per_iteration: Option<&'a Literal>,
}

impl<'a> Search<'a> {
    fn new(work: &'a ATLASHPOWork, workload_id: Option<WorkloadId>) -> Self {
        let points = work.num_points_per_iteration();
        Self {
            workload_id,
            sandbox: work.sandbox_url(),
            workdir: work.container_workdir(),
            executable: work.executable(),
            arguments: work.arguments(),
            parameters: work.parameters(),
            output_json: work.output_json(),
            method: work.method().map(Method::name),
            opt_space: work.wire_space(),
            initial_points: work.initial_points(),
            max_points: work.max_points(),
            num_points_per_generation: points,
            num_points_per_iteration: (*points != POINTS_PER_ITERATION.into()).then_some(points),
        }
    }
}

/// What the request says of staging.
#[derive(Serialize)]
struct StageIn<'a> {
    workload_id: Option<WorkloadId>,
    max_waiting_time: &'a Seconds,
    src_rse: Option<&'a str>,
    dest_rse: Option<&'a str>,
    rule_id: Option<&'a Literal>,
}

impl<'a> StageIn<'a> {
    fn new(work: &'a ATLASStageinWork, workload_id: Option<WorkloadId>) -> Self {
        Self {
            workload_id,
            max_waiting_time: work.max_waiting_time(),
            src_rse: work.src_rse(),
            dest_rse: work.dest_rse(),
            rule_id: work.rule_id(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staging(input: &str, output: &str) -> crate::ATLASStageinWorkBuilder {
        let [input, output] =
            [input, output].map(|name| Collection::new("s", name).expect("a collection"));
        ATLASStageinWork::builder(input, output)
    }

    #[test]
    fn a_generation_of_another_size_is_said_in_both_spellings() {
        let work = ATLASHPOWork::builder()
            .num_points_per_iteration(5)
            .build()
            .expect("a work");
        let body =
            serde_json::to_value(LegacyRequest::search(&work).expect("a request")).expect("JSON");
        let said = &body["request_metadata"];
        assert_eq!(
            (
                &said["num_points_per_generation"],
                &said["num_points_per_iteration"]
            ),
            (&5.into(), &5.into())
        );
    }

    #[test]
    fn what_a_search_would_lose_is_named() {
        let work = ATLASHPOWork::builder()
            .name("n")
            .setup("s")
            .task_name("t")
            .exec_type("local")
            .build();
        let error = LegacyRequest::search(&work.expect("a work"))
            .map(|_| ())
            .expect_err("three problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
        setup: has no place in a request without a workflow
        task_name: has no place in a request without a workflow
        name: has no place in a request without a workflow
        ");
    }

    #[test]
    fn what_staging_would_lose_is_named() {
        let work = staging("in", "out")
            .executable("x")
            .other_input(Collection::new("s", "more").expect("a collection"));
        let error = LegacyRequest::stage_in(&work.build().expect("a work"))
            .map(|_| ())
            .expect_err("three problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
        output: is not the input, and the server takes the input for the output
        other_inputs: has no place in a request without a workflow
        executable: has no place in a request without a workflow
        ");
    }

    #[test]
    fn a_request_says_what_it_is_told() {
        let work = staging("in", "in").build().expect("a work");
        let request = LegacyRequest::stage_in(&work)
            .expect("a request")
            .workload_id(7)
            .transform_tag("tag");
        let request = request.lifetime(Days::new(2)).priority(5).requester("me");
        let body = serde_json::to_value(request).expect("JSON");
        let said =
            ["lifetime", "priority", "requester", "transform_tag"].map(|key| body[key].to_string());
        assert_eq!(said, ["2", "5", "\"me\"", "\"tag\""]);
        assert_eq!(body["request_metadata"]["workload_id"], 7);
    }
}
