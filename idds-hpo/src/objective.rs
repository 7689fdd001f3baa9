//! Objectives: what is minimised.

use std::any::type_name;
use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Failure, Monitor};

/// What a search minimises or maximises: the value of the parameters of a point, or why it could not be evaluated.
///
/// A [`Study`](crate::Study) makes it of a function by itself, see [`IntoObjective`]. The argument
/// is any type that reads itself from the JSON of a point. An error and a panic are the failure of the point, unless a
/// [`Failure`] says otherwise. A point that does not fit the type of the argument stops the search at once, and nothing is
/// reported: the type is wrong, or the space of the search is.
pub struct Objective {
    evaluate: Box<dyn Fn(Value, Monitor) -> Evaluating + Send + Sync>,
}

/// The value of a point, or why there is none, when the evaluation has ended.
type Evaluating = BoxFuture<'static, Result<f64, Failure>>;

impl Objective {
    /// Makes an objective of an async function.
    pub fn new<P, F, L>(objective: impl Fn(P) -> F + Send + Sync + 'static) -> Self
    where
        P: DeserializeOwned,
        F: Future<Output = L> + Send + 'static,
        L: IntoValue,
    {
        Self::monitored(move |parameters, _| objective(parameters))
    }

    /// Makes an objective of an async function that tells intermediate values.
    pub fn monitored<P, F, L>(objective: impl Fn(P, Monitor) -> F + Send + Sync + 'static) -> Self
    where
        P: DeserializeOwned,
        F: Future<Output = L> + Send + 'static,
        L: IntoValue,
    {
        Self {
            evaluate: Box::new(move |parameters, monitor| match read(&parameters) {
                Err(why) => futures::future::ready(Err(why)).boxed(),
                Ok(parameters) => {
                    match catch_unwind(AssertUnwindSafe(|| objective(parameters, monitor))) {
                        Ok(future) => AssertUnwindSafe(future)
                            .catch_unwind()
                            .map(|caught| {
                                caught.map_or_else(
                                    |panic| Err(message(&*panic)),
                                    IntoValue::into_value,
                                )
                            })
                            .boxed(),
                        Err(panic) => futures::future::ready(Err(message(&*panic))).boxed(),
                    }
                }
            }),
        }
    }

    /// Makes an objective of a function that computes; it runs on tokio's threads for blocking work.
    pub fn blocking<P, L>(objective: impl Fn(P) -> L + Send + Sync + 'static) -> Self
    where
        P: DeserializeOwned,
        L: IntoValue,
    {
        Self::blocking_monitored(move |parameters, _| objective(parameters))
    }

    /// Makes an objective of a function that computes and tells intermediate values, by [`Monitor::blocking_tell`].
    pub fn blocking_monitored<P, L>(
        objective: impl Fn(P, Monitor) -> L + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned,
        L: IntoValue,
    {
        let objective = Arc::new(objective);
        Self {
            evaluate: Box::new(move |parameters, monitor| {
                let objective = Arc::clone(&objective);
                let evaluation = tokio::task::spawn_blocking(move || {
                    objective(read(&parameters)?, monitor).into_value()
                });
                evaluation
                    .map(|joined| match joined {
                        Ok(outcome) => outcome,
                        Err(error) if error.is_panic() => Err(message(&*error.into_panic())),
                        Err(error) => Err(Failure::trouble(error.to_string())),
                    })
                    .boxed()
            }),
        }
    }

    pub(crate) fn evaluate(&self, parameters: Value, monitor: Monitor) -> Evaluating {
        (self.evaluate)(parameters, monitor)
    }
}

/// What a [`Study`](crate::Study) with points of type `P` can minimize or maximize.
///
/// | objective | how it runs |
/// | --- | --- |
/// | `\|params: P\| loss(&params)` | a function that computes: on tokio's threads for blocking work |
/// | `async \|params: P\| loss(&params).await` | a function that waits: as a task |
/// | either, with a [`Monitor`] as its second argument | so that it can tell intermediate values |
/// | `Program` | an external program |
/// | [`Objective`] | as it was made |
///
/// A function returns what [`IntoValue`] says: a number, or a result of one. `K` is the kind of objective, which the
/// compiler finds.
#[diagnostic::on_unimplemented(
    message = "this cannot be minimized by a study with points of type `{P}`",
    note = "it takes a function of `{P}`, such as `|params: {P}| -> f64 {{ .. }}` or `async |params: {P}| {{ .. }}`, that returns a number, or a \
            result of a number; it is `Send`, `Sync` and owns what it uses, and `{P}` derives `serde::Deserialize`"
)]
pub trait IntoObjective<P, K> {
    /// Makes the objective.
    ///
    /// # Errors
    ///
    /// When there is no such program.
    fn into_objective(self) -> Result<Objective, Failure>;
}

/// Kinds of objectives, which keep the implementations of [`IntoObjective`] apart.
pub mod kind {
    /// A function that computes.
    #[derive(Debug)]
    pub enum Blocking {}

    /// A function that waits.
    #[derive(Debug)]
    pub enum Async {}

    /// A function that computes and tells intermediate values.
    #[derive(Debug)]
    pub enum BlockingMonitored {}

    /// A function that waits and tells intermediate values.
    #[derive(Debug)]
    pub enum AsyncMonitored {}

    /// What is an objective already, or an external program.
    #[derive(Debug)]
    pub enum Ready {}
}

impl<P, F, L> IntoObjective<P, kind::Blocking> for F
where
    P: DeserializeOwned,
    F: Fn(P) -> L + Send + Sync + 'static,
    L: IntoValue,
{
    fn into_objective(self) -> Result<Objective, Failure> {
        Ok(Objective::blocking(self))
    }
}

impl<P, F, O> IntoObjective<P, kind::Async> for F
where
    P: DeserializeOwned,
    F: Fn(P) -> O + Send + Sync + 'static,
    O: Future<Output: IntoValue> + Send + 'static,
{
    fn into_objective(self) -> Result<Objective, Failure> {
        Ok(Objective::new(self))
    }
}

impl<P, F, L> IntoObjective<P, kind::BlockingMonitored> for F
where
    P: DeserializeOwned,
    F: Fn(P, Monitor) -> L + Send + Sync + 'static,
    L: IntoValue,
{
    fn into_objective(self) -> Result<Objective, Failure> {
        Ok(Objective::blocking_monitored(self))
    }
}

impl<P, F, O> IntoObjective<P, kind::AsyncMonitored> for F
where
    P: DeserializeOwned,
    F: Fn(P, Monitor) -> O + Send + Sync + 'static,
    O: Future<Output: IntoValue> + Send + 'static,
{
    fn into_objective(self) -> Result<Objective, Failure> {
        Ok(Objective::monitored(self))
    }
}

impl<P> IntoObjective<P, kind::Ready> for Objective {
    fn into_objective(self) -> Result<Objective, Failure> {
        Ok(self)
    }
}

impl std::fmt::Debug for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objective").finish_non_exhaustive()
    }
}

