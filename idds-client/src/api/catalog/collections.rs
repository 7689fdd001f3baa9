//! Gets collections.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::CollectionRelationType;

use super::CollectionInfo;
use super::filter::{CollectionFilter, Filtered};
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, Items};

/// Gets the collections that match every filter that is set.
///
/// Asked for nothing, the server would send those of everybody, so that is not sent. Anybody may read them.
///
/// # Errors
///
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when nothing is asked for, or a name cannot stand in a path;
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for those of a transform on servers before 2.2.
pub type GetCollections = Call<Vec<CollectionInfo>, CollectionQuery>;

/// The filter for collections.
#[derive(Clone, Debug, Default)]
pub struct CollectionQuery {
    filter: CollectionFilter,
    relation: Option<CollectionRelationType>,
}

impl GetCollections {
    pub(super) fn new(client: &Client) -> Self {
        Self::with(client, CollectionQuery::default())
    }

    /// Restricts the answer to this relation to the transform.
    pub fn relation_type(mut self, relation: CollectionRelationType) -> Self {
        self.settings.relation = Some(relation);
        self
    }

    /// Sends the call, and gives the collections one by one as they come: they may be too many for the memory.
    ///
    /// # Errors
    ///
    /// Those of the call; once they come, an error is an item.
    pub async fn stream(self) -> Result<Items<CollectionInfo>, Error> {
        Items::start(&self.client, &self.settings).await
    }
}

impl Filtered for CollectionQuery {
    fn filter(&mut self) -> &mut CollectionFilter {
        &mut self.filter
    }
}

impl Single for CollectionQuery {}

impl Endpoint for CollectionQuery {
    type Answer = Vec<CollectionInfo>;

    fn route(&self) -> &'static Route {
        &route::GET_COLLECTIONS
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let names = ["scope", "name"];
        let draft = self
            .filter
            .draft(self.route(), client, "collections", names)?;
        draft
            .set_some(
                "relation_type",
                self.relation.map(CollectionRelationType::code),
            )
            .bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(response)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{CollectionStatus, CollectionType, RequestId, ServerVersion, WorkloadId};

    use super::*;
    use crate::transport::recorded::{client, replay};
    use crate::{CollectionId, ErrorKind, TransformId};

    fn call() -> GetCollections {
        client()
            .catalog()
            .collections()
            .request_id(RequestId::new(1))
    }

    #[test]
    fn a_collection_is_read_with_every_field() {
        let collections = replay(&call(), "get_collections").expect("an answer");
        assert!(
            collections
                .iter()
                .all(|collection| collection.rest.is_empty()),
            "{:?}",
            collections[0].rest
        );
        let input = &collections[0];
        assert_eq!(
            (input.coll_id, input.transform_id),
            (CollectionId::new(1), Some(TransformId::new(1)))
        );
        assert_eq!(
            (input.scope.as_deref(), input.name.as_str()),
            (Some("HPO"), "hpo.2026_11_22_12_19_00_488217470")
        );
        assert_eq!(input.relation_type, Some(CollectionRelationType::Input));
        assert_eq!(
            (input.coll_type, input.status),
            (Some(CollectionType::Dataset), CollectionStatus::New)
        );
        assert_eq!(
            input.accessed_at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-22T12:19:03Z")
        );
    }

    #[test]
    fn those_of_a_relation_can_be_asked_for() {
        let call = call().relation_type(CollectionRelationType::Output);
        let [output] =
            <[_; 1]>::try_from(replay(&call, "get_collections_output").expect("an answer"))
                .expect("one");
        assert_eq!(output.relation_type, Some(CollectionRelationType::Output));
    }

    #[test]
    fn servers_before_2_2_have_another_path_and_no_transforms() {
        let catalog = client().for_server(ServerVersion::new(2, 1, 0)).catalog();
        let call = catalog
            .collections()
            .request_id(RequestId::new(1))
            .scope("HPO");
        assert_eq!(
            call.request().expect("a request").uri(),
            "/catalog/collections/HPO/null/1/null/null"
        );
        let error = call
            .transform_id(TransformId::new(1))
            .request()
            .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let contents = catalog.contents().workload_id(WorkloadId::new(7));
        assert_eq!(
            contents.request().expect("a request").uri(),
            "/catalog/contents/null/null/null/7/null/null"
        );
    }

    #[test]
    fn everything_is_never_asked_for_by_accident() {
        let call = client()
            .catalog()
            .collections()
            .relation_type(CollectionRelationType::Input);
        let error = call.request().expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(
            error
                .to_string()
                .starts_with("the collections of everybody are not asked for"),
            "{error}"
        );
    }

    #[test]
    fn a_name_that_does_not_fit_into_the_address_is_refused_with_the_reason() {
        let error = call()
            .name("data:container/")
            .request()
            .expect_err("refused");
        assert_eq!(
            error.to_string(),
            "iDDS cannot be asked about the collection name \"data:container/\": \
             the server takes its slash for a part of the address"
        );
        assert_eq!(
            call().scope("None").request().expect_err("refused").kind(),
            ErrorKind::Argument
        );
    }
}
