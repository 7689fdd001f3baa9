//! The catalog: collections and their contents.

mod collection;
mod collections;
mod content;
mod contents;
mod filter;
mod job;
mod output;

use idds_workflow::RequestId;

pub use self::collection::CollectionInfo;
pub use self::collections::GetCollections;
pub use self::content::ContentInfo;
pub use self::contents::GetContents;
pub use self::job::JobInfo;
pub use self::output::{GetContentsOutputExt, OutputContent};
use crate::Client;

/// The calls about the catalog.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::{CollectionRelationType, ContentRelationType, ContentStatus, RequestId};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/catalog/collections/7/null/null/null/null/1",
/// #         200,
/// #         r#"[{"coll_id": 5, "scope": "HPO", "name": "out", "status": 1}]"#,
/// #     ),
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/catalog/contents/7/null/null/null/null/1/2",
/// #         200,
/// #         r#"[{"content_id": 9, "name": "1", "status": 2}]"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let request = RequestId::new(7);
/// for collection in client.catalog().collections().request_id(request).relation_type(CollectionRelationType::Output).await? {
///     println!("{}", collection.name);
/// }
/// let outputs = client.catalog().contents().request_id(request).relation_type(ContentRelationType::Output);
/// let mut available = outputs.status(ContentStatus::Available).stream().await?;
/// while let Some(content) = available.next().await {
///     println!("{}", content?.name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Catalog {
    client: Client,
}

impl Catalog {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets collections; at least one filter must be set.
    pub fn collections(&self) -> GetCollections {
        GetCollections::new(&self.client)
    }

    /// Gets contents of collections; at least one filter must be set.
    pub fn contents(&self) -> GetContents {
        GetContents::new(&self.client)
    }

    /// Gets the outputs of a request, with what PanDA says about the jobs that made them.
    pub fn contents_output_ext(&self, request: RequestId) -> GetContentsOutputExt {
        GetContentsOutputExt::new(&self.client, request)
    }
}
