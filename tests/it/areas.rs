//! Every area of the client outside requests, on the real iDDS 2.6.21.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use idds::client::{
    AsyncResult, Auth, Client, ClientBuilder, CreatedWorkflowTask, ErrorKind, Message, Oidc,
    Relation, SignIn, TransformId, X509,
};
use idds::workflow::{
    ATLASHPOWork, CollectionRelationType, ContentRelationType, ContentStatus, OptSpace, RequestId,
    Workflow, WorkloadId,
};
use rand::{Rng as _, SeedableRng as _, rngs::ChaCha8Rng};
use serde_json::json;

use crate::support::{RealServer, in_time};

type Failure = Box<dyn std::error::Error>;

fn builder(server: &RealServer, auth: impl Into<Auth>) -> ClientBuilder {
    Client::builder(server.url())
        .ca_file(server.ca())
        .auth(auth)
}

fn client(server: &RealServer) -> Result<Client, idds::client::Error> {
    builder(server, X509::file(server.tls("user"))).build()
}

/// Submits a search, and waits until it has points: then the server has records of every kind.
async fn search(client: &Client, workload: u32) -> Result<RequestId, Failure> {
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0..=5)
        .build()?;
    let work = ATLASHPOWork::nevergrad(space, 6)
        .num_points_per_iteration(3)
        .build()?;
    let request = client
        .requests()
        .submit(
            &Workflow::builder()
                .workload_id(workload)
                .work(work)
                .build()?,
        )
        .await?;
    let points = async {
        while client.hpo().get(request).await?.len() < 3 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(request)
    };
    in_time("the points", points).await?
}

#[tokio::test]
async fn every_area_answers_in_both_modes() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let plain = client(server)?;
    let workload = WorkloadId::new(4_200_001);
    let request = search(&plain, workload.get()).await?;
    let wrapped = builder(server, X509::file(server.tls("user")))
        .json_outputs(true)
        .build()?;
    for client in [&plain, &wrapped] {
        transforms_and_catalog(client, request).await?;
        points(client, request, workload).await?;
        messages(client, request, workload).await?;
        monitor(client, request, workload).await?;
        settings(client).await?;
    }
    task(&plain, "areas.plain").await?;
    task(&wrapped, "areas.wrapped").await?;
    let nobody = Client::builder(server.url()).ca_file(server.ca()).build()?;
    monitor(&nobody, request, workload).await?;
    logs(&plain, request, workload).await
}

async fn transforms_and_catalog(client: &Client, request: RequestId) -> Result<(), Failure> {
    let [transform] = <[_; 1]>::try_from(client.transforms().list(request).await?)
        .map_err(|_| "not one transform")?;
    assert!(transform.rest.is_empty(), "{:?}", transform.rest);
    let id = transform.transform_id;
    let same = client
        .transforms()
        .get(request, id)
        .await?
        .ok_or("no transform")?;
    assert_eq!(
        (same.transform_id, same.internal_id),
        (id, transform.internal_id)
    );
    assert_eq!(
        client
            .transforms()
            .get(request, TransformId::new(9_999_999))
            .await?,
        None
    );
    let refusal = client
        .transforms()
        .add(request, "token", idds::workflow::TransformType::IWork)
        .await;
    assert_eq!(
        refusal.expect_err("not a function workflow").kind(),
        ErrorKind::Refused
    );

    let collections = client.catalog().collections().request_id(request).await?;
    assert_eq!(collections.len(), 2);
    let output = client
        .catalog()
        .collections()
        .transform_id(id)
        .relation_type(CollectionRelationType::Output)
        .await?;
    assert!(output[0].rest.is_empty(), "{:?}", output[0].rest);
    let named = client
        .catalog()
        .contents()
        .scope("HPO")
        .name(&output[0].name);
    let named = named.relation_type(ContentRelationType::Output).await?;
    assert_eq!(
        named
            .iter()
            .map(|content| content.name.as_str())
            .collect::<Vec<_>>(),
        ["1", "2", "3"]
    );
    let mut stream = client
        .catalog()
        .contents()
        .request_id(request)
        .status(ContentStatus::Available)
        .stream()
        .await?;
    while let Some(content) = stream.next().await {
        assert_eq!(content?.status, ContentStatus::Available);
    }
    let outputs = client
        .catalog()
        .contents_output_ext(request)
        .transform_id(id)
        .await?;
    assert_eq!(outputs.len(), 3);
    assert!(
        outputs[0].content.rest.is_empty(),
        "{:?}",
        outputs[0].content.rest
    );
    Ok(())
}

