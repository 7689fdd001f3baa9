//! Random definitions with all that a document can hold: every work, conditions, loops, links and nesting. The same seed
//! gives the same one.

use std::time::Duration;

use idds_workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASLocalPandaWork, ATLASPandaWork,
    ATLASStageinWork, AnyWork, Array, AttributeForm, Branch, Choice, Collection, CollectionType,
    Condition, CustomWork, DataWork, Days, Dependency, Dialect, DomaDataWork, DomaLSSTWork,
    DomaPanDAESWork, DomaPanDAWork, DomaRucioWork, Error, Event, EventDependency, EventJob,
    InitialPoint, Job, JobCount, Literal, Log, LogNormal, Method, ModelId, Normal, Number,
    OptSpace, ParameterLink, Point, Predicate, ProcessingWork, Scalar, Seconds, SegmentedPoint,
    SegmentedSpace, State, Step, StepRef, TransformType, TransitionChoice, Work, Workflow,
    WorkflowClass, WorkloadId, nested, when,
};
use serde_json::{Map, Value, json};

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
}

/// Sets what all works have in common, each with some probability.
macro_rules! common {
    ($random:ident, $work:expr $(, $collections:ident)?) => {{
        let mut work = $work;
        if $random.one_in(4) { work = work.exec_type("local"); }
        if $random.one_in(9) { work = work.exec_type(None); }
        if $random.one_in(9) { work = work.work_id("12"); }
        if $random.one_in(4) { work = work.task_name($random.text()); }
        if $random.one_in(6) { work = work.work_id($random.next()); }
        if $random.one_in(4) { work = work.all_of($random.name(), $random.value(1)).all_of("b", 1); }
        if $random.one_in(4) { work = work.any_of($random.name(), $random.value(1)); }
        if $random.one_in(4) { work = work.agent_attributes($random.map(1)); }
        for index in 0..$random.below(3) {
            let form = $random.pick(&[AttributeForm::Plain, AttributeForm::Compressed, AttributeForm::CompressedLazily]);
            work = work.attribute_as(format!("{}{index}", $random.name()), $random.value(2), form);
        }
        $(
            let $collections = $random.below(4);
            if $collections > 0 { work = work.input($random.collection()?).output($random.collection()?); }
            if $collections > 1 { work = work.other_input($random.collection()?).log($random.collection()?); }
            if $collections > 2 { work = work.other_output($random.collection()?); }
        )?
        work
    }};
}

/// Sets what works with a program have in common, each with some probability.
macro_rules! settings {
    ($random:ident, $work:expr $(, $collections:ident)?) => {{
        let mut work = common!($random, $work $(, $collections)?);
        if $random.one_in(2) { work = work.executable($random.text()); }
        if $random.one_in(2) { work = work.arguments($random.text()); }
        if $random.one_in(3) { work = work.parameters($random.map(2)); }
        if $random.one_in(4) { work = work.setup($random.text()); }
        if $random.one_in(4) { work = work.sandbox($random.text()); }
        work
    }};
}

