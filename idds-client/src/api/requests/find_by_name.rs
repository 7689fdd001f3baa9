//! Finds a request by its name.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::RequestId;

use crate::endpoint::{awaitable, decode, segment, without_body};
use crate::server::Operation;
use crate::{Client, Endpoint, Error, ErrorKind};

/// Finds the request with exactly this name; none when there is none.
///
/// Of several requests with one name the server gives one, the latest on 2.6.21. It takes the name for a pattern (SQL's
/// `LIKE`), so what it finds is compared with the name here. What the pattern or the address
/// would take for something else, such as `/` and `%`, stands for any character there.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new("GET", "/idds/request/name/my_search_1", 200, r#"{"my_search_1": 7, "my-search-1": 8}"#),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let found = client.requests().find_by_name("my_search_1").await?;
/// assert_eq!(found, Some(RequestId::new(7)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Argument`] for an empty name and for one of more than 255 characters, which no request can have.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct FindByName {
    client: Client,
    name: String,
}

/// Longest name the server can store, in characters.
const MAX: usize = 255;

impl FindByName {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }
}

awaitable!(FindByName);

impl Endpoint for FindByName {
    type Answer = Option<RequestId>;

    const OPERATION: &'static str = "find request by name";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::FindByName.check(self.client.server_version())?;
        if !(1..=MAX).contains(&self.name.chars().count()) {
            let what = format!("the name {:?} has not 1 to {MAX} characters", self.name);
            return Err(Error::new(ErrorKind::Argument, what));
        }
        // A slash would be another route, a backslash quotes what follows on some databases, the server takes * for %.
        let any = |c: char| {
            if matches!(c, '/' | '\\' | '%' | '*') || c.is_control() {
                '_'
            } else {
                c
            }
        };
        let pattern: String = match self.name.as_str() {
            special @ ("." | ".." | "null") => "_".repeat(special.len()),
            name => name.chars().map(any).collect(),
        };
        without_body(
            Method::GET,
            &format!("/request/name/{}", segment("name", &pattern)?),
        )
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Option<RequestId>, Error> {
        let mut ids: BTreeMap<String, RequestId> = decode(&response)?;
        Ok(ids.remove(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn find(name: &str) -> FindByName {
        client().requests().find_by_name(name)
    }

    #[test]
    fn a_request_is_found_by_its_name() {
        let found = replay(&find("a.name.of.mine"), "get_request_id_by_name").expect("an answer");
        assert_eq!(found, Some(RequestId::new(9)));
        assert_eq!(
            replay(&find("nobody"), "get_request_id_by_name_unknown").expect("an answer"),
            None
        );
    }

    #[test]
    fn a_name_that_only_matches_as_a_pattern_is_not_found() {
        let found = replay(&find("a_name_of_mine"), "get_request_id_by_name_underscore")
            .expect("an answer");
        assert_eq!(found, None);
    }

    #[test]
    fn what_cannot_stand_in_the_path_or_the_pattern_stands_for_any_character() {
        for (name, path) in [
            ("a/b", "/request/name/a_b"),
            (r"a\b", "/request/name/a_b"),
            ("..", "/request/name/__"),
            ("null", "/request/name/____"),
            ("50 %?", "/request/name/50%20_%3F"),
            ("Ä*\n", "/request/name/%C3%84__"),
        ] {
            assert_eq!(
                find(name).request().expect("a request").uri(),
                path,
                "{name}"
            );
        }
        let found = read(&find("a/b"), r#"{"a_b": 1, "a/b": 2, "a.b": 3}"#).expect("an answer");
        assert_eq!(found, Some(RequestId::new(2)));
    }

    #[test]
    fn a_name_that_no_request_can_have_is_refused() {
        for name in [String::new(), "é".repeat(256)] {
            assert_eq!(
                find(&name).request().expect_err("refused").kind(),
                ErrorKind::Argument
            );
        }
        assert!(find(&"é".repeat(255)).request().is_ok());
    }
}
