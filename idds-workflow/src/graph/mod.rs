//! Pictures of workflows, as text in three languages.
//!
//! What there is to see is gathered once, as boxes inside boxes and arrows between the boxes of one box; each writer turns
//! that into its language.

mod build;
mod describe;
mod dot;
mod fold;
mod label;
mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

use self::label::Label;
use crate::Workflow;

/// A workflow as a picture: works, the collections they share, conditions, loops and sub-workflows.
///
/// The same workflow gives the same text. Names that are too long for a box are shortened in their middle; SVG and DOT
/// show them whole in a tooltip.
///
/// | drawn | means |
/// | --- | --- |
/// | box | a work: its name, class, program, and the collections that it alone uses |
/// | ▶ | the step starts first |
/// | arrow with a state | the next step is released when the step is in that state |
/// | hexagon | a condition with several members or branches; grey arrows lead from the steps that it asks |
/// | arrows `true`, `false` | what the condition releases when it holds and, usually at once, when it does not hold |
/// | cylinder | a collection that several works use |
/// | brown arrow | jobs of the next task wait for jobs of this one |
/// | `simulate_1 … simulate_49`, `49 of them, folded` | ten or more boxes that say the same but for numbers, and so do their arrows |
/// | box around boxes | a workflow; `↻` tells while what its steps run again |
/// | dotted arrow | parameters that one step hands to another |
///
/// An arrow never crosses the border of a workflow: a work inside a sub-workflow names the outer collections it uses, and
/// the arrow leads to the sub-workflow.
///
/// ```
/// use idds_workflow::{Work, Workflow, when};
///
/// let mut workflow = Workflow::builder();
/// let simulate = workflow.add("simulate", Work::builder("simulate.sh").build()?);
/// let merge = workflow.add("merge", Work::builder("merge.sh").build()?);
/// let graph = workflow.condition(when(simulate.is_finished()).then(&merge)).build()?.graph();
/// assert!(graph.mermaid().contains(r#"n0 -->|"is finished"| n1"#));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The whole workflow comes first, every sub-workflow after the one it is in.
    clusters: Vec<Cluster>,
}

/// A workflow.
#[derive(Clone, Debug, Default, PartialEq)]
struct Cluster {
    label: Label,
    /// Names that lead to the step, joined by `/`; empty for the whole workflow.
    path: String,
    is_first: bool,
    is_loop: bool,
    /// The steps in their order, then everything else.
    items: Vec<Item>,
    edges: Vec<Edge>,
}

/// What a workflow contains.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Node(Node),
    /// A sub-workflow, by its position among all clusters.
    Cluster(usize),
}

#[derive(Clone, Debug, PartialEq)]
struct Node {
    kind: NodeKind,
    label: Label,
    /// Names that lead to the step, for one.
    path: Option<String>,
    is_first: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum NodeKind {
    Work,
    BuildWork,
    Collection,
    Condition,
}

/// An arrow between two items of one cluster, by their positions there, which differ.
#[derive(Clone, Debug, PartialEq)]
struct Edge {
    from: usize,
    to: usize,
    kind: EdgeKind,
    label: Label,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum EdgeKind {
    /// From a step to one that its state releases.
    Release,
    /// From a step to a condition that asks it.
    Question,
    /// From a condition to what it releases when it holds.
    True,
    /// From a condition to what it releases when it does not hold.
    False,
    /// From a collection to its reader, or from a writer to the collection.
    Data,
    /// From a task to one whose jobs wait for its jobs.
    Jobs,
    /// From the source of a parameter link to a destination.
    Link,
}

impl NodeKind {
    const ALL: [Self; 4] = [
        Self::Work,
        Self::BuildWork,
        Self::Collection,
        Self::Condition,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::BuildWork => "build",
            Self::Collection => "collection",
            Self::Condition => "condition",
        }
    }
}

impl EdgeKind {
    const ALL: [Self; 7] = [
        Self::Release,
        Self::Question,
        Self::True,
        Self::False,
        Self::Data,
        Self::Jobs,
        Self::Link,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Question => "question",
            Self::True => "true",
            Self::False => "false",
            Self::Data => "data",
            Self::Jobs => "jobs",
            Self::Link => "link",
        }
    }

    /// Returns the colour of the arrow, one that can be seen on white and on black.
    fn colour(self) -> &'static str {
        match self {
            Self::Release => "#748399",
            Self::Question => "#94a3b8",
            Self::True => "#2f9e5f",
            Self::False => "#dc4c3f",
            Self::Data => "#3b82c4",
            Self::Jobs => "#b7791f",
            Self::Link => "#9061d0",
        }
    }
}

impl Workflow {
    /// Draws the workflow.
    #[must_use]
    pub fn graph(&self) -> Graph {
        let mut graph = build::graph(self);
        fold::fold(&mut graph);
        graph
    }
}

impl Graph {
    /// Writes a Mermaid flowchart, which GitHub, GitLab and many editors show.
    ///
    /// As they are configured by default, they refuse more than 500 arrows and 50 000 characters.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::write(self)
    }

    /// Writes a digraph in the DOT language of Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::write(self)
    }

    /// Writes an SVG document that needs nothing else: no fonts, no scripts, no Graphviz. It has a light and a dark look.
    ///
    /// The steps of a large workflow are put in order with less care, so that the time does not grow faster than the
    /// picture: of more than 50 000 bends of long arrows, those of the longest arrows are left out, and these run straight,
    /// behind the boxes.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::write(self)
    }
}
