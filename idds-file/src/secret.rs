//! Files with secrets, which only their owner may read.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// Why a file with a secret is not read, as the end of a sentence that begins with the file.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct SecretError {
    why: String,
    source: Option<io::Error>,
}

impl SecretError {
    /// Returns what the system said, where it did.
    pub fn into_source(self) -> Option<io::Error> {
        self.source
    }
}

/// Largest file with tokens or certificates that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Reads a file with a secret.
///
/// The opened file is looked at, not the path, which may name another file a moment later. It must be a regular one, as a pipe
/// would be waited for; of this user or the administrator, as somebody else may have put it there; and closed to others. Nobody else's
/// link leads to it.
///
/// # Errors
///
/// Why it is not read.
pub fn read_secret(path: impl AsRef<Path>) -> Result<Vec<u8>, SecretError> {
    let path = path.as_ref();
    let unfit = |why: &str| SecretError {
        why: why.to_owned(),
        source: None,
    };
    let unreadable = |error: io::Error| SecretError {
        source: Some(error),
        ..unfit("cannot be read")
    };
    let user = rustix::process::geteuid().as_raw();
    let target = match followed(path, user).map_err(unreadable)? {
        Followed::To(target) => target,
        Followed::Foreign { link, owner } => {
            let why = format!(
                "is reached by the link {}, which belongs to user {owner} and not to you, user {user}; name the file itself",
                link.display()
            );
            return Err(unfit(&why));
        }
    };
    let flags =
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = File::from(
        rustix::fs::open(&target, flags, Mode::empty())
            .map_err(|error| unreadable(error.into()))?,
    );
    let metadata = file.metadata().map_err(unreadable)?;
    if let Some(flaw) = flaw_of_kind(&metadata) {
        return Err(unfit(flaw));
    }
    if let Some(flaw) = flaw(metadata.mode(), metadata.uid(), user, path) {
        return Err(unfit(&flaw));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(unfit(
            "is larger than 1 MB, which is no file with tokens or certificates",
        ));
    }
    Ok(bytes)
}

/// Where a path leads.
enum Followed {
    /// To this path, which has no links.
    To(PathBuf),
    /// Through a link of somebody else than this user and the administrator.
    Foreign { link: PathBuf, owner: u32 },
}

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Follows the links of a path one by one.
fn followed(path: &Path, user: u32) -> io::Result<Followed> {
    let mut left: Vec<OsString> = parts(&std::path::absolute(path)?);
    let (mut at, mut links) = (PathBuf::from("/"), 0);
    while let Some(part) = left.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(part);
        let metadata = next.symlink_metadata()?;
        if !metadata.is_symlink() {
            at = next;
            continue;
        }
        let owner = metadata.uid();
        if ![user, 0].contains(&owner) {
            return Ok(Followed::Foreign { link: next, owner });
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(io::Error::other(
                "it is a link to a link to a link, without end",
            ));
        }
        let target = fs::read_link(&next)?;
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        left.extend(parts(&target));
    }
    Ok(Followed::To(at))
}

/// Returns the parts of a path below the root, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let is_part =
        |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    let parts = path
        .components()
        .filter(is_part)
        .map(|part| part.as_os_str().to_owned());
    parts.collect::<Vec<_>>().into_iter().rev().collect()
}

fn flaw_of_kind(metadata: &Metadata) -> Option<&'static str> {
    match metadata.file_type() {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("is a directory, name the file in it"),
        _ => Some("is not a regular file"),
    }
}

/// Says what is wrong with the permissions or the owner of a file with a secret; `user` is who reads it.
///
/// What is of the administrator may be open to the group of this user, who cannot change it: so secrets are mounted in containers.
fn flaw(mode: u32, owner: u32, user: u32, path: &Path) -> Option<String> {
    let excess = mode
        & if owner == 0 && user != 0 {
            0o037
        } else {
            0o077
        };
    let path = path.display();
    if owner != user && owner != 0 {
        return Some(format!(
            "belongs to user {owner} and not to you, user {user}; copy it into a file of your own"
        ));
    }
    (excess != 0).then(|| {
        format!(
            "is open to others than its owner (mode {:04o}), run: chmod 600 {path}",
            mode & 0o777
        )
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_the_user_and_the_administrator_have_files_with_secrets() {
        let flaw = |mode, owner, user| flaw(mode, owner, user, Path::new("f"));
        for (mode, owner, user) in [
            (0o600, 7, 7),
            (0o400, 7, 7),
            (0o700, 7, 7),
            (0o600, 0, 7),
            (0o440, 0, 7),
        ] {
            assert_eq!(flaw(mode, owner, user), None, "{mode:o} {owner} {user}");
        }
        let open = |mode: &str| {
            Some(format!(
                "is open to others than its owner (mode {mode}), run: chmod 600 f"
            ))
        };
        assert_eq!(flaw(0o100_644, 7, 7), open("0644"));
        assert_eq!(flaw(0o444, 0, 7), open("0444"));
        assert_eq!(flaw(0o640, 0, 0), open("0640"));
        let foreign = "belongs to user 8 and not to you, user 7; copy it into a file of your own";
        assert_eq!(flaw(0o600, 8, 7).as_deref(), Some(foreign));
        assert!(flaw(0o600, 8, 0).is_some());
    }

    #[test]
    fn what_is_no_regular_file_of_a_sensible_size_is_not_read() {
        let root = tempfile::tempdir().expect("a directory");
        let complaint = |path: &Path| {
            let error = read_secret(path).expect_err("refused");
            format!("the key FILE {error}")
        };
        assert_eq!(
            complaint(root.path()),
            "the key FILE is a directory, name the file in it"
        );
        assert_eq!(
            complaint(Path::new("/dev/null")),
            "the key FILE is not a regular file"
        );
        let pipe = root.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .expect("a pipe");
        assert_eq!(complaint(&pipe), "the key FILE is not a regular file");
        let large = root.path().join("large");
        fs::write(&large, "x".repeat(1_048_577)).expect("written");
        fs::set_permissions(&large, PermissionsExt::from_mode(0o600)).expect("a mode");
        assert_eq!(
            complaint(&large),
            "the key FILE is larger than 1 MB, which is no file with tokens or certificates"
        );
        assert_eq!(
            complaint(&root.path().join("none")),
            "the key FILE cannot be read"
        );
    }

    #[test]
    fn links_of_this_user_are_followed_and_those_of_others_are_not() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        fs::create_dir(path("inner")).expect("a directory");
        fs::write(path("inner/key"), "key").expect("written");
        fs::set_permissions(path("inner/key"), PermissionsExt::from_mode(0o400)).expect("a mode");
        for (target, link) in [
            ("inner", "folder"),
            ("folder/../inner/key", "link"),
            ("second", "loop"),
            ("loop", "second"),
        ] {
            symlink(target, path(link)).expect("linked");
        }
        assert_eq!(read_secret(path("link")).expect("followed"), b"key");
        assert_eq!(read_secret(path("folder/key")).expect("followed"), b"key");
        assert!(read_secret(path("loop")).is_err());
        let Followed::Foreign { link, .. } = followed(&path("link"), 54_321).expect("a link")
        else {
            // The administrator's links may be followed by all.
            assert!(rustix::process::geteuid().is_root());
            return;
        };
        assert_eq!(
            link,
            fs::canonicalize(root.path()).expect("a path").join("link")
        );
    }
}
