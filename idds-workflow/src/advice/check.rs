//! Checks of a workflow, for advice about iDDS.

use super::{Advice, AdviceCode, search};
use crate::wire::Remedies;
use crate::work::HasJediTask;
use crate::work::base::Base;
use crate::work::part::Part as _;
use crate::{AnyWork, Branch, Condition, EventJob, Predicate, Step, StepRef, Workflow};

/// Part of a name that keeps the server from appending run numbers to it.
const KEEPS_NAME: &str = "___idds___";

/// Adds the advice on a workflow that is sent as a request.
pub(super) fn check(workflow: &Workflow, remedies: Remedies, advice: &mut Vec<Advice>) {
    let mut checker = Checker {
        remedies,
        advice,
        searches: Vec::new(),
    };
    if let Some(name) = workflow.name() {
        checker.advice.extend(request_name("name", name));
    }
    if workflow.username().is_some() {
        checker.add(AdviceCode::UsernameSet, "username");
    }
    let campaign = [
        workflow.campaign(),
        workflow.campaign_scope(),
        workflow.campaign_group(),
        workflow.campaign_tag(),
    ];
    if campaign.iter().any(Option::is_some)
        && campaign.iter().any(|value| value.is_none_or(str::is_empty))
    {
        checker.add(AdviceCode::IncompleteCampaign, "campaign");
    }
    checker.workflow("", workflow);
    if let [_, others @ ..] = &*std::mem::take(&mut checker.searches) {
        others
            .iter()
            .for_each(|place| checker.add(AdviceCode::SharedPoints, place.clone()));
    }
}

/// Advises on what the v1 family means for a workflow.
pub(super) fn v1(workflow: &Workflow) -> Vec<Advice> {
    let mut advice = vec![Advice::new(AdviceCode::V1Family, "workflow")];
    for (name, step) in workflow.steps() {
        if matches!(step, Step::Workflow(inner) if !inner.conditions().is_empty()) {
            advice.push(Advice::new(
                AdviceCode::V1SubWorkflow,
                format!("steps.{name}"),
            ));
        }
    }
    advice
}

/// Advises on the name of a request.
fn request_name<'a>(place: &'a str, name: &'a str) -> impl Iterator<Item = Advice> + 'a {
    [
        (AdviceCode::NameWithSlash, &['/'][..]),
        (AdviceCode::NamePattern, &['%', '_']),
    ]
    .into_iter()
    .filter(|(_, signs)| name.contains(*signs))
    .map(move |(code, _)| Advice::new(code, place))
}

struct Checker<'a> {
    remedies: Remedies,
    advice: &'a mut Vec<Advice>,
    /// Places of the searches found so far.
    searches: Vec<String>,
}

