//! Whether a port speaks TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Trust;
use crate::host::Host;

/// How long the answer to the greeting may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Says whether what listens there answers the greeting of TLS as TLS does.
///
/// Many servers break a connection on which they expect TLS and get HTTP without a word, so the words of the failure do not tell.
pub(super) async fn speaks_tls(host: &Host) -> bool {
    // A record of TLS begins with its type, here an alert or a handshake, and the major version 3.
    timeout(LIMIT, greet(host))
        .await
        .is_ok_and(|first| matches!(first, Ok([0x15 | 0x16, 3])))
}

/// Says whether something takes connections there.
pub(super) async fn is_open(host: &Host) -> bool {
    matches!(
        timeout(LIMIT, TcpStream::connect((host.address(), host.port()))).await,
        Ok(Ok(_))
    )
}

/// Greets as TLS does, and returns the first bytes of the answer.
async fn greet(host: &Host) -> io::Result<[u8; 2]> {
    let config = Trust::unused().map_err(io::Error::other)?;
    let name = ServerName::try_from(host.address().to_owned()).map_err(io::Error::other)?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut greeting = Vec::new();
    connection.write_tls(&mut greeting)?;
    let mut socket = TcpStream::connect((host.address(), host.port())).await?;
    socket.write_all(&greeting).await?;
    let mut first = [0; 2];
    socket.read_exact(&mut first).await?;
    Ok(first)
}
