//! Files that are sent: whole, in part, or not at all when the client has them.

use std::io::SeekFrom;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName, StatusCode};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::answer::Failure;
use crate::cacher::Opened;

/// Most bytes of a file that are in memory at a time.
const CHUNK: u64 = 64 << 10;

/// A file to be sent.
#[derive(Debug)]
pub(crate) struct Download {
    name: String,
    media_type: &'static str,
    modified: SystemTime,
    length: u64,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// A file that was made for this.
    Spool(File),
    /// One of those that clients upload.
    Cached(Opened),
}

impl Download {
    /// Sends a file that was made for this, as one that was changed at this moment, in seconds since 1970.
    pub(crate) async fn spool(
        name: String,
        media_type: &'static str,
        modified: i64,
        file: std::fs::File,
    ) -> std::io::Result<Self> {
        let file = File::from_std(file);
        let modified = UNIX_EPOCH + Duration::from_secs(modified.max(0).cast_unsigned());
        Ok(Self {
            name,
            media_type,
            modified,
            length: file.metadata().await?.len(),
            source: Source::Spool(file),
        })
    }

    /// Sends a file under another name.
    pub(crate) async fn file(name: String, opened: Opened) -> std::io::Result<Self> {
        let metadata = opened.file.metadata().await?;
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        Ok(Self {
            media_type: media_type(&name),
            name,
            modified,
            length: metadata.len(),
            source: Source::Cached(opened),
        })
    }

    /// Answers a request with these headers.
    pub(crate) async fn send(self, headers: &HeaderMap) -> Result<Response, Failure> {
        let age = self.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let tag = format!(
            "\"{}.{:09}-{}\"",
            age.as_secs(),
            age.subsec_nanos(),
            self.length
        );
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let is_ours = |tags: &str| {
            tags.split(',')
                .any(|given| given.trim() == tag || given.trim() == "*")
        };
        let mut fields: Vec<(HeaderName, String)> = vec![
            (CONTENT_DISPOSITION, disposition(&self.name)),
            (CACHE_CONTROL, "no-cache".to_owned()),
            (ETAG, tag.clone()),
            (ACCEPT_RANGES, "bytes".to_owned()),
        ];
        if text(IF_NONE_MATCH).is_some_and(is_ours) {
            return respond(StatusCode::NOT_MODIFIED, &fields, Body::empty());
        }
        let range = text(RANGE).filter(|_| text(IF_RANGE).is_none_or(is_ours));
        let (status, first, count) = match range {
            None => (StatusCode::OK, 0, self.length),
            Some(range) => {
                let (first, last) = part(range, self.length).ok_or_else(|| {
                    Failure::core("416 Requested Range Not Satisfiable: The server cannot provide the requested range.")
                })?;
                fields.push((
                    CONTENT_RANGE,
                    format!("bytes {first}-{last}/{}", self.length),
                ));
                (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
            }
        };
        fields.push((CONTENT_TYPE, self.media_type.to_owned()));
        fields.push((CONTENT_LENGTH, count.to_string()));
        if let Ok(moment) = Timestamp::try_from(self.modified) {
            let date = moment
                .to_zoned(TimeZone::UTC)
                .strftime("%a, %d %b %Y %H:%M:%S GMT")
                .to_string();
            fields.push((LAST_MODIFIED, date));
        }
        let body = body(self.source, first, count)
            .await
            .map_err(|error| Failure::core(error.to_string()))?;
        respond(status, &fields, body)
    }
}

/// Reads a part of a file as it is sent.
async fn body(mut source: Source, first: u64, count: u64) -> std::io::Result<Body> {
    source.file().seek(SeekFrom::Start(first)).await?;
    let chunks = stream::try_unfold((source, count), |(mut source, left)| async move {
        let mut chunk = vec![0; left.min(CHUNK) as usize];
        let read = source.file().read(&mut chunk).await?;
        chunk.truncate(read);
        Ok::<_, std::io::Error>(
            (read > 0).then(|| (Bytes::from(chunk), (source, left - read as u64))),
        )
    });
    Ok(Body::from_stream(chunks))
}

impl Source {
    fn file(&mut self) -> &mut File {
        match self {
            Self::Spool(file) => file,
            Self::Cached(opened) => &mut opened.file,
        }
    }
}

fn respond(
    status: StatusCode,
    fields: &[(HeaderName, String)],
    body: Body,
) -> Result<Response, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let value = value
            .parse()
            .map_err(|_| Failure::core(format!("{name} cannot be {value}")))?;
        headers.insert(name, value);
    }
    Ok((status, headers, body).into_response())
}

