//! The file that names storage elements.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use idds_workflow::SCHEMAS_URL;
use indexmap::IndexMap;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::{Value, json};

use super::element::AT_ONCE;
use super::{DatasetFile, Storage, StorageElement};
use crate::error::{Error, ErrorKind};

/// Most bytes of the file.
const MOST: u64 = 256 << 20;

/// Longest delay in seconds, 30 days.
const LONGEST: f64 = 30.0 * 86_400.0;

/// Storage elements that are directories of this machine, for works that move data: `idds run --storage FILE`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "Storage")]
#[serde(deny_unknown_fields)]
struct Form {
    /// The storage elements, by the names that works give as `src_rse` and `dest_rse`.
    #[schemars(extend("minProperties" = 1))]
    elements: IndexMap<String, ElementForm>,
    /// The files that belong to datasets, by scope and name with a colon in between. Unless a dataset is here, it has the files that are in
    /// its directory when they are copied.
    #[serde(default)]
    datasets: IndexMap<String, Vec<FileForm>>,
}

/// A storage element. A file is at `SCOPE/DATASET/FILE` in its directory.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "StorageElement")]
#[serde(deny_unknown_fields)]
struct ElementForm {
    /// The directory; a relative path begins at the directory of this file.
    #[schemars(length(min = 1))]
    directory: String,
    /// Seconds until a file can be read, as from a tape that has to be fetched; 0 by default.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = LONGEST))]
    delay: f64,
    /// Number of files that can be read at once; 4 by default.
    #[serde(default = "at_once")]
    #[schemars(range(min = 1))]
    at_once: usize,
}

/// A file of a dataset.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "DatasetFile")]
#[serde(deny_unknown_fields)]
struct FileForm {
    /// Name, which is that of the file in the directory of the dataset.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    /// Size in bytes.
    #[serde(default)]
    #[schemars(with = "u64")]
    bytes: Option<u64>,
    /// Adler-32 checksum: eight hexadecimal digits.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = "^[0-9a-fA-F]{8}$"))]
    adler32: Option<String>,
}

fn at_once() -> usize {
    AT_ONCE
}

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<Storage, Error> {
    let name = path.display();
    let unreadable =
        |source| Error::new(ErrorKind::Storage, format!("{name} cannot be read"), source);
    let bytes = idds_file::read(path, MOST).map_err(unreadable)?;
    let wrong = |why: String| Error::unsourced(ErrorKind::Storage, format!("{name}: {why}"));
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
    let path = std::path::absolute(path).map_err(unreadable)?;
    parse(&text, path.parent().unwrap_or(Path::new("/"))).map_err(wrong)
}

/// Reads the text of the file.
pub(super) fn parse(text: &str, directory: &Path) -> Result<Storage, String> {
    let form: Form = serde_saphyr::from_str(text).map_err(|error| told(&error))?;
    if form.elements.is_empty() {
        return Err(
            "elements: is empty; it names the storage elements, such as DISK: { directory: disk }"
                .to_owned(),
        );
    }
    let mut storage = Storage::new();
    for (name, form) in form.elements {
        let at = format!("elements.{name}");
        if form.directory.is_empty() {
            return Err(format!("{at}.directory: is empty; it is a path"));
        }
        if !(0.0..=LONGEST).contains(&form.delay) {
            return Err(format!(
                "{at}.delay: {} is no number of seconds from 0 to {LONGEST}",
                form.delay
            ));
        }
        if form.at_once == 0 {
            return Err(format!(
                "{at}.at_once: 0 files are never read; give 1 or more"
            ));
        }
        let element = StorageElement::new(directory.join(form.directory))
            .delay(Duration::from_secs_f64(form.delay))
            .at_once(form.at_once);
        storage = storage.element(name, element);
    }
    let mut known = HashSet::new();
    for (did, files) in form.datasets {
        let (scope, name) = did.split_once(':').ok_or_else(|| {
            format!("datasets.{did}: is no SCOPE:DATASET, such as data16_13TeV:raw")
        })?;
        known.insert(did.clone());
        let files = files
            .into_iter()
            .map(|file| file.read(&did))
            .collect::<Result<Vec<_>, _>>()?;
        storage = storage
            .dataset(scope, name, files)
            .map_err(|error| error.to_string())?;
    }
    Ok(storage)
}

impl FileForm {
    fn read(self, did: &str) -> Result<DatasetFile, String> {
        let adler32 = self.adler32.map(|text| {
            let digits = Some(&text).filter(|text| text.len() == 8);
            digits
                .and_then(|text| u32::from_str_radix(text, 16).ok())
                .ok_or_else(|| {
                    format!(
                        "datasets.{did}: {}: adler32: {text:?} is not eight hexadecimal digits",
                        self.name
                    )
                })
        });
        Ok(DatasetFile {
            bytes: self.bytes,
            adler32: adler32.transpose()?,
            name: self.name,
        })
    }
}

/// Says what is wrong with the text, in one line and in our words.
fn told(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let (place, what) = match line.split_once(": ") {
        Some((place, what)) if place.starts_with("line ") => {
            (place.replace(" column", ", column"), what)
        }
        _ => return line.to_owned(),
    };
    let named = |start: &str| {
        what.strip_prefix(start)
            .and_then(|rest| rest.split_once('`'))
    };
    let what = if let Some((field, known)) = named("unknown field `") {
        let known = known
            .rsplit_once("expected ")
            .map_or("", |(_, known)| known);
        let known = known.trim_start_matches("one of ").replace('`', "");
        format!("{field}: is no field here; there are {known}")
    } else if let Some((field, _)) = named("missing field `") {
        format!("{field}: is missing")
    } else {
        what.to_owned()
    };
    format!("{place}: {what}")
}

/// Returns the JSON Schema of the file.
pub(crate) fn schema() -> Value {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Form>();
    let mut value = json!({
        "$schema": schema.get("$schema"),
        "$id": format!("{SCHEMAS_URL}/storage.json"),
    });
    let fields = value.as_object_mut();
    if let (Some(fields), Some(rest)) = (fields, schema.as_object()) {
        for (name, member) in rest {
            fields.entry(name).or_insert_with(|| member.clone());
        }
        fields.insert(
            "examples".to_owned(),
            json!([{
                "elements": {
                    "NDGF-T1_DATATAPE": { "directory": "tape", "delay": 2, "at_once": 1 },
                    "NDGF-T1_DATADISK": { "directory": "disk" },
                },
                "datasets": {
                    "data16_13TeV:data16_13TeV.00298862.physics_Main.daq.RAW": [
                        { "name": "raw._0001.data", "bytes": 120, "adler32": "5f2c1e9b" },
                    ],
                },
            }]),
        );
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_file_is_said_in_our_words() {
        let told = |text: &str| parse(text, Path::new("/")).expect_err("a refusal");
        assert_eq!(
            told("elements:\n  DISK: { folder: disk }\n"),
            "line 2, column 11: folder: is no field here; there are directory, delay, at_once"
        );
        assert!(told("elements: { DISK: { delay: 1 } }").ends_with(": directory: is missing"));
        assert!(told("elements: [").starts_with("line "));
        assert!(told("elements: {}").starts_with("elements: is empty"));
    }
}
