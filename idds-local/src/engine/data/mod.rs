//! Data: how the files of datasets come to a storage element.

mod copier;

pub(crate) use self::copier::Copier;
