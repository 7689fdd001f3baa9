//! Pictures of whole workflows.

mod random;
mod samples;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::layout::Rect;
use super::svg::Picture;
use super::{EdgeKind, Graph, Item};
use crate::{Branch, Condition, Predicate, Step, StepRef, Work, Workflow, when};

#[test]
fn pictures_stay_as_they_are() {
    for (name, workflow) in samples::readable() {
        let graph = workflow.graph();
        insta::assert_snapshot!(format!("{name}.mermaid"), graph.mermaid());
        insta::assert_snapshot!(format!("{name}.dot"), graph.dot());
        insta::assert_snapshot!(format!("{name}.svg"), graph.svg());
    }
}

#[test]
fn tasks_that_wait_for_jobs_of_others_are_joined_by_one_arrow_each() {
    let graph = samples::tasks().graph();
    let arrows = graph.clusters[0]
        .edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Jobs);
    let arrows: Vec<_> = arrows.map(|edge| (edge.from, edge.to)).collect();
    assert_eq!(arrows, [(0, 1), (0, 2), (1, 2), (2, 3)]);
}

#[test]
fn names_that_mean_something_in_a_language_are_only_names() {
    let graph = samples::hostile().graph();
    insta::assert_snapshot!("hostile.mermaid", graph.mermaid());
    insta::assert_snapshot!("hostile.dot", graph.dot());
    let svg = graph.svg();
    check_svg(&samples::hostile(), &svg);
    let document = roxmltree::Document::parse(&svg).expect("XML");
    let texts: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    for name in samples::HOSTILE.iter().filter(|name| {
        name.chars()
            .all(|c| !c.is_control() && c != ' ' && c <= 'z')
    }) {
        assert!(texts.contains(name), "{name}");
    }
}

#[test]
fn ten_thousand_works_are_drawn() {
    let workflow = samples::many(10_000);
    // All of them, which no fold makes fewer.
    let graph = super::build::graph(&workflow);
    check_svg(&workflow, &graph.svg());
    assert!(graph.mermaid().lines().count() > 10_000 && graph.dot().lines().count() > 10_000);
    let folded = workflow.graph();
    assert!(folded.clusters[0].items.len() <= graph.clusters[0].items.len());
}

/// Many works, each with its own follower, before one last work.
fn fan(count: usize) -> Workflow {
    let mut workflow = Workflow::builder();
    let mut ends = Vec::new();
    for number in 1..=count {
        let arguments = |what: &str| {
            Work::builder("run.sh")
                .arguments(format!("{what} --seed {number}"))
                .build()
        };
        let simulate = workflow.add(
            format!("simulate_{number}"),
            arguments("simulate").expect("a work"),
        );
        let reconstruct = workflow.add(
            format!("reconstruct_{number}"),
            arguments("reconstruct").expect("a work"),
        );
        workflow = workflow.condition(when(simulate.is_finished()).then(&reconstruct));
        ends.push(reconstruct);
    }
    let merge = workflow.add("merge", Work::builder("merge.sh").build().expect("a work"));
    let all = Predicate::All(ends.iter().map(StepRef::is_finished).collect());
    workflow
        .condition(when(all).then(&merge))
        .build()
        .expect("a workflow")
}

#[test]
fn a_fan_of_many_equal_works_is_drawn_as_one() {
    let graph = fan(49).graph();
    check_geometry(&graph);
    let mermaid = graph.mermaid();
    assert!(
        mermaid.contains("simulate_1 … simulate_49") && mermaid.contains("49 of them, folded"),
        "{mermaid}"
    );
    assert_eq!(
        graph.clusters[0].items.len(),
        4,
        "two folded boxes, the condition, and the last work"
    );
    let picture = Picture::new(&graph);
    assert!(picture.size.width < 700.0, "{:?}", picture.size);
    // Few are drawn one by one, and so is what differs in more than numbers.
    assert_eq!(fan(4).graph().clusters[0].items.len(), 10);
}

