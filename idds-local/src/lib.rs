//! A one-process iDDS for laptops and tests: the REST service of iDDS 2.6.21 over SQLite, inside the program that uses it.
//!
//! It takes the workflows that clients submit, makes the points of their hyperparameter searches, and answers as the real
//! server does, but at once: a new generation of points is there as soon as the last loss has arrived. It listens on a
//! loopback address, and serves who knows [its token](#its-token). What it has confirmed survives a restart, a killed process and a
//! power cut.
//!
//! ```
//! use idds_local::Server;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("idds.sqlite");
//! let server = Server::builder().database(path).seed(1).start().await?;
//! println!("an iDDS is at {}", server.url_without_token());
//! let host = server.url(); // for clients: with the token
//! server.shutdown().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it runs
//!
//! **Searches**: `ATLASHPOWork` with method `nevergrad`, a search space in its own form, in the nevergrad dialect or in
//! another that leaves no doubt, and a `max_points`. Generations
//! have `num_points_per_iteration` points, the last one fewer, so that exactly `max_points` have a loss in the end. The
//! points are proposed by [`idds_sampler::Steering`], or by [a sampler of your own](ServerBuilder::sampler), not by nevergrad.
//!
//! With the methods `container`, `docker` and `sandbox`, a program of the user's own proposes them, where programs are allowed: the command in an
//! image, or the one of an archive. It begins in a directory of its own, which a container shows at `container_workdir`, reads `%IN` with all
//! points so far and the space as it was sent, and writes `%OUT`. It is tried three times for each generation; no points end the search.
//!
//! **Programs**, where [they are allowed](ServerBuilder::programs): `Work`, `ProcessingWork`, `DataWork`, `ATLASCondorWork`,
//! `ATLASActuatorWork`, `DomaPanDAWork`, `DomaPanDAESWork`, `DomaLSSTWork`, works of classes of the user's own that have an executable, and
//! `ATLASPandaWork` and `ATLASLocalPandaWork` whose task parameters have a command of prun (`runGen`) or of `bash-c`. Each class says how it
//! becomes jobs ([`AnyWork::execution`](idds_workflow::AnyWork::execution)):
//!
//! | | begins in | jobs | tried |
//! | --- | --- | --- | --- |
//! | `Work`, `ProcessingWork`, `DataWork`, own classes | the directory of the programs | 1 | once |
//! | `ATLASCondorWork`, `ATLASActuatorWork`, anything with a `sandbox` | a directory of its own | 1 | once |
//! | the three of DOMA | a directory of its own | those of its map; `${IN}`, `${IN/L}` and `${IN/T}` are the name of the job | `max_attempt` |
//! | the two of PanDA | a directory of its own | `nEvents` by `nEventsPerJob` | `maxAttempt`, or 3 times |
//!
//! A command is a line for `bash`, after the `setup` of the work; `{name}` in its arguments is a parameter. Each output of a job is a content:
//! New, Activated, Processing, then Available, or Failed while it is tried again, FinalFailed after that, and Missing when an output that the
//! job waits for will not be there. A work is Finished when all of its outputs are there, Failed when none is, else SubFinished. What a job
//! writes into `$IDDS_OUTPUT_JSON`, for an actuator its `output_json`, is the result of its work, by which custom conditions decide; an
//! actuator without one has failed. In the environment are also `IDDS_REQUEST_ID`, `IDDS_TRANSFORM_ID`, `IDDS_JOB_NAME`, `IDDS_JOB_NUMBER`,
//! `IDDS_WORKFLOW_DIRECTORY`, `IDDS_ATTEMPT_ID` and `IDDS_ATTEMPT_DIRECTORY`.
//!
//! A task of prun whose command has `%IN` reads the files of its input dataset, where storage elements are named (below) and one of these has
//! it: a job for each `nFilesPerJob`, 50 unless set, which finds them by links where it begins. A dataset without scope has that of its name,
//! `user.NAME`, as in Rucio.
//!
//! A `sandbox` that is no archive, and the `container_name` or `--containerImage` of a task of PanDA, is the image of a container, run by podman,
//! docker, apptainer, singularity or charliecloud, whichever is there or is named by `IDDS_CONTAINER_ENGINE`; without one, the request fails before
//! anything starts.
//!
//! Trouble of the machine (a program that is not there or may not be executed, a full disk) is no failure of a job: the work is Suspended
//! with the reason, its jobs are left for later, and a retry of the request lets it go on. Jobs outlive a server that is killed; the next
//! one on its database takes them over.
//!
//! **Data**, where [storage elements are named](ServerBuilder::storage): `ATLASStageinWork`, `DomaDataWork` and `DomaRucioWork` copy the
//! files of their input from `src_rse`, or from any element that has the dataset, to `dest_rse`. Elements are directories ([`Storage`]); a
//! `rule_id` means nothing there. A file comes into being whole, under another name until it is right by size and Adler-32, those of the
//! catalogue or of the source. What is there and right already is not copied. Each file is a content: New, Processing, then Available, or
//! Failed while it is tried again, and FinalFailed after three times, as a lost or spoiled file is, or when it is not there after
//! `max_waiting_time`. A work is Finished, SubFinished or Failed by how many of its files are there; one without files is SubFinished. A disk
//! that is full or gone, and what cannot be read or listed, is trouble of the machine. No name leads out of the directory of an element.
//!
//! **Rules of Rucio**, where [a Rucio is given](ServerBuilder::rucio): a work whose `dest_rse` is no such directory follows its `rule_id`, and an
//! `ATLASStageinWork` without one makes it, or finds it where it is made already, with `max_waiting_time` as its lifetime. Each file is a content:
//! New, Processing while it is on its way, Failed while Rucio says it is stuck, then Available. The work ends when the dataset is closed and all of
//! it is there, or with what is there when the rule is SUSPENDED or gone, or `max_waiting_time` is over; a rule that is STUCK is waited for. A
//! Rucio that cannot be reached is asked again, and one that refuses, such as a credential, has the work Suspended with the reason; neither
//! fails anything. The rule is in the database before it is followed, so the next server goes on with it.
//!
//! **Campaigns**: of the requests with the same `campaign`, scope, group and tag, as many are processed at once as the `max_processing_requests` of the
//! first one says; the next is the one with the highest priority, then the oldest. Held requests make room.
//!
//! **Flow**: conditions, loops, sub-workflows, build works, parameter links, global and sliced parameters, as 2.6.21 says it means them. What
//! can never start, such as jobs that wait for each other, is refused before anything starts.
//!
//! Anything else is accepted as the real server accepts it, and ends as Failed with an error that says why it cannot be run.
//!
//! Every answer says what it comes from, to who is let in: `X-IDDS-Server` is `idds-local/` and the version of this crate, and
//! `X-IDDS-Database` an id that was drawn when the database was made. iDDS has neither.
//!
//! # Its token
//!
//! The loopback interface is open to every user of the machine, so the server has a token, unless that is
//! [switched off](ServerBuilder::without_token). It stands in the address, `http://127.0.0.1:PORT/TOKEN/idds`, which any client
//! takes for its host, Python's too, or in the header `X-IDDS-Server-Token` of a request to `/idds`. Every other request is answered
//! with 401, on every path alike; the answer does not even say which version or which database it comes from. A token has 160 bits of
//! the operating system's randomness, is compared in constant time, and is taken out of a request before anything can write it down.
//!
//! # Users
//!
//! Who has the token is what a super user is to iDDS, such as PanDA: the name in the header `X-IDDS-Auth-Username-Original`
//! (`set_original_user` of the Python client) counts as the user's, and without one it is `local`. Certificates and ID tokens are not
//! looked at. A request is that of the `username` in it, or of the user who submits it; only its user aborts, closes, retries, suspends,
//! resumes, finishes and updates it, adds transforms to it, and reads and sends its messages. Everybody reads and reports losses, as
//! in 2.6.21. Names keep people who share a server from mistakes, not from each other: who has the token can give any name.
//!
//! # Clients of PanDA
//!
//! Clients that know iDDS through PanDA only, such as Rubin's `bps`, are served as PanDA serves them: at `/server/panda/relay_idds_command` each
//! command is the call that the Python client makes for it, answered by the routes of this server, and the cache of files is at
//! `/api/v1/file_server/upload_cache_file` and `/cache`, where the uploaded files of `/cacher` are. The token stands in the address,
//! `http://127.0.0.1:PORT/TOKEN/server/panda`, or where such a client shows its own:
//!
//! ```sh
//! export PANDA_AUTH=oidc PANDA_AUTH_VO=local PANDA_AUTH_ID_TOKEN=TOKEN PANDA_BEHIND_REAL_LB=1
//! export PANDA_URL=http://127.0.0.1:PORT/server/panda
//! export PANDA_URL_SSL=$PANDA_URL PANDACACHE_URL=$PANDA_URL
//! ```
//!
//! # The rest of the service
//!
//! Every route of 2.6.21 is there. Commands (`/request/abort`, `close`, `retry`, and those in `/message`) have the effect of
//! the real server's: an aborted search is SubFinished when a point has a loss, else Failed; a retry lets it go on.
//!
//! Suspend, resume and finish, which the documentation of 2.6.21 has and its server has lost, are messages as they were:
//! `update_request` with ToSuspend, ToResume, ToFinish or ToForceFinish. A suspended search gives no new points. Losses of the
//! points that it has given are still taken, as those of an ended request are; what comes of them waits until it is resumed. A
//! suspended request counts as ended, as in iDDS: abort and close are refused, and retry resumes it. ToFinish ends a request
//! with what is done: Finished when every point that was given has a loss, else as for an abort. ToForceFinish
//! (`set_all_finished`) ends it as Finished; points without a loss and outputs that are not there are FakeAvailable then.
//!
//! Points, jobs and files are in `/catalog` as contents of the two collections of their work. Files sent to `/cacher` are kept in a directory
//! ([`ServerBuilder::cacher`]). The archive of `/logs` holds what the steering last read and wrote, `idds_input.json` and
//! `idds_output.json`, at the place where the real server has them, and the directories of jobs, also while they run. What is for PanDA, such as `/workflow_task`, is written
//! down and ends as Failed.
//!
//! # Where it differs from iDDS 2.6.21
//!
//! | | 2.6.21 | here |
//! | --- | --- | --- |
//! | commands | carried out within a minute | carried out before they are answered |
//! | ToSuspend | an abort | holds the request until it is resumed |
//! | ToResume of a suspended request | there is none | lets it go on |
//! | ToFinish, ToForceFinish | nothing happens | end the request |
//! | `GET /request/explain/{request_id}` | not there | says why each step has not started, is held or has failed |
//! | `PUT /hpo/earlier/{request_id}` | not there | takes trials of earlier searches, which the sampler sees |
//! | the headers `X-IDDS-Server` and `X-IDDS-Database` | not there | say what answers |
//! | a refused command | replaces `errors` by its `extra_msg` | adds `extra_msg` to them |
//! | retry of a request that failed without a transform | hangs as Resuming | planned again |
//! | `limit` and `status` of `GET /hpo` | 500 | filter the points |
//! | the header `X-IDDS-Points-Since` of `GET /hpo` | ignored | leaves out the points before this number |
//! | loss NaN or infinite | stored; the list is no JSON from then on | 500 `CoreException`, "a loss must be finite" |
//! | `initial_points` | ignored | those with a loss count as evaluated, those without open the first generation |
//! | a work without `task_name`, `output_json` or `es` | fails or never ends | runs |
//! | `max_points` null | never ends | Failed |
//! | point ids of a second search in a workflow | start over; a loss reaches the first point of its id | go on |
//! | works of programs | fail, never end, or need PanDA | run, where programs are allowed |
//! | works that move data | never end | run, where storage elements are named or a Rucio is given |
//! | `max_processing_requests` | stored | kept to |
//! | loops, sub-workflows, passed parameters | run, fail or never end | run |
//! | a steering program that proposes no point | Failed | the search ends as Finished |
//! | workflows of v1 | Failed, "object has no attribute 'parent_internal_ids'" | run |
//! | what conditions ask for when a request is aborted | starts | waits for a retry |
//! | legacy requests (types 2 and 4) | converted, then Failed | converted, and run |
//! | works added by `POST /transform`, tasks | sent to PanDA | Failed |
//! | `POST /workflow_task` | 500, though everything is made | the numbers of what was made |
//! | unknown number as status or request type | stored; no list of all requests from then on | 500 `CoreException` |
//! | `request_metadata` missing, null or a list | depends on the form of `request_type` | 500 `CoreException` |
//! | a body that is no object, in `POST /transform` | Flask's page | 500 `CoreException` |
//! | messages of Python and of the database | with file names and SQL statements | in few words |
//! | a request without transforms, listed with details | `request_id` null | its number |
//! | `request_metadata` in listings | the running workflow | the workflow as submitted |
//! | `processing_metadata`, `running_metadata` | the state of the Python objects | `{}` |
//! | `name_md5` and `scope_name_md5` of contents | set | null |
//! | `/logs` | all files of the jobs | the last input and output of the steering; of jobs what stands in their directories itself, up to 1,000 files of 64 MiB and 256 MiB in all for an attempt |
//! | `/metainfo` | the brokers in its configuration | no brokers |
//! | `/auth` | asks the identity providers in its configuration | as for a VO that is not in it |
//! | `None` for no id in `/message` | 500 | as `null`, since the Python client sends it |
//! | `NaN` and `Infinity` in a body | kept, and sent to everybody as no JSON | kept as the texts `"NaN"` and `"Infinity"` |
//! | nesting above 127 levels in a body | read, up to about 1000 levels | 400 `BadRequest` |
//! | body size | no limit | 413 above [`ServerBuilder::max_body`], but for uploaded files |
//! | a body that does not come in time | as Apache before it is set up | 408 after [`ServerBuilder::client_timeout`] |
//! | a request or an answer that stands still, a connection that is idle | the same | closed, the latter after [`ServerBuilder::idle_timeout`] |
//! | more connections than [`ServerBuilder::max_connections`] | wait | the one that has waited longest for its client gives way, first of those without a request |
//! | values in a body | no limit | 413 above one for each 16 bytes of the largest body, and above 200,000 in `/transform` and `/workflow_task` |
//! | bodies in memory | no limit | 503 with `Retry-After` above [`ServerBuilder::max_in_flight`] |
//! | points of a generation, works of a workflow, values of a work | no limit | Failed above [bounds](#bounds) |
//! | a request that killed the server while it was planned | planned again | Failed, and planned again by a retry |
//! | `/` in a name, as `%2F` | ends on another route | found |
//! | a request for another `Host`, or of a page in a browser | served | 403 `IDDSException` |
//! | authentication | a certificate or an ID token, 401 without, but for `/auth` and `/monitor` | the token of the server, 401 without |
//! | who a user is | the name in the certificate or ID token; a super user says for whom it asks | everybody says it, or is `local` |
//! | the header `Referrer-Policy` | not there | `no-referrer` |
//!
//! # Bounds
//!
//! A few hundred bytes can ask for more than a machine has. What is asked for is estimated before it is made, and ends as Failed,
//! with an error that names the number, when it is beyond these bounds:
//!
//! | | at most |
//! | --- | --- |
//! | points of a generation | 100,000 |
//! | points of a generation times bytes of the longest point as JSON | 256 MiB |
//! | bytes of a point as JSON | 4 MiB |
//! | works of a workflow | 10,000 |
//! | values of a work, and of a workflow of several | 1,000,000 |
//! | time for the planning of a request or the making of a generation | [`ServerBuilder::planning_limit`] |
//!
//! Requests are planned side by side: what is quick has a place of its own and never waits for what takes long. A large generation is
//! made and stored in slices, so that its first points are there while others are made. Where the trials and new points of a
//! search have more than about two million coordinates, [the points are independent](idds_sampler::Steering::is_independent) of the trials.
//!
//! That a request is being planned is written down first. When the server is killed meanwhile, the request may be what has
//! killed it: the next server ends it as Failed, and only a retry plans it again. A search that runs already is tried once more.
//!
//! Lists are read and sent a page at a time, so that changes of the last moment may show in their later part only. What is stored as
//! JSON is sent without being read: numbers and escapes stand there as they were submitted.
//!
//! # As 2.6.21 does it
//!
//! With [`ServerBuilder::like_2_6_21`], or `idds serve --like 2.6.21`, these defects are played, so that a workflow that fails
//! or never ends there does so here. Files are those of the packages 2.6.21, below `idds/`; a number is a line.
//!
//! | | what happens | where it comes from |
//! | --- | --- | --- |
//! | a second search in a workflow, at once or in a chain | its point ids start over, a loss reaches the first point of its id, and it never ends | `atlas/workflowv2/atlashpowork.py` 209 (`point_index=1`), `rest/v1/hyperparameteropt.py` 60 |
//! | `Work`, `ProcessingWork`, `DataWork`, `ATLASCondorWork` | Failed, "'NoneType' object is not iterable"; `errors` of the request stay empty, the message is in those of the transform, where 2.6.21 keeps it in its database | `workflowv2/work.py` 1896 |
//! | `ATLASStageinWork`, `DomaRucioWork`, `DomaDataWork` | Transforming for ever | `agents/carrier/poller.py` 380 and 385 |
//! | a search without `task_name` | Failed, "'ATLASHPOWork' object has no attribute 'task_name'" | `workflowv2/work.py` 404 |
//! | `output_json` null | no point ever, Transforming for ever | `atlas/workflowv2/atlashpowork.py` 570 and 617 |
//! | `es` not true | the first generation, and no other | `agents/carrier/utils.py` 1714 |
//! | `max_points` null | never ends | `atlas/workflowv2/atlashpowork.py` 223 |
//! | `initial_points` | ignored | `atlas/workflowv2/atlashpowork.py` 95 |
//! | ToSuspend; ToFinish, ToForceFinish | an abort; nothing | `rest/v1/messages.py` 149 |
//!
//! Whatever is not listed is as without it, but for programs, of which none is started: what needs PanDA and actuators are Failed, with an
//! error that says so.

mod agent;
mod answer;
mod archive;
mod budget;
mod cacher;
mod column;
mod command;
mod download;
mod engine;
mod enumeration;
mod error;
mod explanation;
mod extent;
mod form;
mod guard;
mod identity;
mod listing;
mod nesting;
mod panda;
mod payload;
mod plan;
mod planning;
mod pretty;
mod preview;
mod private;
mod python;
mod raw;
#[cfg(test)]
mod readers;
mod routes;
mod scratch;
mod serve;
mod server;
mod state;
mod storage;
mod store;
mod submission;
mod target;
mod token;
mod user;
mod view;
mod wake;

pub use idds_rucio as rucio;

pub use self::error::{Error, ErrorKind};
pub use self::explanation::{ExplainedStep, Explanation};
pub use self::preview::{PlannedWork, RunPlan};
pub use self::server::{Server, ServerBuilder, search_seed};
pub use self::storage::{DatasetFile, Storage, StorageElement};
