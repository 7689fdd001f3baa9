//! `idds auth`: signing in, and the current credentials.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand, ValueHint};
use idds::client::{
    AuthType, Client, Origin, Secret, Setup, TokenFile, TokenInfo, Tokens, X509, X509Info,
};
use idds::workflow::printable;
use jiff::{SignedDuration, Timestamp, Unit};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::output::Show;
use super::{App, Exit, examples, output, secret};

/// The arguments of `idds auth`.
#[derive(Args, Debug)]
pub struct Auth {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    /// Sign in at the identity provider of your VO, in a browser
    Login(Login),
    /// Show the current credentials, and how long they are valid
    Status(Status),
    /// Get new tokens before the old ones expire
    Refresh,
    /// Delete the saved tokens
    Logout,
}

impl Auth {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            AuthCommand::Login(args) => args.run(app).await,
            AuthCommand::Status(args) => args.run(app).await,
            AuthCommand::Refresh => refresh(app).await,
            AuthCommand::Logout => logout(app),
        }
    }
}

/// The arguments of `idds auth login`.
#[derive(Args, Debug, Default)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds auth login --host https://iddsserver.cern.ch:443/idds --vo atlas",
    "idds auth login --issuer https://panda-iam-doma.cern.ch --client_id robot --client_secret_file secret",
))]
pub struct Login {
    /// Virtual organisation (default: the configured one, otherwise asked for at the terminal)
    #[arg(long, value_name = "NAME")]
    pub vo: Option<String>,

    /// URL of the identity provider, to sign in a program instead of a person
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, requires = "client_id")]
    pub issuer: Option<String>,

    /// Client id of the program at the identity provider
    #[arg(
        long,
        value_name = "ID",
        requires = "issuer",
        requires = "client_secret_file"
    )]
    pub client_id: Option<String>,

    /// File with the client secret, readable only by you; - reads standard input, or asks at a
    /// terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_secret_file: Option<PathBuf>,

    /// Scope of the token: what it gives access to
    #[arg(long, value_name = "WORDS")]
    pub scope: Option<String>,

    /// Audience of the token: the service it is meant for
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
        if let (Some(issuer), Some(client_id), Some(file)) =
            (self.issuer, self.client_id, self.client_secret_file)
        {
            let client_secret = match file.as_os_str().as_bytes() {
                b"-" => secret::read("the secret of the program").await?,
                _ => Secret::read(&file)?,
            };
            let robot = Robot {
                issuer,
                client_id,
                client_secret,
                scope: self.scope,
                audience: self.audience,
            };
            let who = Who::asked(app, self.vo).await?;
            let (file, tokens) = robot.sign_in(&who).await?;
            return who
                .keep(&file, &tokens)
                .and_then(|()| who.remember(Some(&file)));
        }
        let who = Who::asked(app, self.vo).await?;
        let mut terminal = output::Visible(io::stderr());
        let tokens = who.client()?.auth().sign_in(&who.vo, &mut terminal).await?;
        who.keep(&who.file, &tokens)?;
        who.remember(None)
    }
}

impl Robot {
    /// Gets a token for the program and keeps it, as the documented command does.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let who = Who::of(app, Some(String::new()))?;
        let (file, tokens) = self.sign_in(&who).await?;
        who.keep(&file, &tokens)?;
        let file = file.path().display();
        app.note(format_args!(
            "to use it, run `idds config set oidc_token_file {file}`, and set auth_type to oidc and a vo"
        ));
        Ok(Exit::Ok)
    }

    /// Gets a token for the program, whose file is beside that of the person as the Python client has it.
    async fn sign_in(self, who: &Who<'_>) -> Result<(TokenFile, Tokens)> {
        let client = who
            .app
            .options
            .client_for(Some(&self.issuer), AuthType::None)?;
        let mut call = client
            .auth()
            .client_token(self.client_id, self.client_secret);
        if let Some(scope) = self.scope {
            call = call.scope(scope);
        }
        if let Some(audience) = self.audience {
            call = call.audience(audience);
        }
        let mut path = who.file.path().as_os_str().to_owned();
        // It is that of a program already when one has signed in here before.
        if !path.to_string_lossy().ends_with("_client") {
            path.push("_client");
        }
        Ok((TokenFile::new(path), call.await?))
    }
}

