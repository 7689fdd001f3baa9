//! Removing secrets from what servers send back.

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};

use super::Secret;

/// Removes the secrets of a request from its answer, also parts of them: a server that quotes a token may cut it.
pub(crate) struct Scrub {
    words: Vec<Secret>,
    /// The places in which each block of a word stands there; words are cut into blocks from their beginning.
    blocks: HashMap<[u8; BLOCK], Vec<(usize, usize)>>,
    /// A bit for each pair of bytes that begins a block, as most of a text is none.
    begins: Vec<u64>,
}

/// Bytes of a block.
const BLOCK: usize = 8;

/// Shortest part of a secret that is taken out, in bytes. Every one of this length has a whole block in it.
const LEAST: usize = 2 * BLOCK;

/// What stands in their place.
const REDACTED: &[u8] = b"[redacted]";

impl Scrub {
    /// Knows these secrets, word by word: those of a certificate are its lines.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut scrub = Self {
            words: Vec::new(),
            blocks: HashMap::new(),
            begins: vec![0; (1 << 16) / 64],
        };
        let words = secrets.into_iter().flat_map(str::split_whitespace);
        // What every certificate has is no secret, and a word of few letters may stand in any text.
        for word in words.filter(|word| word.len() >= BLOCK && !word.contains("-----")) {
            let number = scrub.words.len();
            for (index, block) in word.as_bytes().chunks_exact(BLOCK).enumerate() {
                let pair = pair(block);
                scrub.begins[pair / 64] |= 1 << (pair % 64);
                if let Ok(block) = block.try_into() {
                    scrub
                        .blocks
                        .entry(block)
                        .or_default()
                        .push((number, index * BLOCK));
                }
            }
            scrub.words.push(Secret::new(word));
        }
        scrub
    }

    /// Returns an answer without them.
    pub(crate) fn answer(&self, answer: Response<Bytes>) -> Response<Bytes> {
        let (mut parts, body) = answer.into_parts();
        self.headers(&mut parts.headers);
        Response::from_parts(parts, self.bytes(body))
    }

    /// Takes them out of headers.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(text) = self.found(value.as_bytes())
                && let Ok(scrubbed) = HeaderValue::from_bytes(&text)
            {
                *value = scrubbed;
            }
        }
    }

    /// Returns bytes without them.
    pub(crate) fn bytes(&self, bytes: Bytes) -> Bytes {
        self.found(&bytes).map_or(bytes, Bytes::from)
    }

    /// Returns bytes without them, if they are there.
    fn found(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let (mut copied, mut at) = (0, 0);
        while at + BLOCK <= text.len() {
            let pair = pair(&text[at..]);
            let is_begin = self.begins[pair / 64] & (1 << (pair % 64)) != 0;
            match is_begin.then(|| self.longest(text, copied, at)).flatten() {
                Some((start, end)) => {
                    out.extend_from_slice(&text[copied..start]);
                    out.extend_from_slice(REDACTED);
                    (copied, at) = (end, end);
                }
                None => at += 1,
            }
        }
        (copied > 0).then(|| {
            out.extend_from_slice(&text[copied..]);
            out
        })
    }

    /// Returns where the longest part of a secret begins and ends that has a block here, and begins nowhere before `from`.
    fn longest(&self, text: &[u8], from: usize, at: usize) -> Option<(usize, usize)> {
        let block: &[u8; BLOCK] = text.get(at..at + BLOCK)?.try_into().ok()?;
        let parts = self.blocks.get(block)?.iter().filter_map(|&(word, place)| {
            let word = self.words[word].expose().as_bytes();
            let before = text[from..at]
                .iter()
                .rev()
                .zip(word[..place].iter().rev())
                .take_while(|(a, b)| a == b)
                .count();
            let after = text[at..]
                .iter()
                .zip(&word[place..])
                .take_while(|(a, b)| a == b)
                .count();
            (before + after >= LEAST.min(word.len())).then(|| (at - before, at + after))
        });
        parts.max_by_key(|(start, end)| end - start)
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// The secrets of the last request, taken apart once.
#[derive(Default)]
pub(crate) struct Scrubs {
    last: Mutex<Option<(Vec<HeaderValue>, Arc<Scrub>)>>,
}

impl Scrubs {
    /// Returns what takes the secrets of a request with these headers out of its answer; none when it has none.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<Arc<Scrub>> {
        let is_secret = |value: &&HeaderValue| value.is_sensitive();
        headers.values().find(is_secret)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, scrub)) = &*last
            && known.iter().eq(headers.values().filter(is_secret))
        {
            return Some(scrub.clone());
        }
        let secrets: Vec<HeaderValue> = headers.values().filter(is_secret).cloned().collect();
        let proxies = of_proxies(|name| env::var(name).ok());
        let texts = secrets
            .iter()
            .filter_map(|it| it.to_str().ok())
            .chain(proxies.iter().map(Secret::expose));
        let scrub = Arc::new(Scrub::new(texts));
        *last = Some((secrets, scrub.clone()));
        Some(scrub)
    }
}

