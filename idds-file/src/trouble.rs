//! Errors that say more about the machine than about a file.

use std::io;

/// Numbers that every Unix gives to its errors "too many open files in the system" and "too many open files".
const NO_DESCRIPTORS: [i32; 2] = [23, 24];

/// Tells whether an error of the system says that the machine is in trouble, whatever was asked of it: no space, no memory, no file
/// descriptors, a file system that cannot be written or is gone.
pub fn is_of_the_machine(error: &io::Error) -> bool {
    use io::ErrorKind::{
        OutOfMemory, QuotaExceeded, ReadOnlyFilesystem, StaleNetworkFileHandle, StorageFull,
    };
    let is_known = matches!(
        error.kind(),
        OutOfMemory | QuotaExceeded | ReadOnlyFilesystem | StaleNetworkFileHandle | StorageFull
    );
    is_known
        || error
            .raw_os_error()
            .is_some_and(|number| NO_DESCRIPTORS.contains(&number))
}
