//! The client against servers in this process that speak raw HTTP and TLS.

mod http;
mod tls;
