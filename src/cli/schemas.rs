//! The shapes of what is printed as JSON, and of what is read besides definitions.

use idds::local::Storage;
use idds::workflow::SCHEMAS_URL;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{auth, cacher, config, hpo, message, ping, python_compat, request, run, serve, view};

/// Returns the JSON Schema of the file that names storage elements, and of each result that commands print with `--output json`, by its
/// name.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("storage", Storage::schema()),
        of::<Vec<request::RequestRow>>(
            "result_requests",
            "Requests: `idds request list` and `idds request status`.",
        ),
        of::<run::Ran>(
            "result_run",
            "How a workflow ended on this machine: `idds run`.",
        ),
        of::<run::Planned>(
            "result_plan",
            "What a workflow would do on this machine: `idds plan`.",
        ),
        of::<request::WhyReport>(
            "result_why",
            "Why the steps of a request are no further: `idds request why`.",
        ),
        of::<Vec<request::OutputRow>>(
            "result_outputs",
            "Outputs of requests: `idds request status --with_detail`.",
        ),
        of::<request::RequestRow>(
            "result_state",
            "A request in a state: a line of `idds request watch`.",
        ),
        of::<request::Submitted>(
            "result_submitted",
            "The request that was made: `idds request submit`.",
        ),
        of::<request::Told>(
            "result_told",
            "Requests that were told something: `idds request abort` and its like.",
        ),
        of::<Vec<request::OutcomeRow>>(
            "result_outcomes",
            "What became of a command: `idds request abort --wait`.",
        ),
        of::<request::SavedFile>(
            "result_saved_file",
            "A file on this machine: `idds request logs`, `idds cacher get`.",
        ),
        of::<cacher::UploadedFile>(
            "result_uploaded_file",
            "A file on the server: `idds cacher put`.",
        ),
        of::<auth::Identity>(
            "result_identity",
            "Who asks: `idds auth status`, `login` and `refresh`.",
        ),
        of::<Vec<config::SettingRow>>(
            "result_settings",
            "What is set, and where: `idds config show`.",
        ),
        of::<config::ConfigPath>(
            "result_config_path",
            "Where the user's own configuration is: `idds config path`.",
        ),
        of::<message::MessageList>(
            "result_messages",
            "Messages of a request, the oldest first: `idds message list`.",
        ),
        of::<ping::Pong>("result_pong", "A server that is there: `idds ping`."),
        of::<Vec<hpo::Point>>("result_points", "Points of a search: `idds hpo points`."),
        of::<hpo::SearchRow>(
            "result_search",
            "What became of a search: `idds hpo run` and `idds hpo report`.",
        ),
        of::<hpo::TriedRow>(
            "result_tried",
            "A point that was only tried: `idds hpo run --try`.",
        ),
        of::<Vec<hpo::ForecastRow>>(
            "result_forecasts",
            "What a search would have taken: `idds hpo what-if`.",
        ),
        of::<Vec<request::Finding>>(
            "result_findings",
            "What is wrong with a definition: `idds workflow check`.",
        ),
        of::<serve::Served>(
            "result_served",
            "The server that was started: `idds serve`.",
        ),
        of::<view::Viewed>("result_viewed", "The page that is served: `idds view`."),
        of::<python_compat::Reported>(
            "result_reported",
            "A loss that was reported: `idds update_hyperparameter`.",
        ),
    ]
}

/// Makes the schema of a result, and says first what it is.
fn of<T: JsonSchema>(name: &'static str, about: &str) -> (&'static str, Value) {
    let schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    let mut fields = Map::new();
    fields.insert(
        "$schema".to_owned(),
        schema.get("$schema").cloned().unwrap_or_default(),
    );
    fields.insert(
        "$id".to_owned(),
        json!(format!("{SCHEMAS_URL}/{name}.json")),
    );
    fields.insert("title".to_owned(), json!(title(name)));
    fields.insert("description".to_owned(), json!(about));
    for (field, value) in schema.as_object().into_iter().flatten() {
        fields.entry(field).or_insert_with(|| value.clone());
    }
    (name, fields.into())
}

/// Returns what generators of code shall call the type: `SavedFile` for `result_saved_file`.
fn title(name: &str) -> String {
    let words = name.split('_').skip(1);
    words
        .flat_map(|word| {
            word.chars()
                .take(1)
                .map(|first| first.to_ascii_uppercase())
                .chain(word.chars().skip(1))
        })
        .collect()
}