impl Checker<'_> {
    fn add(&mut self, code: AdviceCode, at: impl Into<String>) {
        self.advice.push(Advice::new(code, at));
    }

    /// Looks at a workflow; `at` is its place, which ends in a dot when it is not empty.
    fn workflow(&mut self, at: &str, workflow: &Workflow) {
        if workflow.steps().len() == 0 {
            self.add(AdviceCode::NoSteps, format!("{at}steps"));
        }
        for name in workflow
            .global_parameters()
            .keys()
            .filter(|name| !name.starts_with("user_"))
        {
            self.add(
                AdviceCode::GlobalParameter,
                format!("{at}global_parameters.{name}"),
            );
        }
        for index in 0..workflow.links().len() {
            self.add(AdviceCode::ParameterLink, format!("{at}links[{index}]"));
        }
        if workflow.loop_condition().is_some() {
            self.repeated_searches(at, workflow);
        }
        if let Some(work) = workflow.build_work() {
            self.work(&format!("{at}build_work"), work);
        }
        for ((name, step), is_released) in workflow.steps().zip(&workflow.plan().is_released) {
            let place = format!("{at}steps.{name}");
            match step {
                Step::Work(work) => self.work(&place, work),
                Step::Workflow(inner) => {
                    if !is_released {
                        self.add(AdviceCode::IndependentSubWorkflow, &place);
                    }
                    self.workflow(&format!("{place}."), inner);
                }
            }
        }
        for (index, condition) in workflow.conditions().iter().enumerate() {
            self.condition(&format!("{at}conditions[{index}]"), workflow, condition);
        }
        if let Some(predicate) = workflow.loop_condition() {
            self.predicate(&format!("{at}loop_while"), predicate);
        }
    }

    /// Notes searches that a loop repeats: each run of one is a search more of the request.
    fn repeated_searches(&mut self, at: &str, workflow: &Workflow) {
        for (name, step) in workflow.steps() {
            let place = format!("{at}steps.{name}");
            match step {
                Step::Work(AnyWork::ATLASHPOWork(_)) => self.searches.push(place),
                Step::Work(_) => {}
                Step::Workflow(inner) => self.repeated_searches(&format!("{place}."), inner),
            }
        }
    }

    fn condition(&mut self, at: &str, workflow: &Workflow, condition: &Condition) {
        if !condition.false_branches().is_empty() {
            let is_workflow =
                |step: &StepRef| matches!(workflow.step(step.as_str()), Some(Step::Workflow(_)));
            let asks_workflow = condition.predicate().steps().into_iter().any(is_workflow);
            let code = if asks_workflow {
                AdviceCode::FalseBranchOfWorkflow
            } else {
                AdviceCode::FalseBranch
            };
            self.add(code, at);
        }
        self.predicate(at, condition.predicate());
        for (side, branches) in [
            ("then", condition.true_branches()),
            ("otherwise", condition.false_branches()),
        ] {
            for (index, branch) in branches.iter().enumerate() {
                if let Branch::Condition(inner) = branch {
                    self.condition(&format!("{at}.{side}[{index}]"), workflow, inner);
                }
            }
        }
    }

    fn predicate(&mut self, at: &str, predicate: &Predicate) {
        if predicate.has_negation() {
            self.add(AdviceCode::Negation, at);
        }
        let is_negation = |member: &Predicate| matches!(member, Predicate::Not(_));
        if predicate
            .members()
            .iter()
            .any(|member| member.inner().is_some() && !is_negation(member))
        {
            self.add(AdviceCode::NestedOperator, at);
        }
    }

    fn work(&mut self, at: &str, work: &AnyWork) {
        self.base(at, work.base());
        if self.remedies == Remedies::Omit && work.lacks_task_name() {
            self.add(AdviceCode::MissingTaskName, at);
        }
        match work {
            AnyWork::ATLASHPOWork(search) => {
                search::check(at, search, self.remedies, self.advice);
                self.searches.push(at.to_owned());
            }
            AnyWork::DomaPanDAESWork(task) => {
                for (index, job) in task.jobs().iter().enumerate() {
                    if let Some(event) = renamed(job) {
                        self.add(
                            AdviceCode::RenamedEvents,
                            format!("{at}.jobs[{index}].events.{event}"),
                        );
                    }
                }
            }
            AnyWork::ATLASPandaWork(task) => self.datasets(at, &**task),
            AnyWork::ATLASLocalPandaWork(task) => self.datasets(at, &**task),
            AnyWork::CustomWork(_) => self.add(AdviceCode::CustomClass, at),
            _ => {}
        }
        self.class(at, work);
    }

    /// Looks at what the agents make of a class of works; `docs/what-idds-runs.md` has what they were seen to do.
    fn class(&mut self, at: &str, work: &AnyWork) {
        let has_input = work.base().input.is_some();
        let has_rule = match work {
            AnyWork::DomaDataWork(work) => work.rule_id().is_some(),
            AnyWork::DomaRucioWork(work) => work.rule_id().is_some(),
            _ => true,
        };
        if !has_rule {
            self.add(AdviceCode::NoRule, format!("{at}.rule_id"));
        }
        match work {
            AnyWork::Work(_)
            | AnyWork::DataWork(_)
            | AnyWork::ProcessingWork(_)
            | AnyWork::ATLASCondorWork(_) => {
                self.add(AdviceCode::NeverSubmitted, at);
            }
            AnyWork::ATLASStageinWork(_) | AnyWork::DomaDataWork(_) | AnyWork::DomaRucioWork(_) => {
                self.add(AdviceCode::NeverPolled, at);
            }
            AnyWork::ATLASActuatorWork(_) => self.add(AdviceCode::NeedsRucio, at),
            AnyWork::DomaLSSTWork(_) => self.add(AdviceCode::NoTransform, at),
            AnyWork::DomaPanDAWork(_) | AnyWork::DomaPanDAESWork(_) if !has_input => {
                self.add(AdviceCode::NoPrimaryInput, format!("{at}.input"));
            }
            AnyWork::DomaPanDAWork(_)
            | AnyWork::DomaPanDAESWork(_)
            | AnyWork::ATLASPandaWork(_)
            | AnyWork::ATLASLocalPandaWork(_) => self.add(AdviceCode::NeedsPanda, at),
            AnyWork::ATLASHPOWork(_) | AnyWork::CustomWork(_) => {}
        }
    }

    fn datasets(&mut self, at: &str, task: &impl HasJediTask) {
        if !task.part().errors().is_empty() {
            self.add(AdviceCode::DatasetColons, format!("{at}.task_parameters"));
        }
    }

    fn base(&mut self, at: &str, base: &Base) {
        if base.details.work_id.is_some() {
            self.add(AdviceCode::WorkIdSet, format!("{at}.work_id"));
        }
        if base.details.request_id.is_some() {
            self.add(AdviceCode::RequestIdSet, format!("{at}.request_id"));
        }
        let primary = base
            .output
            .iter()
            .map(|output| (output, format!("{at}.output")));
        let others = base
            .details
            .other_outputs
            .iter()
            .enumerate()
            .map(|(index, output)| (output, format!("{at}.other_outputs[{index}]")));
        for (output, place) in primary.chain(others) {
            if !output.name().contains(KEEPS_NAME) {
                self.add(AdviceCode::OutputRenamed, place);
            }
        }
    }
}

/// Returns the number of the first event that the agent names after another job: it keeps the name of the job that an event
/// waits for.
fn renamed(job: &EventJob) -> Option<u32> {
    let mut events: Vec<_> = job
        .events()
        .map(|(number, dependencies)| (number.to_string(), number, dependencies))
        .collect();
    events.sort_unstable_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut name = job.name();
    events.into_iter().find_map(|(_, number, dependencies)| {
        let is_renamed = name != job.name();
        name = dependencies
            .last()
            .map_or(name, |dependency| dependency.job());
        is_renamed.then_some(number)
    })
}
