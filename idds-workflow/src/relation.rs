//! Relations of collections and contents to their transform, as in `idds.common.constants` 2.6.21.

use crate::open_enum::open_enum;

open_enum! {
    /// What a collection is to its transform.
    CollectionRelationType {
        /// The transform reads it.
        Input = 0,
        /// The transform writes it.
        Output = 1,
        /// The transform writes its logs into it.
        Log = 2,
    }
}

open_enum! {
    /// What a content is to its transform.
    ContentRelationType {
        /// The transform reads it.
        Input = 0,
        /// The transform writes it.
        Output = 1,
        /// A log of the transform.
        Log = 2,
        /// Another transform writes it, and this one waits for it.
        InputDependency = 3,
    }
}

open_enum! {
    /// What a content is.
    ContentType {
        /// A file.
        File = 0,
        /// A range of events of a file.
        Event = 1,
        /// Something that stands for a job without a file.
        PseudoContent = 2,
    }
}
