//! The directory in which processes announce themselves and claim points.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use idds_client::PointId;
use idds_file::read_regular;

use super::crew::{Claim, Crew, choose};

/// The directory of one request, as one process sees it.
///
/// `workers/NAME` holds a number that changes while the process lives; `claims/POINT.TERM` holds the name of the process
/// that has claimed the point. A claim is never changed and never deleted.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    me: String,
    crew: Crew,
    /// Claims that were read already.
    claims: HashMap<PointId, Claim>,
    /// When the claim that counts was first seen; none for a point that this process has ever held.
    seen: HashMap<PointId, Option<Duration>>,
    take_over: Duration,
}

impl Folder {
    pub(super) fn join(path: PathBuf, me: String, take_over: Duration) -> io::Result<Self> {
        fs::create_dir_all(path.join("workers"))?;
        fs::create_dir_all(path.join("claims"))?;
        let crew = Crew::new(me.clone(), take_over);
        let folder = Self {
            crew,
            path,
            me,
            claims: HashMap::new(),
            seen: HashMap::new(),
            take_over,
        };
        folder.heart().beat()?;
        Ok(folder)
    }

    /// Returns what gives signs of life.
    pub(crate) fn heart(&self) -> Heartbeat {
        Heartbeat {
            path: self.path.clone(),
            me: self.me.clone(),
            pause: self.take_over / 4,
        }
    }

    pub(super) fn claim(
        &mut self,
        now: Duration,
        open: &[PointId],
        want: usize,
        late_after: Option<Duration>,
    ) -> io::Result<HashSet<PointId>> {
        self.crew.observe(now, beats(&self.path)?);
        self.read_claims(now)?;
        let is_late = |point: &PointId| {
            let seen = self.seen.get(point).copied().flatten();
            seen.zip(late_after)
                .is_some_and(|(seen, limit)| now >= seen.saturating_add(limit))
        };
        for (point, term) in choose(
            &self.me,
            &self.crew.live(now),
            open,
            &self.claims,
            is_late,
            want,
        ) {
            let holder = self.try_claim(&point, term)?;
            self.note(now, point, Claim { term, holder });
        }
        let is_mine = |point: &&PointId| {
            self.claims
                .get(*point)
                .is_some_and(|claim| claim.holder == self.me)
        };
        Ok(open.iter().filter(is_mine).cloned().collect())
    }

    /// Claims a point; returns who holds it now.
    fn try_claim(&self, point: &PointId, term: u32) -> io::Result<String> {
        let draft = self.path.join(format!("{}.claim", file_name(&self.me)));
        let claim = self
            .path
            .join("claims")
            .join(format!("{}.{term}", file_name(point.as_str())));
        write_draft(&draft, &self.me)?;
        let made = match fs::hard_link(&draft, &claim) {
            Err(error) if has_no_links(&error) => claim_without_link(&claim, &self.me),
            made => made,
        };
        match made {
            Ok(()) => Ok(self.me.clone()),
            // On NFS also when the answer to our own call was lost, so the content tells.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => said(&claim),
            Err(error) => Err(error),
        }
    }

    /// Notes the claim that counts for a point from now on.
    fn note(&mut self, now: Duration, point: PointId, claim: Claim) {
        let is_mine = claim.holder == self.me;
        let seen = self.seen.entry(point.clone()).or_insert(Some(now));
        // Each holder has the full time, and a point does not come back to one that was too slow for it.
        *seen = seen.filter(|_| !is_mine).map(|_| now);
        self.claims.insert(point, claim);
    }

    fn read_claims(&mut self, now: Duration) -> io::Result<()> {
        for entry in fs::read_dir(self.path.join("claims"))? {
            let name = entry?.file_name();
            let parsed = name.to_str().and_then(|name| name.rsplit_once('.'));
            let Some((point, term)) =
                parsed.and_then(|(point, term)| Some((text(point)?, term.parse().ok()?)))
            else {
                continue;
            };
            let point = PointId::new(point);
            let is_news = |known: &Claim| {
                known.term < term || (known.term == term && known.holder.is_empty())
            };
            if self.claims.get(&point).is_none_or(is_news) {
                let holder = said(&self.path.join("claims").join(&name))?;
                self.note(now, point, Claim { term, holder });
            }
        }
        Ok(())
    }
}

/// Reads what another process says of itself, which is a name or a number.
fn said(file: &Path) -> io::Result<String> {
    read_regular(file, MOST).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Longer is no name of a process.
const MOST: u64 = 4096;

/// Writes a file that will be given its name when it is whole. What is there is no file of this process, or an old one.
fn write_draft(draft: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::File::create_new(draft)?.write_all(text.as_bytes()),
    }
}

/// Tells whether a file system has no hard links, as FAT and some others have not.
fn has_no_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied | io::ErrorKind::TooManyLinks
    )
}

/// Makes a claim by a file that can be made only once. For a moment it is empty, and nobody's: it is looked at again.
fn claim_without_link(claim: &Path, me: &str) -> io::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(claim)?
        .write_all(me.as_bytes())
}

