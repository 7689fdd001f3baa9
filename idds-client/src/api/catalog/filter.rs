//! Which collections a question is about.

use idds_workflow::{RequestId, ServerVersion, WorkloadId};

use crate::endpoint::segment;
use crate::id::or_null;
use crate::{Error, ErrorKind, ServerFamily, TransformId};

/// What is known of the collections asked for; all of it must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct CollectionFilter {
    pub(super) request: Option<RequestId>,
    pub(super) transform: Option<TransformId>,
    pub(super) workload: Option<WorkloadId>,
    pub(super) scope: Option<String>,
    pub(super) name: Option<String>,
}

impl CollectionFilter {
    /// Returns the filter as part of a path; `what` says in an error what is asked for.
    ///
    /// A filter that lets everything through is refused: the server would send that of everybody.
    pub(super) fn segments(&self, what: &str, server: ServerVersion) -> Result<String, Error> {
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
        let (request, workload) = (or_null(*request), or_null(*workload));
        let scope = name_segment("scope", scope.as_deref())?;
        let name = name_segment("collection name", name.as_deref())?;
        match transform {
            _ if ServerFamily::from(server) >= ServerFamily::V2_2 => Ok(format!(
                "{request}/{}/{workload}/{scope}/{name}",
                or_null(*transform)
            )),
            None => Ok(format!("{scope}/{name}/{request}/{workload}")),
            Some(_) => {
                let told = format!(
                    "iDDS {server} cannot be asked for the {what} of a transform; name its request"
                );
                Err(Error::new(ErrorKind::Unsupported, told))
            }
        }
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

/// Setters of the filter, for a call with the field `filter`.
macro_rules! filter_settings {
    ($call:ident) => {
        impl $call {
            /// Asks for those of this request.
            pub fn request_id(mut self, id: idds_workflow::RequestId) -> Self {
                self.filter.request = Some(id);
                self
            }

            /// Asks for those of this transform.
            pub fn transform_id(mut self, id: $crate::TransformId) -> Self {
                self.filter.transform = Some(id);
                self
            }

            /// Asks for those of this workload.
            pub fn workload_id(mut self, id: idds_workflow::WorkloadId) -> Self {
                self.filter.workload = Some(id);
                self
            }

            /// Asks for those of collections with this scope.
            pub fn scope(mut self, scope: impl Into<String>) -> Self {
                self.filter.scope = Some(scope.into());
                self
            }

            /// Asks for those of collections with this name, as the server keeps it: with its suffix.
            ///
            /// No name with a slash can be asked for, such as that of a Rucio container: it does not fit into the address.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.filter.name = Some(name.into());
                self
            }
        }
    };
}
pub(super) use filter_settings;