/// Gets new tokens.
pub async fn refresh(app: &App) -> Result<Exit> {
    let who = Who::of(app, None)?;
    let tokens = who.file.renew(&who.client()?, &who.vo).await?;
    app.print(&Identity::of_tokens(who.file.path(), Some(&tokens)))?;
    Ok(Exit::Ok)
}

/// Forgets the tokens.
pub fn logout(app: &App) -> Result<Exit> {
    let who = Who::of(app, Some(String::new()))?;
    who.file.remove()?;
    app.note(format_args!(
        "the tokens in {} are deleted",
        who.file.path().display()
    ));
    Ok(Exit::Ok)
}

/// Who signs in, and where the tokens are kept.
#[derive(Debug)]
struct Who<'a> {
    app: &'a App,
    vo: String,
    file: TokenFile,
}

impl<'a> Who<'a> {
    fn of(app: &'a App, vo: Option<String>) -> Result<Self> {
        let configured = app.options.configuration()?;
        let no_vo =
            || Exit::Usage.because("no VO is set; give it as in `idds auth login --vo atlas`");
        let vo = vo
            .or_else(|| configured.vo().map(ToOwned::to_owned))
            .ok_or_else(no_vo)?;
        let no_home =
            || Exit::Usage.because("there is no directory for tokens; set IDDS_OIDC_TOKEN_FILE");
        let file = TokenFile::new(configured.oidc_token_file().ok_or_else(no_home)?);
        Ok(Self { app, vo, file })
    }

    /// Asks a person for the VO when nothing names it.
    async fn asked(app: &'a App, vo: Option<String>) -> Result<Self> {
        let configured = app.options.configuration()?;
        let is_named = vo.is_some() || configured.vo().is_some();
        if configured.host().is_none() && !is_named {
            let what = "neither a server nor a VO is set; give both, as in \
                        `idds auth login --host https://iddsserver.cern.ch:443/idds --vo atlas`";
            return Err(Exit::Usage.because(what));
        }
        if is_named || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Self::of(app, vo);
        }
        let answer = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            write!(
                io::stderr(),
                "Name of your virtual organisation (VO), such as atlas: "
            )?;
            io::stdin().read_line(&mut answer)?;
            Ok::<_, io::Error>(answer.trim().to_owned())
        });
        Self::of(
            app,
            Some(answer.await??).filter(|answer| !answer.is_empty()),
        )
    }

    /// Makes a client that nobody asks with, for the server of those who ask with tokens.
    fn client(&self) -> Result<Client> {
        self.app.options.client_for(None, AuthType::Oidc)
    }

    fn keep(&self, file: &TokenFile, tokens: &Tokens) -> Result<()> {
        file.save(tokens)?;
        self.app
            .print(&Identity::of_tokens(file.path(), Some(tokens)))
    }

    /// Writes down what the next command needs to use the token, where the files do not say it yet.
    fn remember(&self, file: Option<&TokenFile>) -> Result<Exit> {
        let (app, saved) = (self.app, self.app.options.saved()?);
        let (mut changes, mut names) = (Setup::new(), Vec::new());
        if saved.auth_type() != AuthType::Oidc {
            changes = changes.auth_type(AuthType::Oidc);
            names.push("auth_type");
        }
        if saved.vo() != Some(&self.vo) {
            changes = changes.vo(&self.vo);
            names.push("vo");
        }
        if let Some(host) = app.options.host.as_ref().filter(|_| saved.host().is_none()) {
            changes = changes.host(host);
            names.push("host");
        }
        if let Some(file) = file.filter(|file| saved.oidc_token_file() != Some(file.path())) {
            changes = changes.oidc_token_file(file.path());
            names.push("oidc_token_file");
        }
        if !names.is_empty() {
            let path = app.options.local_file()?;
            changes.save(&path)?;
            app.note(format_args!(
                "{} is changed: {}",
                path.display(),
                names.join(", ")
            ));
        }
        for setting in app.options.configuration()?.settings() {
            let Origin::Variable(variable) = setting.origin else {
                continue;
            };
            let is_other = match setting.name {
                "auth_type" => setting.value.as_deref() != Some(AuthType::Oidc.as_str()),
                "vo" => setting.value.as_ref() != Some(&self.vo),
                "oidc_token" => true,
                _ => false,
            };
            if is_other {
                app.note(format_args!(
                    "note: the environment variable {variable} has priority; `unset {variable}`"
                ));
            }
        }
        Ok(Exit::Ok)
    }
}

