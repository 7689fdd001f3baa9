//! What a call does with a server of each family.

use idds_workflow::ServerVersion;

use super::{Server, ServerFamily};
use crate::{Error, ErrorKind};

/// What a user can ask for; each call looks here before it makes its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Submit,
    SubmitBuild,
    UpdateBuild,
    GetRequests,
    GetRequestParts,
    FindByName,
    Update,
    Abort,
    AbortTask,
    Close,
    Retry,
    Suspend,
    Resume,
    Finish,
    GetHyperParameters,
    UpdateHyperParameter,
    GetTransforms,
    AddTransform,
    GetMessages,
    SendMessages,
    SendToClerk,
    GetCollections,
    GetContents,
    GetContentsOutputExt,
    GetMetaInfo,
    GetRelations,
    SignIn,
    WorkflowTasks,
    Ping,
}

/// Whether a server does what is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Support {
    /// It does, over this route.
    Full(&'static str),
    /// It would do something else over this route.
    Different {
        route: &'static str,
        effect: &'static str,
        instead: &'static str,
    },
    /// It has no route for it.
    Missing { instead: &'static str },
}

const MESSAGE: &str = "POST /message/R/null";
const LONG_MESSAGE: &str = "POST /message/R/null/null/null";

impl Operation {
    pub(crate) fn support(self, family: ServerFamily) -> Support {
        use ServerFamily::{V0_5, V0_11, V1_3, V2_2};
        use Support::{Different, Full, Missing};
        let command = if family == V2_2 {
            LONG_MESSAGE
        } else {
            MESSAGE
        };
        match (self, family) {
            (Self::Submit, _) => Full("POST /request"),
            (Self::SubmitBuild | Self::UpdateBuild, V0_5 | V0_11) => Missing { instead: "submit" },
            (Self::SubmitBuild, _) => Full("POST /request"),
            (Self::UpdateBuild, _) => Full("POST /request/build/R"),
            (Self::GetRequests, V0_5) => Full("GET /request/R/W/DETAIL/METADATA"),
            (Self::GetRequestParts, V0_5) => Missing {
                instead: "collections",
            },
            (Self::GetRequests | Self::GetRequestParts, _) => {
                Full("GET /request/R/W/DETAIL/METADATA/TRANSFORM/PROCESSING")
            }
            (Self::FindByName, V0_5 | V0_11) => Missing {
                instead: "list_everybody",
            },
            (Self::FindByName, _) => Full("GET /request/name/NAME"),
            (Self::Update, V0_5 | V0_11) => Full("PUT /request/R"),
            (Self::Update, _) => Different {
                route: "PUT /request/R",
                effect: "say that it was updated and change nothing",
                instead: "abort, close or retry",
            },
            (Self::Abort, V0_5 | V0_11) => Full(MESSAGE),
            (Self::Abort, _) => Full("PUT /request/abort/R/W"),
            (Self::AbortTask, V0_5) => Missing { instead: "abort" },
            (Self::AbortTask, V0_11) => Full(MESSAGE),
            (Self::AbortTask, _) => Different {
                route: "PUT /request/abort/R/W/T",
                effect: "answer 405, and abort the whole request by the one route that it has for it",
                instead: "abort",
            },
            (Self::Close, V2_2) => Full("PUT /request/close/R/W"),
            (Self::Close, _) => Missing { instead: "abort" },
            (Self::Retry, V0_5 | V0_11) => Full(MESSAGE),
            (Self::Retry, _) => Full("PUT /request/retry/R/W"),
            (Self::Suspend | Self::Resume, V0_5 | V0_11) => Full(MESSAGE),
            (Self::Suspend, _) => Different {
                route: command,
                effect: "abort the request",
                instead: "abort, and retry to set it going again",
            },
            (Self::Resume, _) => Different {
                route: command,
                effect: "retry the request",
                instead: "retry",
            },
            (Self::Finish, V0_5) => Full(MESSAGE),
            (Self::Finish, V0_11 | V1_3 | V2_2) => Different {
                route: command,
                effect: "say that it is well and change nothing",
                instead: "close or abort",
            },
            (Self::GetHyperParameters, _) => Full("GET /hpo/W/R/ID/null/null"),
            (Self::UpdateHyperParameter, _) => Full("PUT /hpo/W/R/ID/LOSS"),
            (Self::GetTransforms, V2_2) => Full("GET /transform/R"),
            (Self::GetTransforms, _) => Missing {
                instead: "requests().get(..).transforms or collections",
            },
            (Self::AddTransform, V2_2) => Full("POST /transform/R"),
            (Self::AddTransform, _) => Missing {
                instead: "requests().submit",
            },
            (Self::GetMessages, V2_2) => Full("GET /message/R/W/TRANSFORM/ID"),
            (Self::GetMessages, _) => Full("GET /message/R/W"),
            (Self::SendMessages, V2_2) => Full("POST /message/R/W/TRANSFORM/ID"),
            (Self::SendMessages, _) => Missing {
                instead: "messages().send_to_clerk",
            },
            (Self::SendToClerk, V2_2) => Full("POST /message/R/W/null/null"),
            (Self::SendToClerk, _) => Full("POST /message/R/W"),
            (Self::GetCollections, V2_2) => {
                Full("GET /catalog/collections/R/TRANSFORM/W/SCOPE/NAME/RELATION")
            }
            (Self::GetCollections, _) => Full("GET /catalog/collections/SCOPE/NAME/R/W/RELATION"),
            (Self::GetContents, V2_2) => {
                Full("GET /catalog/contents/R/TRANSFORM/W/SCOPE/NAME/RELATION/STATUS")
            }
            (Self::GetContents, _) => Full("GET /catalog/contents/SCOPE/NAME/R/W/RELATION/STATUS"),
            (Self::GetContentsOutputExt, V0_5 | V0_11) => Missing {
                instead: "requests().get(..).collections",
            },
            (Self::GetContentsOutputExt, _) => {
                Full("GET /catalog/contents_output_ext/R/W/TRANSFORM/GROUPED")
            }
            (Self::GetMetaInfo, V2_2) => Full("GET /metainfo/NAME"),
            (Self::GetMetaInfo, _) => Missing {
                instead: "the settings of the server",
            },
            (Self::GetRelations, V0_5) => Missing {
                instead: "monitor().transforms",
            },
            (Self::GetRelations, _) => Full("GET /monitor_request_relation/R/W"),
            (Self::SignIn, V0_5) => Missing {
                instead: "a certificate",
            },
            (Self::SignIn, _) => Full("GET /auth/url/VO/oidc, GET and POST /auth/token/VO"),
            (Self::WorkflowTasks, V2_2) => Full("POST /workflow_task"),
            (Self::WorkflowTasks, _) => Missing {
                instead: "requests().submit",
            },
            (Self::Ping, V0_5) => Missing { instead: "probe" },
            (Self::Ping, _) => Full("GET /ping"),
        }
    }

    /// Returns the route over which a server that is known to be of this kind does what others of its version do not.
    pub(crate) fn route_of(self, server: Option<Server>) -> Option<&'static str> {
        let is_done = matches!(self, Self::Suspend | Self::Resume | Self::Finish);
        (is_done && server == Some(Server::Embedded)).then_some(LONG_MESSAGE)
    }

    /// Returns why a server of this version is not asked; none when it does what is asked for.
    pub(crate) fn refusal(self, server: ServerVersion) -> Option<Error> {
        let what = match self.support(server.into()) {
            Support::Full(_) => return None,
            Support::Different {
                effect, instead, ..
            } => format!("iDDS {server} would {effect}; use {instead}"),
            Support::Missing { instead } => {
                format!("iDDS {server} has no such call; use {instead}")
            }
        };
        Some(Error::new(ErrorKind::Unsupported, what))
    }

    /// Checks that a server of this version does what is asked for.
    pub(crate) fn check(self, server: ServerVersion) -> Result<(), Error> {
        self.refusal(server).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Write as _};

    use super::*;

    impl Operation {
        const ALL: [Self; 29] = [
            Self::Submit,
            Self::SubmitBuild,
            Self::UpdateBuild,
            Self::GetRequests,
            Self::GetRequestParts,
            Self::FindByName,
            Self::Update,
            Self::Abort,
            Self::AbortTask,
            Self::Close,
            Self::Retry,
            Self::Suspend,
            Self::Resume,
            Self::Finish,
            Self::GetHyperParameters,
            Self::UpdateHyperParameter,
            Self::GetTransforms,
            Self::AddTransform,
            Self::GetMessages,
            Self::SendMessages,
            Self::SendToClerk,
            Self::GetCollections,
            Self::GetContents,
            Self::GetContentsOutputExt,
            Self::GetMetaInfo,
            Self::GetRelations,
            Self::SignIn,
            Self::WorkflowTasks,
            Self::Ping,
        ];

        fn method(self) -> &'static str {
            match self {
                Self::Submit => "requests().submit",
                Self::SubmitBuild => "requests().submit_build",
                Self::UpdateBuild => "requests().update_build",
                Self::GetRequests => "requests().get",
                Self::GetRequestParts => "requests().get(..).transforms, processings",
                Self::FindByName => "requests().find_by_name",
                Self::Update => "requests().update",
                Self::Abort => "requests().abort",
                Self::AbortTask => "requests().abort_task",
                Self::Close => "requests().close",
                Self::Retry => "requests().retry",
                Self::Suspend => "requests().suspend",
                Self::Resume => "requests().resume",
                Self::Finish => "requests().finish",
                Self::GetHyperParameters => "hpo().get",
                Self::UpdateHyperParameter => "hpo().update",
                Self::GetTransforms => "transforms().list, get",
                Self::AddTransform => "transforms().add",
                Self::GetMessages => "messages().get",
                Self::SendMessages => "messages().send",
                Self::SendToClerk => "messages().send_to_clerk",
                Self::GetCollections => "catalog().collections",
                Self::GetContents => "catalog().contents",
                Self::GetContentsOutputExt => "catalog().contents_output_ext",
                Self::GetMetaInfo => "metainfo()",
                Self::GetRelations => "monitor().relations",
                Self::SignIn => "auth().sign_in_url, token, refresh",
                Self::WorkflowTasks => "workflow_tasks()",
                Self::Ping => "ping",
            }
        }
    }

    /// Writes a cell of the table.
    impl fmt::Display for Support {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Full(route) => write!(f, "`{route}`"),
                Self::Different {
                    route,
                    effect,
                    instead,
                } => {
                    write!(f, "refused: `{route}` would {effect}; use {instead}")
                }
                Self::Missing { instead } => write!(f, "refused: no such route; use {instead}"),
            }
        }
    }

    /// Calls that every server has, over the same route.
    const ALIKE: [(&str, &str); 7] = [
        ("cacher().upload", "POST /cacher/NAME"),
        ("cacher().download", "GET /cacher/NAME"),
        ("logs().download", "GET /logs/W/R"),
        (
            "monitor().states, request_statistics, …",
            "GET /monitor/R/W/REQUESTS/TRANSFORMS/PROCESSINGS",
        ),
        ("monitor().requests", "GET /monitor_request/R/W"),
        ("monitor().transforms", "GET /monitor_transform/R/W"),
        ("monitor().processings", "GET /monitor_processing/R/W"),
    ];

    /// The table of the documentation.
    fn table() -> String {
        let mut text = "| method |".to_owned();
        for family in ServerFamily::ALL {
            write!(text, " {family} |").expect("memory");
        }
        text.push_str(" the embedded one |\n| --- | --- | --- | --- | --- | --- |\n");
        for operation in Operation::ALL {
            write!(text, "| `{}` |", operation.method()).expect("memory");
            let mut last = None;
            for family in ServerFamily::ALL {
                let support = operation.support(family);
                if last == Some(support) {
                    write!(text, " same |")
                } else {
                    write!(text, " {support} |")
                }
                .expect("memory");
                last = Some(support);
            }
            match operation.route_of(Some(Server::Embedded)) {
                Some(route) => writeln!(text, " `{route}` |"),
                None => writeln!(text, " same |"),
            }
            .expect("memory");
        }
        for (method, route) in ALIKE {
            writeln!(
                text,
                "| `{method}` | `{route}` | same | same | same | same |"
            )
            .expect("memory");
        }
        text
    }

    #[test]
    fn the_table_of_the_documentation_is_the_one_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/table.md");
        if std::env::var_os("IDDS_WRITE_TABLE").is_some() {
            std::fs::write(path, table()).expect("the source tree is writable");
        }
        let written = std::fs::read_to_string(path).expect("the table");
        assert!(
            written == table(),
            "IDDS_WRITE_TABLE=1 cargo test -p idds-client --lib table writes it anew"
        );
    }

    #[test]
    fn what_a_server_cannot_do_is_refused_with_what_it_would_do_and_what_to_use() {
        let refusal =
            |operation: Operation, server| operation.refusal(server).map(|error| error.to_string());
        let (old, new) = (ServerVersion::new(0, 5, 4), ServerVersion::V2_6_21);
        assert_eq!(refusal(Operation::Suspend, old), None);
        assert_eq!(
            refusal(Operation::Suspend, new).as_deref(),
            Some("iDDS 2.6.21 would abort the request; use abort, and retry to set it going again")
        );
        assert_eq!(
            refusal(Operation::Close, old).as_deref(),
            Some("iDDS 0.5.4 has no such call; use abort")
        );
    }
}
