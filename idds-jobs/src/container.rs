//! Containers in which jobs run.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rustix::process::{Resource, getrlimit};
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Job, find_program};

/// Variable that names the program that runs containers.
const ENGINE: &str = "IDDS_CONTAINER_ENGINE";

/// A container in which a job runs.
///
/// The directory of the attempt and that in which the job starts are there under the same paths. The job is the user of the engine, and
/// its limits of cores and memory are handed to the container engine where that can keep them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[must_use = "a job runs in it"]
pub struct Container {
    image: String,
    engine: Option<ContainerEngine>,
    workdir: Option<PathBuf>,
}

/// A program that runs containers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ContainerEngine {
    /// `podman`.
    Podman,
    /// `docker`.
    Docker,
    /// `apptainer`, formerly singularity.
    Apptainer,
    /// `singularity`.
    Singularity,
    /// Charliecloud, whose program is `ch-run`.
    Charliecloud,
}

impl Container {
    /// Names an image, as the container engine knows it.
    pub fn new(image: impl Into<String>) -> Self {
        Self {
            image: image.into(),
            engine: None,
            workdir: None,
        }
    }

    /// Names the program that runs it; by default, the first that is there of podman, docker, apptainer, singularity and charliecloud.
    pub fn engine(mut self, engine: ContainerEngine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Has the program run it that the variable `IDDS_CONTAINER_ENGINE` of this process names, if it names one.
    pub fn engine_of_environment(self) -> Self {
        let named = std::env::var(ENGINE).ok();
        match named.and_then(|name| ContainerEngine::named(&name)) {
            Some(engine) => self.engine(engine),
            None => self,
        }
    }

    /// Shows the directory in which the job starts at this path in the container, and starts the job there.
    pub fn workdir(mut self, path: impl Into<PathBuf>) -> Self {
        self.workdir = Some(path.into());
        self
    }

    /// Returns the image.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// Finds the program that runs it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] when it is not there, or would take the image for something else.
    pub fn find_engine(&self) -> Result<(ContainerEngine, PathBuf), Error> {
        if self.image.is_empty() || self.image.starts_with('-') {
            let what = format!(
                "{:?} is no image: a container engine would take it for an option; name the image of the work",
                self.image
            );
            return Err(Error::new(ErrorKind::Unfit, what));
        }
        let here = |engine: &ContainerEngine| {
            let path = find_program(OsStr::new(engine.program())).ok()?;
            Some((*engine, path))
        };
        let image = &self.image;
        match &self.engine {
            Some(engine) => here(engine).ok_or_else(|| {
                let what = format!(
                    "the image {image} is to be run by {engine}, and there is no program {} in PATH; install it, or name another container engine",
                    engine.program()
                );
                Error::new(ErrorKind::Unfit, what)
            }),
            None => ContainerEngine::ALL.iter().find_map(here).ok_or_else(|| {
                let what = format!(
                    "the image {image} needs a container engine, and none of podman, docker, apptainer, singularity and ch-run is in PATH; install one of them"
                );
                Error::new(ErrorKind::Unfit, what)
            }),
        }
    }
}

impl ContainerEngine {
    const ALL: [Self; 5] = [
        Self::Podman,
        Self::Docker,
        Self::Apptainer,
        Self::Singularity,
        Self::Charliecloud,
    ];

    /// Returns the one that is called so, by its own name or by that of its program.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|engine| name == engine.program() || name == engine.to_string())
    }

    /// Returns the name of the program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Podman => "podman",
            Self::Docker => "docker",
            Self::Apptainer => "apptainer",
            Self::Singularity => "singularity",
            Self::Charliecloud => "ch-run",
        }
    }

    /// Tells whether a comma ends a directory that is to be shown.
    fn splits_at_commas(self) -> bool {
        matches!(self, Self::Apptainer | Self::Singularity)
    }

    /// Tells whether containers are processes of another process, which outlive what started them and have to be ended by name.
    pub(crate) fn has_names(self) -> bool {
        matches!(self, Self::Podman | Self::Docker)
    }
}

impl fmt::Display for ContainerEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Charliecloud => "charliecloud",
            _ => self.program(),
        })
    }
}

