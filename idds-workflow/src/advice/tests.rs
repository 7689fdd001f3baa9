//! Every code comes up for a definition that deserves it, and not for its remedy.

use std::collections::HashSet;

use super::{Advice, AdviceCode, Server, ServerVersion};
use crate::{
    ATLASActuatorWork, ATLASHPOWork, ATLASPandaWork, ATLASStageinWork, AnyWork, Array, Collection,
    CustomWork, Dialect, DomaDataWork, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, Error, Event,
    EventDependency, EventJob, Method, ModelId, Normal, OptSpace, ParameterLink, Scalar,
    SegmentedSpace, Stamp, StepRef, Work, Workflow, WorkflowBuilder, all, any, when, wire,
};

type Sample = Result<Vec<Advice>, Error>;

fn of(workflow: WorkflowBuilder) -> Sample {
    Ok(workflow.build()?.advice(ServerVersion::V2_6_21))
}

fn work(work: Work) -> Sample {
    of(Workflow::builder().work(work))
}

fn step(work: impl Into<AnyWork>) -> Sample {
    of(Workflow::builder().work(work))
}

fn data() -> Result<Collection, Error> {
    Collection::new("user.x", "data")
}

fn search(search: ATLASHPOWork) -> Sample {
    of(Workflow::builder().work(search))
}

fn space() -> Result<OptSpace, Error> {
    OptSpace::builder().choice("A", [1, 4]).build()
}

/// A search that no advice is given on but what holds for all.
fn quiet(arguments: &str) -> Result<ATLASHPOWork, Error> {
    ATLASHPOWork::container("image", arguments, space()?, 9)
        .container_workdir("/data")
        .build()
}

/// A search that the embedded server runs.
fn here() -> Result<ATLASHPOWork, Error> {
    ATLASHPOWork::nevergrad(space()?, 9).build()
}

fn without_remedies(workflow: WorkflowBuilder) -> Sample {
    let workflow = workflow.build()?;
    let stamp = Stamp::new(jiff::Timestamp::UNIX_EPOCH, 1);
    let submission = wire::Submission::new(&workflow, &stamp).remedies(wire::Remedies::Omit);
    Ok(submission.advice(ServerVersion::V2_6_21))
}

fn three_steps() -> Result<(WorkflowBuilder, [StepRef; 3]), Error> {
    let mut workflow = Workflow::builder();
    let mut add = |name| Ok::<_, Error>(workflow.add(name, Work::builder("x").build()?));
    let steps = [add("a")?, add("b")?, add("c")?];
    Ok((workflow, steps))
}

