//! Reports a loss.

use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;

use super::PointId;
use crate::call::{Action, Endpoint};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{BoxFuture, Call, Client, Error, ErrorKind, Target};

/// Reports the loss of a point; reporting again replaces it.
///
/// By a workload id alone, the server would change the point of whichever request it finds first. So the request is looked up
/// first, and the loss refused when there are several.
///
/// The server makes new points only when every point has a loss, so a failed evaluation needs one too.
///
/// # Errors
///
/// [`ErrorKind::Argument`] when the loss is NaN or infinite, which the server would store and then send to everybody as
/// something that is not JSON; [`ErrorKind::NotFound`] when the request has no such point.
pub type UpdateHyperParameter = Call<(), LossReport>;

/// The loss of a point.
#[derive(Clone, Debug)]
pub struct LossReport {
    target: Target,
    point: PointId,
    loss: f64,
}

impl UpdateHyperParameter {
    pub(crate) fn new(client: &Client, target: Target, point: PointId, loss: f64) -> Self {
        let report = LossReport {
            target,
            point,
            loss,
        };
        Self::with(client, report)
    }
}

impl Action for LossReport {
    type Output = ();

    fn run(mut self, client: Client) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(async move {
            self.target = self.target.resolved(&client).await?;
            client.send(&self).await
        })
    }
}

impl Endpoint for LossReport {
    type Answer = ();

    fn route(&self) -> &'static Route {
        &route::UPDATE_HYPERPARAMETER
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?;
        let Self {
            target,
            point,
            loss,
        } = self;
        if !loss.is_finite() {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("the loss of point {point} is {loss}, not a finite number"),
            ));
        }
        let draft = draft.text("id", "point id", point.as_str())?;
        target.by_request("losses")?;
        // The debug form is the shortest text that reads back as the same number, in Python too.
        draft
            .target(*target)
            .set("loss", format_args!("{loss:?}"))
            .bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Updated {
            status: i64,
            message: String,
        }

        match decode(response) {
            Ok(Updated { status: 0, .. }) => Ok(()),
            Ok(Updated { message, .. }) => Err(Error::new(
                ErrorKind::Refused,
                format!("the server refused it: {message}"),
            )),
            Err(error)
                if error
                    .server()
                    .is_some_and(|server| server.message == "list index out of range") =>
            {
                Err(Error::new(
                    ErrorKind::NotFound,
                    format!("{} has no point {}", self.target, self.point),
                ))
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, WorkloadId};

    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn call(point: &str, loss: f64) -> UpdateHyperParameter {
        client()
            .hpo()
            .update(RequestId::new(1), &point.into(), loss)
    }

    #[test]
    fn a_loss_is_reported() {
        assert!(replay(&call("1", 0.5), "hpo_put").is_ok());
    }

    #[test]
    fn the_text_of_a_loss_reads_back_as_the_same_number() {
        for loss in [
            0.0,
            -0.0,
            5.0,
            0.1 + 0.2,
            1e-7,
            -3.5e300,
            1e16,
            f64::MIN_POSITIVE,
            5e-324,
            f64::MAX,
            f64::MIN,
        ] {
            let path = call("1", loss)
                .request()
                .expect("a request")
                .uri()
                .to_string();
            let text = path
                .strip_prefix("/hpo/null/1/1/")
                .expect("the loss at the end");
            assert_eq!(
                text.parse::<f64>().map(f64::to_bits),
                Ok(loss.to_bits()),
                "{text}"
            );
            assert!(
                text.bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.' | b'e')),
                "{text}"
            );
        }
    }

    #[test]
    fn a_loss_that_is_not_a_number_is_never_sent() {
        let messages = [
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (loss, text) in messages {
            let error = call("7", loss).request().expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::Argument);
            assert_eq!(
                error.to_string(),
                format!("the loss of point 7 is {text}, not a finite number")
            );
        }
    }

    #[test]
    fn a_loss_is_not_sent_to_whichever_request_has_the_workload() {
        let call = client().hpo().update(WorkloadId::new(7), &"1".into(), 0.5);
        let error = call.request().expect_err("refused");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (
                ErrorKind::Argument,
                "iDDS must be told the request for losses, and workload 7 may stand in several"
            )
        );
    }

    #[test]
    fn an_unknown_point_is_not_found() {
        let error = replay(&call("999", 1.0), "hpo_put_unknown_id").expect_err("refused");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::NotFound, "request 1 has no point 999")
        );
    }

    #[test]
    fn an_answer_that_is_not_a_success_is_a_refusal() {
        let error =
            read(&call("1", 1.0), r#"{"status": -1, "message": "no"}"#).expect_err("refused");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Refused, "the server refused it: no")
        );
    }

    #[test]
    fn a_point_may_have_any_name_that_fits_in_a_path() {
        let request = call("a b?é", 1.0).request().expect("a request");
        assert_eq!(request.uri(), "/hpo/null/1/a%20b%3F%C3%A9/1.0");
        assert_eq!(
            call("..", 1.0).request().expect_err("refused").kind(),
            ErrorKind::Argument
        );
    }
}
