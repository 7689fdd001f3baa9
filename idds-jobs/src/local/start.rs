//! Which program is the supervisor, and how it is started and talked to.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use crate::supervisor::{HELD, MARK, READY, SOCKET};
use crate::{Error, ErrorKind, Trouble, find_program};

/// How long a supervisor may take to be there.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest name of a socket, in bytes.
const LONGEST: usize = 107;

/// Whether this program has called [`init`](crate::init).
static CAN_SUPERVISE: AtomicBool = AtomicBool::new(false);

pub(crate) fn can_supervise() {
    CAN_SUPERVISE.store(true, Ordering::Relaxed);
}

/// The program that is the supervisor of jobs: any whose `main` begins with [`init`](crate::init).
#[derive(Clone, Debug)]
pub struct Supervisor {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Supervisor {
    /// Names a program that calls [`init`](crate::init).
    pub fn program(path: impl Into<PathBuf>) -> Self {
        Self {
            program: path.into(),
            arguments: Vec::new(),
        }
    }

    /// Adds arguments with which the program calls [`init`](crate::init).
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Is this program, when it has called [`init`](crate::init), and else the command `idds` beside it or in `PATH`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Machine`] when there is none.
    pub fn find() -> Result<Self, Error> {
        if CAN_SUPERVISE.load(Ordering::Relaxed) {
            return Ok(Self::program(this_program()));
        }
        let beside = std::env::current_exe()
            .ok()
            .map(|path| path.with_file_name("idds"))
            .filter(|path| path.is_file());
        let found = beside.map_or_else(|| find_program("idds".as_ref()), Ok);
        found.map(Self::program).map_err(|error| {
            let what = "no program looks after jobs: let this one call `idds::jobs::init()` first in its `main`, or install the command `idds`";
            Error::new(ErrorKind::Machine, what).caused_by(error)
        })
    }

    /// Returns the program with its arguments, by a name that holds in other processes.
    pub(crate) fn command(&self) -> (PathBuf, &[OsString]) {
        let program = std::fs::canonicalize(&self.program);
        (
            program.unwrap_or_else(|_| self.program.clone()),
            &self.arguments,
        )
    }

    /// Connects to the supervisor of a directory, which is started when there is none.
    pub(super) async fn connect(
        &self,
        directory: &Path,
        environment: &[(OsString, OsString)],
    ) -> Result<UnixStream, Trouble> {
        let patience = Instant::now() + PATIENCE;
        loop {
            match reach(directory).await {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
                    ) => {}
                reached => {
                    return reached.map_err(|error| Trouble::with(&directory.join(SOCKET), &error));
                }
            }
            match self.start(directory, environment).await? {
                Start::Ready => {}
                // One is about to be there, or about to be gone.
                Start::Held if Instant::now() < patience => {
                    sleep(Duration::from_millis(20)).await;
                }
                Start::Held => {
                    let why = "a supervisor holds it that cannot be reached; end that process";
                    return Err(Trouble::new(format!("{}: {why}", directory.display())));
                }
            }
        }
    }

    async fn start(
        &self,
        directory: &Path,
        environment: &[(OsString, OsString)],
    ) -> Result<Start, Trouble> {
        let program = self.program.display();
        let about = |error: io::Error| Trouble::with(&self.program, &error);
        let log = idds_file::append_own(directory.join("supervisor.log"))
            .map_err(|error| Trouble::with(&directory.join("supervisor.log"), &error))?;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env(MARK, directory)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(about)?;
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| Trouble::new(format!("{program}: a program without standard output")))?;
        // It is buried when it has ended; it seldom does before this process.
        tokio::spawn(async move { child.wait().await });
        let mut lines = BufReader::new(stdout.take(4096)).lines();
        let listen = async {
            // A test harness, as one that calls `init`, prints before.
            while let Some(line) = lines.next_line().await.map_err(about)? {
                if line.ends_with(READY) {
                    return Ok(Start::Ready);
                }
                if line.ends_with(HELD) {
                    return Ok(Start::Held);
                }
                if line.contains(&*directory.to_string_lossy()) {
                    return Err(Trouble::new(line));
                }
            }
            Err(Trouble::new(format!(
                "{program}: it was started to look after jobs, and ended without a word; does its `main` begin with `idds::jobs::init()`?"
            )))
        };
        timeout(PATIENCE, listen).await.unwrap_or_else(|_| {
            Err(Trouble::new(format!(
                "{program}: it was started to look after jobs, and says nothing; does its `main` begin with `idds::jobs::init()`?"
            )))
        })
    }
}

/// What a supervisor says that was started.
enum Start {
    Ready,
    /// Another one has the directory.
    Held,
}

/// Returns the path of the program that runs, also when its file has been replaced since.
fn this_program() -> PathBuf {
    let link = Path::new("/proc/self/exe");
    if link.exists() {
        return link.to_owned();
    }
    std::env::current_exe().unwrap_or_default()
}

async fn reach(directory: &Path) -> io::Result<UnixStream> {
    let path = directory.join(SOCKET);
    if path.as_os_str().as_bytes().len() <= LONGEST {
        return UnixStream::connect(path).await;
    }
    // A shorter name of the same.
    let opened = std::fs::File::open(directory)?;
    let number = std::os::fd::AsRawFd::as_raw_fd(&opened);
    UnixStream::connect(format!("/proc/self/fd/{number}/{SOCKET}")).await
}
