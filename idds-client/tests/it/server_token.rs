//! The token of an embedded server: sent in a header, found where its server has announced it, and shown nowhere.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use idds_client::{
    AuthType, Body, Client, ClientBuilder, Configuration, Error, ErrorKind, Retry, RunningServers,
    Secret, Setup,
};
use idds_workflow::RequestId;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const TOKEN: &str = "token_00112233445566778899aabbccddeeff00112233";

/// Its digits, which must not show even where the beginning is another one.
const SECRET: &str = "00112233445566778899aabbccddeeff";

/// What an embedded server answers to who has not its token.
const TURNED_AWAY: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: IDDS-Server-Token\r\nExceptionClass: IDDSException\r\n\
                           ExceptionMessage: this server requires its token\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const PONG: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 16\r\n\r\n{\"Status\": \"OK\"}";

/// Starts a server that gives this answer to every request; returns its address, and the requests as they come in.
async fn server(answer: &'static str) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (heard, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n")
                && stream
                    .read_buf(&mut request)
                    .await
                    .is_ok_and(|count| count > 0)
            {}
            // Nobody listens at the end of a test.
            let _ = heard.send(String::from_utf8_lossy(&request).to_lowercase());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, requests)
}

/// Returns what each request has shown of the token.
fn shown(requests: &mut mpsc::UnboundedReceiver<String>) -> Vec<Option<String>> {
    let mut shown = Vec::new();
    while let Ok(request) = requests.try_recv() {
        let (line, _) = request.split_once("\r\n").expect("a line");
        assert!(!line.contains("token_"), "{line}");
        shown.push(
            request
                .lines()
                .find_map(|line| Some(line.strip_prefix("x-idds-server-token: ")?.to_owned())),
        );
    }
    shown
}

fn plain(host: String) -> Client {
    Client::builder(host)
        .retry(Retry::none())
        .build()
        .expect("a client")
}

/// Asks as the user with this home directory, and these variables, would ask.
async fn ping(home: &Path, variables: &[(&str, &str)]) -> Result<(), Error> {
    let lookup = |name: &str| match name {
        "HOME" => Some(home.display().to_string()),
        _ => variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned()),
    };
    ClientBuilder::from_lookup(lookup)?
        .retry(Retry::none())
        .build()?
        .ping()
        .await
}

#[tokio::test]
async fn every_call_shows_the_token_in_a_header_and_none_in_its_address() {
    let (address, mut requests) = server(PONG).await;
    let client = plain(format!("http://{address}/{TOKEN}/idds"));
    assert_eq!(client.host(), format!("http://{address}/idds"));
    client.ping().await.expect("an answer");
    let upload = Body::from("x");
    let _ = client.cacher().upload_body("file", upload).await;
    let _ = client.auth().sign_in_url("atlas").await;
    let _ = client.requests().abort(RequestId::new(1)).await;
    let all = shown(&mut requests);
    assert!(
        all.len() > 3 && all.iter().all(|shown| shown.as_deref() == Some(TOKEN)),
        "{all:?}"
    );
    assert!(!format!("{client:?} {:?}", client.requests()).contains(SECRET));

    let with_setter = Client::builder(format!("http://{address}/idds"))
        .server_token(TOKEN)
        .build()
        .expect("a client");
    with_setter.ping().await.expect("an answer");
    assert_eq!(shown(&mut requests), [Some(TOKEN.to_owned())]);
}

#[tokio::test]
async fn who_is_turned_away_is_told_what_to_do() {
    let (address, _requests) = server(TURNED_AWAY).await;
    let host = format!("http://{address}/idds");
    let without = plain(host.clone()).ping().await.expect_err("no token");
    let with = plain(format!("http://{address}/{TOKEN}/idds"));
    let other = with.ping().await.expect_err("another token");
    assert_eq!([without.kind(), other.kind()], [ErrorKind::Unauthorized; 2]);
    assert_eq!(
        without.to_string(),
        format!(
            "ping failed: the server at {host} requires its token: set the host to the address that `idds serve` printed, which has the \
             token before /idds; without it nobody uses the server of somebody else"
        )
    );
    assert_eq!(
        other.to_string(),
        format!(
            "ping failed: the server at {host} has another token than the one that was sent: take the address that `idds serve` \
             printed last, or {host} alone, for which `idds` finds the token of a server of yours on this machine"
        )
    );
    // Which kind of server it is, it does not say.
    assert_eq!(
        with.server().await.expect_err("not let in").kind(),
        ErrorKind::Unauthorized
    );
    let folder = TempDir::new().expect("a directory");
    let download = with
        .logs()
        .download(RequestId::new(1))
        .to_directory(folder.path());
    let streamed = download.await.err().map(|error| error.to_string());
    assert!(streamed.is_some_and(|error| error.contains("has another token")));
    for error in [without, other] {
        assert!(!format!("{error:?} {error}").contains(SECRET), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_of_the_user_is_found_and_needs_no_certificate() {
    let home = TempDir::new().expect("a directory");
    let (address, mut requests) = server(PONG).await;
    let host = format!("http://{address}/idds");
    let configuration = Configuration::from_lookup(|name| {
        (name == "HOME").then(|| home.path().display().to_string())
    });
    let servers = RunningServers::of(&configuration.expect("a configuration")).expect("a home");
    let announcement = servers
        .announce(address, Some(&Secret::new(TOKEN)))
        .expect("announced");
    for host in [
        host.as_str(),
        &format!("http://localhost:{}/idds", address.port()),
    ] {
        ping(home.path(), &[("IDDS_HOST", host)])
            .await
            .expect("an answer");
        assert_eq!(shown(&mut requests), [Some(TOKEN.to_owned())], "{host}");
    }
    // That in the address counts first.
    let other = format!("http://{address}/token_ffffffffff/idds");
    ping(home.path(), &[("IDDS_HOST", &other)])
        .await
        .expect("an answer");
    assert_eq!(shown(&mut requests), [Some("token_ffffffffff".to_owned())]);
    // The server of another user, and one that has ended, is shown nothing.
    let stranger = TempDir::new().expect("a directory");
    ping(stranger.path(), &[("IDDS_HOST", &host)])
        .await
        .expect("an answer");
    drop(announcement);
    ping(home.path(), &[("IDDS_HOST", &host)])
        .await
        .expect("an answer");
    assert_eq!(shown(&mut requests), [None, None]);
}

#[tokio::test]
async fn a_token_in_a_configuration_file_is_used_when_nobody_else_can_read_it() {
    let home = TempDir::new().expect("a directory");
    let (address, mut requests) = server(PONG).await;
    let file = home.path().join(".idds/idds_local.cfg");
    Setup::new()
        .host(format!("http://{address}/{TOKEN}/idds"))
        .auth_type(AuthType::None)
        .save(&file)
        .expect("saved");
    ping(home.path(), &[]).await.expect("an answer");
    assert_eq!(shown(&mut requests), [Some(TOKEN.to_owned())]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
    let error = ping(home.path(), &[])
        .await
        .expect_err("others can read it");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(
        error
            .to_string()
            .ends_with(", as its host holds the token of a server"),
        "{error}"
    );
    let configuration = Configuration::from_lookup(|name| {
        (name == "HOME").then(|| home.path().display().to_string())
    });
    let configuration = configuration.expect("a configuration");
    assert_eq!(
        configuration.host(),
        Some(&*format!("http://{address}/idds"))
    );
    assert!(!format!("{configuration:?} {:?}", configuration.settings()).contains(SECRET));
}
