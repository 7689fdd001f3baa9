//! Random workflows: every work, condition, loop and setting, nested. The same seed gives the same workflow.
//!
//! Only what the wire can carry: names of steps are not sent, so they are the ones that decoding gives.

#[path = "random/works.rs"]
mod works;

use idds_workflow::{
    Array, Branch, Collection, CollectionType, Condition, Days, Literal, Log, OptSpace,
    ParameterLink, Predicate, Scalar, State, Step, StepRef, Workflow, WorkflowClass, all, any,
    nested, when,
};
use serde_json::{Map, Value, json};

type Failure = Box<dyn std::error::Error>;

fn is_operator(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::All(_) | Predicate::Any(_))
}

/// A generator of numbers, SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.roll() % count as u64) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn text(&mut self) -> String {
        let words = [
            "a",
            "run.sh",
            "x y",
            "ä€𝄞",
            "\"q\"\\",
            "line\nbreak",
            "out.0",
            "7",
            "idds_zip",
            "%IN {x}",
        ];
        format!("{}{}", self.pick(&words), self.below(1000))
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.chance(2)),
            2 => json!(self.roll() as i64),
            3 => json!(self.below(1000) as f64 / 8.0),
            4 | 5 => json!(self.text()),
            6 => (0..self.below(3)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object(self.map(depth - 1)),
        }
    }

    fn map(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(4))
            .map(|_| (self.text(), self.value(depth)))
            .collect()
    }

    /// A number as a program of Python may give it, also as digits or as nothing.
    fn literal(&mut self) -> Literal {
        match self.below(5) {
            0 => Literal::Null,
            1 => Literal::from(self.below(9000).to_string()),
            2 => (self.below(9000) as f64 / 8.0).into(),
            3 => self.roll().into(),
            _ => Literal::from(-(self.below(9000) as i64)),
        }
    }

    fn collection(&mut self) -> Result<Collection, Failure> {
        if self.chance(9) {
            return Ok(Collection::new("", "")?);
        }
        let name = if self.chance(5) {
            format!("{}___idds___", self.text())
        } else {
            self.text()
        };
        let types = [
            CollectionType::Dataset,
            CollectionType::Container,
            CollectionType::File,
        ];
        Ok(Collection::builder(self.text(), name)
            .coll_type(*self.pick(&types))
            .metadata(self.map(1))
            .build()?)
    }

    pub(crate) fn workflow(&mut self, depth: usize) -> Result<Workflow, Failure> {
        let mut workflow = Workflow::builder();
        let count = self.below(6);
        let mut steps: Vec<(StepRef, bool)> = Vec::new();
        for index in 0..count {
            let step: Step = match depth > 0 && self.chance(4) {
                true => self.workflow(depth - 1)?.into(),
                false => self.work()?.into(),
            };
            let is_workflow = matches!(step, Step::Workflow(_));
            steps.push((
                workflow.add(format!("step{}", index + 1), step),
                is_workflow,
            ));
        }
        // A condition releases later steps than it asks, so that there are no cycles and all steps are reached.
        for released in 1..steps.len() {
            if self.chance(2) {
                let (earlier, later) = steps.split_at(released);
                workflow = workflow.condition(self.condition(earlier, &later[..1], 2));
            }
        }
        if !steps.is_empty() {
            if self.chance(4) {
                workflow = workflow.loop_while(self.predicate(&steps, 2));
            }
            if self.chance(5) {
                // All of them, so that none is never started.
                workflow = steps
                    .iter()
                    .fold(workflow, |workflow, (step, _)| workflow.initial(step));
                if steps.len() > 1 && self.chance(2) {
                    let primary = 1 + self.below(steps.len() - 1);
                    workflow = workflow.primary(&steps[primary].0);
                }
            }
        }
        workflow = self.settings(workflow)?;
        Ok(workflow.build()?)
    }

    /// A workflow with a link, which only an outermost workflow gives back.
    pub(crate) fn linked_workflow(&mut self) -> Result<Workflow, Failure> {
        let mut workflow = Workflow::builder();
        let source = workflow.add("step1", self.work()?);
        let mut inner = Workflow::builder();
        let inside = inner.add("step1", self.work()?);
        let sub = workflow.add("step2", inner.build()?);
        let destination = workflow.add("step3", self.work()?);
        let inside = sub.step(inside.as_str());
        let link = ParameterLink::between(source, [inside, destination]).parameter(self.text());
        Ok(workflow
            .link(link.rename(self.text(), self.text()))
            .build()?)
    }

    fn settings(
        &mut self,
        mut workflow: idds_workflow::WorkflowBuilder,
    ) -> Result<idds_workflow::WorkflowBuilder, Failure> {
        let classes = [
            WorkflowClass::Workflow,
            WorkflowClass::SubWorkflow,
            WorkflowClass::LoopWorkflow,
        ];
        workflow = workflow.class(*self.pick(&classes));
        macro_rules! perhaps {
            ($($setter:ident: $value:expr),+ $(,)?) => { $(
                if self.chance(3) {
                    workflow = workflow.$setter($value);
                }
            )+ };
        }
        perhaps!(
            name: self.text(),
            workload_id: self.below(1000) as u32,
            lifetime: Days::new(self.below(9) as f64 / 2.0),
            pending_time: Days::new(self.below(9) as i64),
            campaign: self.text(),
            campaign_scope: self.text(),
            campaign_group: self.text(),
            campaign_tag: self.text(),
            max_processing_requests: self.below(9) as u32,
            username: self.text(),
            user_dn: self.text(),
            build_with: self.work()?,
        );
        if self.chance(3) {
            let mut parameters = self.map(1);
            parameters.insert("user_list".to_owned(), json!([1, 2, 3]));
            workflow = workflow.global_parameters(parameters);
            if self.chance(2) {
                let name = self.text();
                workflow = workflow.slice(
                    "user_list",
                    self.below(3) as u32,
                    self.chance(2).then_some(&name),
                );
            }
        }
        Ok(workflow)
    }

    fn predicate(&mut self, asked: &[(StepRef, bool)], depth: usize) -> Predicate {
        if depth == 0 || self.chance(2) {
            let (step, is_workflow) = self.pick(asked);
            let states: Vec<_> = State::ALL
                .iter()
                .copied()
                .filter(|state| {
                    state.is_for_all_works() && (!is_workflow || state.is_for_workflows())
                })
                .collect();
            return match self.below(8) {
                0 => step.method("has_events"),
                _ => Predicate::Is(step.clone(), *self.pick(&states)),
            };
        }
        match (self.below(6), self.predicate(asked, depth - 1)) {
            (0, inner) => return Predicate::Not(Box::new(inner)),
            // An operator inside another one is a condition of its own anyway.
            (1, inner) if !is_operator(&inner) => return nested(inner),
            _ => {}
        }
        let members: Vec<_> = (0..1 + self.below(3))
            .map(|_| self.predicate(asked, depth - 1))
            .collect();
        if self.chance(2) {
            all(members)
        } else {
            any(members)
        }
    }

    fn condition(
        &mut self,
        asked: &[(StepRef, bool)],
        released: &[(StepRef, bool)],
        depth: usize,
    ) -> Condition {
        let predicate = self.predicate(asked, 2);
        let is_operator = is_operator(&predicate);
        let mut condition = when(predicate);
        if is_operator && self.chance(4) {
            condition = condition.composite();
        }
        for _ in 0..1 + self.below(2) {
            let branch: Branch = match depth > 0 && self.chance(3) {
                true => self.condition(asked, released, depth - 1).into(),
                false => self.pick(released).0.clone().into(),
            };
            condition = if self.chance(4) {
                condition.otherwise(branch)
            } else {
                condition.then(branch)
            };
        }
        condition
    }

    fn space(&mut self) -> Result<OptSpace, Failure> {
        let mut space = OptSpace::builder();
        for index in 0..self.below(4) {
            let name = format!("p{index}");
            space = match self.below(5) {
                0 => space.choice(name, [self.value(1), self.value(1)]),
                1 => space.transition_choice(name, [1, 2, 3]),
                2 => space.parameter(name, Scalar::new().bounds(0..=5).init(2.5)),
                3 => space.parameter(name, Log::new(0.001..=10.0)),
                _ => space.parameter(name, Array::new([2, 3]).bounds(-1.5..=1.5)),
            };
        }
        Ok(space.build()?)
    }
}
