//! A token in use, which is renewed before it expires.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tracing::{Instrument, debug, warn};

use super::source::Source;
use super::validity::{Phase, Validity};
use super::{Secret, Tokens, unusable};
use crate::{Client, Error, ErrorKind};

/// A token in use.
#[derive(Debug)]
pub(crate) struct Bearer {
    vo: String,
    vo_header: HeaderValue,
    source: Source,
    current: Mutex<Token>,
    /// Held by the one task that renews.
    turn: Arc<AsyncMutex<()>>,
}

/// Time before a failed renewal is tried again while the token in use is still valid.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

impl Bearer {
    pub(super) fn new(vo: String, vo_header: HeaderValue, source: Source) -> Result<Self, Error> {
        let token = Token::new(source.read()?, &source)?;
        Ok(Self {
            vo,
            vo_header,
            source,
            current: Mutex::new(token),
            turn: Arc::default(),
        })
    }

    /// Returns the VO as it stands in its header.
    pub(super) fn vo(&self) -> &HeaderValue {
        &self.vo_header
    }

    /// Fails when the token is not valid now and cannot be renewed.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Error> {
        let current = self.current();
        match current.validity.phase(now) {
            Phase::Late if current.refresh_token().is_some() => Ok(()),
            _ => current.validity.check(&self.source.name(), now),
        }
    }

    /// Returns a token that is valid now, as it stands in its header; renews it through this client when it is time.
    pub(super) async fn token(
        self: &Arc<Self>,
        client: &Client,
        now: Timestamp,
    ) -> Result<HeaderValue, Error> {
        let turn = match self.usable(now) {
            Usable::Fresh(header) => return Ok(header),
            Usable::Ageing(header) => match self.turn.clone().try_lock_owned() {
                Ok(turn) => turn,
                Err(_) => return Ok(header), // somebody renews it already
            },
            // A new one would come from the same clock.
            Usable::NotYet(error) => return Err(error),
            Usable::Not => self.turn.clone().lock_owned().await,
        };
        if let Usable::Fresh(header) = self.usable(now) {
            return Ok(header); // somebody renewed it meanwhile
        }
        let renewed = self.renew_in(turn, client, now).await;
        let mut current = self.current();
        match (renewed, current.validity.check(&self.source.name(), now)) {
            (_, Ok(())) if current.renew_at.is_none_or(|at| now < at) => {}
            (Ok(()), checked) => checked?,
            (Err(error), Ok(())) => {
                warn!(%error, "the OIDC token is not renewed and still used");
                current.renew_at = now.checked_add(PAUSE).ok();
            }
            (Err(error), Err(_)) => return Err(error),
        }
        Ok(current.header.clone())
    }

    /// Says whether there is another token than this one, which the server refused although it is valid by our clock.
    ///
    /// A token that was got in this way is not replaced again: then it is not the time that the server minds.
    pub(super) async fn replaces(
        self: &Arc<Self>,
        refused: &HeaderValue,
        client: &Client,
        now: Timestamp,
    ) -> bool {
        let turn = self.turn.clone().lock_owned().await;
        let renew_at = match &*self.current() {
            current if current.header != *refused => return true, // somebody replaced it meanwhile
            current if current.is_replacement => return false,
            current => current.renew_at,
        };
        debug!("the server refuses the OIDC token");
        let renewed = self.renew_in(turn, client, now).await;
        if let Err(error) = renewed {
            warn!(%error, "the OIDC token that the server refuses is not renewed");
        }
        let mut current = self.current();
        current.is_replacement = current.header != *refused;
        if !current.is_replacement {
            current.renew_at = renew_at;
        }
        current.is_replacement
    }

    /// Renews in a task of its own, as the new refresh token must be kept even when the caller has lost interest.
    async fn renew_in(
        self: &Arc<Self>,
        turn: OwnedMutexGuard<()>,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (this, client) = (self.clone(), client.renewer());
        let renewal = async move {
            let renewed = this.renew(&client, now).await;
            drop(turn);
            renewed
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => match runtime.spawn(renewal.in_current_span()).await {
                Ok(renewed) => renewed,
                Err(error) => {
                    Err(unusable("the renewal of the OIDC token was cut off").caused_by(error))
                }
            },
            Err(_) => renewal.await,
        }
    }

    fn current(&self) -> MutexGuard<'_, Token> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn usable(&self, now: Timestamp) -> Usable {
        let current = self.current();
        match current.validity.phase(now) {
            Phase::Early => match current.validity.check(&self.source.name(), now) {
                Err(error) => Usable::NotYet(error),
                Ok(()) => Usable::Fresh(current.header.clone()),
            },
            Phase::Late => Usable::Not,
            Phase::Valid if current.renew_at.is_some_and(|at| now >= at) => {
                Usable::Ageing(current.header.clone())
            }
            Phase::Valid => Usable::Fresh(current.header.clone()),
        }
    }

    /// Gets a newer token, from the file when another program has put one there, else from the provider.
    async fn renew(&self, client: &Client, now: Timestamp) -> Result<(), Error> {
        let Source::File(file) = &self.source else {
            self.current().renew_at = None;
            return Ok(()); // a token alone is used until its end
        };
        let lock = file.lock().await;
        let token = Token::new(file.load()?, &self.source)?;
        let is_newer = !token.is_same(&self.current());
        if is_newer
            && token.renew_at.is_none_or(|at| now < at)
            && token.validity.check("", now).is_ok()
        {
            debug!("the OIDC token was renewed by another program");
            *self.current() = token;
            return Ok(());
        }
        let Some(refresh_token) = token.refresh_token().cloned() else {
            let mut current = self.current();
            if current.validity.check("", now).is_err() {
                *current = token;
            }
            current.renew_at = None;
            return Ok(());
        };
        if self
            .current()
            .refused
            .as_ref()
            .is_some_and(|refused| refused.is(&refresh_token))
        {
            return Err(self.refused());
        }
        let replacement = file.start()?;
        debug!("renews the OIDC token");
        let answer = client
            .auth()
            .refresh(&*self.vo, refresh_token.clone())
            .await;
        let tokens = match answer {
            Ok(tokens) => tokens.or_refresh_token_of(&token.tokens),
            Err(error) if error.kind() == ErrorKind::Credential => {
                self.current().refused = Some(refresh_token);
                return Err(self.refused().caused_by(error));
            }
            Err(error) => return Err(unsent(error)),
        };
        // Kept before it is used: a provider that rotates does not take the old refresh token again.
        if let Err(error) = replacement.finish(&tokens) {
            warn!(%error, "the new OIDC tokens are lost when this program ends");
        }
        let token = Token::new(tokens, &self.source)?;
        debug!(until = ?token.validity.not_after, "the OIDC token is renewed");
        *self.current() = token;
        drop(lock);
        Ok(())
    }

    fn refused(&self) -> Error {
        let place = match &self.source {
            Source::File(file) => format!(" in {}", file.path().display()),
            Source::Value(_) => String::new(),
        };
        unusable(format!(
            "the refresh token{place} is not accepted any more, sign in again (setup_oidc_token of the idds command)"
        ))
    }
}