/// The arguments of `idds auth status`.
#[derive(Args, Debug, Default)]
#[command(after_help = examples!("idds auth status && idds request submit search.yaml"))]
pub struct Status {
    /// Show the token, even if another authentication method is configured
    #[arg(long)]
    pub oidc: bool,
}

impl Status {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let configured = app.options.configuration()?;
        let identity = match configured.auth_type() {
            AuthType::X509Proxy if !self.oidc => {
                let x509 = match configured.x509_proxy() {
                    Some(path) => X509::file(path),
                    None => X509::discover()?,
                };
                Identity::of_certificate(configured.x509_proxy(), x509.info()?)
            }
            AuthType::None if !self.oidc => Identity {
                auth_type: "none",
                ..Identity::default()
            },
            _ => match (configured.oidc_token(), configured.oidc_token_file()) {
                (Some(token), _) => {
                    configured.check_token_holder()?;
                    Identity::of_token(TokenInfo::read(token))
                }
                (None, Some(file)) => {
                    Identity::of_tokens(file, Some(&TokenFile::new(file).load()?))
                }
                (None, None) => {
                    return Err(Exit::Auth.because("there is no token; `idds auth login` gets one"));
                }
            },
        };
        app.print(&identity)?;
        if self.oidc && configured.auth_type() != AuthType::Oidc {
            return Ok(Exit::Ok); // no call uses it
        }
        app.client()?.check_credential().await?;
        if identity.auth_type == "oidc" && identity.claims.is_empty() {
            app.note("the token is not a JWT, and iDDS accepts no other kind; `idds auth login` gets one");
        }
        if identity.is_renewable && identity.remaining_seconds.is_some_and(|left| left <= 0) {
            app.note("the token has expired; the next call gets a new one with the refresh token");
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
    /// From when it is valid.
    #[schemars(extend("format" = "date-time"))]
    pub not_before: Option<String>,
    /// Whether calls get a new token before it expires, as there is a refresh token.
    pub is_renewable: bool,
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
            not_before: Some(info.not_before.to_string()),
            ..Self::default()
        }
    }

    fn of_tokens(path: &Path, tokens: Option<&Tokens>) -> Self {
        let file = Some(path.display().to_string());
        let is_renewable = tokens.is_some_and(|tokens| tokens.refresh_token().is_some());
        Self {
            file,
            is_renewable,
            ..Self::of_token(tokens.and_then(Tokens::info))
        }
    }

    fn of_token(info: Option<TokenInfo>) -> Self {
        let Some(info) = info else {
            return Self {
                auth_type: "oidc",
                ..Self::default()
            };
        };
        let remaining_seconds = info.remaining(Timestamp::now()).map(|left| left.as_secs());
        Self {
            auth_type: "oidc",
            file: None,
            subject: info.subject,
            identity: None,
            name: info.name,
            email: info.email,
            issuer: info.issuer,
            audience: info.audience,
            expires_at: info.expires_at.map(|at| at.to_string()),
            remaining_seconds,
            not_before: info.not_before.map(|at| at.to_string()),
            is_renewable: false,
            claims: info.claims,
        }
    }
}

impl Show for Identity {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let remaining = self.remaining_seconds.map(|seconds| {
            let left = SignedDuration::from_secs(seconds);
            let left = left.round(Unit::Minute).unwrap_or(left);
            let renewed = if self.is_renewable {
                ", renewed by calls"
            } else {
                ""
            };
            format!(
                " ({left:#}{}{renewed})",
                if seconds > 0 { " left" } else { "" }
            )
        });
        let not_before = self.not_before.clone().filter(|start| {
            start
                .parse::<Timestamp>()
                .is_ok_and(|start| start > Timestamp::now())
        });
        let audience = (!self.audience.is_empty()).then(|| self.audience.join(" "));
        let expires_at = self
            .expires_at
            .as_ref()
            .map(|at| format!("{at}{}", remaining.unwrap_or_default()));
        for (name, value) in [
            ("auth_type", Some(self.auth_type.to_owned())),
            ("file", self.file.clone()),
            ("subject", self.subject.clone()),
            ("identity", self.identity.clone()),
            ("name", self.name.clone()),
            ("email", self.email.clone()),
            ("issuer", self.issuer.clone()),
            ("audience", audience),
            ("not_before", not_before),
            ("expires_at", expires_at),
        ] {
            if let Some(value) = value {
                writeln!(f, "{:<12} {}", format!("{name}:"), printable(&value))?;
            }
        }
        Ok(())
    }
}
