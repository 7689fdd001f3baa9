//! From a workflow to its picture.

use std::collections::{HashMap, HashSet, VecDeque};

use indexmap::IndexMap;

use super::describe::{self, Use};
use super::label::{Label, Style};
use super::{Cluster, Edge, EdgeKind, Graph, Item, Node, NodeKind};
use crate::workflow;
use crate::{
    AnyWork, Branch, Collection, Condition, ParameterLink, Predicate, Step, StepRef, Workflow,
};

/// An item: its cluster, and its position there.
type Place = (usize, usize);

/// Draws a workflow.
pub(super) fn graph(workflow: &Workflow) -> Graph {
    let mut builder = Builder::new(workflow);
    builder.add_steps();
    builder.add_conditions();
    builder.add_collections();
    builder.add_tasks();
    builder.add_links();
    Graph {
        clusters: builder.clusters,
    }
}

struct Builder<'a> {
    /// The workflow of every cluster.
    workflows: Vec<&'a Workflow>,
    /// Where every cluster is in the one around it.
    parents: Vec<Option<Place>>,
    depths: Vec<usize>,
    clusters: Vec<Cluster>,
    collections: IndexMap<(&'a str, &'a str), Users<'a>>,
}

/// Those who use a collection.
#[derive(Default)]
struct Users<'a> {
    works: Vec<User<'a>>,
    /// The innermost cluster around them, when there are several.
    cluster: Option<usize>,
}

/// A work that uses a collection.
struct User<'a> {
    place: Place,
    how: Use,
    collection: &'a Collection,
}

impl<'a> Builder<'a> {
    /// Finds all workflows and all uses of collections.
    fn new(root: &'a Workflow) -> Self {
        let mut builder = Self {
            workflows: vec![root],
            parents: vec![None],
            depths: vec![0],
            clusters: vec![Cluster::default()],
            collections: IndexMap::new(),
        };
        let mut queue = VecDeque::from([0]);
        while let Some(cluster) = queue.pop_front() {
            let workflow = builder.workflows[cluster];
            for (position, (name, step)) in workflow.steps().enumerate() {
                match step {
                    Step::Work(work) => builder.add_uses((cluster, position), work),
                    Step::Workflow(inner) => {
                        let path = join(&builder.clusters[cluster].path, name);
                        queue.push_back(builder.workflows.len());
                        builder.workflows.push(inner);
                        builder.parents.push(Some((cluster, position)));
                        builder.depths.push(builder.depths[cluster] + 1);
                        builder.clusters.push(Cluster {
                            path,
                            ..Cluster::default()
                        });
                    }
                }
            }
            if let Some(work) = workflow.build_work() {
                builder.add_uses((cluster, workflow.steps().len()), work);
            }
        }
        let mut collections = std::mem::take(&mut builder.collections);
        for users in collections.values_mut() {
            users.cluster = builder.common_cluster(&users.works);
        }
        builder.collections = collections;
        builder
    }

    fn add_uses(&mut self, place: Place, work: &'a AnyWork) {
        for (how, collection) in describe::uses(work) {
            let users = self
                .collections
                .entry((collection.scope(), collection.name()))
                .or_default();
            users.works.push(User {
                place,
                how,
                collection,
            });
        }
    }

    fn add_steps(&mut self) {
        let mut inner_clusters = 1..;
        for cluster in 0..self.workflows.len() {
            let workflow = self.workflows[cluster];
            let mut label = match self.parents[cluster] {
                Some(_) => Label::new(Style::Title, last_name(&self.clusters[cluster].path)),
                None => Label::default(),
            };
            let step = last_name(&self.clusters[cluster].path);
            if let Some(name) = workflow
                .name()
                .filter(|name| !name.is_empty() && *name != step)
            {
                label.push(
                    if label.is_empty() {
                        Style::Title
                    } else {
                        Style::Kind
                    },
                    name,
                );
            }
            if let Some(predicate) = workflow.loop_condition() {
                describe::add_predicate("↻ again while ", predicate, &mut label);
            }
            let drawn = &mut self.clusters[cluster];
            drawn.label = label;
            drawn.is_loop = workflow.loop_condition().is_some();

            let first = first_steps(workflow);
            for (position, (name, step)) in workflow.steps().enumerate() {
                let item = match step {
                    Step::Work(work) => Item::Node(Node {
                        kind: NodeKind::Work,
                        label: describe::work(name, work, |collection| {
                            self.is_listed(cluster, collection)
                        }),
                        path: Some(join(&self.clusters[cluster].path, name)),
                        is_first: first[position],
                    }),
                    Step::Workflow(_) => {
                        // They are numbered in the order in which they are met.
                        let inner = inner_clusters.next().unwrap_or_default();
                        self.clusters[inner].is_first = first[position];
                        Item::Cluster(inner)
                    }
                };
                self.clusters[cluster].items.push(item);
            }
            if let Some(work) = workflow.build_work() {
                let label = describe::work("build work", work, |collection| {
                    self.is_listed(cluster, collection)
                });
                self.add_node(cluster, NodeKind::BuildWork, label);
            }
        }
    }