#[test]
fn equal_works_with_different_arrows_are_not_folded_together() {
    let mut workflow = Workflow::builder();
    let works: Vec<_> = (0..24)
        .map(|number| {
            workflow.add(
                format!("step_{number}"),
                Work::builder("run.sh").build().expect("a work"),
            )
        })
        .collect();
    let [left, right] = ["left", "right"].map(|name| {
        let work = Work::builder(format!("{name}.sh")).build().expect("a work");
        workflow.add(name, work)
    });
    let half = |steps: &[StepRef]| Predicate::All(steps.iter().map(StepRef::is_finished).collect());
    let workflow = workflow
        .condition(when(half(&works[..12])).then(&left))
        .condition(when(half(&works[12..])).then(&right));
    let graph = workflow.build().expect("a workflow").graph();
    assert_eq!(graph.mermaid().matches("12 of them, folded").count(), 2);
    // A chain of equal works stays a chain.
    let mut chain = Workflow::builder();
    let steps: Vec<_> = (0..20)
        .map(|number| {
            chain.add(
                format!("step_{number}"),
                Work::builder("run.sh").build().expect("a work"),
            )
        })
        .collect();
    for pair in steps.windows(2) {
        chain = chain.condition(when(pair[0].is_finished()).then(&pair[1]));
    }
    assert_eq!(
        chain.build().expect("a workflow").graph().clusters[0]
            .items
            .len(),
        20
    );
}

#[test]
fn deep_nesting_is_drawn() {
    let workflow = (0..100).fold(samples::one_search(), |inner, _| {
        let mut outer = Workflow::builder();
        outer.add("inner", inner);
        outer.build().expect("a workflow")
    });
    check_svg(&workflow, &workflow.graph().svg());
}

#[test]
fn an_empty_workflow_is_drawn() {
    let graph = Workflow::builder().build().expect("a workflow").graph();
    assert_eq!(graph.mermaid().lines().count(), 2);
    assert!(roxmltree::Document::parse(&graph.svg()).is_ok());
}

