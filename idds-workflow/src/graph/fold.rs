//! Folding of boxes that differ only in numbers into one box.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::label::Label;
use super::{Cluster, Edge, Graph, Item, Node};

/// How many boxes are still drawn one by one.
const MOST: usize = 9;

/// How far arrows are followed to tell boxes apart.
const ROUNDS: usize = 64;

/// Folds boxes of one workflow that say the same but for numbers, and whose arrows lead to and from the same boxes or to and from
/// boxes that are folded themselves.
pub(super) fn fold(graph: &mut Graph) {
    for cluster in &mut graph.clusters {
        fold_cluster(cluster);
    }
}

fn fold_cluster(cluster: &mut Cluster) {
    if cluster.items.len() <= MOST {
        return;
    }
    let classes = classes(cluster);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (item, class) in classes.iter().enumerate() {
        members.entry(*class).or_default().push(item);
    }
    let inside: HashSet<usize> = cluster
        .edges
        .iter()
        .filter(|edge| classes[edge.from] == classes[edge.to])
        .map(|edge| classes[edge.from])
        .collect();
    members.retain(|class, members| members.len() > MOST && !inside.contains(class));
    if members.is_empty() {
        return;
    }
    // Where every item goes: to the first one of its class, if that is folded.
    let mut target: Vec<usize> = (0..cluster.items.len()).collect();
    for members in members.values() {
        members.iter().for_each(|item| target[*item] = members[0]);
        let labels: Vec<&Label> = members
            .iter()
            .filter_map(|item| node(&cluster.items[*item]))
            .map(|node| &node.label)
            .collect();
        let label = Label::folded(&labels);
        if let Item::Node(node) = &mut cluster.items[members[0]] {
            node.label = label;
            node.path = None;
        }
    }
    let mut places = vec![0; cluster.items.len()];
    let mut kept = 0;
    for (item, place) in places.iter_mut().enumerate() {
        *place = kept;
        kept += usize::from(target[item] == item);
    }
    let mut item = 0..;
    cluster
        .items
        .retain(|_| item.next().is_some_and(|item| target[item] == item));
    let mut edges: Vec<Edge> = Vec::with_capacity(cluster.edges.len());
    let mut drawn = HashSet::new();
    for edge in std::mem::take(&mut cluster.edges) {
        let [from, to] = [edge.from, edge.to].map(|item| places[target[item]]);
        let is_folded = target[edge.from] != edge.from
            || target[edge.to] != edge.to
            || members.contains_key(&classes[edge.from]);
        let is_new = drawn.insert((from, to, edge.kind, edge.label.pattern()));
        if is_new || !is_folded {
            edges.push(Edge { from, to, ..edge });
        }
    }
    cluster.edges = edges;
}

fn node(item: &Item) -> Option<&Node> {
    match item {
        Item::Node(node) => Some(node),
        Item::Cluster(_) => None,
    }
}

/// Returns the class of each item: those of one class say the same but for numbers, and so do their arrows.
fn classes(cluster: &Cluster) -> Vec<usize> {
    let texts = cluster
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| match item {
            Item::Node(node) => {
                format!("{:?} {} {}", node.kind, node.is_first, node.label.pattern())
            }
            // A workflow is like no other.
            Item::Cluster(_) => format!("workflow {index}"),
        });
    let mut classes = numbered(texts);
    let mut count = classes.iter().max().map_or(0, |most| most + 1);
    let labels: Vec<_> = cluster
        .edges
        .iter()
        .map(|edge| edge.label.pattern())
        .collect();
    for _ in 0..ROUNDS {
        let mut arrows: Vec<Vec<(bool, &str, &str, usize)>> = vec![Vec::new(); classes.len()];
        for (edge, label) in cluster.edges.iter().zip(&labels) {
            arrows[edge.from].push((true, edge.kind.name(), label.as_str(), classes[edge.to]));
            arrows[edge.to].push((false, edge.kind.name(), label.as_str(), classes[edge.from]));
        }
        arrows.iter_mut().for_each(|arrows| arrows.sort_unstable());
        let finer = numbered(classes.iter().copied().zip(arrows));
        let finer_count = finer.iter().max().map_or(0, |most| most + 1);
        classes = finer;
        if finer_count == count {
            return classes;
        }
        count = finer_count;
    }
    // A long chain: every box has a place of its own.
    (0..classes.len()).collect()
}

/// Numbers things by their first appearance.
fn numbered<T: Eq + std::hash::Hash>(things: impl Iterator<Item = T>) -> Vec<usize> {
    let mut numbers = HashMap::new();
    things
        .map(|thing| {
            let next = numbers.len();
            *numbers.entry(thing).or_insert(next)
        })
        .collect()
}
