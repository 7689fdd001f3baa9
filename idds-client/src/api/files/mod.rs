//! Download and upload of files.

mod download;
mod name;
mod progress;
mod room;
mod upload;

pub(crate) use self::download::Source;
pub use self::download::{Download, Downloaded};
use self::name::FileName;
pub use self::progress::TransferProgress;
pub use self::upload::{Upload, Uploaded};
