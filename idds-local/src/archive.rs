//! Archives (`.tar.gz`) of files that are made up.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Size of the blocks an archive is made of.
const BLOCK: usize = 512;

/// Longest path, in bytes.
pub(crate) const MAX_PATH: usize = 100;

/// An archive that is being written.
#[derive(Debug)]
pub(crate) struct Archive {
    encoder: GzEncoder<BufWriter<File>>,
    /// Seconds since 1970 that every file is said to be changed at.
    modified: u64,
}

impl Archive {
    /// Begins an archive in a file, of files that were changed at this moment, in seconds since 1970.
    pub(crate) fn new(file: File, modified: i64) -> Self {
        let encoder = GzEncoder::new(BufWriter::new(file), Compression::default());
        Self {
            encoder,
            modified: modified.max(0).cast_unsigned(),
        }
    }

    /// Adds a directory.
    pub(crate) fn directory(&mut self, path: &str) -> io::Result<()> {
        self.entry(path, b'5', 0o755, 0, io::empty())
    }

    /// Adds what is in a file.
    pub(crate) fn file(&mut self, path: &str, mut content: File) -> io::Result<()> {
        let length = content.metadata()?.len();
        content.rewind()?;
        self.entry(path, b'0', 0o644, length, content)
    }

    /// Ends the archive and returns its file.
    pub(crate) fn finish(mut self) -> io::Result<File> {
        self.encoder.write_all(&[0; 2 * BLOCK])?;
        self.encoder
            .finish()?
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
    }

    fn entry(
        &mut self,
        path: &str,
        kind: u8,
        mode: u64,
        length: u64,
        content: impl Read,
    ) -> io::Result<()> {
        if path.len() > MAX_PATH {
            return Err(io::Error::other(format!(
                "the path {path} is longer than {MAX_PATH} bytes"
            )));
        }
        let mut header = [0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, path.as_bytes());
        for (at, digits, number) in [
            (100, 7, mode),
            (108, 7, 0),
            (116, 7, 0),
            (124, 11, length),
            (136, 11, self.modified),
        ] {
            put(at, format!("{number:0digits$o}").as_bytes());
        }
        put(148, b"        ");
        put(156, &[kind]);
        put(257, b"ustar\x0000");
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        self.encoder.write_all(&header)?;
        let copied = io::copy(&mut content.take(length), &mut self.encoder)?;
        // Who writes the file may have cut it meanwhile, and what follows has its place.
        io::copy(&mut io::repeat(0).take(length - copied), &mut self.encoder)?;
        let rest = (length % BLOCK as u64) as usize;
        self.encoder
            .write_all(&[0; BLOCK][..(BLOCK - rest) % BLOCK])
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).expect("a file");
        file
    }

    #[test]
    fn tar_reads_what_was_written() {
        let mut archive = Archive::new(file(b""), 1_795_347_822);
        archive.directory("a").expect("a directory");
        archive.file("a/b.txt", file(b"hello\n")).expect("a file");
        archive
            .file("a/c.txt", file(&[b'x'; 2 * BLOCK]))
            .expect("a file");
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("archive.tar.gz");
        let mut packed = archive.finish().expect("an archive");
        packed.rewind().expect("a file");
        io::copy(&mut packed, &mut File::create(&path).expect("a file")).expect("a copy");
        let status = Command::new("tar")
            .arg("-xzf")
            .arg(&path)
            .current_dir(directory.path())
            .status();
        assert!(status.expect("tar is installed").success());
        let read = |name: &str| std::fs::read(directory.path().join(name)).expect("a file");
        assert_eq!(
            (read("a/b.txt"), read("a/c.txt")),
            (b"hello\n".to_vec(), vec![b'x'; 2 * BLOCK])
        );
    }

    #[test]
    fn a_file_that_is_cut_while_it_is_packed_spoils_nothing() {
        let mut archive = Archive::new(file(b""), 0);
        archive
            .entry("a", b'0', 0o644, 2000, &b"short"[..])
            .expect("a file");
        archive.file("b", file(b"hello")).expect("a file");
        let mut packed = archive.finish().expect("an archive");
        packed.rewind().expect("a file");
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_end(&mut bytes)
            .expect("compressed");
        let second = BLOCK + 2000_usize.next_multiple_of(BLOCK);
        assert!(bytes[second..].starts_with(b"b\0"));
        assert!(bytes[second + BLOCK..].starts_with(b"hello\0"));
    }

    #[test]
    fn too_long_a_path_is_an_error() {
        assert!(
            Archive::new(file(b""), 0)
                .file(&"x".repeat(101), file(b""))
                .is_err()
        );
    }
}