    fn add_node(&mut self, cluster: usize, kind: NodeKind, label: Label) -> usize {
        let items = &mut self.clusters[cluster].items;
        items.push(Item::Node(Node {
            kind,
            label,
            path: None,
            is_first: false,
        }));
        items.len() - 1
    }

    fn add_edge(&mut self, cluster: usize, from: usize, to: usize, kind: EdgeKind, label: Label) {
        self.clusters[cluster].edges.push(Edge {
            from,
            to,
            kind,
            label,
        });
    }

    fn add_conditions(&mut self) {
        for cluster in 0..self.workflows.len() {
            for condition in self.workflows[cluster].conditions() {
                match plain(condition) {
                    Some((asked, words)) => self.add_release(cluster, asked, words, condition),
                    None => self.add_condition(cluster, condition),
                }
            }
        }
    }

    /// Draws a condition as arrows from the one step that it asks.
    fn add_release(&mut self, cluster: usize, asked: &StepRef, words: &str, condition: &Condition) {
        for branch in condition.true_branches() {
            if let Branch::Step(step) = branch
                && let (Some(from), Some(to)) =
                    (self.position(cluster, asked), self.position(cluster, step))
            {
                self.add_edge(
                    cluster,
                    from,
                    to,
                    EdgeKind::Release,
                    Label::new(Style::Detail, words),
                );
            }
        }
    }

    /// Draws a condition, and those in its branches, as boxes.
    fn add_condition(&mut self, cluster: usize, condition: &'a Condition) {
        let mut waiting = vec![(condition, None)];
        while let Some((condition, parent)) = waiting.pop() {
            let node = self.add_node(
                cluster,
                NodeKind::Condition,
                describe::predicate(condition.predicate()),
            );
            if let Some((parent, kind)) = parent {
                self.add_edge(cluster, parent, node, kind, branch_label(kind));
            }
            let mut asked: Vec<_> = condition
                .predicate()
                .steps()
                .into_iter()
                .filter_map(|step| self.position(cluster, step))
                .collect();
            asked.sort_unstable();
            asked.dedup();
            for step in asked {
                self.add_edge(cluster, step, node, EdgeKind::Question, Label::default());
            }
            let branches = [
                (EdgeKind::True, condition.true_branches()),
                (EdgeKind::False, condition.false_branches()),
            ];
            let mut inner = Vec::new();
            for (kind, branch) in branches
                .into_iter()
                .flat_map(|(kind, all)| all.iter().map(move |one| (kind, one)))
            {
                match branch {
                    Branch::Step(step) => {
                        if let Some(step) = self.position(cluster, step) {
                            self.add_edge(cluster, node, step, kind, branch_label(kind));
                        }
                    }
                    Branch::Condition(condition) => inner.push((&**condition, Some((node, kind)))),
                }
            }
            waiting.extend(inner.into_iter().rev());
        }
    }

    fn position(&self, cluster: usize, step: &StepRef) -> Option<usize> {
        self.workflows[cluster]
            .position(step)
            .map(|position| position as usize)
    }

    /// Tells whether a work of this cluster has to name the collection, because no arrow leads from it to a box.
    fn is_listed(&self, cluster: usize, collection: &Collection) -> bool {
        self.collections
            .get(&(collection.scope(), collection.name()))
            .and_then(|users| users.cluster)
            .is_none_or(|common| common != cluster)
    }

