//! `idds auth`: who asks.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueHint};
use idds::client::{AuthType, Client, Configuration, Secret, TokenFile, TokenInfo, Tokens, X509, X509Info};
use jiff::{SignedDuration, Timestamp, Unit};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::output::Show;
use super::table::printable;
use super::{App, Exit, examples};

/// The arguments of `idds auth`.
#[derive(Args, Debug)]
pub struct Auth {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    /// Sign in at the provider of your VO, in a browser
    Login(Login),
    /// Show who asks, and for how long the server will believe it
    Status(Status),
    /// Get new tokens before the old ones expire
    Refresh,
    /// Forget the tokens
    Logout,
}

impl Auth {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            AuthCommand::Login(args) => args.run(app).await,
            AuthCommand::Status(args) => args.run(app),
            AuthCommand::Refresh => refresh(app).await,
            AuthCommand::Logout => logout(app),
        }
    }
}

/// The arguments of `idds auth login`.
#[derive(Args, Debug, Default)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds auth login --vo atlas",
    "idds auth login --issuer https://panda-iam-doma.cern.ch --client_id robot --client_secret_file secret",
))]
pub struct Login {
    /// The virtual organisation, instead of the one that is configured
    #[arg(long, value_name = "NAME")]
    pub vo: Option<String>,

    /// Sign in a program instead of a person: address of the provider
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, requires = "client_id")]
    pub issuer: Option<String>,

    /// Name of the program at the provider
    #[arg(long, value_name = "ID", requires = "issuer", requires = "client_secret_file")]
    pub client_id: Option<String>,

    /// File with the secret of the program
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_secret_file: Option<PathBuf>,

    /// What the token of the program is good for
    #[arg(long, value_name = "WORDS")]
    pub scope: Option<String>,

    /// For whom the token of the program is
    #[arg(long, value_name = "NAME")]
    pub audience: Option<String>,
}

/// A program that signs in.
#[derive(Debug)]
pub struct Robot {
    /// Address of the provider.
    pub issuer: String,
    /// Its name there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// What its token is good for.
    pub scope: Option<String>,
    /// For whom its token is.
    pub audience: Option<String>,
}

impl Login {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        if let (Some(issuer), Some(client_id), Some(file)) = (self.issuer, self.client_id, self.client_secret_file) {
            let secret =
                idds::client::file::read(&file, 1 << 20).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let secret = secret.with_context(|| format!("the file {} cannot be read", file.display()))?;
            let client_secret = Secret::new(secret.trim());
            let robot = Robot { issuer, client_id, client_secret, scope: self.scope, audience: self.audience };
            return robot.sign_in(app).await;
        }
        let who = Who::of(app, self.vo)?;
        let mut terminal = io::stderr();
        let tokens = who.client()?.auth().sign_in(&who.vo, &mut terminal).await?;
        who.keep(app, &who.file, &tokens)
    }
}

impl Robot {
    /// Gets a token for the program, which is kept beside that of the person as the Python client does it.
    pub async fn sign_in(self, app: &App) -> Result<Exit> {
        let who = Who::of(app, Some(String::new()))?;
        let client = app.options.client_for(Some(&self.issuer), AuthType::None)?;
        let mut call = client.auth().client_token(self.client_id, self.client_secret);
        if let Some(scope) = self.scope {
            call = call.scope(scope);
        }
        if let Some(audience) = self.audience {
            call = call.audience(audience);
        }
        let mut path = who.file.path().as_os_str().to_owned();
        path.push("_client");
        who.keep(app, &TokenFile::new(path), &call.await?)
    }
}

/// Gets new tokens.
pub async fn refresh(app: &App) -> Result<Exit> {
    let who = Who::of(app, None)?;
    let tokens = who.file.renew(&who.client()?, &who.vo).await?;
    app.print(&Identity::of_tokens(who.file.path(), tokens.info()))?;
    Ok(Exit::Ok)
}

/// Forgets the tokens.
pub fn logout(app: &App) -> Result<Exit> {
    let who = Who::of(app, Some(String::new()))?;
    who.file.remove()?;
    app.note(format_args!("the tokens in {} are gone", who.file.path().display()));
    Ok(Exit::Ok)
}

/// Who signs in, and where the tokens are kept.
#[derive(Debug)]
struct Who<'a> {
    app: &'a App,
    vo: String,
    file: TokenFile,
    configured: Configuration,
}

impl<'a> Who<'a> {
    fn of(app: &'a App, vo: Option<String>) -> Result<Self> {
        let configured = app.options.configuration()?;
        let no_vo = || Exit::Usage.because("no VO is set; give --vo, or set it once with `idds config set vo NAME`");
        let vo = vo.or_else(|| configured.vo().map(ToOwned::to_owned)).ok_or_else(no_vo)?;
        let no_home = || Exit::Usage.because("there is no place for tokens; set IDDS_OIDC_TOKEN_FILE");
        let file = TokenFile::new(configured.oidc_token_file().ok_or_else(no_home)?);
        Ok(Self { app, vo, file, configured })
    }

    /// Makes a client that nobody asks with, for the server of those who ask with tokens.
    fn client(&self) -> Result<Client> {
        Ok(self.app.options.client_for(None, AuthType::Oidc)?)
    }

