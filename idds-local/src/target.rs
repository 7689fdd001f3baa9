//! Which requests a path is about.

use crate::python;

/// The two ids of a path, either of which may be `null`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    /// Number of the request.
    pub(crate) request: Option<i64>,
    /// Number of the task.
    pub(crate) workload: Option<i64>,
}

impl Target {
    /// Reads the two parts of a path, or says in the words of the database why not.
    pub(crate) fn read(request: &str, workload: &str) -> Result<Self, String> {
        let id = |text: &str, bits| match text {
            "null" => Ok(None),
            digits => python::column_integer(digits, bits).map(Some),
        };
        Ok(Self {
            request: id(request, 64)?,
            workload: id(workload, 32)?,
        })
    }

    /// Returns the target of one request.
    pub(crate) const fn of(request: i64) -> Self {
        Self {
            request: Some(request),
            workload: None,
        }
    }

    /// Tells whether neither id is given: every request is meant.
    pub(crate) fn is_everything(self) -> bool {
        self.request.is_none() && self.workload.is_none()
    }

    /// Returns the SQL condition on a column `request_id`; parameters 1 and 2 are the two ids.
    pub(crate) fn condition(self) -> &'static str {
        const BY_WORKLOAD: &str =
            "?1 IS NULL AND request_id IN (SELECT request_id FROM requests WHERE workload_id = ?2)";
        const BY_BOTH: &str = "request_id = (SELECT request_id FROM requests WHERE request_id = ?1 AND workload_id = ?2)";
        match (self.request, self.workload) {
            (None, None) => "?1 IS NULL AND ?2 IS NULL",
            (Some(_), None) => "request_id = ?1 AND ?2 IS NULL",
            (None, Some(_)) => BY_WORKLOAD,
            (Some(_), Some(_)) => BY_BOTH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_null_means_no_id() {
        assert_eq!(
            Target::read("null", "null"),
            Ok(Target {
                request: None,
                workload: None
            })
        );
        assert_eq!(
            Target::read(" 1", "-2"),
            Ok(Target {
                request: Some(1),
                workload: Some(-2)
            })
        );
    }

    #[test]
    fn what_is_no_id_is_said_in_the_words_of_the_database() {
        let wrong = [
            (
                "abc",
                "null",
                "invalid input syntax for type bigint: \"abc\"",
            ),
            (
                "None",
                "None",
                "invalid input syntax for type bigint: \"None\"",
            ),
            ("1", "1.5", "invalid input syntax for type integer: \"1.5\""),
            (
                "99999999999999999999",
                "null",
                "value \"99999999999999999999\" is out of range for type bigint",
            ),
            (
                "1",
                "99999999999",
                "value \"99999999999\" is out of range for type integer",
            ),
        ];
        for (request, workload, details) in wrong {
            assert_eq!(Target::read(request, workload), Err(details.to_owned()));
        }
    }
}
