//! Moments at which a test kills this process.

/// A process that a test kills.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Victim {
    /// The engine, which has a database and has jobs started.
    Engine,
    /// The supervisor, which looks after them.
    Supervisor,
}

/// Is a moment at which a test may kill this process: between two effects that must not be half done.
///
/// `IDDS_TEST_KILL=engine:17:FILE` has the engine killed at its seventeenth moment, once: FILE is made then. A program that was built
/// for use, without debug assertions, has no such moments.
#[inline]
pub fn moment(victim: Victim) {
    #[cfg(debug_assertions)]
    wanted::look(victim);
    #[cfg(not(debug_assertions))]
    let _ = victim;
}

#[cfg(debug_assertions)]
mod wanted {
    use std::fs::File;
    use std::path::PathBuf;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    use super::Victim;

    #[derive(Debug)]
    struct Wanted {
        victim: Victim,
        number: u64,
        file: PathBuf,
    }

    fn read() -> Option<Wanted> {
        let text = std::env::var("IDDS_TEST_KILL").ok()?;
        let mut parts = text.splitn(3, ':');
        let victim = match parts.next()? {
            "engine" => Victim::Engine,
            "supervisor" => Victim::Supervisor,
            _ => return None,
        };
        let number = parts.next()?.parse().ok()?;
        let file = parts.next()?.into();
        Some(Wanted {
            victim,
            number,
            file,
        })
    }

    pub(super) fn look(victim: Victim) {
        static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();
        static PASSED: AtomicU64 = AtomicU64::new(0);
        let Some(wanted) = WANTED.get_or_init(read) else {
            return;
        };
        if wanted.victim == victim
            && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == wanted.number
            && File::create_new(&wanted.file).is_ok()
        {
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}
