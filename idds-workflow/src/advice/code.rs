//! The kinds of advice: one entry each, of which the table of the documentation is made.

/// Severity of an advice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// The server does something else than the definition says.
    Warning,
    /// The server refuses the request, fails on it, or never ends it.
    Error,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($(
        $variant:ident, $code:literal, $severity:ident, $effect:literal, $instead:literal, $(rust $rust:literal,)? $reference:literal;
    )+) => {
        /// What a piece of advice is about. The code is stable: it can be matched, searched for, and switched off by name.
        ///
        /// | code | severity | what happens | what to do instead | reference |
        /// | --- | --- | --- | --- | --- |
        $(
            #[doc = concat!("| `", $code, "` | ", stringify!($severity), " | ", $effect, " | ", $instead, " | ", $reference, " |")]
        )+
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum AdviceCode {
            $(
                #[doc = concat!("`", $code, "`: ", $effect, ".")]
                $variant,
            )+
        }

        impl AdviceCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// Returns the stable name, such as `false-branch-at-once`.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// Returns the severity.
            pub fn severity(self) -> Severity {
                match self { $( Self::$variant => Severity::$severity, )+ }
            }

            /// Returns what the server does, in one clause.
            pub fn effect(self) -> &'static str {
                match self { $( Self::$variant => $effect, )+ }
            }

            /// Returns what to do instead in a document, in JSON or YAML, in one clause.
            pub fn instead(self) -> &'static str {
                match self { $( Self::$variant => $instead, )+ }
            }

            /// Returns what to do instead in a program in Rust, in one clause.
            pub fn instead_in_rust(self) -> &'static str {
                match self {
                    $( $( Self::$variant => $rust, )? )+
                    other => other.instead(),
                }
            }

            /// Returns where this is written down: the chapter of the description of the format, of the server, or of
            /// searches.
            pub fn reference(self) -> &'static str {
                match self { $( Self::$variant => $reference, )+ }
            }
        }
    };
}