/// What an objective may return: a number, a JSON value that is a number when all went well, or a result of either with any
/// error.
pub trait IntoValue {
    /// Returns the loss, or why there is none.
    fn into_value(self) -> Result<f64, Failure>;
}

impl IntoValue for f64 {
    fn into_value(self) -> Result<f64, Failure> {
        Ok(self)
    }
}

/// What an evaluation in another language wrote. A list, which hpogrid writes for several results, is no number.
impl IntoValue for Value {
    fn into_value(self) -> Result<f64, Failure> {
        self.as_f64()
            .ok_or_else(|| Failure::point(format!("the loss is no number but {self}")))
    }
}

impl<T: IntoValue, E: Into<Box<dyn StdError + Send + Sync>>> IntoValue for Result<T, E> {
    fn into_value(self) -> Result<f64, Failure> {
        self.map_err(|error| Failure::of(error.into()))?
            .into_value()
    }
}

pub(crate) fn read<P: DeserializeOwned>(parameters: &Value) -> Result<P, Failure> {
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let field = Some(error.path().to_string()).filter(|path| path != ".");
        let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
        let (name, why) = (type_name::<P>(), error.inner());
        Failure::trouble(format!(
            "the point {parameters} does not fit {name}, the type of the objective: {field}{why}; change the type, or the space of the search"
        ))
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::point(format!(
        "the objective panicked: {}",
        text.unwrap_or("no message")
    ))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    struct Params {
        a: i64,
        b: f64,
    }

    fn monitor() -> Monitor {
        Monitor::new(
            idds_workflow::RequestId::new(1),
            "1".into(),
            1,
            tokio::sync::mpsc::unbounded_channel().0,
        )
    }

    fn objectives(
        f: impl Fn(Params) -> Result<f64, String> + Clone + Send + Sync + 'static,
    ) -> [Objective; 2] {
        let waiting = f.clone();
        [
            Objective::blocking(f),
            Objective::new(move |params| {
                let waiting = waiting.clone();
                async move { waiting(params) }
            }),
        ]
    }

    #[tokio::test]
    async fn a_point_becomes_a_struct_and_gives_a_loss() {
        for objective in objectives(|params| Ok(params.a as f64 + params.b)) {
            assert_eq!(
                objective.evaluate(json!({"a": 1, "b": 2}), monitor()).await,
                Ok(3.0)
            );
        }
    }

    #[tokio::test]
    async fn an_error_and_a_panic_are_failures_of_the_point() {
        for objective in objectives(|params| {
            if params.a == 0 {
                Err("no data".to_owned())
            } else {
                panic!("ouch")
            }
        }) {
            let failed = objective.evaluate(json!({"a": 0, "b": 2}), monitor()).await;
            assert_eq!(failed, Err(Failure::point("no data")));
            let panicked = objective.evaluate(json!({"a": 1, "b": 2}), monitor()).await;
            assert_eq!(
                panicked,
                Err(Failure::point("the objective panicked: ouch"))
            );
        }
    }

    #[tokio::test]
    async fn a_point_that_does_not_fit_is_not_the_fault_of_the_point() {
        for objective in objectives(|params| Ok(params.b)) {
            let failure = objective
                .evaluate(json!({"a": 1.5, "b": 2}), monitor())
                .await
                .expect_err("it does not fit");
            assert!(failure.is_trouble(), "{failure}");
            let why = failure.to_string();
            assert!(
                why.starts_with(
                    r#"the point {"a":1.5,"b":2} does not fit idds_hpo::objective::tests::Params"#
                ),
                "{why}"
            );
            assert!(
                why.contains(
                    "the type of the objective: a: invalid type: floating point `1.5`, expected i64"
                ),
                "{why}"
            );
            let failure = objective
                .evaluate(json!({"a": 1}), monitor())
                .await
                .expect_err("it does not fit");
            assert!(
                failure
                    .to_string()
                    .contains("the type of the objective: missing field `b`;"),
                "{failure}"
            );
        }
    }

    #[tokio::test]
    async fn functions_of_every_kind_are_objectives_without_a_word_of_the_caller() {
        async fn loss<K>(objective: impl IntoObjective<Params, K>) -> Result<f64, Failure> {
            let objective = objective.into_objective()?;
            objective.evaluate(json!({"a": 1, "b": 2}), monitor()).await
        }
        fn named(params: Params) -> Result<f64, std::io::Error> {
            Ok(params.b)
        }
        let scale = 2.0;
        assert_eq!(loss(move |params: Params| scale * params.b).await, Ok(4.0));
        assert_eq!(loss(named).await, Ok(2.0));
        assert_eq!(
            loss(async |params: Params| Ok::<_, Failure>(params.b)).await,
            Ok(2.0)
        );
        assert_eq!(
            loss(|params: Params| async move { params.b }).await,
            Ok(2.0)
        );
        assert_eq!(
            loss(|params: Params, at: Monitor| params.b + f64::from(at.attempt())).await,
            Ok(3.0)
        );
        assert_eq!(
            loss(async |params: Params, at: Monitor| params.b + f64::from(at.attempt())).await,
            Ok(3.0)
        );
        assert_eq!(
            loss(Objective::blocking(|params: Params| params.b)).await,
            Ok(2.0)
        );
    }

    #[test]
    fn a_json_value_is_a_loss_when_it_is_a_number() {
        assert_eq!(json!(0).into_value(), Ok(0.0));
        assert_eq!(
            json!([1.5]).into_value(),
            Err(Failure::point("the loss is no number but [1.5]"))
        );
    }
}
