//! Data: how the files of datasets come to a storage element.

mod copier;
mod follower;

use std::error::Error as _;

pub(crate) use self::copier::Copier;
pub(crate) use self::follower::Follower;
use crate::store::StoreError;

fn tell(error: &StoreError, what: &str) {
    if !matches!(error, StoreError::Closed) {
        match error.source() {
            Some(source) => tracing::error!("{what}: {error}: {source}"),
            None => tracing::error!("{what}: {error}"),
        }
    }
}
