//! The routes of iDDS's REST service: a row of a table for each thing that a client can ask for.

mod draft;
mod family;
mod table;

use std::fmt;

use http::Method;
use idds_workflow::ServerVersion;

pub(crate) use self::draft::Draft;
pub use self::family::ServerFamily;
pub(crate) use self::table::*;
use crate::{Client, Error, ErrorKind, Server};

/// A row of the table of routes: what a client can ask for, and how servers of each version are asked for it.
///
/// Requests, the check of versions, the relay of PanDA and the table at [`ServerFamily`] all read these rows, so a route stands
/// in one place only.
///
/// ```
/// use idds_client::{Route, ServerFamily};
///
/// let abort = Route::all().find(|route| route.documented() == Some("abort_requests")).ok_or("no such route")?;
/// assert_eq!(abort.method(), "requests().abort");
/// assert_eq!(abort.support(ServerFamily::V2_2).to_string(), "`PUT /request/abort/{request_id}/{workload_id}`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub(crate) operation: &'static str,
    method: &'static str,
    python: Option<&'static str>,
    documented: Option<&'static str>,
    pub(crate) relayed: Option<Relayed>,
    /// Whether sending it twice does what sending it once does; none for what HTTP says of its method.
    repeatable: Option<bool>,
    /// Whether the server answers anybody, so that no credential is sent.
    pub(crate) is_public: bool,
    /// What a server of each family does, the oldest first.
    support: [Support; FAMILIES],
    /// The address at the embedded server, where that does what iDDS of its version does not.
    embedded: Option<Address>,
}

const FAMILIES: usize = ServerFamily::ALL.len();

/// Method and path of a route.
///
/// A segment of the path in braces is an argument, named as the Python client names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address {
    method: Verb,
    pub(crate) path: &'static str,
}

/// The methods of HTTP that iDDS uses; `http::Method` cannot stand in a constant that is copied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
}

/// Whether servers of a family do what a route is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Support {
    /// They do, at this address.
    Full(Address),
    /// They would do something else, so they are not asked.
    Different {
        /// Where they would be asked.
        address: Address,
        /// What they would do, such as `abort the request`.
        effect: &'static str,
        /// The call to use instead.
        instead: &'static str,
    },
    /// They have no route for it.
    Missing {
        /// The call to use instead.
        instead: &'static str,
    },
}

/// What becomes of the body of a request on its way through PanDA's relay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Relayed {
    /// There is none.
    NoBody,
    /// Each of its members is an argument of the Python method.
    Arguments,
    /// It is the argument of this name.
    Argument(&'static str),
    /// As `Arguments`, and what the method returns is this member of the answer.
    Adds(&'static str),
}

impl Route {
    /// Returns all routes, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ALL.iter().copied()
    }

    /// Returns what the call does, in the words of an error message: `submit`, `get requests`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the method of the client, such as `requests().submit`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the method of the Python class `idds.client.client.Client` that does the same, by which PanDA's relay is asked too.
    pub fn python(&self) -> Option<&'static str> {
        self.python
    }

    /// Returns the command of iDDS's documentation that does the same, such as `abort_requests`.
    pub fn documented(&self) -> Option<&'static str> {
        self.documented
    }

    /// Returns what servers of a family do.
    pub fn support(&self, family: ServerFamily) -> Support {
        self.support[family as usize]
    }

    /// Says why a server of this version is not asked; none when it does what is asked for.
    pub fn objection(&self, server: ServerVersion) -> Option<String> {
        match self.support(server.into()) {
            Support::Full(_) => None,
            Support::Different {
                effect, instead, ..
            } => Some(format!("iDDS {server} would {effect}; use {instead}")),
            Support::Missing { instead } => {
                Some(format!("iDDS {server} has no such call; use {instead}"))
            }
        }
    }

    /// Says whether sending a request by this method twice does what sending it once does.
    pub(crate) fn is_repeatable(&self, method: &Method) -> bool {
        self.repeatable.unwrap_or_else(|| method.is_idempotent())
    }

    /// Returns where a server is asked, if it does what is asked for; with `anyway` also if it does something else.
    pub(crate) fn address(&self, client: &Client, anyway: bool) -> Result<Address, Error> {
        if let (Some(address), Some(Server::Embedded)) = (self.embedded, client.known_server()) {
            return Ok(address);
        }
        let server = client.server_version();
        match self.support(server.into()) {
            Support::Full(address) => Ok(address),
            Support::Different { address, .. } if anyway => Ok(address),
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                self.objection(server).unwrap_or_default(),
            )),
        }
    }

    /// Begins a request to a server of this client's version.
    pub(crate) fn draft(&self, client: &Client) -> Result<Draft, Error> {
        self.address(client, false).map(Draft::new)
    }
}

/// A row is written as a chain of these, which say what is unusual about it.
impl Route {
    const fn new(operation: &'static str, method: &'static str) -> Self {
        Self {
            operation,
            method,
            python: None,
            documented: None,
            relayed: None,
            repeatable: None,
            is_public: false,
            support: [Support::Missing { instead: "" }; FAMILIES],
            embedded: None,
        }
    }

    /// Names the method of the Python class `idds.client.client.Client`.
    const fn in_python(mut self, name: &'static str) -> Self {
        self.python = Some(name);
        self
    }

    /// As [`Self::python`]; PanDA's relay carries the call by this name, and its body so.
    const fn relayed(mut self, name: &'static str, body: Relayed) -> Self {
        self.python = Some(name);
        self.relayed = Some(body);
        self
    }

    /// Names the command of iDDS's documentation.
    const fn documented_as(mut self, name: &'static str) -> Self {
        self.documented = Some(name);
        self
    }

