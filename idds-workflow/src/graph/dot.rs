//! The DOT language of Graphviz.

use std::fmt::Write as _;

use super::label::{Label, Style};
use super::{Cluster, Edge, EdgeKind, Graph, Item, Node, NodeKind};

const FONT: &str = "fontname=\"Helvetica,Arial,sans-serif\"";

/// Writes a digraph.
pub(super) fn write(graph: &Graph) -> String {
    let mut writer = Writer {
        graph,
        text: String::new(),
        ends: Vec::new(),
    };
    let _ = writeln!(
        writer.text,
        "digraph workflow {{\n    graph [compound=true, rankdir=TB, nodesep=0.4, ranksep=0.5, {FONT}, fontsize=11]\n    \
         node [{FONT}, fontsize=10, fontcolor=\"#14233a\", margin=\"0.16,0.08\"]\n    \
         edge [{FONT}, fontsize=9, fontcolor=\"#475569\", arrowsize=0.7]"
    );
    writer.boxes();
    writer.arrows();
    writer.text.push_str("}\n");
    writer.text
}

struct Writer<'a> {
    graph: &'a Graph,
    text: String,
    /// Of every item of every cluster, the nodes that arrows to it and from it are tied to.
    ends: Vec<Vec<(String, String)>>,
}

/// What is still to be written.
enum Task {
    Open(usize, usize),
    Item(usize, usize, usize),
    Close(usize),
}

impl Writer<'_> {
    fn boxes(&mut self) {
        self.tie_ends();
        let has_frame = !self.graph.clusters[0].label.is_empty();
        let mut tasks = if has_frame {
            vec![Task::Open(0, 1)]
        } else {
            self.items(0, 1)
        };
        while let Some(task) = tasks.pop() {
            match task {
                Task::Open(index, depth) => {
                    let Cluster {
                        label,
                        is_first,
                        is_loop,
                        items,
                        ..
                    } = &self.graph.clusters[index];
                    let (colour, width) = if *is_loop {
                        ("#9061d0", 2)
                    } else {
                        ("#94a3b8", 1)
                    };
                    self.line(depth, &format!("subgraph cluster_{index} {{"));
                    let look =
                        format!("labeljust=l, style=rounded, color=\"{colour}\", penwidth={width}");
                    let label = text(label, *is_first);
                    self.line(
                        depth + 1,
                        &format!(
                            "graph [label=<{label}>, {look}{}]",
                            tooltip(&self.graph.clusters[index].label)
                        ),
                    );
                    if items.is_empty() {
                        self.line(
                            depth + 1,
                            &format!("e{index} [label=\"\", shape=point, style=invis]"),
                        );
                    }
                    tasks.push(Task::Close(depth));
                    tasks.extend(self.items(index, depth + 1));
                }
                Task::Item(cluster, item, depth) => match &self.graph.clusters[cluster].items[item]
                {
                    Item::Cluster(inner) => tasks.push(Task::Open(*inner, depth)),
                    Item::Node(node) => {
                        let name = self.ends[cluster][item].0.clone();
                        self.line(depth, &format!("{name} [{}]", attributes(node)));
                    }
                },
                Task::Close(depth) => self.line(depth, "}"),
            }
        }
    }

    fn items(&self, cluster: usize, depth: usize) -> Vec<Task> {
        (0..self.graph.clusters[cluster].items.len())
            .rev()
            .map(|item| Task::Item(cluster, item, depth))
            .collect()
    }

    /// Arrows end at nodes only: those to a sub-workflow are tied to a node inside it and cut at its border.
    fn tie_ends(&mut self) {
        let mut next_node = 0..;
        let mut ends: Vec<Vec<(String, String)>> = vec![Vec::new(); self.graph.clusters.len()];
        for (index, cluster) in self.graph.clusters.iter().enumerate() {
            for item in &cluster.items {
                let name = match item {
                    Item::Node(_) => next_node.next().map(|number: usize| format!("n{number}")),
                    Item::Cluster(_) => None,
                };
                let name = name.unwrap_or_default();
                ends[index].push((name.clone(), name));
            }
        }
        // Inner clusters come later, so theirs are known here.
        for index in (0..self.graph.clusters.len()).rev() {
            for (position, item) in self.graph.clusters[index].items.iter().enumerate() {
                if let Item::Cluster(inner) = item {
                    let cluster = &self.graph.clusters[*inner];
                    let count = cluster.items.len();
                    let mut is_entered = vec![false; count];
                    let mut is_left = vec![false; count];
                    for edge in &cluster.edges {
                        (is_entered[edge.to], is_left[edge.from]) = (true, true);
                    }
                    let first = (0..count)
                        .find(|item| !is_entered[*item])
                        .or((count > 0).then_some(0));
                    let last = (0..count)
                        .rev()
                        .find(|item| !is_left[*item])
                        .or(count.checked_sub(1));
                    let empty = format!("e{inner}");
                    let first = first.map_or(empty.clone(), |item| ends[*inner][item].0.clone());
                    let last = last.map_or(empty, |item| ends[*inner][item].1.clone());
                    ends[index][position] = (first, last);
                }
            }
        }
        self.ends = ends;
    }

    fn arrows(&mut self) {
        for (index, cluster) in self.graph.clusters.iter().enumerate() {
            for Edge {
                from,
                to,
                kind,
                label,
            } in &cluster.edges
            {
                let style = match kind {
                    EdgeKind::Release
                    | EdgeKind::Question
                    | EdgeKind::True
                    | EdgeKind::Data
                    | EdgeKind::Jobs => "solid",
                    EdgeKind::False => "dashed",
                    EdgeKind::Link => "dotted",
                };
                let (tail, head) = (&self.ends[index][*from].1, &self.ends[index][*to].0);
                let _ = write!(
                    self.text,
                    "    {tail} -> {head} [color=\"{}\", style={style}",
                    kind.colour()
                );
                if !label.is_empty() {
                    let _ = write!(
                        self.text,
                        ", label=<{}>{}",
                        text(label, false),
                        tooltip(label)
                    );
                }
                for (end, item) in [("ltail", from), ("lhead", to)] {
                    if let Item::Cluster(inner) = cluster.items[*item] {
                        let _ = write!(self.text, ", {end}=cluster_{inner}");
                    }
                }
                self.text.push_str("]\n");
            }
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = 4 * depth);
    }
}

