//! A one-process iDDS for laptops and tests: the REST service of iDDS 2.6.21 over SQLite, inside the program that uses it.
//!
//! It takes the workflows that clients submit, makes the points of their hyperparameter searches, and answers as the real
//! server does, but at once: a new generation of points is there as soon as the last loss has arrived. It listens on a
//! loopback address, asks nobody who they are (headers that say so are ignored) and notes `local` as the user of requests
//! that name none. What it has confirmed survives a restart, a killed process and a power cut.
//!
//! ```
//! use idds_local::Server;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("idds.sqlite");
//! let server = Server::builder().database(path).seed(1).start().await?;
//! println!("export IDDS_HOST={}", server.url());
//! server.shutdown().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it runs
//!
//! Workflows (v2) of `ATLASHPOWork` with method `nevergrad`, a search space in its own form, in the nevergrad dialect or in
//! another that leaves no doubt, and a `max_points`: one of them, several at once, or one after the other by conditions. Generations
//! have `num_points_per_iteration` points, the last one fewer, so that exactly `max_points` have a loss in the end. The
//! points are proposed by [`idds_hpo::Steering`], or by [a sampler of your own](ServerBuilder::sampler), not by nevergrad.
//! Anything else is accepted as the real server accepts it, and ends as Failed with an error that says what can be run instead.
//!
//! # The rest of the service
//!
//! Every route of 2.6.21 is there. Commands (`/request/abort`, `close`, `retry`, and those in `/message`) have the effect of
//! the real server's: an aborted search is SubFinished when a point has a loss, else Failed; a retry lets it go on. Points
//! are in `/catalog` as contents of the two collections of their work. Files sent to `/cacher` are kept in a directory
//! ([`ServerBuilder::cacher`]). The archive of `/logs` holds what the steering last read and wrote, `idds_input.json` and
//! `idds_output.json`, at the place where the real server has them. What is for PanDA, such as `/workflow_task`, is written
//! down and ends as Failed.
//!
//! # Where it differs from iDDS 2.6.21
//!
//! | | 2.6.21 | here |
//! | --- | --- | --- |
//! | commands | carried out within a minute | carried out before they are answered |
//! | a refused command | replaces `errors` by its `extra_msg` | adds `extra_msg` to them |
//! | retry of a request that failed without a transform | hangs as Resuming | planned again |
//! | `limit` and `status` of `GET /hpo` | 500 | filter the points |
//! | the header `X-IDDS-Points-Since` of `GET /hpo` | ignored | leaves out the points before this number |
//! | loss NaN or infinite | stored; the list is no JSON from then on | 500 `CoreException`, "a loss must be finite" |
//! | `initial_points` | ignored | those with a loss count as evaluated, those without open the first generation |
//! | a work without `task_name`, `output_json` or `es` | fails or never ends | runs |
//! | `max_points` null | never ends | Failed |
//! | point ids of a second search in a workflow | start over; a loss reaches the first point of its id | go on |
//! | loops, sub-workflows, passed parameters, other works or methods, v1 | run, fail or never end | Failed |
//! | legacy requests (types 2 and 4) | converted, then Failed | Failed |
//! | works added by `POST /transform`, tasks | sent to PanDA | Failed |
//! | `POST /workflow_task` | 500, though everything is made | the numbers of what was made |
//! | steps of a workflow that is too large for one request | put together | each is a request of its own, and Failed |
//! | unknown number as status or request type | stored; no list of all requests from then on | 500 `CoreException` |
//! | `request_metadata` missing, null or a list | depends on the form of `request_type` | 500 `CoreException` |
//! | a body that is no object, in `POST /transform` | Flask's page | 500 `CoreException` |
//! | messages of Python and of the database | with file names and SQL statements | in few words |
//! | a request without transforms, listed with details | `request_id` null | its number |
//! | `request_metadata` in listings | the running workflow | the workflow as submitted |
//! | `processing_metadata`, `running_metadata` | the state of the Python objects | `{}` |
//! | `name_md5` and `scope_name_md5` of contents | set | null |
//! | `/logs` | all files of the jobs | the last input and output of the steering |
//! | `/metainfo` | the brokers in its configuration | no brokers |
//! | `/auth` | asks the identity providers in its configuration | as for a VO that is not in it |
//! | `None` for no id in `/message` | 500 | as `null`, since the Python client sends it |
//! | `NaN` and `Infinity` in a body, nesting above 127 levels | read, up to about 1000 levels | 400 `BadRequest` |
//! | body size | no limit | 413 above [`ServerBuilder::max_body`], but for uploaded files |
//! | `/` in a name, as `%2F` | ends on another route | found |
//! | authentication | 401 without; only its owner may change a request | none |

mod agent;
mod answer;
mod archive;
mod cacher;
mod column;
mod command;
mod download;
mod enumeration;
mod error;
mod flow;
mod nesting;
mod payload;
mod plan;
mod python;
mod routes;
mod server;
mod state;
mod store;
mod submission;
mod target;
mod view;

pub use self::error::{Error, ErrorKind};
pub use self::server::{Server, ServerBuilder, search_seed};
