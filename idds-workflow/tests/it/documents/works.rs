//! Random works of every class, with all that a document can hold.

use std::time::Duration;

use idds_workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASLocalPandaWork, ATLASPandaWork,
    ATLASStageinWork, AnyWork, AttributeForm, CustomWork, DataWork, Dependency, Dialect,
    DomaDataWork, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, DomaRucioWork, Error, Event,
    EventDependency, EventJob, InitialPoint, Job, JobCount, Method, ModelId, OptSpace, Point,
    ProcessingWork, Scalar, Seconds, SegmentedPoint, SegmentedSpace, TransformType, Work,
};
use serde_json::{Map, Value, json};

use super::Random;

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
    pub(super) fn work(&mut self) -> Result<AnyWork, Error> {
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
}
