//! The page of an embedded server, as clients other than a browser see it.

use std::time::Duration;

use idds_client::Client;
use idds_local::Server;
use idds_view::{Progress, View};
use idds_workflow::{ATLASHPOWork, OptSpace, RequestId, Work, Workflow};
use reqwest::header::{HOST, ORIGIN};
use reqwest::{RequestBuilder, Response, StatusCode};

type Failure = Box<dyn std::error::Error>;

/// Longest time that anything here takes.
const SOON: Duration = Duration::from_secs(60);

struct Setting {
    server: Server,
    client: Client,
    view: View,
    http: reqwest::Client,
}

impl Setting {
    async fn new() -> Result<Self, Failure> {
        let server = Server::builder().start().await?;
        let client = Client::builder(server.url()).build()?;
        let view = View::builder(client.clone()).for_owners().start().await?;
        // Another test may have done so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(SOON)
            .build()?;
        Ok(Self {
            server,
            client,
            view,
            http,
        })
    }

    /// A search, which waits for losses.
    async fn search(&self, name: &str) -> Result<RequestId, Failure> {
        let space = OptSpace::builder().scalar("x", 0.0..=1.0).build()?;
        let search = ATLASHPOWork::nevergrad(space, 4).build()?;
        let workflow = Workflow::builder().name(name).work(search).build()?;
        Ok(self.client.requests().submit(&workflow).await?)
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.view.url())
    }

    async fn get(&self, path: &str) -> Result<(StatusCode, String), Failure> {
        let answer = self.http.get(self.address(path)).send().await?;
        Ok((answer.status(), answer.text().await?))
    }

    /// Looks at a page until it has this.
    async fn see(&self, path: &str, what: &str) -> Result<String, Failure> {
        let seen = async {
            loop {
                let (_, page) = self.get(path).await?;
                if page.contains(what) {
                    return Ok::<_, Failure>(page);
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(SOON, seen)
            .await
            .map_err(|_| format!("{path} never says {what}"))?
    }

    async fn end(self) {
        self.view.shutdown().await;
        self.server.shutdown().await;
    }
}

async fn sent(request: RequestBuilder) -> Result<Response, Failure> {
    Ok(request.send().await?)
}

#[tokio::test]
async fn pages_are_guarded_and_hold_texts_of_others_as_text() -> Result<(), Failure> {
    let setting = Setting::new().await?;
    let name = "<script>alert(1)</script> & \"'";
    let request = setting.search(name).await?;
    let page = setting.see("", "alert(1)").await?;
    assert!(!page.contains("<script>alert"), "{page}");
    let page = setting
        .see(&format!("request/{request}"), "alert(1)")
        .await?;
    assert!(!page.contains("<script>alert"), "{page}");

    let http = &setting.http;
    for path in [
        "",
        &format!("request/{request}"),
        "nothing",
        "request/999",
        "request/x",
    ] {
        let answer = sent(http.get(setting.address(path))).await?;
        let policy = answer.headers()["content-security-policy"].to_str()?;
        for needed in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(needed), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(
            answer
                .headers()
                .get("access-control-allow-origin")
                .is_none()
        );
    }

    // Without the token nothing is there, and what is said is the same everywhere.
    let base = setting.view.url();
    let (origin, _) = base.split_at(base.find("/token_").ok_or("no token")?);
    let mut said = Vec::new();
    for path in [
        "/",
        "/request/1",
        "/token_0000000000000000000000000000000000000000/",
        "/asset/icon.svg",
    ] {
        let answer = sent(http.get(format!("{origin}{path}"))).await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        said.push(answer.text().await?);
    }
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]));

    // Another page, and another name for this machine.
    let own = sent(http.get(&base).header(ORIGIN, origin)).await?;
    assert_eq!(own.status(), StatusCode::OK);
    for (header, value) in [
        (ORIGIN.as_str(), "https://attacker.example"),
        (ORIGIN.as_str(), "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        (HOST.as_str(), "attacker.example"),
    ] {
        let answer = sent(http.get(&base).header(header, value)).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{header}: {value}");
        let abort = setting.address(&format!("request/{request}/abort"));
        let answer = sent(http.post(&abort).header(header, value)).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{header}: {value}");
    }
    let info = setting.client.requests().get(request).await?;
    assert!(!info[0].status.is_terminal(), "no other page aborts it");
    let answer = sent(http.get(setting.address(&format!("request/{request}/abort")))).await?;
    assert_eq!(
        answer.status(),
        StatusCode::METHOD_NOT_ALLOWED,
        "a link aborts nothing"
    );
    setting.end().await;
    Ok(())
}