    fn keep(&self, app: &App, file: &TokenFile, tokens: &Tokens) -> Result<Exit> {
        file.save(tokens)?;
        app.print(&Identity::of_tokens(file.path(), tokens.info()))?;
        if self.configured.auth_type() != AuthType::Oidc {
            app.note(format_args!(
                "the server is still asked with {}; `idds config set auth_type oidc` changes that",
                self.configured.auth_type()
            ));
        }
        Ok(Exit::Ok)
    }
}

/// The arguments of `idds auth status`.
#[derive(Args, Debug, Default)]
#[command(after_help = examples!("idds auth status && idds request submit search.yaml"))]
pub struct Status {
    /// Look at the token, whatever the server is asked with
    #[arg(long)]
    pub oidc: bool,
}

impl Status {
    /// Runs the command.
    pub fn run(self, app: &App) -> Result<Exit> {
        let configured = app.options.configuration()?;
        let identity = match configured.auth_type() {
            AuthType::X509Proxy if !self.oidc => {
                let x509 = match configured.x509_proxy() {
                    Some(path) => X509::file(path),
                    None => X509::discover()?,
                };
                Identity::of_certificate(configured.x509_proxy(), x509.info()?)
            }
            AuthType::None if !self.oidc => Identity { auth_type: "none", ..Identity::default() },
            _ => match (configured.oidc_token(), configured.oidc_token_file()) {
                (Some(token), _) => Identity::of_tokens(Path::new(""), TokenInfo::read(token)),
                (None, Some(file)) => Identity::of_tokens(file, TokenFile::new(file).info()?),
                (None, None) => return Err(Exit::Auth.because("there is no token; `idds auth login` gets one")),
            },
        };
        app.print(&identity)?;
        if identity.remaining_seconds.is_some_and(|left| left <= 0) {
            return Err(Exit::Auth.because(match identity.auth_type {
                "oidc" => "the token has expired; `idds auth refresh` or `idds auth login` gets a new one",
                _ => "the certificate has expired; make a new proxy, with voms-proxy-init for instance",
            }));
        }
        Ok(Exit::Ok)
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub struct Identity {
    /// `x509_proxy`, `oidc` or `none`.
    pub auth_type: &'static str,
    /// The file with the certificate or the tokens.
    pub file: Option<String>,
    /// The holder: subject of the certificate, or `sub` of the token.
    pub subject: Option<String>,
    /// Subject of the user's own certificate, which a proxy stands for.
    pub identity: Option<String>,
    /// The name that iDDS gives to the requests of the holder of a token.
    pub name: Option<String>,
    /// Address for mail.
    pub email: Option<String>,
    /// Who signed it.
    pub issuer: Option<String>,
    /// For whom a token was made.
    pub audience: Vec<String>,
    /// Until when it is valid.
    #[schemars(extend("format" = "date-time"))]
    pub expires_at: Option<String>,
    /// How long that is from now; negative once it has expired.
    pub remaining_seconds: Option<i64>,
    /// Every claim of a token.
    pub claims: Map<String, Value>,
}

impl Identity {
    fn of_certificate(path: Option<&Path>, info: X509Info) -> Self {
        Self {
            auth_type: "x509_proxy",
            file: path.map(|path| path.display().to_string()),
            subject: Some(info.subject.clone()),
            identity: info.is_proxy.then(|| info.identity.clone()),
            issuer: Some(info.issuer.clone()),
            expires_at: Some(info.expires_at.to_string()),
            remaining_seconds: Some(info.remaining(Timestamp::now()).as_secs()),
            ..Self::default()
        }
    }

    fn of_tokens(path: &Path, info: Option<TokenInfo>) -> Self {
        let file = (path != Path::new("")).then(|| path.display().to_string());
        let Some(info) = info else { return Self { auth_type: "oidc", file, ..Self::default() } };
        let remaining_seconds = info.remaining(Timestamp::now()).map(|left| left.as_secs());
        Self {
            auth_type: "oidc",
            file,
            subject: info.subject,
            identity: None,
            name: info.name,
            email: info.email,
            issuer: info.issuer,
            audience: info.audience,
            expires_at: info.expires_at.map(|at| at.to_string()),
            remaining_seconds,
            claims: info.claims,
        }
    }
}

impl Show for Identity {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let remaining = self.remaining_seconds.map(|seconds| {
            let left = SignedDuration::from_secs(seconds);
            let left = left.round(Unit::Minute).unwrap_or(left);
            format!(" ({left:#}{})", if seconds > 0 { " left" } else { "" })
        });
        let audience = (!self.audience.is_empty()).then(|| self.audience.join(" "));
        let expires_at = self.expires_at.as_ref().map(|at| format!("{at}{}", remaining.unwrap_or_default()));
        for (name, value) in [
            ("auth_type", Some(self.auth_type.to_owned())),
            ("file", self.file.clone()),
            ("subject", self.subject.clone()),
            ("identity", self.identity.clone()),
            ("name", self.name.clone()),
            ("email", self.email.clone()),
            ("issuer", self.issuer.clone()),
            ("audience", audience),
            ("expires_at", expires_at),
        ] {
            if let Some(value) = value {
                writeln!(f, "{:<12} {}", format!("{name}:"), printable(&value))?;
            }
        }
        Ok(())
    }
}