/// Returns the name of the container of an attempt, which follows from its directory.
pub(crate) fn name(directory: &Path) -> String {
    // FNV-1a, which is the same wherever and whenever this program was built.
    let bytes = directory.as_os_str().as_encoded_bytes();
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("idds-{hash:016x}")
}

/// What is executed so that a job runs in its container.
#[derive(Debug)]
pub(crate) struct ContainerLine {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Variables that the program is given besides those of the engine. Values stand there and not among the arguments, which every
    /// user of the machine can read.
    pub(crate) environment: Vec<(OsString, OsString)>,
}

/// Returns what is executed so that a job runs in its container, with these variables, and nothing else of the environment.
pub(crate) fn line(
    job: &Job,
    container: &Container,
    base: &[(OsString, OsString)],
    variables: &[(OsString, OsString)],
    inside: impl IntoIterator<Item = OsString>,
) -> Result<ContainerLine, Error> {
    let (engine, program) = container.find_engine()?;
    let mut line = Line::default();
    let place = job.place();
    let workdir = container.workdir.as_deref().unwrap_or(place);
    let mut mounts = vec![(job.directory(), job.directory())];
    for mount in [(place, place), (place, workdir)] {
        if !mounts.contains(&mount) {
            mounts.push(mount);
        }
    }
    let colon = |path: &&Path| path.as_os_str().as_encoded_bytes().contains(&b':');
    if let Some(path) = mounts.iter().flat_map(|(a, b)| [*a, *b]).find(colon) {
        let what = format!(
            "{}: it has a colon in its name, and {engine} cannot show such a directory in a container; use another one",
            path.display()
        );
        return Err(Error::new(ErrorKind::Unfit, what));
    }
    let comma = |path: &&Path| path.as_os_str().as_encoded_bytes().contains(&b',');
    if engine.splits_at_commas()
        && let Some(path) = mounts.iter().flat_map(|(a, b)| [*a, *b]).find(comma)
    {
        let what = format!(
            "{}: it has a comma in its name, and {engine} takes that for several directories; use another one",
            path.display()
        );
        return Err(Error::new(ErrorKind::Unfit, what));
    }
    match engine {
        ContainerEngine::Podman | ContainerEngine::Docker => {
            line.push("run").push("--rm").push("--pull=never");
            line.push(format!("--name={}", name(job.directory())));
            line.user(engine);
            line.limits(job);
            line.mounts("--volume", &mounts);
            line.push("--workdir").push(workdir);
            for (name, value) in variables {
                line.push("--env");
                if base.iter().any(|(other, _)| other == name) {
                    // It means something to the container engine, perhaps.
                    line.push(assigned(name, value));
                } else {
                    line.push(name).hide(name, value);
                }
            }
        }
        ContainerEngine::Apptainer | ContainerEngine::Singularity => {
            line.push("exec").push("--cleanenv").push("--pid");
            line.mounts("--bind", &mounts);
            line.push("--pwd").push(workdir);
            for (name, value) in variables {
                for prefix in ["APPTAINERENV_", "SINGULARITYENV_"] {
                    let name = [OsStr::new(prefix), name].join(OsStr::new(""));
                    line.hide(&name, value);
                }
            }
        }
        ContainerEngine::Charliecloud => {
            if can_fake_writing(&program) {
                // So that the directories of the job can be shown at places that the image does not have.
                line.push("--write-fake");
            }
            line.push("--unset-env=*").push("--env-no-expand");
            line.mounts("--bind", &mounts);
            line.push("--cd").push(workdir);
            for (name, value) in variables {
                let set = [OsStr::new("--set-env"), &assigned(name, value)];
                line.push(set.join(OsStr::new("=")));
            }
            if base.iter().all(|(name, _)| name != "USER") {
                // It wants to know.
                line.hide(OsStr::new("USER"), OsStr::new("user"));
            }
        }
    }
    line.push(&container.image);
    if engine == ContainerEngine::Charliecloud {
        line.push("--");
    }
    line.arguments.extend(inside);
    Ok(ContainerLine {
        program,
        arguments: line.arguments,
        environment: line.environment,
    })
}