/// Reads the header `Range`: the first and the last byte of the one part that is asked for, if there is such a part.
fn part(range: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = match (first.trim(), last.trim()) {
        ("", count) => (
            length.saturating_sub(count.parse().ok().filter(|count| *count > 0)?),
            length.checked_sub(1)?,
        ),
        (first, "") => (first.parse().ok()?, length.checked_sub(1)?),
        (first, last) => (
            first.parse().ok()?,
            last.parse::<u64>().ok()?.min(length.checked_sub(1)?),
        ),
    };
    (first <= last).then_some((first, last))
}

/// Says under which name a file is to be stored.
fn disposition(name: &str) -> String {
    let is_token = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    if !name.is_empty() && name.chars().all(is_token) {
        return format!("attachment; filename={name}");
    }
    let mut quoted = String::new();
    for char in name.chars().filter(|char| (' '..='~').contains(char)) {
        if "\"\\".contains(char) {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    if name.is_ascii() {
        return format!("attachment; filename=\"{quoted}\"");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let encode = |byte: u8| {
        if is_plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    let encoded: String = name.bytes().map(encode).collect();
    format!("attachment; filename=\"{quoted}\"; filename*=UTF-8''{encoded}")
}

/// Guesses what is in a file of this name.
fn media_type(name: &str) -> &'static str {
    let stem_and_ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let Some((stem, ending)) = stem_and_ending else {
        return "application/octet-stream";
    };
    match &*ending.to_ascii_lowercase() {
        "gz" | "bz2" | "xz" if stem.to_ascii_lowercase().ends_with(".tar") => "application/x-tar",
        "tar" | "tgz" => "application/x-tar",
        "csv" => "text/csv; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "gif" => "image/gif",
        "h5" => "application/x-hdf5",
        "htm" | "html" => "text/html; charset=utf-8",
        "jpeg" | "jpg" => "image/jpeg",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "md" => "text/markdown; charset=utf-8",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "py" => "text/x-python; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "tsv" => "text/tab-separated-values; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_part_within_the_file() {
        for (range, expected) in [
            ("bytes=2-4", Some((2, 4))),
            ("bytes=6-", Some((6, 9))),
            ("bytes=-3", Some((7, 9))),
            ("bytes=-30", Some((0, 9))),
            ("bytes=0-99", Some((0, 9))),
            ("bytes=20-", None),
            ("bytes=5-2", None),
            ("bytes=-0", None),
            ("bytes=0-1,4-5", None),
            ("items=1-2", None),
            ("bytes=18446744073709551615-18446744073709551616", None),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
            assert_eq!(part(range, 0), None, "{range}");
        }
    }

    #[test]
    fn names_are_said_as_the_server_says_them() {
        assert_eq!(
            disposition("hello.tar.gz"),
            "attachment; filename=hello.tar.gz"
        );
        assert_eq!(disposition("a\\b"), r#"attachment; filename="a\\b""#);
        assert_eq!(
            disposition("a b'\"é.json"),
            r#"attachment; filename="a b'\".json"; filename*=UTF-8''a%20b%27%22%C3%A9.json"#
        );
    }

    #[test]
    fn endings_tell_what_is_in_a_file() {
        for (name, expected) in [
            ("r.txt", "text/plain; charset=utf-8"),
            ("r.TXT", "text/plain; charset=utf-8"),
            ("x.tar.gz", "application/x-tar"),
            ("x.gz", "application/octet-stream"),
            ("x", "application/octet-stream"),
            (".txt", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), expected, "{name}");
        }
    }
}
