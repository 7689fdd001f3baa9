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
#[derive(Clone, Debug)]
pub struct Catalog {
    client: Client,
}

impl Catalog {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Asks for collections; say which, or nothing is sent.
    pub fn collections(&self) -> GetCollections {
        GetCollections::new(self.client.clone())
    }

    /// Asks for contents of collections; say which, or nothing is sent.
    pub fn contents(&self) -> GetContents {
        GetContents::new(self.client.clone())
    }

    /// Asks for the outputs of a request, with what PanDA says about the jobs that made them.
    pub fn contents_output_ext(&self, request: RequestId) -> GetContentsOutputExt {
        GetContentsOutputExt::new(self.client.clone(), request)
    }
}