/// A definition that the code is about, or else its remedy.
fn sample(code: AdviceCode, is_remedied: bool) -> Sample {
    let bad = !is_remedied;
    match code {
        AdviceCode::UncheckedVersion => {
            let version = if bad {
                ServerVersion::new(2, 7, 0)
            } else {
                ServerVersion::V2_6_21
            };
            Ok(Workflow::builder().build()?.advice(version))
        }
        AdviceCode::NoSteps => {
            let workflow = Workflow::builder();
            of(if bad {
                workflow
            } else {
                workflow.work(Work::builder("x").build()?)
            })
        }
        AdviceCode::EmbeddedWork => {
            let workflow = Workflow::builder();
            let workflow = if bad {
                workflow.work(Work::empty().build()?)
            } else {
                workflow.work(Work::builder("x").build()?)
            };
            Ok(workflow.build()?.advice(Server::Embedded))
        }
        AdviceCode::EmbeddedSearch => {
            let search = ATLASHPOWork::builder()
                .method(Method::Nevergrad)
                .opt_space(space()?);
            let search = if bad { search } else { search.max_points(9) };
            Ok(Workflow::builder()
                .work(search.build()?)
                .build()?
                .advice(Server::Embedded))
        }
        AdviceCode::EmbeddedStorage => {
            let workflow = Workflow::builder();
            let input = Collection::new("s", "n")?;
            let workflow = if bad {
                workflow.work(DomaDataWork::builder(input).dest_rse("DISK").build()?)
            } else {
                workflow.work(Work::builder("x").build()?)
            };
            Ok(workflow.build()?.advice(Server::Embedded))
        }
        AdviceCode::ParameterLink => {
            let (workflow, [a, b, _]) = three_steps()?;
            let link = ParameterLink::between(a, [b]).parameter("setup");
            of(if bad { workflow.link(link) } else { workflow })
        }
        AdviceCode::IndependentSubWorkflow => {
            let (mut workflow, [a, ..]) = three_steps()?;
            let inner = workflow.add(
                "inner",
                Workflow::builder()
                    .work(Work::builder("x").build()?)
                    .build()?,
            );
            of(if bad {
                workflow
            } else {
                workflow.condition(when(a.is_finished()).then(&inner))
            })
        }
        AdviceCode::MissingTaskName => {
            let work = Work::builder("x");
            let work = if bad { work } else { work.task_name("t") };
            without_remedies(Workflow::builder().work(work.build()?))
        }
        AdviceCode::MissingOutputJson => {
            let work = ATLASHPOWork::nevergrad(space()?, 9);
            let work = if bad {
                work
            } else {
                work.output_json("out.json")
            };
            without_remedies(Workflow::builder().work(work.build()?))
        }
        AdviceCode::MissingEs => {
            let work = ATLASHPOWork::nevergrad(space()?, 9);
            let work = if bad {
                work
            } else {
                work.attribute("es", true)
            };
            without_remedies(Workflow::builder().work(work.build()?))
        }
        AdviceCode::V1Family | AdviceCode::V1SubWorkflow => {
            let (mut workflow, [a, ..]) = three_steps()?;
            let (inner, [b, c, _]) = three_steps()?;
            let inner = workflow.add(
                "inner",
                inner.condition(when(b.is_finished()).then(&c)).build()?,
            );
            let workflow = workflow
                .condition(when(a.is_finished()).then(&inner))
                .build()?;
            let stamp = Stamp::new(jiff::Timestamp::UNIX_EPOCH, 1);
            let family = if bad {
                wire::Family::V1
            } else {
                wire::Family::V2
            };
            Ok(wire::AddRequest::new("n", &workflow, &stamp)
                .family(family)
                .advice(ServerVersion::V2_6_21))
        }
        AdviceCode::NoContainerWorkdir => {
            let work = ATLASHPOWork::container("image", "run /data/%IN", space()?, 9);
            search(
                if bad {
                    work
                } else {
                    work.container_workdir("/data")
                }
                .build()?,
            )
        }
        AdviceCode::GenerationBarrier => {
            let work = ATLASHPOWork::container("image", "x", space()?, 9);
            search(
                work.num_points_per_iteration(if bad { 8 } else { 9 })
                    .build()?,
            )
        }
        // It holds for every search.
        AdviceCode::SlowSteering | AdviceCode::SilentSteering => {
            if bad {
                search(quiet("x")?)
            } else {
                work(Work::builder("x").build()?)
            }
        }
        AdviceCode::NoMethod => {
            let work = ATLASHPOWork::builder();
            search(if bad { work } else { work.executable("docker") }.build()?)
        }
        AdviceCode::NeverSubmitted if bad => work(Work::builder("x").build()?),
        AdviceCode::NeverPolled if bad => {
            step(ATLASStageinWork::builder(data()?, data()?).build()?)
        }
        AdviceCode::NeedsRucio if bad => step(ATLASActuatorWork::builder("x").build()?),
        AdviceCode::NoTransform if bad => step(DomaLSSTWork::builder("t").build()?),
        AdviceCode::NeedsPanda if bad => step(DomaPanDAWork::builder("t").input(data()?).build()?),
        AdviceCode::NeverSubmitted
        | AdviceCode::NeverPolled
        | AdviceCode::NeedsRucio
        | AdviceCode::NoTransform
        | AdviceCode::NeedsPanda => search(quiet("run %IN %OUT")?),
        AdviceCode::NoRule => {
            let work = DomaDataWork::builder(data()?);
            step(
                if bad {
                    work
                } else {
                    work.rule_id("236e4bf87e11490291e3259b14724e30")
                }
                .build()?,
            )
        }
        AdviceCode::NoPrimaryInput => {
            let work = DomaPanDAWork::builder("t");
            step(if bad { work } else { work.input(data()?) }.build()?)
        }
        AdviceCode::NoSpace => {
            let work = ATLASHPOWork::builder().method(Method::Nevergrad);
            search(if bad { work } else { work.opt_space(space()?) }.build()?)
        }
        AdviceCode::NeverEnding => {
            let work = ATLASHPOWork::builder();
            search(if bad { work } else { work.max_points(3) }.build()?)
        }
        AdviceCode::ArrayParameter => {
            let space = OptSpace::builder();
            let space = if bad {
                space.parameter("w", Array::new([2]))
            } else {
                space.scalar("w", 0..=1)
            };
            search(ATLASHPOWork::nevergrad(space.build()?, 9).build()?)
        }
        AdviceCode::ForeignParameter => {
            let space = OptSpace::builder();
            let space = if bad {
                space.parameter("n", Normal::new(0, 1))
            } else {
                space.scalar("n", 0..=1)
            };
            search(ATLASHPOWork::nevergrad(space.build()?, 9).build()?)
        }
        AdviceCode::ForeignSpace => {
            let space = OptSpace::builder()
                .parameter("n", Scalar::new().range(1..=5))
                .build()?;
            let work = ATLASHPOWork::nevergrad(space, 9);
            search(
                if bad {
                    work.dialect(Dialect::BayesOpt)
                } else {
                    work
                }
                .build()?,
            )
        }
        AdviceCode::LongPoint => {
            let length = if bad { 3990 } else { 3940 };
            let space = OptSpace::builder()
                .choice("A", ["x".repeat(length)])
                .build()?;
            search(ATLASHPOWork::nevergrad(space, 9).build()?)
        }
        AdviceCode::StockNevergrad | AdviceCode::ZeroLoss => search(if bad {
            ATLASHPOWork::nevergrad(space()?, 9).build()?
        } else {
            quiet("run %IN %OUT")?
        }),
        AdviceCode::ScalarBounds => {
            let scalar = if bad {
                Scalar::new().bounds(1..=5)
            } else {
                Scalar::new().range(1..=5)
            };
            search(
                ATLASHPOWork::nevergrad(OptSpace::builder().parameter("B", scalar).build()?, 9)
                    .build()?,
            )
        }
        AdviceCode::InitialPoints => {
            let work = ATLASHPOWork::nevergrad(space()?, 9);
            search(
                if bad {
                    work.initial_point([("A", 1)], None)
                } else {
                    work
                }
                .build()?,
            )
        }
        AdviceCode::SharedPoints => {
            let first = Workflow::builder().work(quiet("x")?);
            of(if bad { first.work(quiet("y")?) } else { first })
        }
        AdviceCode::SandboxDownload => {
            let work =
                ATLASHPOWork::sandbox("https://example.org/a.tgz", "./run", "%IN", space()?, 9)
                    .build()?;
            search(if bad { work } else { quiet("run %IN")? })
        }
        AdviceCode::PlaceholderPrefix => search(quiet(if bad {
            "run %INPUT"
        } else {
            "run %IN --out=%OUT"
        })?),
        AdviceCode::FalseBranchOfWorkflow => {
            let (mut workflow, [a, b, _]) = three_steps()?;
            let inner = workflow.add(
                "inner",
                Workflow::builder()
                    .work(Work::builder("x").build()?)
                    .build()?,
            );
            let workflow = workflow.condition(when(a.is_finished()).then(&inner));
            of(workflow.condition(if bad {
                when(inner.is_failed()).otherwise(&b)
            } else {
                when(inner.is_failed()).then(&b)
            }))
        }
        AdviceCode::FalseBranch => {
            let (workflow, [a, b, c]) = three_steps()?;
            let condition = when(a.is_finished()).then(&b);
            of(if bad {
                workflow.condition(condition.otherwise(&c))
            } else {
                workflow
                    .condition(condition)
                    .condition(when(a.is_failed()).then(&c))
            })
        }
        AdviceCode::NestedOperator => {
            let (workflow, [a, b, c]) = three_steps()?;
            let members = [a.is_finished(), a.is_subfinished()];
            let predicate = if bad {
                all([any(members), b.is_finished()])
            } else {
                any(members)
            };
            of(workflow.condition(when(predicate).then(&c)))
        }
        AdviceCode::Negation => {
            let (workflow, [a, b, _]) = three_steps()?;
            of(workflow
                .condition(when(if bad { !a.is_finished() } else { a.is_failed() }).then(&b)))
        }
        AdviceCode::GlobalParameter => {
            let name = if bad { "seed" } else { "user_seed" };
            of(Workflow::builder()
                .global_parameters([(name.to_owned(), 1.into())].into_iter().collect()))
        }
        AdviceCode::WorkIdSet => {
            let builder = Work::builder("x");
            work(if bad { builder.work_id(7) } else { builder }.build()?)
        }
        AdviceCode::RequestIdSet => {
            let builder = Work::builder("x");
            work(if bad { builder.request_id(7) } else { builder }.build()?)
        }
        AdviceCode::UsernameSet => {
            let workflow = Workflow::builder();
            of(if bad {
                workflow.username("somebody")
            } else {
                workflow
            })
        }
        AdviceCode::IncompleteCampaign => {
            let workflow = Workflow::builder()
                .campaign("c")
                .campaign_scope("s")
                .campaign_group("g");
            of(if bad {
                workflow
            } else {
                workflow.campaign_tag("t")
            })
        }
        AdviceCode::OutputRenamed => {
            let name = if bad { "out" } else { "out___idds___" };
            work(
                Work::builder("x")
                    .output(Collection::new("s", name)?)
                    .build()?,
            )
        }
        AdviceCode::NameWithSlash => of(Workflow::builder().name(if bad { "a/b" } else { "a.b" })),
        AdviceCode::NamePattern => of(Workflow::builder().name(if bad { "a_b" } else { "a.b" })),
        AdviceCode::RenamedEvents => {
            // 10 comes before 2.
            let waiting = if bad { 10 } else { 2 };
            let event = |number| match Event::new(number) {
                event if number == waiting => event.after(EventDependency::new("task", "other", 0)),
                event => event,
            };
            let job = [0, 2, 10]
                .map(event)
                .into_iter()
                .fold(EventJob::new("job"), EventJob::event);
            let other = EventJob::new("other").event(Event::new(0));
            of(Workflow::builder().work(
                DomaPanDAESWork::builder("task")
                    .job(job)
                    .job(other)
                    .build()?,
            ))
        }
        AdviceCode::DatasetColons => {
            let dataset = if bad { "mc16:name:more" } else { "mc16:name" };
            let parameters =
                serde_json::json!({"jobParameters": [{"param_type": "input", "dataset": dataset}]});
            let parameters = parameters.as_object().cloned().unwrap_or_default();
            of(Workflow::builder().work(ATLASPandaWork::builder(parameters).build()?))
        }
        AdviceCode::CustomClass => {
            let custom = CustomWork::builder("C", "m").build()?;
            of(if bad {
                Workflow::builder().work(custom)
            } else {
                Workflow::builder().work(Work::builder("x").build()?)
            })
        }
    }
}