    const fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// Says that a repetition would do it twice, although its method is `GET` or `PUT`.
    const fn once(mut self) -> Self {
        self.repeatable = Some(false);
        self
    }

    /// Says that a repetition does no harm, although its method is `POST`.
    const fn repeatable(mut self) -> Self {
        self.repeatable = Some(true);
        self
    }

    /// Sets the address, for all versions.
    const fn at(self, method: Verb, path: &'static str) -> Self {
        self.since(ServerFamily::V0_5, method, path)
    }

    /// Sets the address from a family on.
    const fn since(self, family: ServerFamily, method: Verb, path: &'static str) -> Self {
        self.supported(family, Support::Full(Address { method, path }))
    }

    /// Says what to use instead with the families whose address is not set after this.
    const fn else_use(self, instead: &'static str) -> Self {
        self.supported(ServerFamily::V0_5, Support::Missing { instead })
    }

    /// Says that from a family on something else would be done.
    const fn differs(
        self,
        since: ServerFamily,
        (method, path): (Verb, &'static str),
        effect: &'static str,
        instead: &'static str,
    ) -> Self {
        let address = Address { method, path };
        self.supported(
            since,
            Support::Different {
                address,
                effect,
                instead,
            },
        )
    }

    /// Says that the embedded server does it, at this address.
    const fn embedded(mut self, method: Verb, path: &'static str) -> Self {
        self.embedded = Some(Address { method, path });
        self
    }

    const fn supported(mut self, since: ServerFamily, support: Support) -> Self {
        let mut family = since as usize;
        while family < FAMILIES {
            self.support[family] = support;
            family += 1;
        }
        self
    }
}

impl Address {
    /// Returns the method of HTTP.
    pub fn method(&self) -> Method {
        match self.method {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
        }
    }

    /// Returns the path below the address of the server, arguments in braces.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Writes the path with these arguments; one that is missing is `null`, which means any to the server.
    pub(crate) fn filled<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> String {
        let mut path = String::with_capacity(self.path.len());
        for segment in self.path.split('/').skip(1) {
            path.push('/');
            path.push_str(argument(segment).map_or(segment, |name| value(name).unwrap_or("null")));
        }
        path
    }

    /// Reads the arguments out of a path, as pairs of name and text; none when it is not one of this route.
    pub(crate) fn arguments<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut arguments = Vec::new();
        let mut segments = path.split('/');
        for expected in self.path.split('/') {
            let segment = segments.next()?;
            match argument(expected) {
                Some(name) => arguments.push((name, segment)),
                None if expected == segment => {}
                None => return None,
            }
        }
        segments.next().is_none().then_some(arguments)
    }
}

/// Returns the name of the argument for which a segment stands.
fn argument(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.path)
    }
}

/// Writes a cell of the table at [`ServerFamily`].
impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(address) => write!(f, "`{address}`"),
            Self::Different {
                address,
                effect,
                instead,
            } => write!(f, "refused: `{address}` would {effect}; use {instead}"),
            Self::Missing { instead } => write!(f, "refused: no such route; use {instead}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use super::*;

    /// The table of the documentation.
    fn table() -> String {
        let mut text = "| method |".to_owned();
        for family in ServerFamily::ALL {
            write!(text, " {family} |").expect("memory");
        }
        text.push_str(
            " the embedded one | Python client |\n| --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for route in Route::all() {
            write!(text, "| `{}` |", route.method).expect("memory");
            let mut last = None;
            for support in route.support {
                match last == Some(support) {
                    true => write!(text, " same |"),
                    false => write!(text, " {support} |"),
                }
                .expect("memory");
                last = Some(support);
            }
            match route.embedded {
                Some(address) => write!(text, " `{address}` |"),
                None => write!(text, " same |"),
            }
            .expect("memory");
            match route.python {
                Some(name) => writeln!(text, " `{name}` |"),
                None => writeln!(text, " |"),
            }
            .expect("memory");
        }
        text
    }

    #[test]
    fn the_table_of_the_documentation_is_the_one_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/route/table.md");
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
        let (old, new) = (ServerVersion::new(0, 5, 4), ServerVersion::V2_6_21);
        assert_eq!(SUSPEND.objection(old), None);
        assert_eq!(
            SUSPEND.objection(new).as_deref(),
            Some("iDDS 2.6.21 would abort the request; use abort, and retry to set it going again")
        );
        assert_eq!(
            CLOSE.objection(old).as_deref(),
            Some("iDDS 0.5.4 has no such call; use abort")
        );
    }

    #[test]
    fn a_row_says_of_every_family_what_it_does() {
        let mut methods = BTreeSet::new();
        for route in Route::all() {
            assert!(
                methods.insert(route.method),
                "{} stands twice",
                route.method
            );
            for support in route.support {
                assert_ne!(
                    support,
                    Support::Missing { instead: "" },
                    "{}",
                    route.method
                );
            }
        }
    }

    #[test]
    fn what_fills_a_path_is_read_out_of_it_again() {
        let Support::Full(address) = GET_TRANSFORM.support(ServerFamily::V2_2) else {
            panic!("every server of this family has it");
        };
        let path = address.filled(|name| (name == "request_id").then_some("7"));
        assert_eq!(path, "/transform/7/null");
        let arguments = [("request_id", "7"), ("transform_id", "null")];
        assert_eq!(address.arguments(&path).as_deref(), Some(&arguments[..]));
        assert_eq!(address.arguments("/transform/7"), None);
        assert_eq!(address.arguments("/transform/7/8/9"), None);
        assert_eq!(address.arguments("/transforms/7/8"), None);
    }
}
