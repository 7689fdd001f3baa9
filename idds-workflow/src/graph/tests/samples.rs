//! Workflows to draw.

use serde_json::json;

use crate::{
    ATLASActuatorWork, ATLASHPOWork, ATLASStageinWork, Collection, CollectionType, Condition,
    Dependency, DomaPanDAWork, Job, OptSpace, ParameterLink, StepRef, Work, WorkBuilder, Workflow,
    all, when,
};

fn program(name: &str) -> WorkBuilder {
    Work::builder(name)
}

fn work(name: &str) -> Work {
    program(name).build().expect("a work")
}

fn collection(name: &str) -> Collection {
    Collection::new("data16_13TeV", name).expect("a collection")
}

fn search() -> ATLASHPOWork {
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0..=5)
        .build()
        .expect("a space");
    ATLASHPOWork::nevergrad(space, 20)
        .num_points_per_iteration(10)
        .build()
        .expect("a search")
}

/// The search of the readme.
pub(super) fn one_search() -> Workflow {
    Workflow::builder()
        .workload_id(20525135)
        .work(search())
        .build()
        .expect("a workflow")
}

/// Staging, a chain with branches, shared collections, and a report of failures.
pub(super) fn chain() -> Workflow {
    let [raw, staged, derived] = [
        "data16_13TeV.00298862.physics_Main.daq.RAW",
        "staged.RAW",
        "derived",
    ]
    .map(collection);
    let container =
        Collection::builder("data16_13TeV", "summary").coll_type(CollectionType::Container);
    let stage_in = ATLASStageinWork::builder(raw, staged.clone())
        .src_rse("NDGF-T1_DATATAPE")
        .dest_rse("NDGF-T1_DATADISK")
        .build()
        .expect("a work");
    let derive = program("derive.sh")
        .arguments("--release 24 --threads 8")
        .input(staged)
        .output(derived.clone());
    let derive = derive
        .log(collection("derive.log"))
        .build()
        .expect("a work");
    let merge = program("merge.sh")
        .input(derived)
        .output(container.build().expect("a collection"));
    let mut workflow = Workflow::builder().name("data.carousel");
    let stage_in = workflow.add("stage_in", stage_in);
    let derive = workflow.add("derive", derive);
    let merge = workflow.add("merge", merge.build().expect("a work"));
    let partial = workflow.add("merge_part", work("merge.sh"));
    let report = workflow.add("report", work("report.sh"));
    workflow
        .condition(when(stage_in.is_finished() | stage_in.is_subfinished()).then(&derive))
        .condition(when(derive.is_finished()).then(&merge))
        .condition(when(derive.is_subfinished()).then(&partial))
        .condition(
            when(stage_in.is_failed() | derive.is_failed() | merge.is_failed()).then(&report),
        )
        .build()
        .expect("a workflow")
}

/// Conditions inside the branches of conditions, custom conditions, and logic inside logic.
pub(super) fn nested_conditions() -> Workflow {
    let decide = ATLASActuatorWork::builder("decide.py")
        .all_of("user_quality", "good")
        .any_of("user_n", 3);
    let mut workflow = Workflow::builder();
    let simulate = workflow.add("simulate", work("simulate.sh"));
    let decide = workflow.add("decide", decide.build().expect("a work"));
    let [publish, repeat, inspect, drop, notify] =
        ["publish", "repeat", "inspect", "drop", "notify"]
            .map(|name| workflow.add(name, work(&format!("{name}.sh"))));
    let quality = when(decide.custom_condition())
        .then(&publish)
        .otherwise(&repeat);
    let failure = when(decide.is_failed()).then(&inspect);
    workflow
        .condition(when(simulate.is_finished()).then(&decide))
        .condition(
            when(simulate.is_terminated() & decide.is_finished())
                .then(quality)
                .otherwise(failure),
        )
        .condition(
            when((simulate.is_failed() & decide.is_cancelled()) | simulate.is_expired())
                .then(&drop)
                .then(&notify),
        )
        .build()
        .expect("a workflow")
}

/// A part that runs again and again, between two steps.
pub(super) fn loop_in_the_middle() -> Workflow {
    let mut inner = Workflow::builder().name("refine.until.good");
    let generate = inner.add("generate", work("generate.sh"));
    let judge = inner.add("judge", work("judge.sh"));
    let inner = inner
        .condition(when(generate.is_finished()).then(&judge))
        .loop_while(judge.custom_condition())
        .build()
        .expect("a workflow");
    let mut workflow = Workflow::builder()
        .name("active.learning")
        .build_with(work("compile.sh"));
    let prepare = workflow.add("prepare", work("prepare.sh"));
    let refine = workflow.add("refine", inner);
    let publish = workflow.add("publish", work("publish.sh"));
    workflow
        .initial(&prepare)
        .condition(when(prepare.is_finished()).then(&refine))
        .condition(when(refine.is_finished()).then(&publish))
        .link(
            ParameterLink::between(prepare.clone(), [refine.step("generate"), publish])
                .parameter("seed")
                .rename("n", "m"),
        )
        .build()
        .expect("a workflow")
}

