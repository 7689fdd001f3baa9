//! Hyperparameter search.

mod dialect;

use std::borrow::Cow;

use idds_workflow_derive::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::dialect::DIALECT;
pub(crate) use self::dialect::WireSpace;
use self::dialect::read_space;
use super::base::{Attribute, Base};
use super::builder::Builder;
use super::class::{Class, Role, Slot};
use super::fields::Fields as _;
use crate::error::Problem;
use crate::literal::Takes;
use crate::neutral::SpaceForm;
use crate::wire::Remedies;
use crate::wire::decode::{Fields as WireFields, Refusal, name};
use crate::{
    AttributeForm, Dialect, Execution, InitialPoint, Literal, OptSpace, SearchPoint, SearchSpace,
    Space, Stamp, TransformType, WorkloadId, text,
};

/// File that the points are written to when the definition names none.
const OUTPUT_JSON: &str = "idds_output.json";

/// Longest point the server can store, in characters of its JSON text together with its loss.
const MAX_POINT_CHARS: usize = 4000;

/// Room that a loss and the brackets around point and loss take of [`MAX_POINT_CHARS`].
const LOSS_CHARS: usize = 32;

/// A hyperparameter search: iDDS proposes points of a space in generations, and waits for a loss of each.
///
/// # Steering
///
/// The server asks a *steering program* for new points whenever every point so far has a loss, until there are
/// `max_points`. How it runs that program is the [`Method`].
///
/// ```
/// use idds_workflow::{ATLASHPOWork, OptSpace};
///
/// let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
/// let work = ATLASHPOWork::nevergrad(space, 20)
///     .num_points_per_iteration(10)
///     .initial_point([("A", 1), ("B", 2)], 0.3)
///     .initial_point([("A", 1), ("B", 3)], None)
///     .build()?;
/// assert_eq!(work.max_points(), Some(&20.into()));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program))]
#[wire(
    "finished_points": 0,
    "points_to_generate" => self.num_points_per_iteration,
    "point_index": 0,
    "terminated": false,
    "opt_space_dialect" =>? self.hidden_dialect(),
    "es" =>? self.remedy(remedies),
)]
pub struct ATLASHPOWork {
    pub(crate) base: Base,
    /// How the server runs the steering program. By default, the server takes docker if the executable contains
    /// `docker`, and fails otherwise.
    #[setting(copy, encode = self.method.map(Method::name), decode = none)]
    method: Option<Method>,
    /// Directory of the container that the job's directory is mounted at.
    #[setting(before = "output_json")]
    container_workdir: Option<String>,
    /// Space that points are proposed in, or the spaces of the segments of the search.
    #[setting(form = SpaceForm, encode = self.wire_space(), decode = none)]
    opt_space: Option<SearchSpace>,
    /// How the steering program wants the space written; as it is here by default.
    #[setting(copy, wire = none, get = none)]
    dialect: Option<Dialect>,
    /// Points known before the search begins, in their order.
    #[setting(set = none)]
    initial_points: Option<Vec<InitialPoint>>,
    /// Number of points with a loss at which the search ends. Without it the 2.6.21 server goes on until the steering
    /// program returns no point.
    #[setting(takes = COUNT)]
    max_points: Option<Literal>,
    /// Number of points of one generation; 10 by default.
    #[setting(default = 10.into(), takes = COUNT, encode = self.sent_points_per_iteration(), decode = none)]
    num_points_per_iteration: Literal,
    /// File that the steering program writes its points to; `idds_output.json` by default.
    #[setting(encode = self.sent_output_json(remedies), decode = none)]
    #[wire("unfinished_points": 0, "input_json": null)]
    output_json: Option<String>,
    /// Name of the collection of points; generated from the time by default.
    #[setting(max_chars, wire = none)]
    name: Option<String>,
    /// Task that the generated name mentions.
    #[setting(copy, into, wire = none)]
    workload_id: Option<WorkloadId>,
}

/// How the server runs the steering program of a search.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// The nevergrad program that the server is configured with.
    Nevergrad,
    /// A container image.
    Container,
    /// A container image, run by docker.
    Docker,
    /// A program of an archive that the server downloads.
    Sandbox,
}

impl Method {
    /// Every method, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::Nevergrad,
        Self::Container,
        Self::Docker,
        Self::Sandbox,
    ];

    /// Returns the server's name of the method.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nevergrad => "nevergrad",
            Self::Container => "container",
            Self::Docker => "docker",
            Self::Sandbox => "sandbox",
        }
    }
}

