//! The real iDDS 2.6.21, started once for all tests of this process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use super::{is_installed, run, script, test_file};

static SHARED: LazyLock<Option<RealServer>> =
    LazyLock::new(|| is_installed("real-server").then(RealServer::start));

/// Time for all tests with the server together, which need a few minutes of it. They run at once, and one for which the agents
/// forget something would keep everything waiting.
const PATIENCE: Duration = Duration::from_secs(1200);

/// A running iDDS server, which stops when this process ends, however it ends.
pub(crate) struct RealServer {
    environment: HashMap<String, String>,
    /// Its open standard input is what keeps the server running.
    _hold: Child,
}

impl RealServer {
    /// The server, or `None` where it cannot be installed; in CI that is a failure.
    ///
    /// The first call takes half a minute, on a new machine some minutes. It blocks: call it before entering a runtime, or from a
    /// test with a runtime of its own.
    pub(crate) fn shared() -> Option<&'static Self> {
        SHARED.as_ref()
    }

    #[expect(
        clippy::zombie_processes,
        reason = "it ends after this process, not before"
    )]
    fn start() -> Self {
        let mut hold = script("real-server/hold")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash is installed");
        let mut environment = HashMap::new();
        for line in BufReader::new(hold.stdout.take().expect("stdout is piped")).lines() {
            let line = line.expect("the output of hold is text");
            if line == "ready" {
                thread::spawn(give_up_in_the_end);
                return Self {
                    environment,
                    _hold: hold,
                };
            }
            let variable = line
                .strip_prefix("export ")
                .and_then(|assignment| assignment.split_once('='));
            let (name, value) = variable.expect("hold prints assignments and then `ready`");
            environment.insert(name.to_owned(), value.to_owned());
        }
        panic!("the real iDDS server did not start, the reason is on standard error");
    }

    fn variable(&self, name: &str) -> &str {
        &self.environment[name]
    }

    /// Address of the REST application, `https://127.0.0.1:PORT/idds`.
    pub(crate) fn url(&self) -> &str {
        self.variable("IDDS_HOST")
    }

    /// CA of the server's certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.tls("ca")
    }

    /// A PEM file in the server's `tls` folder, `user` or `proxy` for instance: `tests/real-server/README.md` lists them.
    pub(crate) fn tls(&self, name: &str) -> PathBuf {
        let file = self.live().join("tls").join(name).with_extension("pem");
        assert!(file.exists(), "no such certificate: {}", file.display());
        file
    }

    /// File whose line is the command that the method nevergrad runs.
    pub(crate) fn hpo_program(&self) -> PathBuf {
        self.live().join("hpo-program")
    }

    /// An ID token for VO `test`, from a device flow that this user approves. That of the login `idds-test-expired` has expired.
    pub(crate) fn id_token(&self, login: &str) -> String {
        self.python("real-server/oidc/id_token.py", login)
    }

    /// What the real Python client prints for an expression over `client`, its `ClientManager`.
    pub(crate) fn python_client(&self, expression: &str) -> String {
        self.python("real-server/client.py", expression)
    }

    /// The routes of its REST application, a method and a rule with `<names>` on each line.
    pub(crate) fn routes(&self) -> String {
        self.python_with(&[], "real-server/routes.py", &[])
    }

    /// The Python that has the iDDS packages.
    pub(crate) fn python_path(&self) -> &str {
        self.variable("IDDS_TEST_PYTHON")
    }

    /// The same with further environment variables.
    pub(crate) fn python_client_with(
        &self,
        variables: &[(&str, &str)],
        expression: &str,
    ) -> String {
        self.python_with(variables, "real-server/client.py", &[expression])
    }

    /// Opens the sign-in page in a browser: `login` signs in there, or refuses as `--refuse`.
    pub(crate) fn visit(&self, url: &str, login: &str) {
        self.python_with(&[], "real-server/oidc/browser.py", &[url, login]);
    }

    /// How often the loss of each point of these requests was reported, by the log of the server: points are `REQUEST/POINT`.
    pub(crate) fn reports(&self, requests: &HashSet<String>) -> BTreeMap<String, usize> {
        let log = std::fs::read_to_string(self.live().join("log/rest.access.log"))
            .expect("the server keeps a log");
        let mut reports = BTreeMap::new();
        for line in log.lines() {
            // PUT /idds/hpo/null/REQUEST/POINT/LOSS
            let Some((_, path)) = line.split_once("\"PUT /idds/hpo/") else {
                continue;
            };
            if let [_, request, point, ..] = path.split('/').collect::<Vec<_>>()[..]
                && requests.contains(request)
            {
                *reports.entry(format!("{request}/{point}")).or_default() += 1;
            }
        }
        reports
    }

    fn live(&self) -> &Path {
        Path::new(self.variable("IDDS_TEST_LIVE"))
    }

    fn python(&self, program: &str, argument: &str) -> String {
        self.python_with(&[], program, &[argument])
    }

    fn python_with(&self, variables: &[(&str, &str)], program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.python_path());
        command
            .arg(test_file(program))
            .args(arguments)
            .envs(&self.environment)
            .envs(variables.iter().copied());
        let output = run(&mut command);
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }
}

/// Ends this process when its tests take too long; those that still run have been named by then.
fn give_up_in_the_end() {
    thread::sleep(PATIENCE);
    // Unlike `eprintln!`, this is shown while tests run.
    let _ = writeln!(
        std::io::stderr(),
        "GIVEN UP: tests with the real server still run after {PATIENCE:?}, and are not waited for"
    );
    std::process::exit(101);
}
