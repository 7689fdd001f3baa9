//! The embedded servers that a user runs: addresses and tokens.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::host::Host;
use crate::private_file::read_secret;
use crate::{Configuration, Error, ErrorKind, Secret};
use idds_file::{Lock, LockError, machine, open_regular};

/// The embedded servers that this user runs on this machine, so that a client finds the token of each.
///
/// `idds serve` announces itself here: with a file for each server in the directory `servers` of [`Configuration::root`], which
/// only its owner can read. The file says where the server listens and what its token is, and is locked by it as long as it runs. A
/// file that a killed server has left is not locked, and counts for nothing: by now, somebody else may listen at that port, and would
/// be shown the token.
///
/// ```
/// use idds_client::{Configuration, RunningServers};
///
/// for server in RunningServers::of(&Configuration::from_env()?).map(|servers| servers.all()).unwrap_or_default() {
///     println!("{}", server.url());
/// }
/// # Ok::<(), idds_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunningServers {
    directory: PathBuf,
}

/// An embedded server of this user that runs on this machine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunningServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Token of the server; none for a server without one.
    pub token: Option<Secret>,
}

/// Announces the address of a server until it is dropped.
#[derive(Debug)]
#[must_use = "the server is announced as long as it is there"]
pub struct Announcement {
    path: PathBuf,
    _lock: Lock,
    _file: File,
}

impl RunningServers {
    /// Returns the embedded servers of the user of this configuration; none when there is no home directory.
    pub fn of(configuration: &Configuration) -> Option<Self> {
        Some(Self {
            directory: configuration.root()?.join("servers"),
        })
    }

    /// Announces a server of this process; clients find it until the returned value is dropped, or the process ends.
    ///
    /// It is to be dropped before the port is free again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] when the file cannot be written or locked.
    pub fn announce(
        &self,
        address: SocketAddr,
        token: Option<&Secret>,
    ) -> Result<Announcement, Error> {
        let path =
            self.directory
                .join(format!("{}_{}_{}", machine(), address.ip(), address.port()));
        let failed = |error: io::Error| {
            let what = format!("the server cannot be announced in {}", path.display());
            Error::new(ErrorKind::File, what).caused_by(error)
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)
            .map_err(failed)?;
        self.clear();
        // With mode 0600; locked before anybody can see it.
        let mut draft = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(&self.directory)
            .map_err(failed)?;
        let token = token.map_or("", Secret::expose);
        write!(draft, "{token}\n{}\n", boot()).map_err(failed)?;
        let lock = Lock::take(draft.as_file(), &path).map_err(|error| match error {
            LockError::Failed(error) => failed(error),
            held => failed(io::Error::other(held)),
        })?;
        let file = draft.persist(&path).map_err(|error| failed(error.error))?;
        Ok(Announcement {
            path,
            _lock: lock,
            _file: file,
        })
    }

    /// Returns those that run now, in the order of their addresses.
    pub fn all(&self) -> Vec<RunningServer> {
        let mut servers: Vec<_> = self
            .entries()
            .filter_map(|(path, address)| read(&path, address))
            .collect();
        servers.sort_by_key(|server| server.address);
        servers
    }

    /// Returns the one that answers at this address.
    pub(crate) fn at(&self, host: &Host) -> Option<RunningServer> {
        // What another machine answers, or a server with TLS, is none of these.
        if host.is_encrypted() {
            return None;
        }
        self.entries()
            .filter(|(_, address)| answers(*address, host))
            .find_map(|(path, address)| read(&path, address))
    }

    /// Returns the files of this machine, with the addresses in their names.
    fn entries(&self) -> impl Iterator<Item = (PathBuf, SocketAddr)> {
        let machine = format!("{}_", machine());
        let files = fs::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten();
        files.filter_map(move |file| {
            let name = file.file_name().into_string().ok()?;
            let (address, port) = name.strip_prefix(&machine)?.rsplit_once('_')?;
            Some((
                file.path(),
                SocketAddr::new(address.parse().ok()?, port.parse().ok()?),
            ))
        })
    }