/// Turns the failure of a renewal into that of the call for which it was made, which was not sent.
fn unsent(error: Error) -> Error {
    let kind = match error.kind() {
        ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Unavailable => ErrorKind::Connect,
        kind => kind,
    };
    Error::new(kind, "the OIDC token cannot be renewed").caused_by(error)
}

/// Whether the token in use can be sent.
enum Usable {
    Fresh(HeaderValue),
    /// Valid, and to be renewed.
    Ageing(HeaderValue),
    /// Valid only later.
    NotYet(Error),
    Not,
}

#[derive(Debug)]
struct Token {
    header: HeaderValue,
    validity: Validity,
    renew_at: Option<Timestamp>,
    tokens: Tokens,
    /// The refresh token that the provider has refused, so that it is not asked about it again.
    refused: Option<Secret>,
    /// Whether it came in the place of one that the server refused before its end.
    is_replacement: bool,
}

impl Token {
    fn new(tokens: Tokens, source: &Source) -> Result<Self, Error> {
        let text = tokens.bearer().map_or("", Secret::expose);
        let mut header = HeaderValue::from_str(text)
            .ok()
            .filter(|_| !text.is_empty() && !text.contains(char::is_whitespace))
            .ok_or_else(|| unusable(format!("{} is not a token", source.name())))?;
        header.set_sensitive(true);
        let info = tokens.info();
        let validity = info
            .as_ref()
            .map(super::TokenInfo::validity)
            .unwrap_or_default();
        // A file is looked at again before its token expires even if only another program can renew it.
        let renew_at = info
            .and_then(|info| info.renewal())
            .filter(|_| matches!(source, Source::File(_)));
        Ok(Self {
            header,
            validity,
            renew_at,
            tokens,
            refused: None,
            is_replacement: false,
        })
    }

    fn refresh_token(&self) -> Option<&Secret> {
        self.tokens.refresh_token()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.header == other.header
    }
}

#[cfg(test)]
mod tests;
