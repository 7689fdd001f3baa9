//! Parameter links: values that one step hands to others.

use std::sync::Arc;

use super::{Step, Workflow};
use crate::StepRef;
use crate::error::Problem;

/// Hands parameters of one step to others, also of sub-workflows.
///
/// No 2.6.21 server can decode a parameter link: it answers 400 to the whole request.
///
/// ```
/// use idds_workflow::{ParameterLink, StepRef};
///
/// let [simulate, merge] = ["simulate", "merge"].map(StepRef::new);
/// let link = ParameterLink::between(simulate, [merge])
///     .rename("primary_output_collection", "primary_input_collection")
///     .parameter("setup");
/// assert_eq!(link.parameters().count(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a link does nothing before it is added to a workflow"]
pub struct ParameterLink {
    source: StepRef,
    destinations: Vec<StepRef>,
    parameters: Arc<Vec<(String, String)>>,
}

impl ParameterLink {
    /// Starts a link from one step to others.
    ///
    /// Python keeps the first destination in each workflow only, and so does the wire form.
    pub fn between(source: StepRef, destinations: impl IntoIterator<Item = StepRef>) -> Self {
        Self {
            source,
            destinations: destinations.into_iter().collect(),
            parameters: Arc::default(),
        }
    }

    /// Hands on a parameter under its own name.
    pub fn parameter(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.rename(name.clone(), name)
    }

    /// Hands on a parameter under another name.
    pub fn rename(mut self, source: impl Into<String>, destination: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.parameters).push((source.into(), destination.into()));
        self
    }

    /// Returns the step that hands the parameters on.
    pub fn source(&self) -> &StepRef {
        &self.source
    }

    /// Returns the steps that get the parameters.
    pub fn destinations(&self) -> &[StepRef] {
        &self.destinations
    }

    /// Returns the names of the parameters, in the source and in the destinations.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(source, destination)| (source.as_str(), destination.as_str()))
    }
}

/// What one workflow knows of a link that has an end in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LinkEnd {
    /// Number of the link among all of the outermost workflow.
    pub(crate) number: u32,
    pub(crate) parameters: Arc<Vec<(String, String)>>,
    /// Position of the source, when it is in this workflow.
    pub(crate) source: Option<u32>,
    /// Position of the destination, when one is in this workflow.
    pub(crate) destination: Option<u32>,
}

impl Workflow {
    /// Numbers the links of the sub-workflows after the own ones, and tells every workflow which of the own links end in it.
    pub(super) fn place_links(&mut self, problems: &mut Vec<Problem>) {
        let links = self.links.clone();
        self.link_count = links.len() as u32;
        let mut count = self.link_count;
        for step in self.steps.values_mut() {
            if let Step::Workflow(inner) = step {
                inner.shift_links(count);
                count += inner.link_count;
            }
        }
        self.link_count = count;
        for (number, link) in (0..).zip(&links) {
            let place = format!("links[{number}]");
            if link.parameters.is_empty() {
                problems.push(Problem::new(&place, "hands on no parameter"));
            }
            if link.destinations.is_empty() {
                problems.push(Problem::new(&place, "has no destination"));
            }
            let ends = std::iter::once((&link.source, true))
                .chain(link.destinations.iter().map(|step| (step, false)));
            for (step, is_source) in ends {
                if !self.add_link_end(step.as_str(), number, link, is_source) {
                    problems.push(Problem::new(
                        &place,
                        format!("{step} is no work of the workflow"),
                    ));
                }
            }
        }
    }

    fn shift_links(&mut self, by: u32) {
        self.link_ends.iter_mut().for_each(|end| end.number += by);
        for step in self.steps.values_mut() {
            if let Step::Workflow(inner) = step {
                inner.shift_links(by);
            }
        }
    }

    /// Adds an end of a link where its step is; false when there is no such step.
    fn add_link_end(
        &mut self,
        path: &str,
        number: u32,
        link: &ParameterLink,
        is_source: bool,
    ) -> bool {
        if let Some((first, rest)) = path.split_once('/') {
            return match self.steps.get_mut(first) {
                Some(Step::Workflow(inner)) => inner.add_link_end(rest, number, link, is_source),
                _ => false,
            };
        }
        let Some(position) = self
            .steps
            .get_index_of(path)
            .map(|position| position as u32)
        else {
            return false;
        };
        let end = match self.link_ends.iter().position(|end| end.number == number) {
            Some(index) => &mut self.link_ends[index],
            None => {
                let parameters = Arc::clone(&link.parameters);
                self.link_ends.push(LinkEnd {
                    number,
                    parameters,
                    source: None,
                    destination: None,
                });
                let last = self.link_ends.len() - 1;
                &mut self.link_ends[last]
            }
        };
        let side = if is_source {
            &mut end.source
        } else {
            &mut end.destination
        };
        side.get_or_insert(position);
        true
    }
}