async fn points(client: &Client, request: RequestId, workload: WorkloadId) -> Result<(), Failure> {
    let mut points = client.hpo().get(request).limit(2).stream().await?;
    let mut count = 0;
    while let Some(point) = points.next().await {
        assert!(point?.parameters["B"].is_number());
        count += 1;
    }
    assert_eq!(count, 2);
    client.hpo().update(workload, &"1".into(), 0.5).await?;
    assert_eq!(
        client
            .hpo()
            .get((request, workload))
            .evaluated()
            .await?
            .len(),
        1
    );
    assert_eq!(client.hpo().get(request).id("1").await?[0].loss, Some(0.5));
    let error = client
        .hpo()
        .update(WorkloadId::new(4_299_999), &"1".into(), 0.5)
        .await
        .expect_err("nobody's workload");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = client
        .hpo()
        .update(request, &"99".into(), 0.5)
        .await
        .expect_err("no such point");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

async fn messages(
    client: &Client,
    request: RequestId,
    workload: WorkloadId,
) -> Result<(), Failure> {
    let before = client.messages().get(request).await?.len();
    let results = [
        AsyncResult::new(json!({"x": 1})).header("id", 7),
        AsyncResult::new(json!([2])),
    ];
    client.messages().send(workload, results.clone()).await?;
    client
        .messages()
        .send_to_clerk(request, serde_json::from_value(json!({"hello": "world"}))?)
        .await?;
    let messages = client.messages().get(workload).await?;
    assert_eq!(messages.len(), before + 3);
    for result in results {
        assert!(
            messages.contains(&Message::AsyncResult(result)),
            "{messages:?}"
        );
    }
    let tagged = || {
        client
            .messages()
            .send(request, [AsyncResult::empty()])
            .transform_id(TransformId::new(1))
    };
    tagged().internal_id("abcd1234").await?;
    let got = client
        .messages()
        .get(request)
        .transform_id(TransformId::new(1))
        .internal_id("abcd1234")
        .await?;
    assert!(!got.is_empty());
    Ok(())
}

async fn monitor(client: &Client, request: RequestId, workload: WorkloadId) -> Result<(), Failure> {
    let monitor = client.monitor();
    assert_eq!(monitor.states(workload).await?[0].request_id, request);
    let progress = monitor.requests(request).await?;
    assert_eq!(progress[0].transforms.values().sum::<u64>(), 1);
    assert!(progress[0].rest.is_empty(), "{:?}", progress[0].rest);
    let transforms = monitor.transforms((request, workload)).await?;
    assert!(
        transforms[0].rest.is_empty() && transforms[0].transform_id.is_some(),
        "{transforms:?}"
    );
    let processings = monitor.processings(request).await?;
    assert!(
        processings[0].rest.is_empty() && processings[0].processing_id.is_some(),
        "{processings:?}"
    );
    assert_eq!(monitor.request_statistics(request).await?.total, 1);
    assert_eq!(
        monitor.processing_statistics(request).await?.month_status["Total"]
            .values()
            .sum::<i64>(),
        1
    );
    let statistics = monitor.transform_statistics(request).await?;
    assert_eq!((statistics.total, statistics.rest.len()), (1, 0));
    assert!(
        statistics
            .month_status_dict_by_type
            .contains_key("Workflow")
    );
    let error = monitor
        .transform_statistics(RequestId::new(9_999_999))
        .await
        .expect_err("nothing");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let relations = monitor.relations(request).await?;
    assert_eq!(relations[0].info.request_id, Some(request));
    assert!(
        matches!(relations[0].relation_map[..], [Relation::Work { .. }]),
        "{:?}",
        relations[0].relation_map
    );
    Ok(())
}

async fn settings(client: &Client) -> Result<(), Failure> {
    assert!(
        client
            .metainfo()
            .asyncresult_config()
            .await?
            .broker_timeout
            .is_some()
    );
    assert!(client.metainfo().prompt_broker().await?.rest.is_empty());
    Ok(())
}

async fn task(client: &Client, name: &str) -> Result<(), Failure> {
    let tasks = client.workflow_tasks();
    let create = tasks
        .create("EIC", name)
        .run_id("20260101")
        .core_count(1)
        .site("SITE");
    assert_eq!(create.clone().await?, CreatedWorkflowTask::Unknown);
    let again = create.await.expect_err("it is there");
    assert_eq!(
        again.server().and_then(|server| server.class.as_deref()),
        Some("DuplicatedObject")
    );
    let unknown = RequestId::new(9_999_999);
    tasks
        .adjust(unknown, TransformId::new(9_999_999))
        .core_count(2)
        .await?;
    tasks.close(unknown).await?;
    Ok(())
}

async fn logs(client: &Client, request: RequestId, workload: WorkloadId) -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let logs = client
        .logs()
        .download(request)
        .to_directory(directory.path())
        .await?;
    assert_eq!(
        logs.path,
        directory
            .path()
            .join(format!("request_{request}.logs.tar.gz"))
    );
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(fs::File::open(&logs.path)?),
        &mut unpacked,
    )?;
    assert!(String::from_utf8_lossy(&unpacked).contains("idds_input.json"));
    let again = client
        .logs()
        .download(request)
        .to_directory(directory.path())
        .await;
    assert_eq!(again.expect_err("there already").kind(), ErrorKind::File);
    let logs = client
        .logs()
        .download(workload)
        .to_directory(directory.path())
        .await?;
    assert_eq!(
        logs.path,
        directory
            .path()
            .join(format!("workload_{workload}.logs.tar.gz"))
    );
    let none = client
        .logs()
        .download(RequestId::new(9_999_999))
        .to_directory(directory.path())
        .await;
    assert_eq!(none.expect_err("no logs").kind(), ErrorKind::NotFound);
    Ok(())
}

