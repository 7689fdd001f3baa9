//! Mermaid flowcharts.

use std::fmt::Write as _;

use super::label::{Line, Style};
use super::{Cluster, Edge, EdgeKind, Graph, Item, NodeKind};

/// Lets lines be as long as they are, so that Mermaid does not break them again.
const HEAD: &str = "%%{init: {\"flowchart\": {\"wrappingWidth\": 480}}}%%\nflowchart TB\n";

/// Writes a flowchart.
pub(super) fn write(graph: &Graph) -> String {
    let mut writer = Writer {
        graph,
        text: HEAD.to_owned(),
        next_node: 0,
        names: Vec::new(),
    };
    writer.names = vec![Vec::new(); graph.clusters.len()];
    writer.boxes();
    writer.arrows();
    writer.styles();
    writer.text
}

struct Writer<'a> {
    graph: &'a Graph,
    text: String,
    next_node: usize,
    /// Of every cluster the identifiers of its items.
    names: Vec<Vec<String>>,
}

/// What is still to be written.
enum Task {
    Open(usize, usize),
    Item(usize, usize, usize),
    Close(usize),
}

impl Writer<'_> {
    fn boxes(&mut self) {
        let has_frame = !self.graph.clusters[0].label.is_empty();
        let mut tasks = if has_frame {
            vec![Task::Open(0, 1)]
        } else {
            self.items(0, 1)
        };
        while let Some(task) = tasks.pop() {
            match task {
                Task::Open(cluster, depth) => {
                    let Cluster {
                        label, is_first, ..
                    } = &self.graph.clusters[cluster];
                    // Mermaid has room for one line only above what is inside.
                    let (title, more) = label.lines().split_at(1.min(label.lines().len()));
                    self.line(
                        depth,
                        &format!("subgraph c{cluster}[\"{}\"]", text(title, *is_first)),
                    );
                    self.line(depth + 1, "direction TB");
                    if !more.is_empty() {
                        self.line(
                            depth + 1,
                            &format!("m{cluster}[\"{}\"]:::note", text(more, false)),
                        );
                    }
                    tasks.push(Task::Close(depth));
                    tasks.extend(self.items(cluster, depth + 1));
                }
                Task::Item(cluster, item, depth) => self.item(cluster, item, depth, &mut tasks),
                Task::Close(depth) => self.line(depth, "end"),
            }
        }
    }

    fn items(&self, cluster: usize, depth: usize) -> Vec<Task> {
        (0..self.graph.clusters[cluster].items.len())
            .rev()
            .map(|item| Task::Item(cluster, item, depth))
            .collect()
    }

    fn item(&mut self, cluster: usize, item: usize, depth: usize, tasks: &mut Vec<Task>) {
        let name = match &self.graph.clusters[cluster].items[item] {
            Item::Cluster(inner) => {
                tasks.push(Task::Open(*inner, depth));
                format!("c{inner}")
            }
            Item::Node(node) => {
                let name = format!("n{}", self.next_node);
                self.next_node += 1;
                let (open, close) = match node.kind {
                    NodeKind::Work | NodeKind::BuildWork => ("[", "]"),
                    NodeKind::Collection => ("[(", ")]"),
                    NodeKind::Condition => ("{{", "}}"),
                };
                let label = text(node.label.lines(), node.is_first);
                self.line(
                    depth,
                    &format!("{name}{open}\"{label}\"{close}:::{}", node.kind.name()),
                );
                name
            }
        };
        self.names[cluster].push(name);
    }

    fn arrows(&mut self) {
        let mut of_kind: Vec<Vec<String>> = vec![Vec::new(); EdgeKind::ALL.len()];
        let mut count = 0;
        for (cluster, names) in self.graph.clusters.iter().zip(&self.names) {
            for Edge {
                from,
                to,
                kind,
                label,
            } in &cluster.edges
            {
                let arrow = match kind {
                    EdgeKind::Release
                    | EdgeKind::Question
                    | EdgeKind::True
                    | EdgeKind::Data
                    | EdgeKind::Jobs => "-->",
                    EdgeKind::False | EdgeKind::Link => "-.->",
                };
                let label = if label.is_empty() {
                    String::new()
                } else {
                    format!("|\"{}\"|", text(label.lines(), false))
                };
                let _ = writeln!(
                    self.text,
                    "    {} {arrow}{label} {}",
                    names[*from], names[*to]
                );
                if let Some(index) = EdgeKind::ALL.iter().position(|other| other == kind) {
                    of_kind[index].push(count.to_string());
                }
                count += 1;
            }
        }
        // Invisible arrows keep what is said of a workflow above its steps.
        for (index, _) in self
            .graph
            .clusters
            .iter()
            .enumerate()
            .filter(|(_, cluster)| has_note(cluster))
        {
            if let Some(first) = self.names[index].first() {
                let _ = writeln!(self.text, "    m{index} ~~~ {first}");
            }
        }
        for (kind, arrows) in EdgeKind::ALL
            .iter()
            .zip(of_kind)
            .filter(|(_, arrows)| !arrows.is_empty())
        {
            let _ = writeln!(
                self.text,
                "    linkStyle {} stroke:{}",
                arrows.join(","),
                kind.colour()
            );
        }
    }

    fn styles(&mut self) {
        for kind in NodeKind::ALL {
            let is_there = |item: &Item| matches!(item, Item::Node(node) if node.kind == kind);
            if self
                .graph
                .clusters
                .iter()
                .flat_map(|cluster| &cluster.items)
                .any(is_there)
            {
                let style = match kind {
                    NodeKind::Work => "fill:#f2f7ff,stroke:#4a78b5,color:#14233a",
                    NodeKind::BuildWork => {
                        "fill:#f2f7ff,stroke:#4a78b5,color:#14233a,stroke-dasharray:5 3"
                    }
                    NodeKind::Collection => "fill:#eefaf3,stroke:#3f9468,color:#14233a",
                    NodeKind::Condition => "fill:#fff8e6,stroke:#b98a1d,color:#14233a",
                };
                let _ = writeln!(self.text, "    classDef {} {style}", kind.name());
            }
        }
        if self.graph.clusters.iter().any(has_note) {
            self.line(1, "classDef note fill:transparent,stroke:none");
        }
        for (index, cluster) in self.graph.clusters.iter().enumerate() {
            if index > 0 || !cluster.label.is_empty() {
                let stroke = if cluster.is_loop {
                    "#9061d0,stroke-width:2px"
                } else {
                    "#94a3b8"
                };
                let _ = writeln!(
                    self.text,
                    "    style c{index} fill:transparent,stroke:{stroke}"
                );
            }
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = 4 * depth);
    }
}