#[tokio::test]
async fn commands_have_their_verdict_on_the_page() -> Result<(), Failure> {
    let setting = Setting::new().await?;
    let request = setting.search("mine").await?;
    let path = format!("request/{request}");
    let page = setting.see(&path, "Transforming").await?;
    assert!(page.contains(">Abort request 1<") && !page.contains(">Retry request 1<"));
    for (verb, verdict) in [
        ("suspend", "Suspend was carried out"),
        ("resume", "Resume was carried out"),
        ("abort", "Abort was carried out"),
        ("abort", "Abort was refused"),
    ] {
        let answer = sent(
            setting
                .http
                .post(setting.address(&format!("{path}/{verb}"))),
        )
        .await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{verb}");
        setting.see(&path, verdict).await?;
    }
    let page = setting.see(&path, ">Retry request 1<").await?;
    assert!(page.contains("Failed") && !page.contains(">Abort request 1<"));
    let answer = sent(
        setting
            .http
            .post(setting.address(&format!("{path}/destroy"))),
    )
    .await?;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    setting.end().await;
    Ok(())
}

#[tokio::test]
async fn changes_are_sent_as_parts_and_the_last_ones_when_the_page_ends() -> Result<(), Failure> {
    let setting = Setting::new().await?;
    let request = setting.search("mine").await?;
    let path = format!("request/{request}");
    let page = setting.see(&path, "Transforming").await?;
    let seen = page
        .split("data-seen=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let address = setting.address(&format!("{path}?seen={}", seen.ok_or("no number")?));
    let events = setting
        .http
        .get(address)
        .header("accept", "text/event-stream");
    let mut events = sent(events).await?;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    setting.client.requests().abort(request).await?;
    let mut text = String::new();
    while !text.contains("event: part\ndata: {\"id\":\"head\"") {
        let piece = events.chunk().await?.ok_or("it goes on")?;
        text.push_str(std::str::from_utf8(&piece)?);
    }
    assert!(text.contains("Failed"), "{text}");
    setting.view.shutdown().await;
    while let Some(piece) = events.chunk().await? {
        text.push_str(std::str::from_utf8(&piece)?);
    }
    assert!(text.contains("event: over"), "{text}");
    setting.server.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_gone_is_said_to_be_so() -> Result<(), Failure> {
    let setting = Setting::new().await?;
    let Setting {
        server, view, http, ..
    } = setting;
    server.shutdown().await;
    let answer = sent(http.get(format!("{}request/1", view.url()))).await?;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let page = answer.text().await?;
    assert!(page.contains("The iDDS server does not answer"), "{page}");
    view.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn steps_say_why_they_are_no_further() -> Result<(), Failure> {
    let setting = Setting::new().await?;
    let workflow = Workflow::builder()
        .work(Work::builder("run.sh").build()?)
        .build()?;
    let request = setting.client.requests().submit(&workflow).await?;
    let found = async {
        loop {
            if let Some(progress) = Progress::of(&setting.client, request).await?
                && progress.status == "Failed"
            {
                return Ok::<_, Failure>(progress);
            }
        }
    };
    let progress = tokio::time::timeout(SOON, found).await??;
    assert_eq!(progress.steps.len(), 1);
    let why = &progress.steps[0].why;
    assert!(!why.is_empty());
    setting.see(&format!("request/{request}"), "run.sh").await?;
    assert!(
        Progress::of(&setting.client, RequestId::new(99))
            .await?
            .is_none()
    );
    setting.end().await;
    Ok(())
}
