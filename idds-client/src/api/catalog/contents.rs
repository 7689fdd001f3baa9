//! Gets contents.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::{ContentRelationType, ContentStatus};

use super::ContentInfo;
use super::filter::{CollectionFilter, Filtered};
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, Items};

/// Gets the contents of the collections that match every filter that is set.
///
/// There may be millions: [`stream`](Self::stream) gives them one by one. Asked for nothing, the server would send those of
/// everybody, so that is not sent. Anybody may read them.
///
/// # Errors
///
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when nothing is asked for, or a name cannot stand in a path;
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for those of a transform on servers before 2.2.
pub type GetContents = Call<Vec<ContentInfo>, ContentQuery>;

/// The filter for contents.
#[derive(Clone, Debug, Default)]
pub struct ContentQuery {
    filter: CollectionFilter,
    relation: Option<ContentRelationType>,
    status: Option<ContentStatus>,
}

impl GetContents {
    pub(super) fn new(client: &Client) -> Self {
        Self::with(client, ContentQuery::default())
    }

    /// Restricts the answer to this relation to the transform.
    pub fn relation_type(mut self, relation: ContentRelationType) -> Self {
        self.settings.relation = Some(relation);
        self
    }

    /// Restricts the answer to this state.
    pub fn status(mut self, status: ContentStatus) -> Self {
        self.settings.status = Some(status);
        self
    }

    /// Sends the call, and gives the contents one by one as they come: they may be too many for the memory.
    ///
    /// # Errors
    ///
    /// Those of the call; once they come, an error is an item.
    pub async fn stream(self) -> Result<Items<ContentInfo>, Error> {
        Items::start(&self.client, &self.settings).await
    }
}

impl Filtered for ContentQuery {
    fn filter(&mut self) -> &mut CollectionFilter {
        &mut self.filter
    }
}

impl Single for ContentQuery {}

impl Endpoint for ContentQuery {
    type Answer = Vec<ContentInfo>;

    fn route(&self) -> &'static Route {
        &route::GET_CONTENTS
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let names = ["coll_scope", "coll_name"];
        let draft = self.filter.draft(self.route(), client, "contents", names)?;
        draft
            .set_some(
                "relation_type",
                self.relation.map(ContentRelationType::code),
            )
            .set_some("status", self.status.map(ContentStatus::code))
            .bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(response)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{ContentType, RequestId};

    use super::*;
    use crate::transport::recorded::{client, replay};
    use crate::{CollectionId, ErrorKind};

    fn call() -> GetContents {
        client().catalog().contents().request_id(RequestId::new(1))
    }

    #[test]
    fn a_content_is_read_with_every_field() {
        let contents = replay(&call(), "get_contents").expect("an answer");
        assert!(
            contents.iter().all(|content| content.rest.is_empty()),
            "{:?}",
            contents[0].rest
        );
        let first = &contents[0];
        assert_eq!(
            (first.name.as_str(), first.coll_id),
            ("1", Some(CollectionId::new(1)))
        );
        assert_eq!(
            (first.status, first.content_type),
            (ContentStatus::Available, Some(ContentType::File))
        );
        assert_eq!(
            first.path.as_deref(),
            Some(r#"[{"A": 4, "B": 3.789772014701512}, null]"#)
        );
        assert_eq!(
            first.expired_at.map(|at| at.to_string()).as_deref(),
            Some("2026-12-22T12:19:12Z")
        );
    }

    #[test]
    fn those_of_a_collection_can_be_asked_for_by_its_name() {
        let name = "hpo.2026_11_22_12_19_00_488217470output.0..1";
        let call = client().catalog().contents().scope("HPO").name(name);
        assert!(
            !replay(&call, "get_contents_by_collection")
                .expect("an answer")
                .is_empty()
        );
    }

    #[test]
    fn those_of_a_relation_in_a_state_can_be_asked_for() {
        let call = call()
            .relation_type(ContentRelationType::Output)
            .status(ContentStatus::New);
        let contents = replay(&call, "get_contents_output_new").expect("an answer");
        assert!(
            contents
                .iter()
                .all(|content| content.status == ContentStatus::New)
        );
    }

    #[test]
    fn everything_is_never_asked_for_by_accident() {
        let call = client().catalog().contents().status(ContentStatus::New);
        assert_eq!(
            call.request().expect_err("refused").kind(),
            ErrorKind::Argument
        );
    }
}