/// Tells whether there is more to say of a workflow than its name.
fn has_note(cluster: &Cluster) -> bool {
    cluster.label.lines().len() > 1
}

fn text(lines: &[Line], is_first: bool) -> String {
    let mark = if is_first { "▶ " } else { "" };
    let lines = lines.iter().enumerate().map(|(index, line)| {
        let text = escape(&line.text);
        let mark = if index == 0 { mark } else { "" };
        match line.style {
            Style::Title => format!("<b>{mark}{text}</b>"),
            Style::Kind => format!("<i>{mark}{text}</i>"),
            Style::Detail => format!("{mark}{text}"),
        }
    });
    lines.collect::<Vec<_>>().join("<br/>")
}

/// Writes everything that Mermaid, Markdown, HTML or TeX inside it could understand as the number of the character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | ',' | '.' | ':' | '/' | '(' | ')' | '=' => escaped.push(c),
            c if c.is_ascii_alphanumeric() || !c.is_ascii() => escaped.push(c),
            '_' | '-' if escaped.ends_with(|before: char| before.is_ascii_alphanumeric()) => {
                escaped.push(c);
            }
            // Two of them would begin a formula, whatever they are written as.
            '$' if escaped.ends_with("#36;") => escaped.push_str("#8203;#36;"),
            c => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
        }
    }
    escaped
}
