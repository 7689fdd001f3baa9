//! Where jobs run, and what an attempt of one is.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf, absolute};

use idds_jobs::{AttemptId, Container, Job, find_program};

use crate::state::{Image, Programs, STEERING_INPUT};
use crate::store::jobs::JobRow;

/// Bytes of a megabyte, as batch systems count them.
const MEGABYTE: f64 = 1_048_576.0;

/// Where jobs run.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Where the programs of the user are, and where most of them begin.
    pub(crate) shared: PathBuf,
    /// What holds the directories of attempts.
    pub(crate) attempts: PathBuf,
}

impl Place {
    /// Has jobs run in these directories, the second of which is made for their attempts.
    pub(crate) fn open(shared: &Path, attempts: &Path) -> io::Result<Self> {
        crate::private::make_directory(attempts)?;
        Ok(Self {
            shared: absolute(shared)?,
            attempts: absolute(attempts)?,
        })
    }

    /// Returns the directory of all attempts of the jobs of a transform.
    pub(crate) fn of_transform(&self, request: i64, transform: i64) -> PathBuf {
        self.attempts
            .join(format!("request_{request}"))
            .join(format!("transform_{transform}"))
    }

    /// Returns the directory of an attempt.
    pub(crate) fn of_attempt(&self, job: &JobRow, attempt: u32) -> PathBuf {
        self.of_transform(job.request_id, job.transform_id)
            .join(match job.number {
                number if number < 0 => format!("steering_{}", -number),
                number => format!("job_{number}"),
            })
            .join(format!("attempt_{attempt}"))
    }

    /// Returns an attempt of a job, or what of the machine stands in its way.
    pub(crate) fn attempt(
        &self,
        job: &JobRow,
        programs: &Programs,
        attempt: u32,
    ) -> Result<Job, String> {
        // What is in an image or an archive is not here yet.
        let command = match programs.image.is_some() || programs.sandbox.is_some() {
            true => job.command.clone(),
            false => self.found(&job.command)?,
        };
        let directory = self.of_attempt(job, attempt);
        let script = script(programs, &command);
        let id = attempt_id(job, attempt);
        let start = match programs.own_directory {
            true => &directory,
            false => &self.shared,
        };
        let mut it = match (
            &programs.image,
            plain_line(programs, &command),
            find_program(OsStr::new("bash")),
        ) {
            (Some(image), ..) => {
                let mut image = image.clone();
                // An image may be a file or a directory beside the workflow.
                if self.shared.join(&image.name).exists() {
                    image.name = self.shared.join(&image.name).display().to_string();
                }
                let words = words(&command).filter(|_| programs.setup.is_none());
                let it = match words.as_deref() {
                    // An image need not have a shell, and may have a program of its own that takes the words.
                    Some([program, arguments @ ..]) => {
                        Job::program(id, &directory, program).args(arguments)
                    }
                    _ => Job::shell(id, &directory, script),
                };
                it.container(container(&image))
            }
            // A shell sets it.
            (None, Some((program, arguments)), _) => Job::program(id, &directory, program)
                .args(arguments)
                .env("PWD", start),
            (None, None, Ok(bash)) => Job::program(id, &directory, bash).args(["-c", &script]),
            (None, None, Err(_)) => Job::shell(id, &directory, script),
        };
        if job.number < 0
            && let Some(of_generation) = directory.parent()
        {
            it = it.copy(of_generation.join(STEERING_INPUT));
        }
        if !programs.own_directory {
            it = it.start_in(&self.shared);
        }
        if let Some(sandbox) = &programs.sandbox
            && !is_address(sandbox)
        {
            let archive = self.shared.join(sandbox);
            if !archive.is_file() {
                return Err(format!(
                    "sandbox: there is no file {}; put it there, and let the work go on",
                    archive.display()
                ));
            }
            it = it.copy(archive);
        }
        for (name, value) in [
            ("IDDS_REQUEST_ID", job.request_id.to_string()),
            ("IDDS_TRANSFORM_ID", job.transform_id.to_string()),
            ("IDDS_JOB_NAME", job.name.clone()),
            ("IDDS_JOB_NUMBER", job.number.to_string()),
        ] {
            it = it.env(name, value);
        }
        it = it
            .env("IDDS_WORKFLOW_DIRECTORY", &self.shared)
            .env("IDDS_OUTPUT_JSON", directory.join(&programs.result))
            .cores(programs.cores);
        if let Some((first, offset, step, most)) = programs.memory {
            let further = f64::from(job.tries.saturating_sub(1));
            let offset = if job.tries > 1 { offset } else { 0.0 };
            let wanted = first + offset + step * further;
            let megabytes = most.map_or(wanted, |most| wanted.min(most.max(first)));
            it = it.memory((megabytes * MEGABYTE) as u64);
        }
        if let Some(limit) = programs
            .seconds
            .and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
        {
            it = it.wall_time(limit);
        }
        Ok(it)
    }

