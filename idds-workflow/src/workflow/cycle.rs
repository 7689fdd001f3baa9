//! Cycles of a graph.

use std::collections::VecDeque;

/// Most cycles that are returned: a person mends them one after the other.
const MOST: usize = 10;

/// Number of nodes of a cycle from which a shorter one is looked for, so that the time stays linear.
const STARTS: usize = 64;

/// Returns cycles of a graph that share no node, short ones first, each as its nodes in the order of the
/// edges from the first one on; at most ten.
///
/// `next` has the targets of the edges of every node. A cycle of one or two nodes is always found; a longer one is the shortest
/// through one of its nodes.
pub(super) fn cycles(next: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut graph = Graph::new(next);
    let mut found = Vec::new();
    for (node, targets) in (0..).zip(next) {
        if found.len() < MOST && targets.contains(&node) {
            found.push(vec![node]);
            graph.is_left[node as usize] = false;
        }
    }
    graph.trim();
    while found.len() < MOST
        && let Some(start) = graph.on_cycle()
        && let Some(mut cycle) = graph.shortest(start, usize::MAX)
    {
        for node in cycle.clone().into_iter().take(STARTS) {
            if let Some(shorter) = graph.shortest(node, cycle.len()) {
                cycle = shorter;
            }
        }
        let first = (0..cycle.len())
            .min_by_key(|index| cycle[*index])
            .unwrap_or_default();
        cycle.rotate_left(first);
        let first = (0..cycle.len())
            .min_by_key(|index| cycle[*index])
            .unwrap_or_default();
        cycle.rotate_left(first);
        cycle
            .iter()
            .for_each(|node| graph.is_left[*node as usize] = false);
        found.push(cycle);
        graph.trim();
    }
    found.sort_by_key(Vec::len);
    found
}

/// The nodes of a graph that can still be on a cycle.
struct Graph<'a> {
    next: &'a [Vec<u32>],
    is_left: Vec<bool>,
    before: Vec<Vec<u32>>,
}

impl<'a> Graph<'a> {
    fn new(next: &'a [Vec<u32>]) -> Self {
        let mut before = vec![Vec::new(); next.len()];
        for (node, targets) in (0_u32..).zip(next) {
            targets
                .iter()
                .for_each(|target| before[*target as usize].push(node));
        }
        Self {
            next,
            is_left: vec![true; next.len()],
            before,
        }
    }

    /// Takes nodes away that nothing leads to or that lead nowhere, again and again.
    fn trim(&mut self) {
        let [next, before] = [self.next, &*self.before];
        for (onwards, backwards) in [(next, before), (before, next)] {
            let is_left = &mut self.is_left;
            let mut degrees: Vec<usize> = backwards
                .iter()
                .map(|sources| {
                    sources
                        .iter()
                        .filter(|source| is_left[**source as usize])
                        .count()
                })
                .collect();
            let mut free: Vec<u32> = (0..next.len() as u32)
                .filter(|node| is_left[*node as usize] && degrees[*node as usize] == 0)
                .collect();
            while let Some(node) = free.pop() {
                is_left[node as usize] = false;
                for target in &onwards[node as usize] {
                    degrees[*target as usize] -= usize::from(is_left[*target as usize]);
                    if is_left[*target as usize] && degrees[*target as usize] == 0 {
                        free.push(*target);
                    }
                }
            }
        }
    }

    /// Returns the nodes that are left after a node.
    fn left(&self, node: u32) -> impl Iterator<Item = u32> {
        self.next[node as usize]
            .iter()
            .copied()
            .filter(|target| self.is_left[*target as usize])
    }

    /// Returns a node of a cycle, when there is one; of two nodes if possible.
    fn on_cycle(&self) -> Option<u32> {
        let nodes = || (0..self.next.len() as u32).filter(|node| self.is_left[*node as usize]);
        let is_paired = |node: &u32| {
            let sources = &self.before[*node as usize];
            // Whichever of the two has fewer neighbours finds the other one.
            let is_short = |other: &u32| sources.len() <= self.before[*other as usize].len();
            self.left(*node)
                .filter(is_short)
                .any(|target| sources.contains(&target))
        };
        if let Some(node) = nodes().find(is_paired) {
            return Some(node);
        }
        // Every node that is left leads to another one, so that the way comes to a node for the second time.
        let (mut node, mut is_seen) = (nodes().next()?, vec![false; self.next.len()]);
        while !std::mem::replace(&mut is_seen[node as usize], true) {
            node = self.left(node).next()?;
        }
        Some(node)
    }

    /// Returns the shortest cycle through a node that has fewer nodes than this.
    fn shortest(&self, start: u32, fewer_than: usize) -> Option<Vec<u32>> {
        let mut reached_from = vec![None; self.next.len()];
        let mut reached = VecDeque::from([(start, 1)]);
        while let Some((node, length)) = reached.pop_front() {
            if length >= fewer_than {
                return None;
            }
            for target in self.left(node) {
                if target == start {
                    let mut cycle = vec![node];
                    while let Some(earlier) = reached_from[*cycle.last()? as usize] {
                        cycle.push(earlier);
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if reached_from[target as usize].is_none() {
                    reached_from[target as usize] = Some(node);
                    reached.push_back((target, length + 1));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_found_and_what_leads_to_them_or_comes_after_is_not() {
        type Lists<'a> = &'a [&'a [u32]];
        let cases: [(Lists<'_>, Lists<'_>); 7] = [
            (&[], &[]),
            (&[&[1], &[2], &[]], &[]),
            (&[&[0, 1], &[]], &[&[0]]),
            (&[&[1], &[2], &[1, 3], &[]], &[&[1, 2]]),
            // The short way of two.
            (&[&[1, 2], &[2], &[3], &[0]], &[&[0, 2, 3]]),
            // Two cycles and the way between them.
            (&[&[1], &[0, 2], &[3], &[4], &[3]], &[&[0, 1], &[3, 4]]),
            (&[&[1], &[2], &[0, 3], &[2, 3]], &[&[3], &[0, 1, 2]]),
        ];
        for (next, expected) in cases {
            let next: Vec<_> = next.iter().map(|targets| targets.to_vec()).collect();
            assert_eq!(cycles(&next), expected, "{next:?}");
        }
    }

    #[test]
    fn a_ring_of_many_nodes_is_one_cycle() {
        let count = 100_000;
        let ring: Vec<_> = (0..count).map(|node| vec![(node + 1) % count]).collect();
        assert_eq!(
            cycles(&ring).iter().map(Vec::len).collect::<Vec<_>>(),
            [count as usize]
        );
    }
}