#[test]
fn every_code_comes_up_when_it_should_and_goes_with_its_remedy() {
    for code in AdviceCode::ALL {
        for is_remedied in [false, true] {
            let advice = sample(*code, is_remedied).expect("a sample that builds");
            let count = advice
                .iter()
                .filter(|advice| advice.code() == *code)
                .count();
            assert_eq!(
                count,
                usize::from(!is_remedied),
                "{}, remedied: {is_remedied}",
                code.name()
            );
        }
    }
}

#[test]
fn places_say_where() {
    let lines: Vec<_> = AdviceCode::ALL
        .iter()
        .filter_map(|code| {
            let advice = sample(*code, false).expect("a sample that builds");
            advice.into_iter().find(|advice| advice.code() == *code)
        })
        .map(|advice| advice.to_string())
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn advice_inside_a_sub_workflow_has_its_whole_place() {
    let inner = || {
        let work = Work::builder("x")
            .output(Collection::new("s", "out")?)
            .build()?;
        Workflow::builder().work(work).build()
    };
    let (mut workflow, [a, ..]) = three_steps().expect("steps");
    let sub = workflow.add("sub", inner().expect("a workflow"));
    let advice = of(workflow.condition(when(a.is_finished()).then(&sub))).expect("a workflow");
    let renamed: Vec<_> = advice
        .iter()
        .filter(|advice| advice.code() == AdviceCode::OutputRenamed)
        .collect();
    assert!(
        matches!(*renamed, [renamed] if renamed.at() == "steps.sub.steps.step1.output"),
        "{advice:?}"
    );
}

#[test]
fn a_name_of_the_submission_is_advised_on_too() {
    let work = Work::builder("x").build().expect("a work");
    let workflow = Workflow::builder().work(work).build().expect("a workflow");
    let stamp = Stamp::new(jiff::Timestamp::UNIX_EPOCH, 1);
    let submission = wire::Submission::new(&workflow, &stamp).username("somebody");
    let codes: Vec<_> = submission
        .advice(ServerVersion::V2_6_21)
        .iter()
        .map(Advice::code)
        .collect();
    assert_eq!(codes.last(), Some(&AdviceCode::UsernameSet));
}

#[test]
fn requests_without_a_workflow_are_advised_on_too() {
    let work = quiet("x").expect("a search");
    let request = wire::LegacyRequest::search(&work).expect("a request");
    let advice = request.advice(ServerVersion::V2_6_21);
    assert!(
        advice
            .iter()
            .any(|advice| advice.code() == AdviceCode::V1Family),
        "{advice:?}"
    );
    assert!(
        advice.iter().any(|advice| advice.at() == "steps.step1"),
        "{advice:?}"
    );
}

#[test]
fn codes_are_words_of_their_own() {
    let names: HashSet<_> = AdviceCode::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), AdviceCode::ALL.len());
    assert!(names.iter().all(|name| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    }));
}