    /// Takes away what killed servers have left.
    fn clear(&self) {
        for (path, _) in self.entries() {
            let Ok(file) = open_regular(&path) else {
                continue;
            };
            let is_same = || Some(path.metadata().ok()?.ino() == file.metadata().ok()?.ino());
            if !Lock::is_held(&file, &path) && is_same() == Some(true) {
                // It counts for nothing, there or not.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

impl RunningServer {
    /// Returns the address for a client on this machine, such as `http://127.0.0.1:8080/idds`, without the token.
    pub fn url(&self) -> String {
        format!(
            "http://{}/idds",
            SocketAddr::new(self.reachable(), self.address.port())
        )
    }

    /// Returns the address at which this machine reaches it.
    pub(crate) fn reachable(&self) -> IpAddr {
        match self.address.ip() {
            IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            address => address,
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Before the lock is given back: one that is left counts for nothing then.
        let _ = fs::remove_file(&self.path);
    }
}

/// Reads the file of a server, if that runs.
fn read(path: &Path, address: SocketAddr) -> Option<RunningServer> {
    let text = String::from_utf8(read_secret("the announcement", path).ok()?).ok()?;
    let (token, rest) = text.split_once('\n')?;
    // Two machines may have one home and one name.
    let is_of_this_boot = rest.trim_end() == boot();
    let runs = is_of_this_boot && Lock::is_held(&open_regular(path).ok()?, path);
    runs.then(|| RunningServer {
        address,
        token: Some(token)
            .filter(|token| !token.is_empty())
            .map(Secret::new),
    })
}

/// Tells whether what listens at this address is what a client asks that asks this host.
fn answers(address: SocketAddr, host: &Host) -> bool {
    if address.port() != host.port() {
        return false;
    }
    let ip = address.ip();
    match host.address().parse::<IpAddr>() {
        Ok(asked) => {
            asked == ip
                || (ip.is_unspecified() && asked.is_loopback() && (ip.is_ipv6() || asked.is_ipv4()))
        }
        Err(_) => host.is_loopback() && (ip.is_loopback() || ip.is_unspecified()),
    }
}

/// Returns what tells this start of this machine from all others; empty where that cannot be told.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const TOKEN: &str = "token_00112233445566778899";

    fn place() -> (tempfile::TempDir, RunningServers) {
        let home = tempfile::tempdir().expect("a directory");
        let servers = RunningServers {
            directory: home.path().join(".idds/servers"),
        };
        (home, servers)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn token_at(servers: &RunningServers, host: &str) -> Option<String> {
        servers
            .at(&Host::parse(host).expect("a host"))?
            .token
            .map(|token| token.expose().to_owned())
    }

    #[test]
    fn a_server_is_found_by_its_address_as_long_as_it_is_announced() {
        let (_home, servers) = place();
        let announced = servers
            .announce(address("127.0.0.1:8080"), Some(&Secret::new(TOKEN)))
            .expect("announced");
        let other = servers
            .announce(address("[::1]:8081"), None)
            .expect("announced");
        for host in [
            "http://127.0.0.1:8080/idds",
            "http://localhost:8080/idds",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(token_at(&servers, host).as_deref(), Some(TOKEN), "{host}");
        }
        for host in [
            "http://127.0.0.1:8082/idds",
            "http://127.0.0.2:8080/idds",
            "http://[::1]:8080/idds",
            "http://localhost.example:8080/idds",
            "https://127.0.0.1:8080/idds",
            "http://127.0.0.1:8081/idds",
        ] {
            assert_eq!(token_at(&servers, host), None, "{host}");
        }
        let all = servers.all();
        assert_eq!(
            all.iter().map(RunningServer::url).collect::<Vec<_>>(),
            ["http://127.0.0.1:8080/idds", "http://[::1]:8081/idds"]
        );
        assert!(!format!("{all:?} {announced:?}").contains("00112233"));
        drop((announced, other));
        assert!(servers.all().is_empty());
        assert_eq!(
            fs::read_dir(&servers.directory)
                .expect("a directory")
                .count(),
            0
        );
    }

    #[test]
    fn a_server_on_all_addresses_is_found_on_this_machine() {
        let (_home, servers) = place();
        let _announced = servers
            .announce(address("0.0.0.0:8080"), Some(&Secret::new(TOKEN)))
            .expect("announced");
        for (host, is_found) in [
            ("http://127.0.0.1:8080/idds", true),
            ("http://localhost:8080/idds", true),
            ("http://0.0.0.0:8080/idds", true),
            ("http://[::1]:8080/idds", false),
            ("http://192.0.2.1:8080/idds", false),
        ] {
            assert_eq!(token_at(&servers, host).is_some(), is_found, "{host}");
        }
        assert_eq!(servers.all()[0].url(), "http://127.0.0.1:8080/idds");
    }

    #[test]
    fn what_a_killed_server_has_left_counts_for_nothing() {
        let (_home, servers) = place();
        let announced = servers
            .announce(address("127.0.0.1:8080"), Some(&Secret::new(TOKEN)))
            .expect("announced");
        let left = servers
            .directory
            .join(format!("{}_127.0.0.1_8081", machine()));
        fs::copy(&announced.path, &left).expect("copied");
        assert_eq!(left.metadata().expect("a file").mode() & 0o777, 0o600);
        assert_eq!(
            token_at(&servers, "http://127.0.0.1:8081/idds"),
            None,
            "nobody has locked it"
        );
        assert_eq!(servers.all().len(), 1);
        let _next = servers
            .announce(address("127.0.0.1:8082"), None)
            .expect("announced");
        assert!(!left.exists() && servers.all().len() == 2);
        // The same address again: the old file is replaced.
        fs::copy(&announced.path, &left).expect("copied");
        let _again = servers
            .announce(address("127.0.0.1:8081"), Some(&Secret::new("token_new")))
            .expect("announced");
        assert_eq!(
            token_at(&servers, "http://127.0.0.1:8081/idds").as_deref(),
            Some("token_new")
        );
    }

    #[test]
    fn only_what_its_owner_alone_can_read_is_believed() {
        let (_home, servers) = place();
        let announced = servers
            .announce(address("127.0.0.1:8080"), Some(&Secret::new(TOKEN)))
            .expect("announced");
        let mode = |path: &Path| path.metadata().expect("a file").mode() & 0o777;
        assert_eq!(
            (mode(&servers.directory), mode(&announced.path)),
            (0o700, 0o600)
        );
        fs::set_permissions(&announced.path, fs::Permissions::from_mode(0o644)).expect("a mode");
        assert_eq!(token_at(&servers, "http://127.0.0.1:8080/idds"), None);
    }

    #[test]
    fn an_announcement_of_another_machine_of_this_name_is_not_ours() {
        let (_home, servers) = place();
        let announced = servers
            .announce(address("127.0.0.1:8080"), Some(&Secret::new(TOKEN)))
            .expect("announced");
        fs::write(&announced.path, format!("{TOKEN}\nanother\n")).expect("written");
        assert_eq!(token_at(&servers, "http://127.0.0.1:8080/idds"), None);
        for text in ["", TOKEN, "\n", "\u{feff}"] {
            fs::write(&announced.path, text).expect("written");
            assert_eq!(
                token_at(&servers, "http://127.0.0.1:8080/idds"),
                None,
                "{text:?}"
            );
        }
    }
}