/// Returns the passwords of proxies on the way, as they are written and as they are sent.
fn of_proxies(variable: impl Fn(&str) -> Option<String>) -> Vec<Secret> {
    let names = [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let addresses = names.iter().filter_map(|name| variable(name));
    let holders =
        addresses.filter_map(|it| Some(it.rsplit_once('@')?.0.rsplit('/').next()?.to_owned()));
    let secrets = holders.filter_map(|holder| {
        let password = holder.split_once(':')?.1.to_owned();
        Some([Secret::new(STANDARD.encode(&holder)), Secret::new(password)])
    });
    secrets.flatten().collect()
}

impl Secret {
    /// Returns a text of somebody else's without this one in it.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let whole = match self.expose() {
            "" => text.to_owned(),
            secret => text.replace(secret, "[redacted]"),
        };
        let parts = Scrub::new([self.expose()]).found(whole.as_bytes());
        parts.map_or(whole, |parts| String::from_utf8_lossy(&parts).into_owned())
    }
}

/// Returns a text of somebody else's without private keys.
pub(crate) fn without_keys(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        let label = &rest[start + "-----BEGIN ".len()..];
        let Some(label) = label.find("-----").map(|end| &label[..end]) else {
            break;
        };
        let end = format!("-----END {label}-----");
        let end = rest[start..]
            .find(&end)
            .map_or(rest.len(), |at| start + at + end.len());
        if label.ends_with("PRIVATE KEY") {
            out.push_str(&rest[..start]);
            out.push_str("[redacted]");
        } else {
            out.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYTEifQ.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4";

    fn scrubbed(secrets: &[&str], text: &str) -> String {
        let scrub = Scrub::new(secrets.iter().copied());
        String::from_utf8(scrub.bytes(text.to_owned().into()).to_vec()).expect("text")
    }

    #[test]
    fn a_secret_and_its_parts_are_taken_out() {
        for start in [0, 1, 7, 8, 9, 40] {
            for end in [start + 16, start + 31, TOKEN.len()] {
                let text = format!("no {} here, {}!", &TOKEN[start..end], &TOKEN[start..end]);
                assert_eq!(
                    scrubbed(&[TOKEN], &text),
                    "no [redacted] here, [redacted]!",
                    "{start}..{end}"
                );
            }
        }
        let both = format!("{TOKEN}{TOKEN}x");
        assert_eq!(scrubbed(&[TOKEN], &both), "[redacted][redacted]x");
        for text in ["", "eyJhbGci", "nothing of it", "eyJhbGciOiJSUzI"] {
            assert_eq!(scrubbed(&[TOKEN], text), text);
        }
        assert_eq!(
            scrubbed(&["hunter2hunter2"], "a hunter2hunter2 hunter2hunt"),
            "a [redacted] hunter2hunt"
        );
    }

    #[test]
    fn lines_of_a_certificate_are_taken_out_and_what_all_have_stays() {
        let secret = "-----BEGIN PRIVATE KEY----- MIGHAgEAMBMGByqGSM49 AgEGCCqGSM49AwEHBG0w -----END PRIVATE KEY-----";
        let text = "-----BEGIN PRIVATE KEY-----\\nMIGHAgEAMBMGByqGSM49\\nAgEGCCqGSM49AwEHBG0w\\n";
        assert_eq!(
            scrubbed(&[secret], text),
            "-----BEGIN PRIVATE KEY-----\\n[redacted]\\n[redacted]\\n"
        );
    }

    #[test]
    fn private_keys_are_taken_out_of_any_text() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----";
        let certificate = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----";
        assert_eq!(
            without_keys(&format!("a {certificate} {key} b")),
            format!("a {certificate} [redacted] b")
        );
        assert_eq!(without_keys(&format!("a {}", &key[..40])), "a [redacted]");
        assert_eq!(without_keys("a -----BEGIN b"), "a -----BEGIN b");
    }

    #[test]
    fn passwords_of_proxies_are_known_in_both_forms() {
        let variable = |name: &str| {
            (name == "HTTPS_PROXY").then(|| "http://me:hunter2hunter2@proxy:3128".to_owned())
        };
        let secrets: Vec<_> = of_proxies(variable)
            .iter()
            .map(|it| it.expose().to_owned())
            .collect();
        assert_eq!(secrets, ["bWU6aHVudGVyMmh1bnRlcjI=", "hunter2hunter2"]);
        assert!(of_proxies(|_| Some("http://proxy:3128".to_owned())).is_empty());
    }

    #[test]
    fn the_secrets_are_those_of_the_headers_that_are_marked() {
        let scrubs = Scrubs::default();
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-a",
            HeaderValue::from_static("a-plain-header-of-the-request"),
        );
        assert!(scrubs.of(&headers).is_none());
        let mut token = HeaderValue::from_static(TOKEN);
        token.set_sensitive(true);
        headers.insert("x-b", token);
        let scrub = scrubs.of(&headers).expect("a secret");
        assert!(Arc::ptr_eq(&scrub, &scrubs.of(&headers).expect("the same")));
        let answer = Response::builder()
            .header("m", format!("not {TOKEN}"))
            .body(Bytes::from(TOKEN));
        let answer = scrub.answer(answer.expect("an answer"));
        assert_eq!(
            (&answer.headers()["m"], &answer.body()[..]),
            (&HeaderValue::from_static("not [redacted]"), REDACTED)
        );
    }
}
