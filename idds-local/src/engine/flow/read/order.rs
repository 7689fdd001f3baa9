//! The order in which works start whose jobs wait for outputs of others.

use std::collections::HashMap;

use super::work::Head;
use crate::engine::flow::definition::StepDef;

/// Notes for each work which others its jobs wait for, by the names of their tasks.
pub(super) fn parents(heads: &[(usize, Head)], steps: &mut [StepDef]) {
    let tasks: HashMap<&str, usize> = heads
        .iter()
        .filter_map(|(place, head)| Some((head.task_name.as_deref()?, *place)))
        .collect();
    for (place, head) in heads {
        for task in &head.ancestors {
            match tasks.get(task.as_str()) {
                Some(parent) => steps[*place].parents.push(*parent),
                None => steps[*place].unknown_parents.push(task.clone()),
            }
        }
    }
}

/// Orders works as 2.6.21 does: those first that wait for none, then those that wait for these, and so on; what is left, since it
/// waits for itself or for a work that is not among them, comes last.
pub(super) fn ordered(works: &[usize], steps: &[StepDef]) -> Vec<usize> {
    let mut waiting: HashMap<usize, usize> = HashMap::new();
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    let position: HashMap<usize, usize> = works
        .iter()
        .enumerate()
        .map(|(position, work)| (*work, position))
        .collect();
    let mut level = Vec::new();
    for work in works {
        let parents = &steps[*work].parents;
        if parents.is_empty() {
            level.push(*work);
            continue;
        }
        _ = waiting.insert(*work, parents.len());
        for parent in parents {
            children.entry(*parent).or_default().push(*work);
        }
    }
    let mut ordered = Vec::with_capacity(works.len());
    while !level.is_empty() {
        let mut next = Vec::new();
        for work in &level {
            ordered.push(*work);
            for child in children.get(work).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(child) {
                    *count -= 1;
                    if *count == 0 {
                        next.push(*child);
                        _ = waiting.remove(child);
                    }
                }
            }
        }
        next.sort_by_key(|work| position.get(work));
        level = next;
    }
    ordered.extend(works.iter().filter(|work| waiting.contains_key(work)));
    ordered
}
