//! The client against servers in this process that speak raw HTTP and TLS, and against transports that answer from a script.

mod http;
mod limits;
mod retry;
mod script;
mod submit;
mod tls;
