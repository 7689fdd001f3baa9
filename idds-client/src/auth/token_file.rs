//! The token file, shared with the Python client.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Secret, TokenInfo, Tokens, unusable};
use crate::Error;
use crate::private_file::read_secret;
use idds_file::{Lock, LockError, WholeFile, open_own};

/// The file that keeps the tokens of a sign-in: `~/.idds/.token` of the Python client.
///
/// It holds the JSON of the provider's answer, or a bare ID token. Only its owner may read it: the Python client writes it for
/// everybody, and then the error says which `chmod` puts it right. It is replaced atomically. An empty file beside it, with `.lock` at
/// the end of its name, keeps two processes from renewing the tokens at once.
///
/// ```
/// use idds_client::TokenFile;
///
/// let directory = tempfile::tempdir()?;
/// let file = TokenFile::new(directory.path().join(".token"));
/// assert!(file.load().is_err());
/// file.remove()?; // what is not there is no error
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenFile {
    path: PathBuf,
}

/// How long to wait for another process that renews the tokens.
const PATIENCE: Duration = Duration::from_secs(30);

impl TokenFile {
    /// Makes a handle of the token file at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the tokens.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when the file is missing, can be read by others than its owner,
    /// or holds no token.
    pub fn load(&self) -> Result<Tokens, Error> {
        let wrong = |why: &str| {
            unusable(format!(
                "the token file {} cannot be used: {why}",
                self.path.display()
            ))
        };
        let text = String::from_utf8(read_secret("the token file", &self.path)?);
        let text = Secret::new(text.map_err(|_| wrong("it is not text in UTF-8"))?);
        // Editors of Windows begin a text with a byte order mark.
        let text = text.expose().trim_start_matches('\u{feff}').trim();
        match text {
            "" => Err(wrong("it is empty")),
            // The source is left out: an error of the JSON reader may quote the text.
            _ if text.starts_with('{') => match serde_json::from_str(text) {
                Ok(json) => Tokens::from_json(json).map_err(|error| wrong(&error.to_string())),
                Err(_) => Err(wrong("it is not JSON")),
            },
            _ if text.contains(char::is_whitespace) => Err(wrong("it holds more than a token")),
            _ if !text.bytes().all(is_of_token) => Err(wrong("it holds no token")),
            _ => Ok(Tokens::bare(text)),
        }
    }

    /// Replaces the content of the file by these tokens, with mode 0600.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when the file cannot be written.
    pub fn save(&self, tokens: &Tokens) -> Result<(), Error> {
        self.start()?.finish(tokens)
    }

    /// Deletes the tokens; a file that is not there is fine.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when the file cannot be removed.
    pub fn remove(&self) -> Result<(), Error> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(format!(
                "the token file {} cannot be removed",
                self.path.display()
            ))
            .caused_by(error)),
            _ => Ok(()),
        }
    }

    /// Returns the claims of the token that would be sent; none when it is not a JWT.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load).
    pub fn info(&self) -> Result<Option<TokenInfo>, Error> {
        Ok(self.load()?.info())
    }

    /// Begins to replace the file, so that a directory that cannot be written is noticed before there are new tokens.
    pub(super) fn start(&self) -> Result<Replacement, Error> {
        let file = WholeFile::private(&self.path).map_err(|error| self.unwritable(error))?;
        Ok(Replacement {
            file,
            target: self.clone(),
        })
    }

    /// Waits until no other process renews the tokens; none when that takes too long, or the directory cannot be written.
    pub(super) async fn lock(&self) -> Option<(File, Lock)> {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let name = PathBuf::from(name);
        let file = open_own(&name).ok()?;
        // Without a runtime there is no clock to wait by, and no other task either.
        if tokio::runtime::Handle::try_current().is_err() {
            let lock = Lock::take(&file, &name).ok()?;
            return Some((file, lock));
        }
        let end = Instant::now() + PATIENCE;
        loop {
            match Lock::take(&file, &name) {
                Ok(lock) => return Some((file, lock)),
                Err(LockError::Held(_)) if Instant::now() < end => {
                    sleep(Duration::from_millis(50)).await;
                }
                Err(_) => return None,
            }
        }
    }

    fn unwritable(&self, error: io::Error) -> Error {
        unusable(format!(
            "the token file {} cannot be written",
            self.path.display()
        ))
        .caused_by(error)
    }
}

/// Says whether a character may stand in a bearer token (RFC 6750, section 2.1).
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// A token file that is about to be replaced.
#[derive(Debug)]
pub(super) struct Replacement {
    file: WholeFile,
    target: TokenFile,
}

impl Replacement {
    /// Puts these tokens in place.
    pub(super) fn finish(self, tokens: &Tokens) -> Result<(), Error> {
        let Self { file, target } = self;
        file.finish_with(tokens.to_json().expose())
            .map_err(|error| target.unwritable(error))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorKind;

    fn file(text: &str) -> (tempfile::TempDir, TokenFile) {
        let directory = tempfile::tempdir().expect("a directory");
        let file = TokenFile::new(directory.path().join(".token"));
        WholeFile::private(file.path())
            .and_then(|it| it.finish_with(text))
            .expect("written");
        (directory, file)
    }

    #[test]
    fn tokens_come_back_from_their_file() {
        let (_directory, file) = file("");
        file.save(
            &Tokens::from_json(json!({"id_token": "i", "refresh_token": "r"})).expect("tokens"),
        )
        .expect("saved");
        let tokens = file.load().expect("tokens");
        assert_eq!(tokens.refresh_token().map(Secret::expose), Some("r"));
        file.remove().expect("removed");
        file.remove().expect("nothing to remove");
        assert_eq!(file.load().expect_err("gone").kind(), ErrorKind::Credential);
    }

    #[test]
    fn a_file_without_a_token_is_named_and_not_quoted() {
        for (text, why) in [
            ("", "it is empty"),
            ("{\"id_token\"", "it is not JSON"),
            (
                "{\"access_token\": \"s3cret\"}",
                "there is no \"id_token\", and no \"access_token\" that is a JWT",
            ),
            ("s3cret s3cret", "it holds more than a token"),
            ("[1]", "it holds no token"),
            ("\"s3cret\"", "it holds no token"),
        ] {
            let (_directory, file) = file(text);
            let error = file.load().expect_err("no token");
            assert_eq!(
                error.to_string(),
                format!(
                    "the token file {} cannot be used: {why}",
                    file.path().display()
                )
            );
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_token() {
        for text in [
            "\u{feff}token\r\n",
            "\u{feff}{\"id_token\": \"token\"}",
            "{\"id_token\": \"token\\n\"}",
        ] {
            let (_directory, file) = file(text);
            assert_eq!(
                file.load().expect("tokens").id_token().map(Secret::expose),
                Some("token")
            );
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_remedy() {
        use std::os::unix::fs::PermissionsExt;

        let (_directory, file) = file("token");
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).expect("a mode");
        let path = file.path().display();
        assert_eq!(
            file.load().expect_err("refused").to_string(),
            format!(
                "the token file {path} is open to others than its owner (mode 0644), run: chmod 600 {path}"
            )
        );
    }

    #[tokio::test(start_paused = true)]
    async fn only_one_process_at_a_time_renews() {
        let (_directory, file) = file("token");
        let held = file.lock().await.expect("a lock");
        assert!(file.lock().await.is_none(), "given up after {PATIENCE:?}");
        drop(held);
        assert!(file.lock().await.is_some());
    }
}
