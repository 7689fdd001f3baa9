//! How many connections there may be, so that descriptors are left for everything else.

/// Files of clients that are open at once; a further upload or download waits for its turn.
pub(crate) const FILES: usize = 32;

/// Most connections, however many descriptors there are: each can hold the 64 KiB of a head, and more once it has one.
const MOST: u64 = 4096;

/// Descriptors that the server needs beside its connections: files of clients, connections about to go, the database, standard
/// streams, the runtime.
const OWN: u64 = FILES as u64 + 16 + 16;

/// Returns how many connections there may be in this process.
pub(crate) fn connections() -> usize {
    connections_of(descriptors())
}

/// A quarter is for the program that the server may be a part of.
fn connections_of(descriptors: u64) -> usize {
    let most = (descriptors - descriptors / 4)
        .min(descriptors.saturating_sub(OWN))
        .clamp(8, MOST);
    usize::try_from(most).unwrap_or(usize::MAX)
}

#[cfg(unix)]
fn descriptors() -> u64 {
    // No limit is `None`.
    rustix::process::getrlimit(rustix::process::Resource::Nofile)
        .current
        .unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_left() {
        for (descriptors, connections) in [
            (256, 192),
            (1024, 768),
            (20_000, 4096),
            (u64::MAX, 4096),
            (100, 36),
            (0, 8),
        ] {
            assert_eq!(connections_of(descriptors), connections, "{descriptors}");
        }
    }
}