#[test]
fn the_nevergrad_script_cannot_search_segments() {
    let segments = |space: OptSpace| {
        SegmentedSpace::builder()
            .segment(ModelId::new(7), space)
            .build()
    };
    let advice = space()
        .and_then(segments)
        .and_then(|space| {
            search(
                ATLASHPOWork::builder()
                    .method(Method::Nevergrad)
                    .opt_space(space)
                    .build()?,
            )
        })
        .expect("advice");
    let foreign = advice
        .iter()
        .find(|advice| advice.code() == AdviceCode::ForeignSpace)
        .expect("an advice");
    assert_eq!(foreign.at(), "steps.step1.opt_space");
}

#[test]
fn the_embedded_server_has_none_of_the_defects_of_another_one() {
    let mut workflow = Workflow::builder().name("a_b/c");
    let first = workflow.add("first", here().expect("a search"));
    let second = workflow.add("second", here().expect("a search"));
    let workflow = workflow
        .condition(when(first.is_terminated()).then(&second))
        .build()
        .expect("a workflow");
    assert_eq!(workflow.advice(Server::Embedded), []);
    assert!(!workflow.advice(ServerVersion::V2_6_21).is_empty());
}

#[test]
fn every_advice_has_a_remedy_in_words_of_a_document() {
    for code in AdviceCode::ALL {
        let words = ["::", "DomaPanDA", "Remedies", "builder"];
        assert!(
            !words.iter().any(|word| code.instead().contains(word)),
            "{}",
            code.name()
        );
    }
}