    /// Finds the program that a command begins with, so that a wrong name is told before anything has failed of it. A program beside
    /// the workflow is named by its whole path then, as a job may begin elsewhere.
    fn found(&self, command: &str) -> Result<String, String> {
        let (name, rest) = match command.split_once(char::is_whitespace) {
            Some((name, rest)) => (name, rest),
            None => (command, ""),
        };
        // Anything else means something to the shell.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./+-".contains(&byte);
        if !name.bytes().all(is_plain) || BUILT_IN.contains(&name) {
            return Ok(command.to_owned());
        }
        let beside = self.shared.join(name);
        // Without a PATH, the shell has one of its own.
        if !name.contains('/') && !beside.is_file() && std::env::var_os("PATH").is_none() {
            return Ok(command.to_owned());
        }
        let found = match name.contains('/') {
            true => find_program(beside.as_os_str()),
            false => find_program(OsStr::new(name)).or_else(|error| match beside.is_file() {
                true => find_program(beside.as_os_str()),
                false => Err(error),
            }),
        };
        match found {
            Ok(_) if !name.contains('/') && !beside.is_file() => Ok(command.to_owned()),
            Ok(path) if name.contains('/') || path == beside => {
                Ok(format!("{} {rest}", quoted(&path)).trim_end().to_owned())
            }
            Ok(_) => Ok(command.to_owned()),
            Err(error) => Err(format!(
                "{}; the program of the work is looked for in {}",
                without_number(&error.to_string()),
                self.shared.display()
            )),
        }
    }
}

/// Returns the container of an image, run by the program that is named in the environment, or else by one that is there.
pub(crate) fn container(image: &Image) -> Container {
    let container = Container::new(&image.name).engine_of_environment();
    match &image.workdir {
        Some(workdir) => container.workdir(workdir),
        None => container,
    }
}

/// Takes a command apart into words as a shell does; none where something in it is for a shell.
fn words(command: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    for letter in command.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some('"'), '$' | '`' | '\\') => return None,
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                _ = word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            (
                None,
                '$' | '`' | '\\' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '~'
                | '#',
            ) => {
                return None;
            }
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    let is_assignment = |word: &String| word.contains('=');
    (quote.is_none() && words.first().is_none_or(|first| !is_assignment(first))).then_some(words)
}

/// Commands of the shell itself that a line may begin with.
const BUILT_IN: [&str; 34] = [
    ".", ":", "[", "break", "case", "cd", "command", "continue", "declare", "echo", "eval", "exec",
    "exit", "export", "false", "for", "if", "kill", "let", "printf", "pwd", "read", "return",
    "set", "shift", "source", "test", "true", "type", "ulimit", "unset", "until", "wait", "while",
];

/// Returns the name of an attempt.
pub(crate) fn attempt_id(job: &JobRow, attempt: u32) -> AttemptId {
    AttemptId::new(format!("{}-{attempt}", job.job_id))
}

/// Reads the name of an attempt: the number of its job, and its own.
pub(crate) fn read_attempt_id(id: &AttemptId) -> Option<(i64, u32)> {
    let (job, attempt) = id.as_str().split_once('-')?;
    Some((job.parse().ok()?, attempt.parse().ok()?))
}

/// Returns the program and the arguments of a line that a shell would only split at its spaces: starting one costs as much as a short
/// job. What has no `/` in its name may be something of the shell, and a file without `#!` is a script for it.
fn plain_line<'a>(
    programs: &Programs,
    command: &'a str,
) -> Option<(&'a str, impl Iterator<Item = &'a str>)> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./+-:@%,= ".contains(&byte);
    if programs.sandbox.is_some() || programs.setup.is_some() || !command.bytes().all(is_plain) {
        return None;
    }
    let mut words = command.split(' ').filter(|word| !word.is_empty());
    let program = words.next()?;
    let is_whole = program.starts_with('/') && !program.contains('=');
    (is_whole && is_for_the_system(Path::new(program))).then_some((program, words))
}

/// Tells whether the system can start a file without a shell.
fn is_for_the_system(program: &Path) -> bool {
    let mut first = [0; 4];
    let read = idds_file::open_regular(program).and_then(|mut file| file.read(&mut first));
    matches!(read, Ok(2..)) && (first.starts_with(b"#!") || first == *b"\x7fELF")
}