fn attributes(node: &Node) -> String {
    let look = match node.kind {
        NodeKind::Work => {
            "shape=box, style=\"rounded,filled\", fillcolor=\"#f2f7ff\", color=\"#4a78b5\""
        }
        NodeKind::BuildWork => {
            "shape=box, style=\"rounded,filled,dashed\", fillcolor=\"#f2f7ff\", color=\"#4a78b5\""
        }
        NodeKind::Collection => {
            "shape=cylinder, style=filled, fillcolor=\"#eefaf3\", color=\"#3f9468\""
        }
        NodeKind::Condition => {
            "shape=hexagon, style=filled, fillcolor=\"#fff8e6\", color=\"#b98a1d\", margin=\"0.02,0.04\""
        }
    };
    format!(
        "label=<{}>, {look}{}",
        text(&node.label, node.is_first),
        tooltip(&node.label)
    )
}

/// Writes a label in the HTML of Graphviz.
fn text(label: &Label, is_first: bool) -> String {
    let mark = if is_first { "▶ " } else { "" };
    let lines = label.lines().iter().enumerate().map(|(index, line)| {
        let text = escape(&line.text);
        let mark = if index == 0 { mark } else { "" };
        match line.style {
            Style::Title => format!("<b>{mark}{text}</b>"),
            Style::Kind => format!("<font color=\"#64748b\">{mark}{text}</font>"),
            Style::Detail => format!("{mark}{text}"),
        }
    });
    lines.collect::<Vec<_>>().join("<br/>")
}

fn tooltip(label: &Label) -> String {
    let quoted = |text: &str| {
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('&', "&amp;")
            .replace('\n', "\\n")
    };
    label.tooltip().map_or(String::new(), |text| {
        format!(", tooltip=\"{}\"", quoted(text))
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
