//! The documented commands that set the server and the authentication.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use idds::client::{AuthType, Setup as Changes};

use crate::cli::options::auth_type;
use crate::cli::{App, Exit, auth, config, secret};

/// The arguments of `idds setup`; the host is a global option.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct Setup {
    /// Authentication method: x509_proxy or oidc
    #[arg(long, value_name = "AUTH_TYPE", value_parser = auth_type(), hide_possible_values = true)]
    auth_type: Option<AuthType>,

    /// File with the certificate
    #[arg(long, value_name = "FILE")]
    x509_proxy: Option<PathBuf>,

    /// Virtual organisation
    #[arg(long, value_name = "NAME")]
    vo: Option<String>,

    /// Token file; - reads the token itself from standard input or asks for it, because all users
    /// of this machine can see arguments
    #[arg(long, value_name = "FILE|-")]
    oidc_token: Option<String>,
}

impl Setup {
    pub(super) async fn run(self, app: &App) -> Result<Exit> {
        let Self {
            auth_type,
            x509_proxy,
            vo,
            oidc_token,
        } = self;
        let host = app.options.host.clone();
        if host.is_none()
            && auth_type.is_none()
            && x509_proxy.is_none()
            && vo.is_none()
            && oidc_token.is_none()
        {
            return Err(Exit::Usage
                .because("there is nothing to set; give --host, --auth_type, --x509_proxy, --vo or --oidc_token"));
        }
        let mut changes = Changes::new();
        if let Some(host) = host {
            changes = changes.host(host);
        }
        if let Some(auth_type) = auth_type {
            changes = changes.auth_type(auth_type);
        }
        if let Some(x509_proxy) = x509_proxy {
            changes = changes.x509_proxy(x509_proxy);
        }
        if let Some(vo) = vo {
            changes = changes.vo(vo);
        }
        changes = match oidc_token {
            Some(token) if token == "-" || is_token(&token) => {
                changes.oidc_token(secret::given(app, "the token", &token).await?)
            }
            Some(file) => changes.oidc_token_file(file),
            None => changes,
        };
        config::save(app, &changes)
    }
}

/// Says whether it is a JSON web token: three parts in base64, the first of which is a JSON object.
fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

/// The arguments of `idds setup_oidc_client_token`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct SetupOidcClientToken {
    /// URL of the identity provider
    #[arg(long, value_name = "URL")]
    oidc_issuer: String,

    /// Client id of the program at the identity provider
    #[arg(long, value_name = "ID")]
    oidc_client_id: String,

    /// Client secret; - reads it from standard input or asks for it, because all users of this
    /// machine can see arguments
    #[arg(long, value_name = "TEXT|-")]
    oidc_client_secret: String,

    /// Audience of the token: the service it is meant for
    #[arg(long, value_name = "NAME")]
    oidc_audience: Option<String>,

    /// Scope of the token: what it gives access to
    #[arg(long, value_name = "WORDS")]
    oidc_scope: Option<String>,
}

impl SetupOidcClientToken {
    pub(super) async fn run(self, app: &App) -> Result<Exit> {
        let secret =
            secret::given(app, "the secret of the program", &self.oidc_client_secret).await?;
        let robot = auth::Robot {
            issuer: self.oidc_issuer,
            client_id: self.oidc_client_id,
            client_secret: secret,
            scope: self.oidc_scope,
            audience: self.oidc_audience,
        };
        robot.run(app).await
    }
}
