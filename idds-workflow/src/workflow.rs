//! Workflows: works under one name, submitted as one request.

use derive_builder::Builder;

use crate::error::Problem;
use crate::{AnyWork, Error, Number, WorkloadId, text};

/// A workflow: what one request asks iDDS to do.
///
/// ```
/// use idds_workflow::{ATLASHPOWork, OptSpace, Workflow};
///
/// let space = OptSpace::builder().scalar("B", 0.0..=5.0).build()?;
/// let workflow = Workflow::builder()
///     .name("my.search")
///     .workload_id(20525135)
///     .work(ATLASHPOWork::nevergrad(space, 20).build()?)
///     .build()?;
/// assert_eq!(workflow.works().len(), 1);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct Workflow {
    /// Name of the workflow and of the request, at most 255 characters; generated from the time unless set.
    #[builder(default, setter(into, strip_option))]
    name: Option<String>,
    /// Task of the workload system that the request belongs to.
    #[builder(default, setter(into, strip_option))]
    workload_id: Option<WorkloadId>,
    /// Works, in the order in which they start.
    #[builder(default, setter(custom))]
    works: Vec<AnyWork>,
    /// Time after which the request expires; never unless set.
    #[builder(default, setter(into, strip_option))]
    lifetime: Option<Days>,
    /// Time that works wait for their inputs; the server's default unless set.
    #[builder(default, setter(into, strip_option))]
    pending_time: Option<Days>,
    /// Campaign that the request is grouped under. Grouping needs all four campaign values.
    #[builder(default, setter(into, strip_option))]
    campaign: Option<String>,
    /// Scope of the campaign.
    #[builder(default, setter(into, strip_option))]
    campaign_scope: Option<String>,
    /// Group of the campaign.
    #[builder(default, setter(into, strip_option))]
    campaign_group: Option<String>,
    /// Tag of the campaign.
    #[builder(default, setter(into, strip_option))]
    campaign_tag: Option<String>,
    /// Number of requests of the campaign that run at once; no limit unless set.
    #[builder(default, setter(strip_option))]
    max_processing_requests: Option<u32>,
    /// User that the workflow belongs to. The server believes it: leave it unset to own the request.
    #[builder(default, setter(into, strip_option))]
    username: Option<String>,
    /// Distinguished name of that user.
    #[builder(default, setter(into, strip_option))]
    user_dn: Option<String>,
}

/// A time in days, fractions allowed; 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Days(Number);

impl Days {
    /// Makes a time of so many days.
    pub fn new(days: impl Into<Number>) -> Self {
        Self(days.into())
    }

    /// Returns the number of days.
    pub fn get(self) -> Number {
        self.0
    }
}

impl Workflow {
    /// Starts a workflow without works.
    pub fn builder() -> WorkflowBuilder {
        WorkflowBuilder::empty()
    }

    /// Returns the name, when set.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the task of the workload system that the request belongs to.
    pub fn workload_id(&self) -> Option<WorkloadId> {
        self.workload_id
    }

    /// Returns the works, in the order in which they start.
    pub fn works(&self) -> &[AnyWork] {
        &self.works
    }

    /// Returns the time after which the request expires.
    pub fn lifetime(&self) -> Option<Days> {
        self.lifetime
    }

    /// Returns the time that works wait for their inputs.
    pub fn pending_time(&self) -> Option<Days> {
        self.pending_time
    }

    /// Returns the campaign that the request is grouped under.
    pub fn campaign(&self) -> Option<&str> {
        self.campaign.as_deref()
    }

    /// Returns the scope of the campaign.
    pub fn campaign_scope(&self) -> Option<&str> {
        self.campaign_scope.as_deref()
    }

    /// Returns the group of the campaign.
    pub fn campaign_group(&self) -> Option<&str> {
        self.campaign_group.as_deref()
    }

    /// Returns the tag of the campaign.
    pub fn campaign_tag(&self) -> Option<&str> {
        self.campaign_tag.as_deref()
    }

    /// Returns the number of requests of the campaign that run at once, if limited.
    pub fn max_processing_requests(&self) -> Option<u32> {
        self.max_processing_requests
    }

    /// Returns the user that the workflow belongs to, when set.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Returns the distinguished name of that user.
    pub fn user_dn(&self) -> Option<&str> {
        self.user_dn.as_deref()
    }

    fn problems(&self) -> Vec<Problem> {
        let texts = [
            ("name", &self.name),
            ("campaign", &self.campaign),
            ("campaign_scope", &self.campaign_scope),
            ("campaign_group", &self.campaign_group),
            ("campaign_tag", &self.campaign_tag),
            ("username", &self.username),
            ("user_dn", &self.user_dn),
        ];
        let mut problems: Vec<_> =
            texts.into_iter().filter_map(|(field, text)| text::optional(field, text.as_deref())).collect();
        for (field, days) in [("lifetime", self.lifetime), ("pending_time", self.pending_time)] {
            let days = days.map(Days::get);
            if let Some(days) = days.filter(|days| !(days.is_finite() && days.as_f64() >= 0.0)) {
                problems.push(Problem::new(field, format!("{days} is not a number of days from 0 up")));
            }
        }
        if let Some(id) = self.workload_id.filter(|id| id.get() > WorkloadId::MAX) {
            problems.push(Problem::new("workload_id", format!("{id} is above {}", WorkloadId::MAX)));
        }
        problems
    }
}

impl WorkflowBuilder {
    /// Adds a work.
    pub fn work(mut self, work: impl Into<AnyWork>) -> Self {
        self.works.get_or_insert_default().push(work.into());
        self
    }

    /// Checks the values and makes the workflow.
    ///
    /// # Errors
    ///
    /// Names every text of more than 255 characters, a time that is negative or not finite, and a workload id that the
    /// server cannot store.
    pub fn build(self) -> Result<Workflow, Error> {
        let workflow = self.assemble()?;
        Error::unless_empty(workflow.problems(), workflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_required() {
        let workflow = Workflow::builder().build().expect("a workflow");
        assert_eq!((workflow.name(), workflow.works().len()), (None, 0));
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let error = Workflow::builder()
            .name("n".repeat(256))
            .lifetime(Days::new(f64::NAN))
            .pending_time(Days::new(-1))
            .workload_id(3_000_000_000)
            .build()
            .expect_err("four problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"));
    }
}
