//! Why a request did not finish.

use idds::client::{Client, RequestInfo, TransformInfo};
use idds::view::error_message;
use idds::workflow::{ProcessingStatus, RequestId, RequestStatus, TransformStatus, printable};
use serde_json::Value;

/// Looks for the cause that a request which has ended did not finish: in its errors, its transforms, then its processings.
///
/// None for one that goes on or has finished. What cannot be read is passed over: the cause is an addition to what was asked.
pub async fn cause(client: &Client, request: RequestId) -> Option<String> {
    let info = client
        .requests()
        .get(request)
        .await
        .ok()?
        .into_iter()
        .next()?;
    if !info.status.is_terminal()
        || matches!(
            info.status,
            RequestStatus::Finished | RequestStatus::Suspended
        )
    {
        return None;
    }
    // That a command was refused is no cause.
    let of_request = info.errors.as_ref().and_then(|errors| match errors {
        Value::Object(errors) => errors
            .iter()
            .filter(|(key, _)| *key != "extra_msg")
            .find_map(|it| error_message(it.1)),
        other => error_message(other),
    });
    let why = match of_request {
        Some(why) => why.to_owned(),
        None => match of_transforms(client, request).await {
            Some(why) => why,
            None => of_processings(client, request, &info).await?,
        },
    };
    Some(format!(
        "request {request} is {}: {}",
        info.status,
        printable(&why)
    ))
}

async fn of_transforms(client: &Client, request: RequestId) -> Option<String> {
    let transforms = client.transforms().list(request).await.ok()?;
    let cause = |transform: &TransformInfo| {
        let why = error_message(transform.errors.as_ref()?)?;
        Some(format!(
            "transform {} is {}: {why}",
            transform.transform_id, transform.status
        ))
    };
    let failed = transforms
        .iter()
        .filter(|transform| transform.status != TransformStatus::Finished);
    let causes: Vec<_> = failed.filter_map(cause).collect();
    (!causes.is_empty()).then(|| causes.join("; "))
}

/// iDDS 2.6.21 keeps the errors of processings in its database, where no call reaches them; what it tells is which one it was.
async fn of_processings(client: &Client, request: RequestId, info: &RequestInfo) -> Option<String> {
    // Who ended it knows why.
    if info
        .substatus
        .is_some_and(|substatus| substatus != RequestStatus::New && substatus != info.status)
    {
        return None;
    }
    let rows = client.requests().get(request).processings().await.ok()?;
    let failed = rows.iter().filter_map(|row| row.processing.as_ref());
    let failed = failed.filter(|processing| processing.status == ProcessingStatus::Failed);
    let failed: Vec<_> = failed.map(|processing| processing.id.to_string()).collect();
    let which = match failed.is_empty() {
        true => "the server gives no reason".to_owned(),
        false => format!(
            "its processing {} failed, and the server gives no reason",
            failed.join(", ")
        ),
    };
    Some(format!(
        "{which}; the log files may help: `idds request logs {request}`"
    ))
}
