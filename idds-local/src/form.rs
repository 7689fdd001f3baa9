//! The file in a form (`multipart/form-data`).

use bytes::Bytes;

/// Finds the first file of a form: the last part of its name, and its content.
pub(crate) fn file(body: &Bytes, boundary: &str) -> Option<(String, Bytes)> {
    let start = body.strip_prefix(format!("--{boundary}\r\n").as_bytes())?;
    let begin = find(start, b"\r\n\r\n")?;
    let head = str::from_utf8(&start[..begin]).ok()?;
    let content = &start[begin + 4..];
    let end = find(content, format!("\r\n--{boundary}").as_bytes())?;
    let name = head.split("filename=\"").nth(1)?.split('"').next()?;
    let name = name.rsplit(['/', '\\']).next()?;
    Some((name.to_owned(), body.slice_ref(&content[..end])))
}

/// Finds bytes in others.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let (first, rest) = wanted.split_first()?;
    let mut at = 0;
    while let Some(next) = bytes.get(at..)?.iter().position(|byte| byte == first) {
        at += next;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_in_its_form() {
        let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/a/b.tgz\"\r\n\r\n1\r\n--y\r\n--x--\r\n";
        let (name, content) = file(&Bytes::from_static(form.as_bytes()), "x").expect("a file");
        assert_eq!((&*name, &content[..]), ("b.tgz", &b"1\r\n--y"[..]));
        for wrong in [
            "",
            "--x\r\n",
            "--x\r\n\r\n\r\n--x--",
            "--y\r\nfilename=\"a\"\r\n\r\n\r\n--x",
        ] {
            assert!(
                file(&Bytes::copy_from_slice(wrong.as_bytes()), "x").is_none(),
                "{wrong:?}"
            );
        }
    }
}