/// Gives signs of life.
#[derive(Clone, Debug)]
pub(crate) struct Heartbeat {
    path: PathBuf,
    me: String,
    /// How long to wait between two beats.
    pub(crate) pause: Duration,
}

impl Heartbeat {
    /// Changes the number that says that this process lives.
    pub(crate) fn beat(&self) -> io::Result<()> {
        let file = self.path.join("workers").join(file_name(&self.me));
        let beat = said(&file)
            .ok()
            .and_then(|beat| beat.parse().ok())
            .unwrap_or(0_u64);
        let draft = self.path.join(format!("{}.beat", file_name(&self.me)));
        write_draft(&draft, &beat.wrapping_add(1).to_string())?;
        fs::rename(draft, file)
    }
}

fn beats(path: &Path) -> io::Result<Vec<(String, u64)>> {
    let mut beats = Vec::new();
    for entry in fs::read_dir(path.join("workers"))? {
        let name = entry?.file_name();
        let beat = said(&path.join("workers").join(&name))
            .ok()
            .and_then(|beat| beat.parse().ok());
        beats.extend(name.to_str().and_then(text).zip(beat));
    }
    Ok(beats)
}

/// A file name for any text: what is no letter, digit, `-` or `_` becomes `%XX`.
pub(crate) fn file_name(text: &str) -> String {
    let mut name = String::new();
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => name.push(byte.into()),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name
}

/// The text of a file name.
fn text(name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_file_name_and_comes_back() {
        for original in ["1", "../x y.z", "µ%41", ""] {
            let name = file_name(original);
            assert!(!name.contains(['/', '.']), "{name}");
            assert_eq!(text(&name).as_deref(), Some(original));
        }
        assert_eq!(text("%4"), None);
    }

    #[test]
    fn a_point_that_is_held_too_long_goes_to_another_once() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let seconds = Duration::from_secs;
        let join =
            |name: &str| Folder::join(folder.path().to_owned(), name.to_owned(), seconds(60));
        let (mut a, mut b, open) = (join("a")?, join("b")?, ["1".into()]);
        let limit = Some(seconds(5));
        assert_eq!(a.claim(seconds(0), &open, 1, limit)?.len(), 1);
        assert!(b.claim(seconds(1), &open, 1, limit)?.is_empty());
        assert!(b.claim(seconds(5), &open, 1, limit)?.is_empty());
        assert!(
            b.claim(seconds(6), &open, 1, None)?.is_empty(),
            "only if that is the rule"
        );
        assert!(
            b.claim(seconds(6), &open, 0, limit)?.is_empty(),
            "only if there is room"
        );
        assert_eq!(b.claim(seconds(6), &open, 1, limit)?.len(), 1);
        assert!(a.claim(seconds(6), &open, 1, limit)?.is_empty());
        assert!(
            a.claim(seconds(30), &open, 1, limit)?.is_empty(),
            "it was too slow itself"
        );
        assert_eq!(b.claim(seconds(30), &open, 1, limit)?.len(), 1);
        assert_eq!(
            a.claim(seconds(66), &open, 1, limit)?.len(),
            1,
            "b does not live any more"
        );
        Ok(())
    }

    #[test]
    fn a_claim_without_a_link_is_looked_at_again_until_it_says_whose_it_is() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut me = Folder::join(
            folder.path().to_owned(),
            "me".to_owned(),
            Duration::from_secs(60),
        )?;
        let claim = folder.path().join("claims/1.0");
        fs::write(&claim, "")?;
        me.read_claims(Duration::ZERO)?;
        assert_eq!(me.claims[&PointId::new("1")].holder, "");
        fs::remove_file(&claim)?;
        claim_without_link(&claim, "other")?;
        assert_eq!(
            claim_without_link(&claim, "me").map_err(|error| error.kind()),
            Err(io::ErrorKind::AlreadyExists)
        );
        me.read_claims(Duration::ZERO)?;
        assert_eq!(me.claims[&PointId::new("1")].holder, "other");
        Ok(())
    }

    #[test]
    fn every_point_is_claimed_by_one_and_taken_over_from_the_dead() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let seconds = Duration::from_secs;
        let open: Vec<_> = (1..=10).map(|id| PointId::new(id.to_string())).collect();
        let join =
            |name: &str| Folder::join(folder.path().to_owned(), name.to_owned(), seconds(10));
        let (mut a, mut b) = (join("a")?, join("b")?);
        let first = a.claim(seconds(0), &open, 6, None)?;
        let second = b.claim(seconds(0), &open, 6, None)?;
        assert_eq!((first.len(), second.len()), (6, 4));
        assert!(first.is_disjoint(&second));
        // While b lives, a gets no more; what it has, it keeps, also when it is started again.
        b.heart().beat()?;
        assert_eq!(a.claim(seconds(9), &open, 9, None)?, first);
        assert_eq!(join("a")?.claim(seconds(9), &open, 0, None)?, first);
        assert_eq!(a.claim(seconds(19), &open, 9, None)?.len(), 10);
        assert_eq!(b.claim(seconds(19), &open, 0, None)?.len(), 0);
        Ok(())
    }
}