codes! {
    UncheckedVersion, "unchecked-version", Note,
        "this advice was checked with server 2.6.21 only", "read it as what may happen", "server 1";
    NoSteps, "no-steps", Error,
        "there is nothing to run: an iDDS server keeps the request Transforming for ever, and the embedded one fails it",
        "give the workflow a step", "package 2.6.21";
    EmbeddedWork, "embedded-work", Error,
        "the embedded server cannot run it", "give it what it lacks, or submit it to an iDDS server that runs such works",
        "page of idds-local";
    EmbeddedSearch, "embedded-search", Error,
        "the embedded server fails on it: it runs searches that have max_points, and one opt_space with the method nevergrad, or a sandbox with another",
        "give the search all of these", "page of idds-local";
    EmbeddedStorage, "embedded-storage", Warning,
        "the embedded server fails on it unless it was told which directories are storage elements, or to ask Rucio",
        "name them by --storage FILE of idds run or idds serve, whose form idds schema storage shows, or give --rucio",
        rust "name them by storage(..) of its builder, or give it a rucio(..)", "page of idds-local";
    ParameterLink, "parameter-link", Error,
        "the server cannot decode a parameter link and refuses the whole request with 400",
        "leave links out, and hand values on by files or global parameters", "format 9";
    IndependentSubWorkflow, "independent-sub-workflow", Error,
        "the clerk fails on a sub-workflow that no condition releases", "release it by a condition on a step before it",
        "format 14";
    MissingTaskName, "missing-task-name", Error,
        "the clerk fails: object has no attribute 'task_name'", "set a task_name",
        rust "set a task_name, or send with Remedies::Add", "server 1, format 14";
    MissingOutputJson, "missing-output-json", Error,
        "the points are never read and the request stays Transforming for ever",
        "set output_json", rust "set output_json, or send with Remedies::Add", "server 1";
    MissingEs, "missing-es", Error,
        "the second generation of points never appears", "set the attribute es to true",
        rust "set the attribute es to true, or send with Remedies::Add", "server 1";
    V1Family, "v1-family", Error,
        "the clerk fails on what classes of the v1 family lack, such as parent_internal_ids",
        "send a workflow of the v2 family", "format 14, server 1";
    V1SubWorkflow, "v1-sub-workflow", Warning,
        "conditions inside a sub-workflow of the v1 family have no work to ask before its first run", "send the v2 family", "format 8, format 14";
    NeverSubmitted, "never-submitted", Error,
        "the server has no code that runs works of this class: the work fails when it is submitted, and no command can show why",
        "take a class that the server runs, see docs/what-idds-runs.md", "package 2.6.21";
    NeverPolled, "never-polled", Error,
        "the poller fails on every work that moves data, so that the work never ends",
        "move the data before the workflow, by a rule of Rucio", "package 2.6.21";
    NoRule, "no-rule", Error,
        "the work fails without the id of a rule of Rucio", "set rule_id", "package 2.6.21";
    NeedsRucio, "needs-rucio", Warning,
        "the server asks Rucio for the collections of the work: where it has no Rucio client, the request never ends",
        "ask who runs the server whether it has one", "package 2.6.21";
    NoPrimaryInput, "no-primary-input", Error,
        "the clerk fails on a task without an input, and the request never ends",
        "give the task an input; PanDA's own clients name a dataset that need not exist", "package 2.6.21";
    NoTransform, "no-transform", Error,
        "the clerk fails to make a transform of this class, and the request never ends",
        "write the task as one of type doma_panda", "package 2.6.21";
    NeedsPanda, "needs-panda", Note,
        "the work becomes a task of PanDA: where the server has no PanDA behind it, the work fails",
        "ask who runs the server whether it has one", "package 2.6.21";
    NoMethod, "no-method", Error,
        "the agent does not know how to run the steering program and the search fails", "set a method", "searches B.2";
    NoSpace, "no-space", Error,
        "the nevergrad script crashes without a space", "set an opt_space", "searches B.3";
    NoContainerWorkdir, "no-container-workdir", Error,
        "docker is told to mount the directory of the job at None, and refuses",
        "set container_workdir, and name the files of the arguments in it", "searches B.2";
    NeverEnding, "never-ending", Error,
        "a search without max_points goes on until its steering program fails", "set max_points", "server 2, searches 8";
    ArrayParameter, "array-parameter", Error,
        "the nevergrad script crashes on an Array: its points are no JSON",
        "use one Scalar for each number, or a steering program of your own", "searches B.3";
    ForeignParameter, "foreign-parameter", Error,
        "nevergrad cannot express the parameter: the nevergrad script drops it, or crashes",
        "use a kind of parameter that nevergrad has, or a steering program of your own", "searches B.3";
    ForeignSpace, "foreign-space", Error,
        "the nevergrad script understands neither segments nor another dialect than its own",
        "leave the dialect out and search one space, or use a steering program of your own", "searches B.3";
    LongPoint, "long-point", Warning,
        "a point of more than 4000 characters makes the poller fail for ever", "shorten names and choices",
        "server 2";
    StockNevergrad, "stock-nevergrad", Warning,
        "the nevergrad script of the server fails with current nevergrad: bool check is not allowed",
        "use a steering program of your own in a container", "server 2, searches 7";
    ZeroLoss, "zero-loss", Warning,
        "the nevergrad script takes a loss of exactly 0.0 for no loss", "report losses that cannot be 0.0",
        "server 2, searches 9";
    ScalarBounds, "scalar-bounds", Warning,
        "nevergrad starts a Scalar with bounds at 0, moved into the bounds, and repeats it",
        "give the bounds as params: { lower: .., upper: .. }", rust "give the bounds by Scalar::range", "searches B.3";
    InitialPoints, "initial-points", Warning,
        "the steering program never sees the initial points", "let the steering program begin with them itself",
        "server 1, searches 5";
    SharedPoints, "shared-points", Error,
        "the points of all searches of a request share one list and their ids start over, so that losses of the second search go \
         to the first one, and the request never ends",
        "submit one request for each search", "server 3";
    SandboxDownload, "sandbox-download", Warning,
        "the archive is downloaded without a certificate: the server's own cacher answers 401",
        "put the archive where anybody can read it", "server 2";
    PlaceholderPrefix, "placeholder-prefix", Warning,
        "a placeholder is replaced inside longer words too, so that %INPUT becomes the name of %IN and PUT",
        "put something between the placeholder and the next letter", "searches B.2";
    GenerationBarrier, "generation-barrier", Note,
        "new points come only when every point has a loss, so that one without a loss stops the search",
        "report a loss for failed evaluations too", "server 2, searches 6";
    SlowSteering, "slow-steering", Note,
        "when the job of a steering program is found waiting or running more than ten times, all generations together, the request \
         fails",
        "keep the steering program short and the generations few", "server 2";
    SilentSteering, "silent-steering", Note,
        "a steering program that fails before there is a point leaves the request Transforming for ever, without errors",
        "wait with a deadline", "server 2";
    FalseBranch, "false-branch-at-once", Warning,
        "the false branch starts at once, because not yet true is false",
        "put a condition such as is_failed before a true branch", "format 8";
    FalseBranchOfWorkflow, "false-branch-of-workflow", Error,
        "what starts because a sub-workflow is not in some state makes the agent fail, as the sub-workflow has no run yet",
        "put a condition such as is_failed before a true branch", "package 2.6.21";
    NestedOperator, "nested-operator", Warning,
        "an operator inside an operator counts as true", "write one flat predicate, or conditions inside branches",
        "format 8, format 14";
    Negation, "negation", Error,
        "a negation never holds, so that what it releases never starts",
        "ask for the opposite state, such as is_failed for not is_finished", "package 2.6.21";
    GlobalParameter, "global-parameter", Warning,
        "only global parameters whose names begin with user_ are handed on", "rename it to begin with user_", "format 6";
    WorkIdSet, "work-id", Warning,
        "the agents look for the transform of this id instead of making one", "leave work_id unset", "format 7";
    RequestIdSet, "request-id", Note,
        "the server sets the request id of a work itself", "leave request_id unset", "format 7";
    UsernameSet, "username", Warning,
        "the server believes the user name, and then only that user may abort the request", "leave username unset",
        "server 4";
    IncompleteCampaign, "incomplete-campaign", Note,
        "a request is grouped only when campaign, scope, group and tag are all set", "set all four or none", "format 13";
    OutputRenamed, "output-renamed", Note,
        "run numbers are appended to the name of an output, such as .0 and later .0..1",
        "put ___idds___ into the name to keep it", "format 7";
    NameWithSlash, "name-with-slash", Warning,
        "a request whose name has a / cannot be found by name: 404", "use a name without /", "server 4";
    NamePattern, "name-pattern", Note,
        "looking a request up by name takes % and _ for wildcards and may find another one",
        "keep the request id, or use a name without % and _", "server 4";
    RenamedEvents, "renamed-events", Warning,
        "the agent goes through the events of a job by their numbers as text, 10 before 2, and names those after one that waits \
         for another job after that job",
        "let only the last event of a job wait for other jobs, or take type: doma_panda with es: true",
        rust "let only the last event of a job wait for other jobs, or take DomaPanDAWork with es", "package 2.6.21";
    DatasetColons, "dataset-colons", Warning,
        "a dataset with more than one colon, and every one after it, becomes no collection of the work",
        "name datasets as scope:name", "package 2.6.21";
    CustomClass, "custom-class", Note,
        "a class that the server cannot import is refused with 400", "see that the server has its module", "server 4";
}
