//! The filter for collections.

use idds_workflow::{RequestId, WorkloadId};

use crate::endpoint::segment;
use crate::route::{Draft, Route};
use crate::{Call, Client, Error, ErrorKind, ServerFamily, TransformId};

/// The filters for collections; all of them must match.
#[derive(Clone, Debug, Default)]
pub struct CollectionFilter {
    request: Option<RequestId>,
    transform: Option<TransformId>,
    workload: Option<WorkloadId>,
    scope: Option<String>,
    name: Option<String>,
}

/// The settings of a call that asks for what belongs to collections.
pub trait Filtered {
    /// Returns the filter, to be set.
    fn filter(&mut self) -> &mut CollectionFilter;
}

impl CollectionFilter {
    /// Begins a request for `what` of the collections; `names` are the arguments for their scope and name.
    ///
    /// A filter that lets everything through is refused: the server would send that of everybody.
    pub(super) fn draft(
        &self,
        route: &Route,
        client: &Client,
        what: &str,
        names: [&'static str; 2],
    ) -> Result<Draft, Error> {
        let draft = route.draft(client)?;
        let Self {
            request,
            transform,
            workload,
            scope,
            name,
        } = self;
        if request.is_none()
            && transform.is_none()
            && workload.is_none()
            && scope.is_none()
            && name.is_none()
        {
            let told = format!(
                "the {what} of everybody are not asked for: name a request, a workload, a transform or a collection"
            );
            return Err(Error::new(ErrorKind::Argument, told));
        }
        let draft = draft
            .encoded(names[0], name_segment("scope", scope.as_deref())?)
            .encoded(names[1], name_segment("collection name", name.as_deref())?)
            .set_some("request_id", *request)
            .set_some("workload_id", *workload)
            .set_some("transform_id", *transform);
        let server = client.server_version();
        if transform.is_some() && ServerFamily::from(server) < ServerFamily::V2_2 {
            let told = format!(
                "iDDS {server} cannot be asked for the {what} of a transform; name its request"
            );
            return Err(Error::new(ErrorKind::Unsupported, told));
        }
        Ok(draft)
    }
}

/// Encodes a scope or name as a segment of a path, `null` for none.
fn name_segment(what: &str, name: Option<&str>) -> Result<String, Error> {
    match name {
        None => Ok("null".to_owned()),
        // The catalog is the only area that takes this word for null, too.
        Some("None") => {
            let any = format!(
                "iDDS cannot be asked about the {what} \"None\": it means any to the server"
            );
            Err(Error::new(ErrorKind::Argument, any))
        }
        Some(name) => segment(what, name),
    }
}

impl<T, S: Filtered> Call<T, S> {
    /// Restricts the answer to this request.
    pub fn request_id(mut self, id: RequestId) -> Self {
        self.settings.filter().request = Some(id);
        self
    }

    /// Restricts the answer to this transform.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.settings.filter().transform = Some(id);
        self
    }

    /// Restricts the answer to this workload.
    pub fn workload_id(mut self, id: WorkloadId) -> Self {
        self.settings.filter().workload = Some(id);
        self
    }

    /// Restricts the answer to collections with this scope.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.settings.filter().scope = Some(scope.into());
        self
    }

    /// Restricts the answer to collections with this name, as the server keeps it: with its suffix.
    ///
    /// No name with a slash can be asked for, such as that of a Rucio container: it does not fit into the address.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.filter().name = Some(name.into());
        self
    }
}