impl ATLASHPOWork {
    /// Starts a search without anything set, as `ATLASHPOWork()` of Python is.
    ///
    /// [`ATLASHPOWork::nevergrad`], [`ATLASHPOWork::container`] and [`ATLASHPOWork::sandbox`] ask for what their methods
    /// need.
    pub fn builder() -> ATLASHPOWorkBuilder {
        Builder::new()
    }

    /// Starts a search with the nevergrad program of the server: `max_points` points of a space.
    pub fn nevergrad(space: OptSpace, max_points: u32) -> ATLASHPOWorkBuilder {
        Self::builder()
            .method(Method::Nevergrad)
            .opt_space(space)
            .max_points(max_points)
    }

    /// Starts a search with the nevergrad program of the server: `max_points` points of the space of a type.
    ///
    /// ```
    /// use idds_workflow::{ATLASHPOWork, Space};
    ///
    /// #[derive(Space)]
    /// struct Params {
    ///     #[space(log, 1e-5..=1e-1)]
    ///     learning_rate: f64,
    ///     #[space(1..=6)]
    ///     layers: u8,
    /// }
    ///
    /// let work = ATLASHPOWork::search::<Params>(20).num_points_per_iteration(10).build()?;
    /// assert_eq!(work.opt_space(), Some(&Params::space()?.into()));
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    pub fn search<P: Space>(max_points: u32) -> ATLASHPOWorkBuilder {
        let mut builder = Self::builder()
            .method(Method::Nevergrad)
            .max_points(max_points);
        match P::space() {
            Ok(space) => builder = builder.opt_space(space),
            Err(error) => builder.problems.extend(error.into_problems()),
        }
        builder
    }

    /// Starts a search with a steering program of a container image: `max_points` points of a space.
    ///
    /// The arguments are the command inside the container, with the placeholders `%MAX_POINTS`, `%NUM_POINTS`, `%IN` and
    /// `%OUT`.
    pub fn container(
        image: impl Into<String>,
        arguments: impl Into<String>,
        space: impl Into<SearchSpace>,
        max_points: u32,
    ) -> ATLASHPOWorkBuilder {
        Self::builder()
            .method(Method::Docker)
            .executable("docker")
            .sandbox(image)
            .arguments(arguments)
            .opt_space(space)
            .max_points(max_points)
    }

    /// Starts a search with a steering program of an archive that the server downloads: `max_points` points of a space.
    ///
    /// The server fetches the archive without a certificate: its own cacher refuses that.
    pub fn sandbox(
        archive_url: impl Into<String>,
        executable: impl Into<String>,
        arguments: impl Into<String>,
        space: impl Into<SearchSpace>,
        max_points: u32,
    ) -> ATLASHPOWorkBuilder {
        Self::builder()
            .method(Method::Sandbox)
            .sandbox(archive_url)
            .executable(executable)
            .arguments(arguments)
            .opt_space(space)
            .max_points(max_points)
    }

    fn method_by_executable(&self) -> Option<Method> {
        self.executable()
            .filter(|program| program.contains("docker"))
            .map(|_| Method::Docker)
    }

    /// Returns the number of points of one generation as it is sent: Python makes an integer of it, and leaves the number of
    /// the first points as it was given.
    fn sent_points_per_iteration(&self) -> Literal {
        match self.num_points_per_iteration {
            Literal::Float(count) if count.abs() < 1e15 => (count as i64).into(),
            _ => self.num_points_per_iteration.clone(),
        }
    }

    /// Returns the file that the server is told the program writes its points to.
    fn sent_output_json(&self, remedies: Remedies) -> Option<&str> {
        self.output_json()
            .or((remedies == Remedies::Add).then_some(OUTPUT_JSON))
    }

    /// Returns what makes the server ask for a second generation of points; the user's own value stands for itself.
    fn remedy(&self, remedies: Remedies) -> Option<bool> {
        let is_given = self
            .base
            .details
            .attributes
            .iter()
            .any(|attribute| attribute.name == "es");
        (remedies == Remedies::Add && !is_given).then_some(true)
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = self.base.problems();
        if self
            .base
            .details
            .attributes
            .iter()
            .any(|attribute| attribute.name == DIALECT)
        {
            let message = "is how the dialect is sent; set the dialect instead";
            problems.push(Problem::new(format!("attributes.{DIALECT}"), message));
        }
        self.check(&mut problems);
        let mut checker = self.opt_space.as_ref().map(SearchSpace::checker);
        for (index, initial) in self.initial_points.iter().flatten().enumerate() {
            let place = format!("initial_points[{index}]");
            if let Some(checker) = &mut checker {
                problems.extend(checker.problems(&place, initial.point()));
            }
            if text::map_is_python_object(initial.point().values().as_map()) {
                problems.push(text::python_object(&place));
            }
            let chars = initial.point().to_string().chars().count();
            if chars + LOSS_CHARS > MAX_POINT_CHARS {
                let room = MAX_POINT_CHARS - LOSS_CHARS;
                let message = format!("is {chars} characters of JSON; the server can store {room}");
                problems.push(Problem::new(&place, message));
            }
            if let Some(loss) = initial.loss().filter(|loss| !loss.is_finite()) {
                problems.push(Problem::new(
                    format!("{place}.loss"),
                    format!("{loss} is not a finite number"),
                ));
            }
        }
        problems
    }
}

