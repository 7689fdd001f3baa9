//! A study, from the struct that says its space to the best value of that struct.

use std::time::{Duration, Instant};

use idds::client::{Client, ErrorKind};
use idds::hpo::{Journal, Loss, OnFailure, StopReason, Study};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, RequestId, Space, Workflow};
use serde::Deserialize;

type Failure = Box<dyn std::error::Error>;

#[derive(Clone, Debug, Deserialize, PartialEq, Space)]
struct Params {
    #[space(log, 1e-5..=1e-1)]
    learning_rate: f64,
    #[space(1..=6)]
    layers: u8,
    #[space(choice("adam", "sgd"))]
    optimizer: String,
}

fn loss(params: &Params) -> f64 {
    (params.learning_rate.log10() + 3.0).abs() + f64::from(params.layers)
}

async fn submitted() -> Result<(Server, Client, RequestId), Failure> {
    let search = ATLASHPOWork::search::<Params>(8)
        .num_points_per_iteration(4)
        .build()?;
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let workflow = Workflow::builder().work(search).build()?;
    let request = client.requests().submit(&workflow).await?;
    Ok((server, client, request))
}

#[tokio::test]
async fn the_best_point_is_a_value_of_the_type_and_the_space_is_that_of_the_type()
-> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let result = Study::<Params>::of(&client, request)
        .concurrency(2)
        .minimize(|params: Params| loss(&params))
        .await?;
    let best = result.best()?;
    assert_eq!(loss(&best.params), best.loss.get());
    let least = result.trials.iter().filter_map(|trial| trial.loss).min();
    assert_eq!(Some(best.loss), least);
    assert_eq!(result.space, Some(Params::space()?));
    Ok(())
}

#[tokio::test]
async fn a_journal_knows_the_space_that_the_server_has() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let folder = tempfile::tempdir()?;
    let journal = folder.path().join("journal");
    let study = Study::new(&client, request).journal(&journal).points_as();
    let result = study
        .maximize(async |params: Params| Ok::<_, std::io::Error>(loss(&params)))
        .await;
    let best = result?.best()?;
    assert_eq!(best.value, loss(&best.params));
    assert_eq!(Journal::read(&journal)?.space, Some(Params::space()?));
    Ok(())
}

#[tokio::test]
async fn losses_that_were_made_up_are_never_the_best() -> Result<(), Failure> {
    let (_server, client, request) = submitted().await?;
    let result = Study::<Params>::of(&client, request)
        .attempts(1)
        .on_failure(OnFailure::Report(Loss::PANDA_PENALTY))
        .minimize(|_: Params| Err::<f64, _>("no module named torch"))
        .await?;
    assert_eq!(
        (result.stop, result.trials.len()),
        (StopReason::Finished, 8)
    );
    let error = result.best().expect_err("nothing was measured");
    assert_eq!(
        error.to_string(),
        format!(
            "no point of request {request} has a measured loss, of 8; the last evaluation failed: no module named torch"
        )
    );
    Ok(())
}

#[tokio::test]
async fn a_search_that_the_server_ends_as_failed_is_an_error_with_its_sentence()
-> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let search = ATLASHPOWork::builder()
        .opt_space(Params::space()?)
        .max_points(8)
        .build()?;
    let workflow = Workflow::builder().work(search).build()?;
    let refused = client.requests().submit(&workflow).await;
    let refused = refused.expect_err("it would fail at once");
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.to_string().contains("no-method"), "{refused}");

    let submission = client.requests().submit(&workflow).despite_advice();
    let request = submission.await?;
    let study = Study::<Params>::of(&client, request);
    let error = study
        .minimize(|params: Params| loss(&params))
        .await
        .expect_err("the server ends it");
    let sentence = format!("the server ended the search of request {request} as Failed: ");
    assert!(error.to_string().starts_with(&sentence), "{error}");
    assert!(error.to_string().contains("method"), "{error}");
    assert!(error.is_failed() && error.trials().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_server_that_never_answers_does_not_hold_a_search_beyond_its_time() -> Result<(), Failure>
{
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/idds", listener.local_addr()?);
    let broken = axum::Router::new().fallback(|| async { http::StatusCode::BAD_GATEWAY });
    let served = tokio::spawn(async move { axum::serve(listener, broken).await });
    let client = Client::builder(&url).build()?;
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let error = Study::<Params>::of(&client, RequestId::new(7))
        .journal(folder.path().join("journal"))
        .timeout(Duration::from_secs(1))
        .minimize(|params: Params| loss(&params))
        .await
        .expect_err("there is no answer");
    // The client alone would try for 25 s.
    assert!(began.elapsed() < Duration::from_secs(10));
    let cause = error.client_error().expect("an error of the client");
    assert_eq!(cause.kind(), ErrorKind::Timeout);
    assert!(cause.to_string().contains("within 1s"), "{cause}");
    served.abort();
    Ok(())
}