    /// Returns the innermost cluster around all users, when there are several.
    fn common_cluster(&self, users: &[User<'_>]) -> Option<usize> {
        let (first, others) = users.split_first()?;
        if others.iter().all(|other| other.place == first.place) {
            return None;
        }
        Some(others.iter().fold(first.place.0, |common, other| {
            self.common(common, other.place.0)
        }))
    }

    /// Returns the innermost cluster around two.
    fn common(&self, mut one: usize, mut other: usize) -> usize {
        while one != other {
            let deeper = if self.depths[one] >= self.depths[other] {
                &mut one
            } else {
                &mut other
            };
            *deeper = self.parents[*deeper].map_or(0, |(parent, _)| parent);
        }
        one
    }

    /// Returns the item of an outer cluster that a place is in, or is.
    fn project(&self, mut place: Place, cluster: usize) -> usize {
        while place.0 != cluster {
            let Some(parent) = self.parents[place.0] else {
                break;
            };
            place = parent;
        }
        place.1
    }

    fn add_collections(&mut self) {
        for users in std::mem::take(&mut self.collections).into_values() {
            let (Some(cluster), Some(first)) = (users.cluster, users.works.first()) else {
                continue;
            };
            let node = self.add_node(
                cluster,
                NodeKind::Collection,
                describe::collection(first.collection),
            );
            let mut drawn = HashSet::new();
            for user in &users.works {
                let item = self.project(user.place, cluster);
                let (from, to) = if user.how == Use::Reads {
                    (node, item)
                } else {
                    (item, node)
                };
                if drawn.insert((from, to, user.how)) {
                    let label = match user.how {
                        Use::Logs => Label::new(Style::Detail, "log"),
                        Use::Reads | Use::Writes => Label::default(),
                    };
                    self.add_edge(cluster, from, to, EdgeKind::Data, label);
                }
            }
        }
    }

    /// Draws which tasks wait, job by job, for other tasks.
    fn add_tasks(&mut self) {
        let mut works = Vec::new();
        let mut named: HashMap<&str, Vec<Place>> = HashMap::new();
        for (cluster, workflow) in self.workflows.iter().enumerate() {
            for (position, (_, step)) in workflow.steps().enumerate() {
                let Step::Work(work) = step else { continue };
                let place = (cluster, position);
                works.push((place, work));
                if let Some(name) = workflow::task_name(work) {
                    named.entry(name).or_default().push(place);
                }
            }
        }
        for (place, work) in works {
            let mut drawn = HashSet::new();
            for source in workflow::awaited(work)
                .filter_map(|task| named.get(task))
                .flatten()
            {
                let cluster = self.common(source.0, place.0);
                let [from, to] = [*source, place].map(|place| self.project(place, cluster));
                if from != to && drawn.insert((cluster, from)) {
                    self.add_edge(cluster, from, to, EdgeKind::Jobs, Label::default());
                }
            }
        }
    }

    fn add_links(&mut self) {
        for cluster in 0..self.workflows.len() {
            for link in self.workflows[cluster].links() {
                let Some(source) = self.place(cluster, link.source()) else {
                    continue;
                };
                for destination in link.destinations() {
                    if let Some(place) = self.place(cluster, destination) {
                        self.add_link(link, source, destination, place);
                    }
                }
            }
        }
    }

    fn add_link(&mut self, link: &ParameterLink, source: Place, destination: &StepRef, to: Place) {
        let cluster = self.common(source.0, to.0);
        let ends = [source, to].map(|place| self.project(place, cluster));
        if ends[0] == ends[1] {
            // Nothing can lead from a box to itself, or into itself.
            let label = describe::link(link.parameters(), None);
            let words = format!("hands {} to {destination}", label.lines()[0].text);
            match &mut self.clusters[cluster].items[ends[0]] {
                Item::Node(node) => node.label.push(Style::Detail, &words),
                Item::Cluster(inner) => {
                    let inner = *inner;
                    self.clusters[inner].label.push(Style::Detail, &words);
                }
            }
            return;
        }
        let is_inner = source.0 != cluster || to.0 != cluster;
        let label = describe::link(
            link.parameters(),
            is_inner.then_some((link.source(), destination)),
        );
        self.add_edge(cluster, ends[0], ends[1], EdgeKind::Link, label);
    }

    /// Returns where a step is, by its path from a cluster.
    fn place(&self, cluster: usize, step: &StepRef) -> Option<Place> {
        let mut place = None;
        let mut cluster = Some(cluster);
        for name in step.as_str().split('/') {
            let position = self.position(cluster?, &StepRef::new(name))?;
            place = Some((cluster?, position));
            cluster = match self.clusters[cluster?].items[position] {
                Item::Cluster(inner) => Some(inner),
                Item::Node(_) => None,
            };
        }
        place
    }
}

/// Returns the step and the state that a condition asks, when arrows say all of it.
fn plain(condition: &Condition) -> Option<(&StepRef, &'static str)> {
    let releases_steps = condition
        .true_branches()
        .iter()
        .all(|branch| matches!(branch, Branch::Step(_)));
    match condition.predicate() {
        Predicate::Is(step, state) if releases_steps && condition.false_branches().is_empty() => {
            Some((step, state.words()))
        }
        _ => None,
    }
}

fn branch_label(kind: EdgeKind) -> Label {
    Label::new(Style::Detail, kind.name())
}

/// Tells of every step whether it starts first.
fn first_steps(workflow: &Workflow) -> Vec<bool> {
    if workflow.initial_steps().is_empty() {
        return workflow
            .plan()
            .is_released
            .iter()
            .map(|is_released| !is_released)
            .collect();
    }
    let mut first = vec![false; workflow.steps().len()];
    for position in workflow
        .initial_steps()
        .iter()
        .filter_map(|step| workflow.position(step))
    {
        first[position as usize] = true;
    }
    first
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
