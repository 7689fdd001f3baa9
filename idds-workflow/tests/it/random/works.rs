//! Random works of every class.

use std::time::Duration;

use idds_workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASLocalPandaWork, ATLASPandaWork,
    ATLASStageinWork, AnyWork, AttributeForm, CustomWork, DataWork, Dependency, Dialect,
    DomaDataWork, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, DomaRucioWork, Event,
    EventDependency, EventJob, Job, JobCount, Method, ModelId, OptSpace, Point, ProcessingWork,
    Scalar, Seconds, SegmentedPoint, SegmentedSpace, TransformType, Work,
};
use serde_json::{Map, Value, json};

use super::{Dice, Failure};

impl Dice {
    pub(super) fn work(&mut self) -> Result<AnyWork, Failure> {
        /// Sets some of what works of all classes have, some of what a program has, and some of the class's own.
        macro_rules! work {
            ($start:expr) => {{
                let mut work = $start;
                if self.chance(3) {
                    work = work.task_name(self.text());
                }
                if self.chance(5) {
                    work = if self.chance(2) {
                        work.work_id(self.roll())
                    } else {
                        work.work_id("12")
                    };
                }
                if self.chance(9) {
                    work = work.exec_type(None);
                }
                if self.chance(3) {
                    work = work
                        .all_of(self.text(), self.value(1))
                        .any_of(self.text(), self.value(1));
                }
                if self.chance(3) {
                    work = work.agent_attributes(self.map(2));
                }
                for index in 0..self.below(3) {
                    let forms = [
                        AttributeForm::Plain,
                        AttributeForm::Compressed,
                        AttributeForm::CompressedLazily,
                    ];
                    let form = *self.pick(&forms);
                    work = work.attribute_as(format!("user_{index}"), self.value(2), form);
                }
                work
            }};
            ($start:expr, program) => {{
                let mut work = work!($start);
                if self.chance(3) {
                    work = work
                        .arguments(self.text())
                        .parameters(self.map(1))
                        .setup(self.text());
                }
                if self.chance(3) {
                    work = work.exec_type(self.text()).sandbox(self.text());
                }
                work
            }};
            ($start:expr, program, collections) => {{
                let mut work = work!($start, program);
                if self.chance(2) {
                    work = work.input(self.collection()?).output(self.collection()?);
                }
                if self.chance(3) {
                    work = work
                        .other_input(self.collection()?)
                        .other_output(self.collection()?);
                }
                if self.chance(3) {
                    work = work.log(self.collection()?);
                }
                work
            }};
            ($start:expr, collections) => {{
                let mut work = work!($start);
                if self.chance(2) {
                    work = work.input(self.collection()?).output(self.collection()?);
                }
                if self.chance(3) {
                    work = work.other_input(self.collection()?).log(self.collection()?);
                }
                work
            }};
            ($start:expr, program, collections, $own:ident: $value:expr) => {{
                let work = work!($start, program, collections);
                if self.chance(2) {
                    work.$own($value)
                } else {
                    work
                }
                .build()?
                .into()
            }};
        }
        /// Sets some of what tasks with task parameters have.
        macro_rules! panda {
            ($start:expr) => {{
                let work = work!($start, collections);
                let work = if self.chance(2) {
                    work.work_tag(self.text()).exec_type("local")
                } else {
                    work
                };
                work.num_retries(self.below(9) as u32)
            }};
        }
        /// Sets some of what tasks that are given job by job have.
        macro_rules! task {
            ($start:expr) => {{
                let mut work = $start;
                if self.chance(2) {
                    work = work
                        .work_tag(self.text())
                        .task_queue(self.text())
                        .queue(self.text());
                    work = work
                        .task_cloud("US")
                        .task_site(self.text())
                        .processing_type(self.text());
                    work = work
                        .prod_source_label(self.text())
                        .task_type(self.text())
                        .vo(self.text());
                }
                if self.chance(2) {
                    work = work
                        .max_walltime(self.below(9) as u32)
                        .max_attempt(1 + self.below(9) as u32)
                        .core_count(8);
                    work = work
                        .num_retries(0)
                        .task_priority(-5)
                        .task_rss(7)
                        .working_group(self.text());
                    work = work.task_log(self.map(1)).encode_command_line(true);
                }
                if self.chance(3) {
                    work = work
                        .vo(None)
                        .working_group(None)
                        .prod_source_label(None)
                        .task_type(None)
                        .work_tag(None);
                    work = work
                        .max_walltime("90000")
                        .num_retries("4")
                        .task_priority(self.literal());
                    work = work.task_rss(2000.5).max_attempt("3").core_count(None);
                }
                work
            }};
        }
        let work_type = *self.pick(&[
            TransformType::Data,
            TransformType::Other,
            TransformType::Unknown(1234),
        ]);
        let program = self.text();
        Ok(match self.below(15) {
            0 => {
                let mut work = work!(Work::builder(program), program, collections);
                if self.chance(2) {
                    work = work
                        .work_name(self.text())
                        .work_tag(self.text())
                        .username(self.text());
                }
                if self.chance(3) {
                    work = work
                        .request_id(7)
                        .template()
                        .release_inputs_after_submitting();
                }
                work.build()?.into()
            }
            1 => work!(DataWork::builder(program), program, collections, work_type: work_type),
            2 => work!(ProcessingWork::builder(program), program, collections)
                .build()?
                .into(),
            3 => {
                work!(ATLASCondorWork::builder(program), program, collections, work_type: work_type)
            }
            4 => {
                work!(ATLASActuatorWork::builder(program), program, collections, output_json: self.text())
            }
            5 => {
                work!(CustomWork::builder("Skim", "my.module"), program, collections, work_type: work_type)
            }
            6 => {
                let (input, output) = (self.collection()?, self.collection()?);
                let work = work!(
                    ATLASStageinWork::builder(input, output),
                    program,
                    collections
                );
                let work = work.max_waiting_time(Duration::from_secs(1 + self.below(9999) as u64));
                match self.below(3) {
                    0 => work.src_rse(self.text()).rule_id(self.text()),
                    1 => work
                        .rule_id(self.roll())
                        .max_waiting_time(Seconds::new(None)),
                    _ => work.max_waiting_time(Seconds::new(0.5)),
                }
                .build()?
                .into()
            }
            7 => {
                let work = work!(
                    DomaDataWork::builder(self.collection()?),
                    program,
                    collections
                );
                work.max_waiting_time(Duration::from_secs(1 + self.below(9999) as u64))
                    .dest_rse("d")
                    .build()?
                    .into()
            }
            8 => work!(
                DomaRucioWork::builder(self.collection()?),
                program,
                collections
            )
            .src_rse("s")
            .build()?
            .into(),
            9 => {
                let work = panda!(ATLASPandaWork::builder(self.task_parameters()));
                work.use_rucio(self.chance(2)).build()?.into()
            }
            10 => panda!(ATLASLocalPandaWork::builder(self.task_parameters()))
                .build()?
                .into(),
            11 => {
                let name = format!("{}{:x}", self.text(), self.roll());
                let mut work =
                    task!(work!(DomaPanDAWork::builder(""), program, collections)).task_name(&name);
                let uses_events = self.chance(3);
                if uses_events {
                    work = work
                        .es(true)
                        .es_label(self.text())
                        .max_events_per_job(2)
                        .enable_job_name_map(true);
                }
                if self.chance(3) {
                    work = work
                        .task_rss_retry_offset(1)
                        .task_rss_retry_step(3073.5)
                        .task_rss_max(self.literal());
                }
                match self.below(5) {
                    0 => work,
                    1 if !uses_events => work.null_jobs(),
                    2 if !uses_events => {
                        let last = Job::new("last").order_id("7").group(None).submitted(None);
                        let work = work
                            .jobs(self.jobs(&name))
                            .job(last)
                            .job(Job::new("none").order_id(None));
                        let count = JobCount::new(self.below(9) as u64 + 100, 7);
                        work.counted(if self.chance(2) {
                            count
                        } else {
                            count.tasks([self.text()])
                        })
                    }
                    _ => work.jobs(self.jobs(&name)),
                }
                .build()?
                .into()
            }
            12 => {
                let name = format!("{}{:x}", self.text(), self.roll());
                let work = task!(work!(DomaPanDAESWork::builder(""), program, collections))
                    .task_name(&name);
                let job = |index| {
                    let last = Event::new(12).after(EventDependency::new(&name, "j0", 3));
                    EventJob::new(format!("j{index}"))
                        .event(Event::new(3))
                        .event(last)
                };
                work.jobs((0..self.below(3)).map(job)).build()?.into()
            }
            13 => {
                let work =
                    work!(DomaLSSTWork::builder(""), program, collections).task_name(self.text());
                if self.chance(4) {
                    work
                } else {
                    work.jobs(self.jobs("elsewhere"))
                }
                .build()?
                .into()
            }
            _ => {
                let mut work = work!(ATLASHPOWork::builder(), program);
                let bounds = OptSpace::builder().parameter("A", Scalar::new().range(0..=5));
                work = match self.below(6) {
                    0 => work
                        .opt_space(bounds.build()?)
                        .dialect(*self.pick(&[Dialect::BayesOpt, Dialect::Hpogrid])),
                    1 => {
                        let choices = OptSpace::builder()
                            .choice("A", [1, 4])
                            .choice("B", ["x", "y"]);
                        work.opt_space(choices.build()?)
                            .dialect(*self.pick(&[Dialect::Lists, Dialect::Hpogrid]))
                    }
                    2 => {
                        let segments =
                            SegmentedSpace::builder().segment(ModelId::new(7), bounds.build()?);
                        let segments = segments
                            .segment(ModelId::new(-8), OptSpace::builder().build()?)
                            .build()?;
                        work.opt_space(segments)
                            .dialect(*self.pick(&[
                                Dialect::Nevergrad,
                                Dialect::BayesOpt,
                                Dialect::Hpogrid,
                            ]))
                            .initial_point(SegmentedPoint::new(ModelId::new(7), [("A", 2.5)]), 0.5)
                            .initial_point(
                                SegmentedPoint::new(ModelId::new(-8), Point::new()),
                                None,
                            )
                    }
                    3 => {
                        let toy = OptSpace::builder().untyped("A").build()?;
                        work.opt_space(toy)
                            .initial_point([("point_type", "toy")], None)
                    }
                    _ => work.opt_space(self.space()?),
                };
                if self.chance(2) {
                    work = work
                        .method(*self.pick(Method::ALL))
                        .max_points(1 + self.below(50) as u32);
                } else if self.chance(3) {
                    work = work.max_points(20.0).num_points_per_iteration(2.0);
                }
                if self.chance(2) {
                    work = work
                        .num_points_per_iteration(1 + self.below(50) as u32)
                        .output_json(self.text());
                }
                match self.below(3) {
                    0 => work = work.name(self.text()),
                    1 => work = work.workload_id(self.below(1000) as u32),
                    _ => {}
                }
                work.build()?.into()
            }
        })
    }

