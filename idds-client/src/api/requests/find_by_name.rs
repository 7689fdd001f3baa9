//! Finds a request by its name.

use std::collections::BTreeMap;

use idds_workflow::RequestId;

use super::Requests;
use crate::endpoint::decode;
use crate::route;
use crate::{Call, Error, ErrorKind};

/// Longest name the server can store, in characters.
const MAX: usize = 255;

impl Requests {
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
    pub fn find_by_name(&self, name: impl Into<String>) -> Call<Option<RequestId>> {
        let name = name.into();
        let pattern = pattern(&name);
        Call::plain(
            &self.client,
            &route::FIND_BY_NAME,
            |draft| draft.text("name", "name", &pattern?)?.bare(),
            move |response| {
                let mut ids: BTreeMap<String, RequestId> = decode(response)?;
                Ok(ids.remove(&name))
            },
        )
    }
}

/// Returns what the server is asked for, which finds the name and what is like it.
fn pattern(name: &str) -> Result<String, Error> {
    if !(1..=MAX).contains(&name.chars().count()) {
        let what = format!("the name {name:?} has not 1 to {MAX} characters");
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
    Ok(match name {
        special @ ("." | ".." | "null") => "_".repeat(special.len()),
        name => name.chars().map(any).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn find(name: &str) -> Call<Option<RequestId>> {
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