/// Returns what a shell is told.
fn script(programs: &Programs, command: &str) -> String {
    let mut script = String::new();
    if let Some(sandbox) = &programs.sandbox {
        let name = sandbox.rsplit('/').next().unwrap_or(sandbox);
        let name = quoted(Path::new(name));
        if is_address(sandbox) {
            let address = quoted(Path::new(sandbox));
            script.push_str(&format!(
                "if command -v wget >/dev/null; then wget -q -O {name} {address}; else curl -fsSL -o {name} {address}; fi || exit\n"
            ));
        }
        script.push_str(&format!("tar -xf {name} || exit\n"));
    }
    if let Some(setup) = &programs.setup {
        script.push_str(setup);
        script.push('\n');
    }
    script.push_str(command);
    script
}

fn is_address(sandbox: &str) -> bool {
    sandbox.contains("://")
}

/// Writes a path so that a shell takes it as it is.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./+-:@%".contains(&byte);
    match text.bytes().all(is_plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Takes away the number that Rust puts behind what the system says: `(os error 2)`.
fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().expect("a directory");
        let program = folder.path().join("merge.sh");
        fs::write(&program, "#!/bin/sh\n").expect("a file");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
        fs::write(folder.path().join("plain.sh"), "#!/bin/sh\n").expect("a file");
        let place = Place {
            shared: folder.path().to_owned(),
            attempts: folder.path().join("jobs"),
        };
        (folder, place)
    }

    #[test]
    fn a_program_beside_the_workflow_is_named_by_its_whole_path() {
        let (folder, place) = place();
        let whole = folder.path().join("merge.sh");
        for name in ["./merge.sh", "merge.sh"] {
            let found = place.found(&format!("{name} a 'b c'"));
            let expected = format!("{} a 'b c'", whole.display());
            assert_eq!(found.map(|line| line.replace("/./", "/")), Ok(expected));
        }
        for line in [
            "sh -c 'exit 3'",
            "echo",
            "x=1 ./merge.sh",
            "if true; then echo; fi",
        ] {
            assert_eq!(place.found(line).as_deref(), Ok(line));
        }
    }

    #[test]
    fn a_shell_is_started_only_for_what_needs_one() {
        let (folder, place) = place();
        fs::write(folder.path().join("bare.sh"), "echo\n").expect("a file");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path().join("bare.sh"), mode).expect("a mode");
        let programs = Programs {
            setup: None,
            own_directory: false,
            sandbox: None,
            image: None,
            result: "result.json".to_owned(),
            needs_result: false,
            cores: 1,
            memory: None,
            seconds: None,
            attempts: 1,
        };
        let words = |line: &str| {
            let line = place.found(line).expect("a program");
            let (program, arguments) = plain_line(&programs, &line)?;
            Some((
                program.to_owned(),
                arguments.map(str::to_owned).collect::<Vec<_>>(),
            ))
        };
        let whole = folder.path().join("merge.sh").display().to_string();
        let found = words("./merge.sh  --from=1 b")
            .map(|(program, rest)| (program.replace("/./", "/"), rest));
        assert_eq!(
            found,
            Some((whole, vec!["--from=1".to_owned(), "b".to_owned()]))
        );
        for line in [
            "./merge.sh *",
            "./merge.sh $HOME",
            "./merge.sh 'a b'",
            "echo a",
            "./bare.sh",
            "x=1 ./merge.sh",
        ] {
            assert_eq!(words(line), None, "{line}");
        }
        let with_setup = Programs {
            setup: Some("x=1".to_owned()),
            ..programs
        };
        assert!(plain_line(&with_setup, "/bin/sh").is_none());
    }

    #[test]
    fn a_command_is_taken_apart_unless_a_shell_has_to_read_it() {
        for (command, expected) in [
            (
                "hpogrid generate --n=3",
                Some(vec!["hpogrid", "generate", "--n=3"]),
            ),
            (
                "/bin/sh -c 'echo $1; x' \"a b\"",
                Some(vec!["/bin/sh", "-c", "echo $1; x", "a b"]),
            ),
            ("steer --in=$PWD/idds_input.json", None),
            ("a \"$b\"", None),
            ("x=1 steer", None),
            ("a | b", None),
        ] {
            let expected: Option<Vec<String>> =
                expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(words(command), expected, "{command}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_or_is_none_is_told_before_it_starts() {
        let (folder, place) = place();
        let told = |line: &str| {
            let error = place.found(line).expect_err("no program");
            error
                .replace(&folder.path().display().to_string(), "DIR")
                .replace("/./", "/")
        };
        assert_eq!(
            told("./merg.sh"),
            "DIR/merg.sh: No such file or directory; the program of the work is looked for in DIR"
        );
        assert_eq!(
            told("./plain.sh x"),
            "DIR/plain.sh: this is no program, `chmod +x` makes a script one; the program of the work is looked for in DIR"
        );
        assert_eq!(
            told("no-such-program"),
            "there is no program no-such-program in PATH; the program of the work is looked for in DIR"
        );
    }
}