/// Sub-workflows inside sub-workflows, with collections and links from one to another.
pub(super) fn nested_workflows() -> Workflow {
    let tracks = collection("tracks");
    let level = |name: &str, inner: Option<Workflow>| {
        let mut workflow = Workflow::builder();
        let first = workflow.add(
            "first",
            program("first.sh")
                .output(tracks.clone())
                .build()
                .expect("a work"),
        );
        let second = workflow.add(
            "second",
            program("second.sh")
                .input(tracks.clone())
                .build()
                .expect("a work"),
        );
        let mut workflow = workflow
            .name(name)
            .condition(when(first.is_finished()).then(&second));
        if let Some(inner) = inner {
            let inner = workflow.add("inner", inner);
            workflow = workflow
                .condition(when(second.is_finished()).then(&inner))
                .loop_while(inner.is_subfinished());
        }
        workflow.build().expect("a workflow")
    };
    let mut workflow = Workflow::builder();
    let [left, right] =
        ["left", "right"].map(|name| workflow.add(name, level(name, Some(level("deep", None)))));
    let done = workflow.add(
        "done",
        program("done.sh")
            .input(tracks.clone())
            .build()
            .expect("a work"),
    );
    workflow.add("empty", Workflow::builder().build().expect("a workflow"));
    workflow
        .condition(when(left.is_finished() & right.is_finished()).then(&done))
        .link(
            ParameterLink::between(
                left.step("first"),
                [right.step("inner/second"), left.step("second")],
            )
            .parameter("x"),
        )
        .link(ParameterLink::between(left.clone(), [left.step("inner")]).parameter("y"))
        .build()
        .expect("a workflow")
}

/// So many works: a chain of fans, where every fan is joined before the next.
pub(super) fn many(count: usize) -> Workflow {
    let mut workflow = Workflow::builder().name("reprocessing");
    let mut last = workflow.add("start", work("start.sh"));
    let mut left = count.saturating_sub(1);
    let mut round = 0;
    while left > 0 {
        round += 1;
        let fan: Vec<StepRef> = (0..6.min(left - 1))
            .map(|number| workflow.add(format!("simulate_{round}_{number}"), work("simulate.sh")))
            .collect();
        left -= fan.len() + 1;
        let merge = workflow.add(format!("merge_{round}"), work("merge.sh"));
        let released = fan.iter().fold(when(last.is_finished()), Condition::then);
        workflow = match fan.is_empty() {
            true => workflow.condition(when(last.is_finished()).then(&merge)),
            false => workflow
                .condition(released)
                .condition(when(all(fan.iter().map(StepRef::is_finished))).then(&merge)),
        };
        last = merge;
    }
    workflow.build().expect("a workflow")
}

/// Names that mean something in one of the languages.
pub(super) const HOSTILE: [&str; 28] = [
    "\"",
    "'",
    "<b>",
    "]]><text>",
    "&amp;",
    "a & b",
    "<!--",
    "--> n0",
    "end",
    "\\N \\\"",
    "`code`",
    "**bold**",
    "1. one",
    "- list",
    "# h",
    "$$x^2$$",
    "%%{init: {}}%%",
    "{{x}}",
    "a|b",
    "a;b",
    "#quot;",
    "\u{202e}abc",
    "\u{0}\u{1}\u{8}\u{fffe}",
    " ",
    "漢字と仮名",
    "👩‍🚀 é ß",
    "click n0 href \"x\"",
    "a\nb\r\n\tc",
];

pub(super) fn hostile() -> Workflow {
    let mut workflow = Workflow::builder().name("<script>alert(\"1\")</script> & co");
    let steps: Vec<_> = HOSTILE
        .iter()
        .map(|name| {
            let program = program(name)
                .arguments(*name)
                .output(collection(name))
                .input(collection("<&\">"));
            workflow.add(
                *name,
                program
                    .any_of(*name, json!([name]))
                    .build()
                    .expect("a work"),
            )
        })
        .collect();
    let long = workflow.add("long_".repeat(60), work("x"));
    for pair in steps.windows(2).step_by(3) {
        workflow = workflow.condition(when(pair[0].is_finished()).then(&pair[1]).otherwise(&long));
        workflow = workflow.link(
            ParameterLink::between(pair[0].clone(), [pair[1].clone()])
                .rename(pair[0].as_str(), "]\"-->"),
        );
    }
    let mut inner = Workflow::builder().name(HOSTILE[2]);
    inner.add(HOSTILE[3], work(HOSTILE[4]));
    workflow.add("<g>\"", inner.build().expect("a workflow"));
    workflow.build().expect("a workflow")
}

/// Tasks whose jobs wait for jobs of each other, also across the border of a sub-workflow.
pub(super) fn tasks() -> Workflow {
    let task = |name: &str, after: &[&str]| {
        let jobs = (0..2).map(|index| {
            let job = Job::new(format!("job{index}"));
            let after = after.iter().filter(|task| index > 0 || **task != name);
            after.fold(job, |job, task| job.after(Dependency::new(*task, "job0")))
        });
        DomaPanDAWork::builder(name)
            .executable("process.sh")
            .jobs(jobs)
            .build()
            .expect("a task")
    };
    let mut inner = Workflow::builder();
    let prepare = inner.add("prepare", work("prepare.sh"));
    let combine = inner.add("combine", task("combine", &["warp"]));
    let inner = inner.condition(when(prepare.is_finished()).then(&combine));
    let mut workflow = Workflow::builder().name("patch");
    workflow.add("isr", task("isr", &[]));
    workflow.add("calibrate", task("calibrate", &["isr", "calibrate"]));
    let warp = workflow.add("warp", task("warp", &["isr", "calibrate"]));
    let coadd = workflow.add("coadd", inner.build().expect("a workflow"));
    workflow
        .condition(when(warp.is_terminated()).then(&coadd))
        .build()
        .expect("a workflow")
}

/// The workflows whose pictures are kept.
pub(super) fn readable() -> [(&'static str, Workflow); 6] {
    [
        ("one_search", one_search()),
        ("chain", chain()),
        ("nested_conditions", nested_conditions()),
        ("loop_in_the_middle", loop_in_the_middle()),
        ("nested_workflows", nested_workflows()),
        ("tasks", tasks()),
    ]
}