    /// Parameters of a JEDI task.
    fn task_parameters(&mut self) -> Map<String, Value> {
        let mut parameters = self.map(2);
        let job = |kind: &str, dataset: &str| json!({ "param_type": kind, "dataset": dataset, "value": "x" });
        let jobs = [
            job("input", "mc16:mc16.evgen/"),
            job("output", "user.jdoe.out"),
            job("input", "mc16.other"),
            job("output", "user.jdoe.second.0"),
            self.value(1),
        ];
        if self.chance(2) {
            let first = self.below(jobs.len());
            let last = first + self.below(jobs.len() + 1 - first);
            parameters.insert("jobParameters".to_owned(), jobs[first..last].into());
        }
        if self.chance(2) {
            parameters.insert("log".to_owned(), json!({ "dataset": "user.jdoe.log/" }));
        }
        if self.chance(3) {
            parameters.insert("prodSourceLabel".to_owned(), "managed".into());
        }
        parameters
    }

    /// Jobs that wait for jobs of this task.
    fn jobs(&mut self, task: &str) -> Vec<Job> {
        let is_grouped = self.chance(2);
        let names = [0, 1, 2].map(|number| format!("{}{number}", self.text()));
        let mut job = |number: usize| {
            let mut job = Job::new(&names[number]).order_id(number as u64);
            if is_grouped {
                job = job.group("g");
            }
            if self.chance(2) {
                job = job.after(Dependency::new(task, self.text()).available(true));
            }
            if number > 0 && self.chance(2) {
                job = job.after(
                    Dependency::new(task, &names[0]).available(*self.pick(&[Some(false), None])),
                );
            }
            if self.chance(3) {
                job = job
                    .submitted(self.chance(2))
                    .attribute("own", self.value(1));
            }
            job
        };
        (0..3).map(&mut job).collect()
    }
}
