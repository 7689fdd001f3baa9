//! The client against servers in this process that speak raw HTTP and TLS, and against recorded traffic.

mod files;
mod http;
mod table;
mod tls;
mod traffic;
mod wire;