#[test]
fn graphviz_understands_the_dot_text() {
    let mut workflows = samples::readable().to_vec();
    workflows.extend([
        ("hostile", samples::hostile()),
        ("fifty", samples::many(50)),
    ]);
    for (name, workflow) in workflows {
        let graph = workflow.graph();
        let Some(svg) = graphviz(&graph.dot()) else {
            return;
        };
        let options = roxmltree::ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        };
        let document = roxmltree::Document::parse_with_options(&svg, options).expect("XML");
        let count = |class: &str| {
            document
                .descendants()
                .filter(|node| node.attribute("class") == Some(class))
                .count()
        };
        assert_eq!(
            count("edge"),
            graph
                .clusters
                .iter()
                .map(|cluster| cluster.edges.len())
                .sum::<usize>(),
            "{name}"
        );
        let nodes = graph
            .clusters
            .iter()
            .flat_map(|cluster| &cluster.items)
            .filter(|item| matches!(item, Item::Node(_)));
        assert_eq!(count("node"), nodes.count(), "{name}");
        let frames = graph
            .clusters
            .iter()
            .enumerate()
            .filter(|(index, cluster)| *index > 0 || !cluster.label.is_empty());
        assert_eq!(count("cluster"), frames.count(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_workflow_is_drawn_whole_and_readable(workflow in random::workflow()) {
        let graph = workflow.graph();
        check_edges(&workflow, &graph);
        check_geometry(&graph);
        check_svg(&workflow, &graph.svg());
        let again = workflow.clone().graph();
        prop_assert_eq!(
            (again.svg(), again.mermaid(), again.dot()),
            (graph.svg(), graph.mermaid(), graph.dot())
        );
    }
}

#[test]
fn samples_are_drawn_whole_and_readable() {
    let mut workflows = samples::readable().to_vec();
    workflows.extend([
        ("hostile", samples::hostile()),
        ("fifty", samples::many(50)),
    ]);
    for (_, workflow) in workflows {
        let graph = workflow.graph();
        check_edges(&workflow, &graph);
        check_geometry(&graph);
        check_svg(&workflow, &graph.svg());
    }
}

/// Every step is in the document once.
fn check_svg(workflow: &Workflow, svg: &str) {
    let document = roxmltree::Document::parse(svg).expect("XML");
    let mut drawn: Vec<_> = document
        .descendants()
        .filter_map(|node| node.attribute("data-step"))
        .collect();
    let mut paths = Vec::new();
    add_paths("", workflow, &mut paths);
    // XML has no place for some characters, and reads others as spaces in an attribute.
    let mut expected: Vec<String> = paths.iter().map(|path| xml_attribute(path)).collect();
    drawn.sort_unstable();
    expected.sort_unstable();
    assert_eq!(drawn, expected);
}

fn xml_attribute(text: &str) -> String {
    let read = |c| match c {
        '\t' | '\n' | '\r' => ' ',
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(read).collect()
}

fn add_paths(prefix: &str, workflow: &Workflow, paths: &mut Vec<String>) {
    for (name, step) in workflow.steps() {
        let path = format!("{prefix}{name}");
        if let Step::Workflow(inner) = step {
            add_paths(&format!("{path}/"), inner, paths);
        }
        paths.push(path);
    }
}

/// Every branch of every condition is an arrow, and every step that a drawn condition asks is tied to it.
fn check_edges(workflow: &Workflow, graph: &Graph) {
    let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
    for edge in graph.clusters.iter().flat_map(|cluster| &cluster.edges) {
        *drawn.entry(edge.kind.name()).or_default() += 1;
    }
    let count = |kind: EdgeKind| drawn.get(kind.name()).copied().unwrap_or_default();
    let mut expected = (0, 0);
    count_branches(workflow, &mut expected);
    assert_eq!(
        (
            count(EdgeKind::Release) + count(EdgeKind::True),
            count(EdgeKind::False)
        ),
        expected
    );
}

fn count_branches(workflow: &Workflow, counts: &mut (usize, usize)) {
    fn add(condition: &Condition, counts: &mut (usize, usize)) {
        counts.0 += condition.true_branches().len();
        counts.1 += condition.false_branches().len();
        for branch in condition
            .true_branches()
            .iter()
            .chain(condition.false_branches())
        {
            if let Branch::Condition(inner) = branch {
                add(inner, counts);
            }
        }
    }
    workflow
        .conditions()
        .iter()
        .for_each(|condition| add(condition, counts));
    for (_, step) in workflow.steps() {
        if let Step::Workflow(inner) = step {
            count_branches(inner, counts);
        }
    }
}

/// No box or text is on another one, all are inside their workflow, and arrows begin and end at their boxes.
fn check_geometry(graph: &Graph) {
    let picture = Picture::new(graph);
    for ((cluster, layout), frame) in graph
        .clusters
        .iter()
        .zip(&picture.layouts)
        .zip(&picture.frames)
    {
        let mut rects = layout.boxes.clone();
        rects.extend(layout.routes.iter().filter_map(|route| route.label));
        for (index, rect) in rects.iter().enumerate() {
            assert!(contains(frame, rect), "{rect:?} is outside {frame:?}");
            for other in &rects[..index] {
                assert!(!overlap(rect, other), "{rect:?} is on {other:?}");
            }
        }
        for (edge, route) in cluster.edges.iter().zip(&layout.routes) {
            for (end, rect) in [
                (route.points.first(), edge.from),
                (route.points.last(), edge.to),
            ] {
                let (x, y) = *end.expect("a way");
                let rect = layout.boxes[rect];
                assert!(
                    rect.x < x && x < rect.right() && (y == rect.y || y == rect.bottom()),
                    "{x} {y} {rect:?}"
                );
            }
        }
    }
}

fn overlap(one: &Rect, other: &Rect) -> bool {
    one.x < other.right()
        && other.x < one.right()
        && one.y < other.bottom()
        && other.y < one.bottom()
}

fn contains(frame: &Rect, rect: &Rect) -> bool {
    frame.x <= rect.x
        && frame.y <= rect.y
        && rect.right() <= frame.right()
        && rect.bottom() <= frame.bottom()
}

/// What Graphviz draws, or `None` where it is not installed; in CI that is a failure.
fn graphviz(dot: &str) -> Option<String> {
    let child = Command::new("dot")
        .arg("-Tsvg")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = "the pictures need a program this machine lacks, install it with: apt-get install graphviz";
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "{message}"
            );
            writeln!(std::io::stderr(), "SKIPPED: {message}").expect("stderr is open");
            return None;
        }
        child => child.expect("dot runs"),
    };
    child
        .stdin
        .take()
        .expect("stdin is piped")
        .write_all(dot.as_bytes())
        .expect("dot reads all");
    let output = child.wait_with_output().expect("dot ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    Some(String::from_utf8(output.stdout).expect("text"))
}
