//! The catalog: collections and their contents.

mod collection;
mod collections;
mod content;
mod contents;
mod job;
mod output;

use idds_workflow::RequestId;

pub use self::collection::CollectionInfo;
pub use self::collections::GetCollections;
pub use self::content::ContentInfo;
pub use self::contents::GetContents;
pub use self::job::JobInfo;
pub use self::output::{GetContentsOutputExt, OutputContent};
use crate::endpoint::segment;
use crate::{Client, Error, ErrorKind};

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

/// Encodes a scope or name as a segment of a path, `null` for none.
fn name_segment(what: &str, name: Option<&str>) -> Result<String, Error> {
    match name {
        None => Ok("null".to_owned()),
        // The catalog is the only area that takes this word for null, too.
        Some("None") => {
            let any = format!("iDDS cannot be asked about the {what} \"None\": it means any to the server");
            Err(Error::new(ErrorKind::Argument, any))
        }
        Some(name) => segment(what, name),
    }
}

/// The error for a question that everything would be the answer to.
fn everything(what: &str) -> Error {
    let told =
        format!("the {what} of everybody are not asked for: name a request, a workload, a transform or a collection");
    Error::new(ErrorKind::Argument, told)
}
