//! A setting and its origin.

use std::path::PathBuf;

/// A setting that is in effect: one of [`Configuration::settings`](crate::Configuration::settings).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Its name, which is that of the option in a file.
    pub name: &'static str,
    /// Its value; `[redacted]` for a token, none when it is not set and has no default.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Where a setting comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// This environment variable.
    Variable(&'static str),
    /// This file: that of the user, or that of the site.
    File(PathBuf),
    /// The default.
    Default,
}