impl Random {
    fn work(&mut self) -> Result<AnyWork, Error> {
        let work_type = self.pick(&[
            TransformType::Processing,
            TransformType::IWork,
            TransformType::Unknown(77),
        ]);
        Ok(match self.below(15) {
            0 => {
                let mut work = settings!(self, Work::empty(), collections).work_type(work_type);
                if self.one_in(2) {
                    work = work
                        .work_name(self.text())
                        .work_tag(self.text())
                        .username(self.text());
                }
                if self.one_in(2) {
                    work = work
                        .request_id(7)
                        .template()
                        .release_inputs_after_submitting();
                }
                work.build()?.into()
            }
            1 => settings!(self, DataWork::builder(""), collections)
                .build()?
                .into(),
            2 => settings!(self, ProcessingWork::builder("p"), collections)
                .work_type(work_type)
                .build()?
                .into(),
            3 => settings!(self, ATLASCondorWork::builder("c"), collections)
                .build()?
                .into(),
            4 => settings!(self, ATLASActuatorWork::builder("a"), collections)
                .output_json(self.text())
                .build()?
                .into(),
            5 => {
                let work = ATLASStageinWork::builder(self.collection()?, self.collection()?);
                let work = settings!(self, work, collections);
                if self.one_in(2) {
                    return Ok(work.build()?.into());
                }
                let seconds = Duration::from_secs(1 + self.next() % 1_000_000);
                let work = work.src_rse(self.text()).dest_rse("B").rule_id(self.next());
                match self.below(3) {
                    0 => work.max_waiting_time(Seconds::new(None)),
                    1 => work.max_waiting_time(Seconds::new(3600.5)),
                    _ => work.max_waiting_time(seconds),
                }
                .build()?
                .into()
            }
            6 => self.search()?.into(),
            7 => {
                let work = common!(
                    self,
                    ATLASPandaWork::builder(self.task_parameters()),
                    collections
                );
                work.use_rucio(self.one_in(2))
                    .num_retries(self.pick(&[0, 5]))
                    .build()?
                    .into()
            }
            8 => {
                let work = common!(
                    self,
                    ATLASLocalPandaWork::builder(self.task_parameters()),
                    collections
                );
                work.work_tag(self.text()).build()?.into()
            }
            9 => self.task()?.into(),
            13 => self.event_task()?.into(),
            10 => {
                let work =
                    settings!(self, DomaLSSTWork::builder(""), collections).task_name(self.name());
                if self.one_in(4) {
                    work
                } else {
                    work.jobs(self.jobs("t", 1))
                }
                .build()?
                .into()
            }
            11 => {
                let work = settings!(self, DomaDataWork::builder(self.collection()?), collections);
                work.max_waiting_time(Duration::from_secs(1 + self.next() % 1_000_000))
                    .rule_id("r")
                    .build()?
                    .into()
            }
            12 => {
                let work = settings!(
                    self,
                    DomaRucioWork::builder(self.collection()?),
                    collections
                );
                work.src_rse(self.text())
                    .dest_rse(self.text())
                    .build()?
                    .into()
            }
            _ => settings!(self, CustomWork::builder("My_Work2", "a.b_c"), collections)
                .work_type(work_type)
                .build()?
                .into(),
        })
    }

    /// Parameters of a JEDI task, without its name.
    fn task_parameters(&mut self) -> Map<String, Value> {
        let mut parameters = self.map(2);
        let job =
            |kind: &str, dataset| json!({ "param_type": kind, "dataset": dataset, "value": "x" });
        if self.one_in(2) {
            let jobs = [
                job("input", "mc16:mc16.evgen/"),
                job("output", "user.jdoe.out"),
                self.value(1),
            ];
            parameters.insert("jobParameters".to_owned(), jobs[self.below(3)..].into());
        }
        if self.one_in(2) {
            parameters.insert("log".to_owned(), json!({ "dataset": "user.jdoe.log/" }));
        }
        parameters
    }

    fn jobs(&mut self, task: &str, count: u64) -> Vec<Job> {
        let names: Vec<String> = (0..count)
            .map(|number| format!("{}{number}", self.name()))
            .collect();
        let mut job = |number: u64| {
            let mut job = Job::new(&names[number as usize]).order_id(number);
            if self.one_in(2) {
                let other = Dependency::new(task, self.name()).available(true);
                job = job.after(other);
            }
            if number > 0 && self.one_in(2) {
                job = job.after(
                    Dependency::new(task, &names[0]).available(self.pick(&[Some(false), None])),
                );
            }
            if self.one_in(3) {
                let submitted = self.pick(&[Some(true), Some(false), None]);
                job = job
                    .submitted(submitted)
                    .attribute(self.name(), self.value(1));
            }
            job
        };
        (0..count).map(&mut job).collect()
    }

