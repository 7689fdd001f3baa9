//! Random definitions with all that a document can hold: every work, conditions, loops, links and nesting. The same seed
//! gives the same one.

#[path = "documents/works.rs"]
mod works;

use idds_workflow::{
    Array, Branch, Choice, Collection, CollectionType, Condition, Days, Error, Literal, Log,
    LogNormal, Normal, Number, OptSpace, ParameterLink, Predicate, Scalar, State, Step, StepRef,
    TransitionChoice, Workflow, WorkflowClass, WorkloadId, nested, when,
};
use serde_json::{Map, Value};

/// Makes the workflow of this seed.
pub(crate) fn workflow(seed: u64) -> Workflow {
    let mut random = Random(seed);
    random.workflow(2).expect("random workflows are valid")
}

/// Texts that formats could mistake for something else.
const TEXTS: [&str; 24] = [
    "a",
    "",
    "null",
    "~",
    "true",
    "yes",
    "No",
    "on",
    "1",
    "1.0",
    "1e3",
    "-.inf",
    ".nan",
    "0x1F",
    "0o7",
    "2024-03-05",
    "1:30",
    "- a",
    "a: b",
    "# no comment",
    "two\nlines",
    " spaces ",
    "{%IN} \"quoted\" 'too' \\ &a *b !c |",
    "ü €\u{1F600}\t\u{85}",
];

