//! Renewal of the tokens in a file on request.

use super::{TokenFile, Tokens, unusable};
use crate::{Client, Error};

impl TokenFile {
    /// Replaces the tokens of the file by new ones of the same VO, whether they are about to expire or not.
    ///
    /// Clients with [`Oidc::token_file`](crate::Oidc::token_file) do this by themselves when it is time. No two processes do it
    /// at once. The client needs no credential.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when the file holds no refresh token, or one that the provider
    /// does not accept any more: sign in again.
    pub async fn renew(&self, client: &Client, vo: &str) -> Result<Tokens, Error> {
        let _lock = self.lock().await;
        let old = self.load()?;
        let Some(refresh_token) = old.refresh_token().cloned() else {
            let what = format!(
                "the token file {} holds no refresh token, sign in again",
                self.path().display()
            );
            return Err(unusable(what));
        };
        // Begun first: a provider that rotates does not take the old refresh token again.
        let replacement = self.start()?;
        let tokens = client
            .auth()
            .refresh(vo, refresh_token)
            .await?
            .or_refresh_token_of(&old);
        replacement.finish(&tokens)?;
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ErrorKind, Exchange, Replay};

    #[tokio::test]
    async fn new_tokens_are_kept_with_the_refresh_token_that_still_counts() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = TokenFile::new(directory.path().join(".token"));
        let save = |tokens| {
            file.save(&Tokens::from_json(tokens).expect("tokens"))
                .expect("saved");
        };
        let replay = Replay::new([Exchange::new(
            "POST",
            "/idds/auth/token/atlas",
            200,
            r#"{"id_token": "new"}"#,
        )]);
        let client = Client::builder("https://idds.example/idds")
            .transport(replay)
            .build()
            .expect("a client");

        save(json!({"id_token": "old"}));
        let error = file
            .renew(&client, "atlas")
            .await
            .expect_err("no refresh token");
        assert_eq!(error.kind(), ErrorKind::Credential);

        save(json!({"id_token": "old", "refresh_token": "r"}));
        file.renew(&client, "atlas").await.expect("renewed");
        let tokens = file.load().expect("tokens");
        assert_eq!(tokens.id_token().expect("a token").expose(), "new");
        assert_eq!(tokens.refresh_token().expect("a token").expose(), "r");
    }
}