    fn task(&mut self) -> Result<DomaPanDAWork, Error> {
        // Jobs wait for a task that is there once.
        let name = format!("{}{:x}", self.text(), self.next());
        let mut task = settings!(self, DomaPanDAWork::builder(""), collections).task_name(&name);
        if self.one_in(3) {
            let group = self.text();
            task = task.jobs(self.jobs(&name, 3).into_iter().map(|job| job.group(&group)));
            task = task
                .es(true)
                .es_label(self.text())
                .max_events_per_job(2)
                .enable_job_name_map(true);
        } else if self.one_in(2) {
            task = task
                .jobs(self.jobs(&name, 2))
                .max_events_per_job(0)
                .max_name_length(5000);
            let count = JobCount::new(self.next(), 7);
            match self.below(4) {
                0 => task = task.counted(count),
                1 => task = task.counted(count.tasks([self.text()])),
                2 => {
                    task = task
                        .job(Job::new("last").order_id("7").group(None))
                        .job(Job::new("none").order_id(None));
                }
                _ => {}
            }
        } else if self.one_in(2) {
            task = task.null_jobs();
        }
        if self.one_in(4) {
            task = task
                .vo(None)
                .working_group(None)
                .prod_source_label(None)
                .task_type(None)
                .work_tag(None);
        }
        if self.one_in(2) {
            task = task
                .max_walltime("90000")
                .num_retries("4")
                .task_priority(self.literal());
            task = task
                .task_rss(self.number())
                .task_rss_retry_offset(None)
                .task_rss_retry_step(3073.5);
            task = task
                .task_rss_max(self.literal())
                .max_attempt("3")
                .core_count(None);
        }
        if self.one_in(2) {
            task = task
                .work_tag(self.text())
                .task_queue(self.text())
                .queue(self.text())
                .task_cloud("US");
            task = task
                .task_site(self.text())
                .processing_type(self.text())
                .prod_source_label(self.text());
            task = task
                .task_type(self.text())
                .vo(self.text())
                .working_group(self.text());
        }
        if self.one_in(2) {
            task = task
                .max_walltime(self.below(9) as u32)
                .max_attempt(1 + self.below(9) as u32)
                .core_count(8);
            task = task
                .num_retries(0)
                .task_priority(self.pick(&[i32::MIN, -1, 0, 900]))
                .task_rss(u32::MAX);
            task = task
                .task_rss_retry_offset(1)
                .task_rss_retry_step(2)
                .task_rss_max(self.below(9000) as u32);
            task = task.task_log(self.map(1)).encode_command_line(true);
        }
        task.build()
    }

    fn event_task(&mut self) -> Result<DomaPanDAESWork, Error> {
        let name = format!("{}{:x}", self.text(), self.next());
        let mut task = settings!(self, DomaPanDAESWork::builder(""), collections).task_name(&name);
        for index in 0..self.below(3) {
            let event =
                Event::new(self.below(9) as u32).after(EventDependency::new(&name, "j0", u32::MAX));
            task = task.job(
                EventJob::new(format!("j{index}"))
                    .event(Event::new(u32::MAX))
                    .event(event),
            );
        }
        if self.one_in(2) {
            task = task
                .task_queue(self.text())
                .vo(self.text())
                .core_count(2)
                .task_log(self.map(1));
        }
        task.build()
    }

    fn search(&mut self) -> Result<ATLASHPOWork, Error> {
        let mut search = settings!(self, ATLASHPOWork::builder());
        if self.one_in(2) {
            search = search.method(self.pick(&[
                Method::Nevergrad,
                Method::Container,
                Method::Docker,
                Method::Sandbox,
            ]));
        }
        match self.below(5) {
            0 => {
                let space = OptSpace::builder()
                    .choice("A", [1, 4])
                    .scalar("B", 0..=5)
                    .build()?;
                search = search
                    .opt_space(space)
                    .dialect(self.pick(&[Dialect::Nevergrad, Dialect::Hpogrid]))
                    .initial_point([("A", 1), ("B", 2)], self.float())
                    .initial_point(Point::new().with("A", 4).with("B", 2.5), None);
            }
            1 if self.one_in(3) => {
                let toy = OptSpace::builder().untyped("A").build()?;
                search = search
                    .opt_space(toy)
                    .initial_point([("point_type", "toy")], None);
            }
            1 => search = search.opt_space(self.space()?).initial_points([]),
            2 => {
                let bounds = OptSpace::builder()
                    .parameter("A", Scalar::new().range(0..=5))
                    .build()?;
                search = search
                    .opt_space(bounds)
                    .dialect(self.pick(&[Dialect::BayesOpt, Dialect::Hpogrid]));
            }
            3 => {
                let space = OptSpace::builder().choice("A", [1, 4]).build()?;
                let segments = SegmentedSpace::builder()
                    .segment(ModelId::new(7), space)
                    .segment(ModelId::new(-8), self.space()?)
                    .build()?;
                search = search.opt_space(segments).initial_point(
                    SegmentedPoint::new(ModelId::new(7), [("A", 4)]),
                    self.float(),
                );
            }
            _ => {
                search = search.initial_points([InitialPoint::new(
                    Point::from_iter(self.map(2)),
                    self.float(),
                )]);
            }
        }
        if self.one_in(2) {
            search = search
                .max_points(20)
                .num_points_per_iteration(1 + self.below(20) as u32);
        } else if self.one_in(4) {
            search = search.max_points(20.0).num_points_per_iteration(2.0);
        }
        if self.one_in(3) {
            search = search
                .container_workdir(self.text())
                .output_json(self.text())
                .name(self.text())
                .workload_id(5);
        }
        search.build()
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