impl Builder<ATLASHPOWork> {
    /// Sets the points known before the search begins.
    ///
    /// The 2.6.21 server stores them and never shows them to the steering program; the embedded server honours them.
    pub fn initial_points(mut self, points: impl IntoIterator<Item = InitialPoint>) -> Self {
        self.work.initial_points = Some(points.into_iter().collect());
        self
    }

    /// Adds a point known before the search begins, with its loss when it was evaluated already; see
    /// [`initial_points`](Self::initial_points).
    ///
    /// ```
    /// use idds_workflow::{ATLASHPOWork, OptSpace, point};
    ///
    /// let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
    /// let work = ATLASHPOWork::nevergrad(space, 20).initial_point(point! { "A": 1, "B": 2.5 }, 0.3).build()?;
    /// assert_eq!(work.initial_points().map(<[_]>::len), Some(1));
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    pub fn initial_point(
        mut self,
        point: impl Into<SearchPoint>,
        loss: impl Into<Option<f64>>,
    ) -> Self {
        self.work
            .initial_points
            .get_or_insert_default()
            .push(InitialPoint::new(point, loss));
        self
    }
}

impl Class for ATLASHPOWork {
    const TYPE: &'static str = "hpo";
    const SCHEMA: &'static str = "HpoWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlashpowork");
    const FREE: &'static [&'static str] = &["es"];

    fn example() -> Value {
        json!({
            "type": "hpo",
            "method": "nevergrad",
            "opt_space": {
                "A": { "type": "Choice", "params": { "choices": [1, 4] } },
                "B": { "type": "Scalar", "bounds": [0, 5] }
            },
            "initial_points": [[{ "A": 1, "B": 2 }, 0.3], [{ "A": 1, "B": 3 }, null]],
            "max_points": 20
        })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::HyperParameterOpt)
    }

    fn finish(&mut self) -> Vec<Problem> {
        // Python does so, too: a search that was read back would differ from one that was written down.
        self.method = self.method.or_else(|| self.method_by_executable());
        let mut problems = self.problems();
        if let (Some(dialect), Some(space)) = (self.dialect, &self.opt_space)
            && let Err(error) = space.write(dialect)
        {
            problems.extend(error.into_problems());
        }
        self.dialect = self
            .dialect
            .filter(|dialect| *dialect != Dialect::default());
        problems
    }

    fn collections<'a>(&'a self, stamp: &Stamp, draw: u32) -> Vec<(Role, Slot<'a>)> {
        let name: Cow<'a, str> = match (self.name(), self.workload_id()) {
            (Some(name), _) if !name.is_empty() => name.into(),
            (_, Some(workload)) => stamp.name(&format!("hpo.{workload}"), draw).into(),
            (_, None) => stamp.name("hpo", draw).into(),
        };
        let output = Slot::generated("HPO", format!("{name}output"));
        vec![
            (Role::PrimaryInput, Slot::generated("HPO", name)),
            (Role::PrimaryOutput, output),
        ]
    }

    fn collection_count(&self) -> u32 {
        2
    }

    fn draws(&self) -> u32 {
        u32::from(self.name().is_none_or(str::is_empty))
    }

    fn read_own(&mut self, fields: &WireFields<'_>) -> Result<(), Refusal> {
        self.decode(fields)?;
        // Both collections are made from the name of the search, which is one of them.
        self.base.output = None;
        if let Some(collection) = self.base.input.take() {
            match name::search(collection.name()) {
                name::Search::Given => self.name = Some(collection.name().to_owned()),
                name::Search::Generated(workload) => self.workload_id = workload,
            }
        }
        // The remedy; any other value is the user's.
        if let Some(es) = fields.get("es").filter(|es| **es != true) {
            let (name, value, form) = ("es".to_owned(), es.clone(), AttributeForm::Plain);
            self.base
                .details
                .attributes
                .push(Attribute { name, value, form });
        }
        if let Some(count) = fields.amount("num_points_per_iteration", Takes::COUNT)? {
            let first = fields.read::<Literal>("points_to_generate")?;
            let as_given = first.filter(|first| first.as_f64() == count.as_f64());
            self.num_points_per_iteration = as_given.unwrap_or(count);
        }
        if let Some(name) = fields.read::<&str>("method")? {
            let method = Method::ALL.iter().find(|method| method.name() == name);
            let method = method
                .ok_or_else(|| fields.error("method", format_args!("{name:?} is no method")))?;
            self.method = Some(*method);
        }
        if let Some(document) = fields.get("opt_space") {
            let (space, dialect) = read_space(document, fields.read(DIALECT)?)
                .map_err(|error| fields.error("opt_space", error))?;
            self.opt_space = Some(space);
            self.dialect = dialect;
        }
        self.output_json = fields
            .read("output_json")?
            .filter(|file: &String| file != OUTPUT_JSON);
        Ok(())
    }

    fn execution(&self) -> Result<Execution, Problem> {
        Ok(Execution::Search)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelId, SegmentedPoint, SegmentedSpace};

    fn space() -> OptSpace {
        OptSpace::builder()
            .choice("A", [1, 4])
            .scalar("B", 0..=5)
            .build()
            .expect("a space")
    }

    #[test]
    fn nothing_is_required() {
        let work = ATLASHPOWork::builder().build().expect("a work");
        assert_eq!(
            (
                work.method(),
                work.num_points_per_iteration(),
                work.exec_type()
            ),
            (None, &10.into(), None)
        );
        assert_eq!(work.initial_points(), None);
    }

    #[test]
    fn an_executable_with_docker_is_the_method_docker() {
        let work = ATLASHPOWork::builder()
            .executable("/usr/bin/docker")
            .build()
            .expect("a work");
        assert_eq!(work.method(), Some(Method::Docker));
    }

    #[test]
    fn every_wrong_initial_point_is_named() {
        let error = ATLASHPOWork::nevergrad(space(), 20)
            .initial_point([("A", 1), ("B", 2)], 0.3)
            .initial_point([("A", 2), ("B", 7)], None)
            .initial_point([("A", 4), ("C", 1)], f64::NAN)
            .build()
            .expect_err("wrong points");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"));
    }

    #[test]
    fn a_parameter_that_the_dialect_cannot_carry_is_named() {
        let numbers = OptSpace::builder()
            .integer("depth", 1..=30)
            .choice("A", [1, 4])
            .build()
            .expect("a space");
        let refused = |dialect| {
            ATLASHPOWork::builder()
                .opt_space(numbers.clone())
                .dialect(dialect)
                .build()
        };
        let errors = [Dialect::Nevergrad, Dialect::BayesOpt, Dialect::Lists].map(|dialect| {
            refused(dialect)
                .expect_err("a foreign parameter")
                .to_string()
        });
        insta::assert_snapshot!(errors.join("\n"));
        assert_eq!(
            refused(Dialect::Hpogrid).expect("a search").dialect(),
            Dialect::Hpogrid
        );
    }

    #[test]
    fn points_of_a_segmented_search_are_checked_against_their_segment() {
        let segments = SegmentedSpace::builder()
            .segment(ModelId::new(7), space())
            .build()
            .expect("segments");
        let search = || ATLASHPOWork::container("image", "run %IN %OUT", segments.clone(), 20);
        let point = |id, a| SegmentedPoint::new(ModelId::new(id), [("A", a), ("B", 2)]);
        assert!(search().initial_point(point(7, 4), 0.3).build().is_ok());
        let error = search()
            .initial_point(point(7, 2), None)
            .initial_point(point(8, 1), 0.3)
            .initial_point([("A", 1)], None);
        insta::assert_snapshot!(
            error
                .build()
                .expect_err("wrong points")
                .to_string()
                .replace("; ", "\n")
        );
    }

    #[test]
    fn a_search_without_points_is_refused() {
        let error = ATLASHPOWork::nevergrad(space(), 0)
            .num_points_per_iteration(0)
            .build()
            .expect_err("no points");
        insta::assert_snapshot!(error, @"max_points: 0 is not above 0; num_points_per_iteration: 0 is not above 0");
    }

    #[test]
    fn a_point_longer_than_the_servers_column_is_refused() {
        let long = "x".repeat(4000);
        let space = OptSpace::builder()
            .choice("A", [long.clone()])
            .build()
            .expect("a space");
        let error = ATLASHPOWork::nevergrad(space, 1)
            .initial_point([("A", long)], None)
            .build()
            .expect_err("too long");
        insta::assert_snapshot!(error, @"initial_points[0]: is 4008 characters of JSON; the server can store 3968");
    }
}
