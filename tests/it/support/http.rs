//! Plain HTTP, from a client that knows nothing of iDDS.

use reqwest::{Client, ClientBuilder};
use rustls::crypto::ring;

/// Returns a client to be built, which asks no proxy.
pub(crate) fn plain() -> ClientBuilder {
    // reqwest comes without cryptography, as the product brings its own; whoever is first sets it for the process.
    let _ = ring::default_provider().install_default();
    Client::builder().no_proxy()
}