/// A small generator of random numbers (SplitMix64), the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number from 0 to `count - 1`.
    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    fn text(&mut self) -> String {
        self.pick(&TEXTS).to_owned()
    }

    fn name(&mut self) -> String {
        format!("{}x", self.text())
    }

    fn float(&mut self) -> f64 {
        self.pick(&[0.0, 1.0, 5.0, 0.1, 1e22, 1e-7, 2.5, 123_456_789.125, 1e300])
    }

    fn number(&mut self) -> Number {
        if self.one_in(2) {
            Number::Int(self.below(1000) as i64)
        } else {
            Number::Float(self.float())
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => self.one_in(2).into(),
            2 => self.text().into(),
            3 => (self.below(2000) as i64 - 1000).into(),
            4 => self.float().into(),
            5 => (0..self.below(3)).map(|_| self.value(depth - 1)).collect(),
            _ => self.map(depth - 1).into(),
        }
    }

    fn map(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(4))
            .map(|_| (self.name(), self.value(depth)))
            .collect()
    }

    /// A number as a program of Python may give it, also as digits or as nothing.
    fn literal(&mut self) -> Literal {
        match self.below(5) {
            0 => Literal::Null,
            1 => Literal::from(self.below(9000).to_string()),
            _ => self.number().into(),
        }
    }

    fn collection(&mut self) -> Result<Collection, Error> {
        let mut part = || {
            if self.one_in(9) {
                String::new()
            } else {
                self.name()
            }
        };
        let (scope, name) = (part(), part());
        let collection = Collection::builder(scope, name);
        match self.below(4) {
            0 => collection
                .coll_type(CollectionType::Container)
                .metadata(self.map(1))
                .build(),
            1 => collection.coll_type(CollectionType::Unknown(17)).build(),
            _ => collection.build(),
        }
    }

    fn space(&mut self) -> Result<OptSpace, Error> {
        let mut space = OptSpace::builder();
        for index in 0..self.below(5) {
            let name = format!("{}{index}", self.name());
            space = match self.below(11) {
                0 => space.parameter(name, Choice::new([self.value(1), self.value(1)])),
                1 => space.parameter(
                    name,
                    TransitionChoice::new([1, 2, 4]).transitions([0.5, 0.5]),
                ),
                2 => space.parameter(name, Scalar::new().bounds(-1..=1).init(0.5)),
                3 => space.parameter(name, Log::new(1e-5..=1.0).exponent(2)),
                4 => space.parameter(name, Array::new([2, 3]).bounds(0.0..=1.0)),
                5 => space.parameter(name, Choice::new([self.value(1)]).repetitions(2)),
                6 => space.parameter(name, Scalar::new().range(1..=30).integer().step(3)),
                7 => space.parameter(name, Scalar::new().range(0.0..=1.0).step(0.1)),
                8 => space.parameter(name, Normal::new(self.number(), 2.5)),
                9 => space.parameter(name, LogNormal::in_base(10, 0, self.pick(&[0.5, 1.0]))),
                _ => space.parameter(name, Array::new([2]).range(0..=9).integer()),
            };
        }
        space.build()
    }

    /// A workflow whose steps nest this deep.
    fn workflow(&mut self, depth: usize) -> Result<Workflow, Error> {
        let mut workflow = Workflow::builder();
        let mut steps: Vec<(StepRef, bool)> = Vec::new();
        for index in 0..self.below(6) {
            let nested = depth > 0 && self.one_in(4);
            let step: Step = if nested {
                self.workflow(depth - 1)?.into()
            } else {
                self.work()?.into()
            };
            let name = format!("{}{index}", self.name());
            steps.push((workflow.add(name, step), nested));
        }
        // Conditions lead from earlier steps to later ones: no cycles, and every step starts.
        for later in 1..steps.len() {
            if self.one_in(2) {
                let condition = self.condition(&steps[..later], &steps[later].0, 2);
                workflow = workflow.condition(condition);
            }
        }
        if !steps.is_empty() && self.one_in(3) {
            workflow = workflow.loop_while(self.predicate(&steps, 1));
        }
        if let [(first, _), (last, _)] = &steps[..]
            && self.one_in(2)
        {
            let (source, name) = (self.text(), self.text());
            let link = ParameterLink::between(first.clone(), [last.clone()]).rename(source, name);
            workflow = workflow
                .initial(first)
                .initial(last)
                .primary(last)
                .link(link.parameter("setup"));
        }
        if self.one_in(3) {
            let mut parameters = self.map(2);
            parameters.insert("user_list".to_owned(), vec![1, 2, 3].into());
            let name = Some("user_element").filter(|_| self.one_in(2));
            workflow = workflow.global_parameters(parameters).slice(
                "user_list",
                self.below(3) as u32,
                name,
            );
        }
        if self.one_in(4) {
            workflow = workflow.build_with(self.work()?);
        }
        if self.one_in(2) {
            let class = [
                WorkflowClass::Workflow,
                WorkflowClass::SubWorkflow,
                WorkflowClass::LoopWorkflow,
            ];
            workflow = workflow.name(self.text()).class(self.pick(&class));
        }
        if self.one_in(2) {
            workflow = workflow
                .lifetime(Days::new(self.number()))
                .pending_time(Days::new(0.5));
            workflow = workflow
                .campaign(self.text())
                .campaign_scope("s")
                .campaign_group("g")
                .campaign_tag(self.text());
        }
        if self.one_in(3) {
            let id = if self.one_in(2) {
                WorkloadId::new(20_525_135)
            } else {
                WorkloadId::from_text("20525135")?
            };
            workflow = workflow.workload_id(id).max_processing_requests(3);
            workflow = workflow.username(self.text()).user_dn("/DC=org/CN=user");
        }
        workflow.build()
    }

    fn condition(
        &mut self,
        asked: &[(StepRef, bool)],
        released: &StepRef,
        depth: usize,
    ) -> Condition {
        let mut condition = when(self.predicate(asked, depth));
        if self.one_in(5) {
            condition = condition.composite();
        }
        let branch: Branch = match depth > 0 && self.one_in(3) {
            true => self.condition(asked, released, depth - 1).into(),
            false => released.into(),
        };
        if self.one_in(3) {
            condition.otherwise(branch)
        } else {
            condition.then(branch)
        }
    }

    fn predicate(&mut self, steps: &[(StepRef, bool)], depth: usize) -> Predicate {
        if depth > 0 && self.one_in(2) {
            let members = (0..1 + self.below(3))
                .map(|_| self.predicate(steps, depth - 1))
                .collect();
            return if self.one_in(2) {
                Predicate::All(members)
            } else {
                Predicate::Any(members)
            };
        }
        match self.below(if depth > 0 { 9 } else { 2 }) {
            0 if depth > 0 => return Predicate::Not(Box::new(self.predicate(steps, depth - 1))),
            1 if depth > 0 => return nested(self.predicate(steps, depth - 1)),
            2 => return self.pick(steps).0.method("has_events"),
            _ => {}
        }
        let (step, is_workflow) = self.pick(steps);
        let states: Vec<_> = State::ALL
            .iter()
            .copied()
            .filter(|state| state.is_for_all_works() && (!is_workflow || state.is_for_workflows()))
            .collect();
        Predicate::Is(step, self.pick(&states))
    }
}