#[derive(Default)]
struct Line {
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl Line {
    fn push(&mut self, part: impl Into<OsString>) -> &mut Self {
        self.arguments.push(part.into());
        self
    }

    fn hide(&mut self, name: &OsStr, value: &OsStr) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    fn mounts(&mut self, option: &str, mounts: &[(&Path, &Path)]) {
        for (outside, inside) in mounts {
            let mount = [outside.as_os_str(), inside.as_os_str()].join(OsStr::new(":"));
            self.push(option).push(mount);
        }
    }

    /// Files belong to the user of the engine.
    fn user(&mut self, engine: ContainerEngine) {
        let user = rustix::process::geteuid();
        match engine {
            ContainerEngine::Podman if user.is_root() => {}
            ContainerEngine::Podman => _ = self.push("--userns=keep-id"),
            _ => {
                let group = rustix::process::getegid().as_raw();
                self.push(format!("--user={}:{group}", user.as_raw()));
            }
        }
    }

    /// Hands on the limits of the job, and those of this process: a container engine would raise them, which it may not everywhere.
    fn limits(&mut self, job: &Job) {
        if job.cores_needed() > 0 {
            self.push(format!("--cpus={}", job.cores_needed()));
        }
        if let Some(memory) = job.memory_limit() {
            self.push(format!("--memory={memory}b"));
        }
        for (name, resource) in [("nofile", Resource::Nofile), ("nproc", Resource::Nproc)] {
            let limit = getrlimit(resource);
            // Podman lowers its own number of processes to what the kernel can count to.
            let most = if name == "nproc" {
                highest_process()
            } else {
                u64::MAX
            };
            let number = |limit: Option<u64>| match limit.unwrap_or(u64::MAX).min(most) {
                u64::MAX => "-1".to_owned(),
                limit => limit.to_string(),
            };
            let (soft, hard) = (number(limit.current), number(limit.maximum));
            self.push(format!("--ulimit={name}={soft}:{hard}"));
        }
    }
}

fn highest_process() -> u64 {
    let number = std::fs::read_to_string("/proc/sys/kernel/pid_max");
    number
        .ok()
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(u64::MAX)
}

fn assigned(name: &OsStr, value: &OsStr) -> OsString {
    [name, value].join(OsStr::new("="))
}

/// Tells whether this Charliecloud has the option, which came with 0.33.
fn can_fake_writing(program: &Path) -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let help = Command::new(program).arg("--help").output();
        help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--write-fake"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_a_name_that_follows_from_the_directory() {
        assert_eq!(name(Path::new("")), "idds-cbf29ce484222325");
        assert_ne!(name(Path::new("/a/1")), name(Path::new("/a/2")));
    }

    #[test]
    fn nothing_that_a_workflow_names_is_an_option_of_a_container_engine() {
        let here = ContainerEngine::ALL
            .into_iter()
            .find(|engine| find_program(OsStr::new(engine.program())).is_ok());
        let Some(here) = here else { return };
        let refused = |container: Container| {
            let job = Job::shell(crate::AttemptId::new("1"), "/run/1", "true");
            let container = container.engine(here);
            let line = line(&job, &container, &[], &[], Vec::new());
            line.err().map(|error| error.to_string())
        };
        assert_eq!(refused(Container::new("busybox")), None);
        for image in ["", "-v=/:/host", "--privileged"] {
            let why = refused(Container::new(image)).expect(image);
            assert!(why.contains("is no image: "), "{why}");
        }
        let why = refused(Container::new("busybox").workdir("/x:/y")).expect("refused");
        assert!(why.contains("colon"), "{why}");
        let with_comma = refused(Container::new("busybox").workdir("/x,/y"));
        assert_eq!(with_comma.is_some(), here.splits_at_commas());
    }

    #[test]
    fn an_engine_that_is_not_there_is_told_with_what_to_do() {
        let missing = ContainerEngine::ALL
            .into_iter()
            .find(|engine| find_program(OsStr::new(engine.program())).is_err());
        let Some(missing) = missing else { return };
        let error = Container::new("busybox").engine(missing).find_engine();
        let error = error.expect_err("it is not there");
        assert_eq!(error.kind(), ErrorKind::Unfit);
        let text = error.to_string();
        assert!(
            text.starts_with("the image busybox is to be run by "),
            "{text}"
        );
        assert!(text.ends_with("or name another container engine"), "{text}");
    }
}
