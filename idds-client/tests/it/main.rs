//! The client against servers in this process that speak raw HTTP and TLS, against transports that answer from a script, and
//! against recorded traffic.

mod files;
mod forgetful;
mod found;
mod hostile;
mod http;
mod late;
mod limits;
mod readers;
mod retry;
mod rotation;
mod script;
mod server_token;
mod submit;
mod table;
mod tls;
mod traffic;
mod wire;
mod wrong_port;
mod wrong_server;