#[tokio::test]
async fn files_of_the_cacher_come_back_as_they_were_sent() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let client = client(server)?;
    let directory = tempfile::tempdir()?;
    let mut bytes = vec![0; 20 * 1024 * 1024];
    ChaCha8Rng::seed_from_u64(7).fill_bytes(&mut bytes);
    let name = "dàta %2F + 100% #1?.bin";
    let path = directory.path().join(name);
    fs::write(&path, &bytes)?;

    let uploaded = client.cacher().upload(&path).await?;
    assert_eq!(
        (uploaded.name.as_str(), uploaded.bytes),
        (name, bytes.len() as u64)
    );
    let last = Arc::new(AtomicU64::new(0));
    let seen = last.clone();
    let download = client
        .cacher()
        .download(name)
        .to_file(directory.path().join("copy"))
        .on_progress(move |progress| {
            assert_eq!(progress.total, Some(20 * 1024 * 1024));
            seen.store(progress.done, Ordering::Relaxed);
        });
    let downloaded = download.await?;
    assert_eq!(last.load(Ordering::Relaxed), downloaded.bytes);
    assert!(
        fs::read(&downloaded.path)? == bytes,
        "other bytes came back"
    );
    assert_eq!(
        client
            .cacher()
            .download(name)
            .to_directory(directory.path())
            .await
            .expect_err("there already")
            .kind(),
        ErrorKind::File
    );

    let token = tokio::task::spawn_blocking(|| server.id_token("idds-test")).await?;
    let other = builder(server, Oidc::token("test", token)).build()?;
    other.cacher().upload_body(name, "replaced").await?;
    assert_eq!(
        client
            .cacher()
            .download(name)
            .body()
            .await?
            .collect()
            .await?,
        "replaced"
    );
    let error = client
        .cacher()
        .download("nobody's file")
        .to_directory(directory.path())
        .await
        .expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let nobody = Client::builder(server.url()).ca_file(server.ca()).build()?;
    for body in [vec![0], bytes] {
        let error = nobody
            .cacher()
            .upload_body("x", body)
            .await
            .expect_err("nobody");
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn signing_in_begins_without_a_credential() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let nobody = Client::builder(server.url()).ca_file(server.ca()).build()?;
    let sign_in = nobody.auth().sign_in_url("test").await?;
    assert!(sign_in.verification_uri_complete.is_some());
    assert!(matches!(
        nobody.auth().token("test", sign_in.device_code).await?,
        SignIn::Pending
    ));
    assert!(nobody.auth().refresh("test", "not a token").await.is_err());
    Ok(())
}
