//! Containers in which jobs run.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Job, find_program};

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

    /// Names the program that runs it; unless set, the first that is there of podman, docker, apptainer, singularity and charliecloud.
    pub fn engine(mut self, engine: ContainerEngine) -> Self {
        self.engine = Some(engine);
        self
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
    /// [`ErrorKind::Unfit`] when it is not there.
    pub fn find_engine(&self) -> Result<(ContainerEngine, PathBuf), Error> {
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

/// Returns what is executed so that a job runs in its container: a program and its arguments.
pub(crate) fn command_line(
    job: &Job,
    container: &Container,
    environment: &[(OsString, OsString)],
    inside: Vec<OsString>,
) -> Result<(PathBuf, Vec<OsString>), Error> {
    let (engine, program) = container.find_engine()?;
    let mut line = Line::default();
    let place = job.place();
    let workdir = container.workdir.as_deref().unwrap_or(place);
    let mut mounts = vec![(job.directory(), job.directory())];
    if place != job.directory() {
        mounts.push((place, place));
    }
    if workdir != place {
        mounts.push((place, workdir));
    }
    match engine {
        ContainerEngine::Podman | ContainerEngine::Docker => {
            line.push("run").push("--rm").push("--init");
            line.push(format!("--name={}", name(job.directory())));
            line.push("--pull=never");
            if engine == ContainerEngine::Docker {
                let user = rustix::process::geteuid().as_raw();
                let group = rustix::process::getegid().as_raw();
                line.push(format!("--user={user}:{group}"));
            } else {
                line.push("--userns=keep-id");
            }
            if job.cores_needed() > 0 {
                line.push(format!("--cpus={}", job.cores_needed()));
            }
            if let Some(memory) = job.memory_limit() {
                line.push(format!("--memory={memory}b"));
            }
            for (outside, inside) in mounts {
                line.push("--volume")
                    .push(joined(&[outside.as_os_str(), inside.as_os_str()]));
            }
            line.push("--workdir").push(workdir);
            for (name, value) in environment {
                line.push("--env")
                    .push([name.as_os_str(), value.as_os_str()].join(OsStr::new("=")));
            }
        }
        ContainerEngine::Apptainer | ContainerEngine::Singularity => {
            line.push("exec").push("--cleanenv").push("--pid");
            for (outside, inside) in mounts {
                line.push("--bind")
                    .push(joined(&[outside.as_os_str(), inside.as_os_str()]));
            }
            line.push("--pwd").push(workdir);
            for (name, value) in environment {
                line.push("--env")
                    .push([name.as_os_str(), value.as_os_str()].join(OsStr::new("=")));
            }
        }
        ContainerEngine::Charliecloud => {
            line.push("--write-fake").push("--unset-env=*");
            for (outside, inside) in mounts {
                line.push("--bind")
                    .push(joined(&[outside.as_os_str(), inside.as_os_str()]));
            }
            line.push("--cd").push(workdir);
            for (name, value) in environment {
                line.push(
                    [OsStr::new("--set-env="), name, OsStr::new("="), value].join(OsStr::new("")),
                );
            }
        }
    }
    line.push(&container.image);
    if engine == ContainerEngine::Charliecloud {
        line.push("--");
    }
    line.0.extend(inside);
    Ok((program, line.0))
}

#[derive(Default)]
struct Line(Vec<OsString>);

impl Line {
    fn push(&mut self, part: impl Into<OsString>) -> &mut Self {
        self.0.push(part.into());
        self
    }
}

fn joined(parts: &[&OsStr]) -> OsString {
    parts.join(OsStr::new(":"))
}
