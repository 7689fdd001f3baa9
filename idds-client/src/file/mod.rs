//! Files that a person names: written whole, read within bounds, and held by one process at a time.

mod lock;
mod read;
mod whole;

pub use self::lock::{Lock, LockError};
pub use self::read::{read, read_from};
pub use self::whole::WholeFile;
pub(crate) use self::whole::is_special;
