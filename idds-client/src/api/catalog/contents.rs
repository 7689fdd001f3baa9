//! Asks for contents.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::{ContentRelationType, ContentStatus};

use super::ContentInfo;
use super::filter::{CollectionFilter, filter_settings};
use crate::endpoint::{awaitable, decode, without_body};
use crate::id::or_null;
use crate::server::Operation;
use crate::{Client, Endpoint, Error, Items};

/// Asks for contents of collections; what is set about them must all hold.
///
/// There may be millions: [`stream`](Self::stream) gives them one by one. Asked for nothing, the server would send those of
/// everybody, so that is not sent. Anybody may read them.
///
/// # Errors
///
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when nothing is asked for, or a name cannot stand in a path;
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for those of a transform on servers before 2.2.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct GetContents {
    client: Client,
    filter: CollectionFilter,
    relation: Option<ContentRelationType>,
    status: Option<ContentStatus>,
}

impl GetContents {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            filter: CollectionFilter::default(),
            relation: None,
            status: None,
        }
    }

    /// Asks for those with this relation to their transform.
    pub fn relation_type(mut self, relation: ContentRelationType) -> Self {
        self.relation = Some(relation);
        self
    }

    /// Asks for those in this state.
    pub fn status(mut self, status: ContentStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Sends the call, and gives the contents one by one as they come: they may be too many for the memory.
    ///
    /// # Errors
    ///
    /// Those of the call; once they come, an error is an item.
    pub async fn stream(self) -> Result<Items<ContentInfo>, Error> {
        Items::start(&self.client, &self).await
    }
}

filter_settings!(GetContents);
awaitable!(GetContents);

impl Endpoint for GetContents {
    type Answer = Vec<ContentInfo>;

    const OPERATION: &'static str = "get contents";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        let server = self.client.server_version();
        Operation::GetContents.check(server)?;
        let path = format!(
            "/catalog/contents/{}/{}/{}",
            self.filter.segments("contents", server)?,
            or_null(self.relation.map(ContentRelationType::code)),
            or_null(self.status.map(ContentStatus::code)),
        );
        without_body(Method::GET, &path)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
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
