//! What a user is told of a request that is submitted, waited for, held, or has failed.

use idds::local::Server;

use super::{Failure, User};
use crate::support::in_time;

const TRAIN: &str = "  train:\n    type: hpo\n    method: nevergrad\n    max_points: 4\n    num_points_per_iteration: 2\n    \
                     opt_space:\n      x: {type: Scalar, bounds: [0, 1]}\n";

async fn user(server: &Server) -> Result<User, Failure> {
    let user = User::of(server)?;
    let write = |name: &str, steps: &str| {
        std::fs::write(user.home.path().join(name), format!("steps:\n{steps}"))
    };
    write("search.yaml", TRAIN)?;
    write(
        "two.yaml",
        &format!("{TRAIN}{}", TRAIN.replace("train", "again")),
    )?;
    write(
        "program.yaml",
        "  train:\n    type: program\n    executable: /bin/true\n",
    )?;
    Ok(user)
}

#[tokio::test]
async fn a_submission_says_what_to_do_next_and_a_wait_what_it_waits_for() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = user(&server).await?;
    let ran = user.run("request submit search.yaml").await?;
    let next = "next: `idds hpo run 1 -- ./train.sh` evaluates its points";
    assert!(ran.code == Some(0) && ran.stderr.contains(next), "{ran:?}");
    let ran = user.run("request submit program.yaml").await?;
    assert!(
        ran.stderr
            .contains("next: `idds request watch 2` follows it"),
        "{ran:?}"
    );
    assert_eq!(user.run("request submit search.yaml -q").await?.stderr, "");
    let ran = user
        .run("request submit search.yaml --wait --interval 0.1s --timeout 3s")
        .await?;
    assert!(
        ran.stderr
            .contains("2 points wait for a loss: `idds hpo run 4 -- "),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_failure_has_a_cause() -> Result<(), Failure> {
    for like in [false, true] {
        let builder = Server::builder();
        let server = if like { builder.like_2_6_21() } else { builder }
            .start()
            .await?;
        let user = user(&server).await?;
        let said = match like {
            // What the server writes is with the transform; the request says nothing.
            true => "request 1 is Failed: transform 1 is Failed: 'NoneType' object is not iterable",
            false => "request 1 is Failed: work ",
        };
        let why = if like {
            "'NoneType' object is not iterable"
        } else {
            "is a Work of"
        };
        let ran = user
            .run("request submit program.yaml --wait --interval 0.1s --timeout 1m")
            .await?;
        assert!(ran.code == Some(10) && ran.stderr.contains(said), "{ran:?}");
        for line in [
            "request status 1 --with_detail",
            "request watch 1",
            "hpo run 1 -- /bin/true",
        ] {
            let ran = user.run(line).await?;
            assert!(
                format!("{}{}", ran.stdout, ran.stderr).contains(why),
                "{line}: {ran:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_held_search_says_how_it_goes_on() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = user(&server).await?;
    user.run("request submit search.yaml").await?;
    let held = user.run("request suspend 1 --wait").await?;
    assert_eq!(
        (held.code, held.stdout.trim_end()),
        (Some(0), "request 1: suspend is applied; it is Suspended")
    );
    for line in ["hpo run 1 -- /bin/true", "request watch 1"] {
        let ran = user.run(line).await?;
        assert!(
            ran.code == Some(10) && ran.stderr.contains("`idds request resume 1`"),
            "{ran:?}"
        );
    }
    let resumed = user.run("request resume 1").await?;
    assert_eq!(
        (resumed.code, resumed.stdout.trim_end()),
        (Some(0), "request 1: resume is registered")
    );
    let finished = user
        .run("request finish 1 --set_all_finished --wait")
        .await?;
    assert_eq!(
        finished.stdout.trim_end(),
        "request 1: finish is applied; it is Finished"
    );
    let late = user.run("request finish 1 --wait").await?;
    assert!(
        late.code == Some(4) && late.stdout.contains("Cannot be finished"),
        "{late:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_second_search_that_never_ends_is_seen() -> Result<(), Failure> {
    let server = Server::builder().like_2_6_21().start().await?;
    let user = user(&server).await?;
    user.run("request submit two.yaml").await?;
    let ran = in_time(
        "the end of the search",
        user.run("hpo run 1 -- /bin/echo 0.5"),
    )
    .await??;
    assert!(
        ran.stderr.contains("two points with the id 1 in request 1"),
        "{ran:?}"
    );
    Ok(())
}
