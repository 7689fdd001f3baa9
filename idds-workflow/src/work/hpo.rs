//! Hyperparameter search.

use derive_builder::Builder;
use schemars::JsonSchema;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::base::{Base, common_settings, program_settings};
use crate::error::Problem;
use crate::literal::Takes;
use crate::{Dialect, Error, InitialPoint, Literal, OptSpace, SearchPoint, SearchSpace, WorkloadId, text};

/// Longest point the server can store, in characters of its JSON text together with its loss.
const MAX_POINT_CHARS: usize = 4000;

/// Room that a loss and the brackets around point and loss take of [`MAX_POINT_CHARS`].
const LOSS_CHARS: usize = 32;

/// Attribute of our own that says in which dialect the space is sent, where the same text can be of several.
pub(crate) const DIALECT: &str = "opt_space_dialect";

/// A hyperparameter search: iDDS proposes points of a space in generations, and waits for a loss of each.
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
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct ATLASHPOWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    /// How the server runs the steering program; [`Method::Docker`] unless set if the executable contains `docker`. Without
    /// a method the server fails.
    #[builder(default, setter(strip_option))]
    pub(crate) method: Option<Method>,
    /// The space that points are proposed in: an [`OptSpace`], or a [`SegmentedSpace`](crate::SegmentedSpace).
    #[builder(default, setter(into, strip_option))]
    opt_space: Option<SearchSpace>,
    /// How the steering program wants the space written. It is the form of [`OptSpace`] unless set, the nevergrad dialect
    /// with words of our own for what nevergrad lacks; setting [`Dialect::Nevergrad`] refuses these.
    #[builder(default)]
    dialect: Dialect,
    /// Points known before the search begins, in their order.
    #[builder(default, setter(custom))]
    initial_points: Option<Vec<InitialPoint>>,
    /// Number of points with a loss at which the search ends. Without it the 2.6.21 server goes on until the steering
    /// program returns no point.
    #[builder(default, setter(into, strip_option))]
    max_points: Option<Literal>,
    /// Number of points of one generation; 10 unless set.
    #[builder(default = 10.into(), setter(into))]
    num_points_per_iteration: Literal,
    /// Directory of the container that the job's directory is mounted at.
    #[builder(default, setter(into, strip_option))]
    container_workdir: Option<String>,
    /// File that the program writes its points to. The 2.6.21 server needs it; the wire form adds `idds_output.json` when
    /// it is unset, see [`Remedies`](crate::wire::Remedies).
    #[builder(default, setter(into, strip_option))]
    output_json: Option<String>,
    /// Name of the collection of points; generated from the time unless set.
    #[builder(default, setter(into, strip_option))]
    name: Option<String>,
    /// Task that the generated name mentions.
    #[builder(default, setter(into, strip_option))]
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
    pub const ALL: &'static [Self] = &[Self::Nevergrad, Self::Container, Self::Docker, Self::Sandbox];

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
        ATLASHPOWorkBuilder::empty()
    }

    /// Starts a search with the nevergrad program of the server: `max_points` points of a space.
    pub fn nevergrad(space: OptSpace, max_points: u32) -> ATLASHPOWorkBuilder {
        Self::builder().method(Method::Nevergrad).opt_space(space).max_points(max_points)
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

    /// Returns how the steering program is run: the method, or docker when the executable says so.
    pub fn method(&self) -> Option<Method> {
        self.method
    }

    fn method_by_executable(&self) -> Option<Method> {
        self.executable().filter(|program| program.contains("docker")).map(|_| Method::Docker)
    }

    /// Returns the space that points are proposed in.
    pub fn opt_space(&self) -> Option<&SearchSpace> {
        self.opt_space.as_ref()
    }

    /// Returns the dialect that the space is written in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns the dialect of the space when that does not show it.
    pub(crate) fn hidden_dialect(&self) -> Option<Dialect> {
        let dialect = Some(self.dialect).filter(|dialect| *dialect != Dialect::Nevergrad)?;
        let document = self.opt_space.as_ref().and_then(|space| space.write(dialect).ok());
        let shown = document.and_then(|document| SearchSpace::recognise(&document).ok()).and_then(|(_, shown)| shown);
        Some(dialect).filter(|_| shown != Some(dialect))
    }

    /// Returns the space as it is sent.
    pub(crate) fn wire_space(&self) -> Option<WireSpace<'_>> {
        self.opt_space.as_ref().map(|space| WireSpace { space, dialect: self.dialect })
    }

    /// Returns the points known before the search begins; none when there are none to send.
    pub fn initial_points(&self) -> Option<&[InitialPoint]> {
        self.initial_points.as_deref()
    }

    /// Returns the number of points with a loss at which the search ends.
    pub fn max_points(&self) -> Option<&Literal> {
        self.max_points.as_ref()
    }

    /// Returns the number of points of one generation.
    pub fn num_points_per_iteration(&self) -> &Literal {
        &self.num_points_per_iteration
    }

    /// Returns the directory of the container that the job's directory is mounted at.
    pub fn container_workdir(&self) -> Option<&str> {
        self.container_workdir.as_deref()
    }

    /// Returns the file that the program writes its points to.
    pub fn output_json(&self) -> Option<&str> {
        self.output_json.as_deref()
    }

    /// Returns the name of the collection of points, when set.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the task that the generated name mentions.
    pub fn workload_id(&self) -> Option<WorkloadId> {
        self.workload_id
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = self.base.problems();
        // The collection of the points' losses is called `{name}output`, and the server appends run numbers to it.
        problems.extend(text::optional("name", self.name.as_deref()));
        if self.base.details.attributes.iter().any(|attribute| attribute.name == DIALECT) {
            let message = "is how the dialect is sent; set the dialect instead";
            problems.push(Problem::new(format!("attributes.{DIALECT}"), message));
        }
        problems.extend(Takes::COUNT.problem("num_points_per_iteration", &self.num_points_per_iteration));
        problems.extend(self.max_points.as_ref().and_then(|count| Takes::COUNT.problem("max_points", count)));
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
                problems.push(Problem::new(format!("{place}.loss"), format!("{loss} is not a finite number")));
            }
        }
        problems
    }
}

impl ATLASHPOWorkBuilder {
    /// Sets the points known before the search begins.
    ///
    /// The 2.6.21 server stores them and never shows them to the steering program; the embedded server honours them.
    pub fn initial_points(mut self, points: impl IntoIterator<Item = InitialPoint>) -> Self {
        self.initial_points = Some(Some(points.into_iter().collect()));
        self
    }

    /// Adds a point known before the search begins, with its loss when it was evaluated already; see
    /// [`initial_points`](Self::initial_points).
    pub fn initial_point(mut self, point: impl Into<SearchPoint>, loss: impl Into<Option<f64>>) -> Self {
        self.initial_points.get_or_insert_default().get_or_insert_default().push(InitialPoint::new(point, loss));
        self
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every parameter that the dialect cannot carry, every initial point that is not in the space or has a loss that is not finite, a number of points that is 0,
    /// and a name of more than 255 characters.
    pub fn build(self) -> Result<ATLASHPOWork, Error> {
        let asked = self.dialect;
        let mut work = self.assemble()?;
        // Python does so, too: a search that was read back would differ from one that was written down.
        work.method = work.method.or_else(|| work.method_by_executable());
        let mut problems = work.problems();
        if let (Some(dialect), Some(space)) = (asked, &work.opt_space)
            && let Err(error) = space.write(dialect)
        {
            problems.extend(error.into_problems());
        }
        Error::unless_empty(problems, work)
    }
}

/// A space that is serialised in a dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WireSpace<'a> {
    space: &'a SearchSpace,
    dialect: Dialect,
}

impl Serialize for WireSpace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.dialect {
            Dialect::Nevergrad => self.space.serialize(serializer),
            dialect => self.space.write(dialect).map_err(S::Error::custom)?.serialize(serializer),
        }
    }
}

program_settings!(ATLASHPOWork, ATLASHPOWorkBuilder);
common_settings!(ATLASHPOWork, ATLASHPOWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelId, SegmentedPoint, SegmentedSpace};

    fn space() -> OptSpace {
        OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build().expect("a space")
    }

    #[test]
    fn nothing_is_required() {
        let work = ATLASHPOWork::builder().build().expect("a work");
        assert_eq!((work.method(), work.num_points_per_iteration(), work.exec_type()), (None, &10.into(), None));
        assert_eq!(work.initial_points(), None);
    }

    #[test]
    fn an_executable_with_docker_is_the_method_docker() {
        let work = ATLASHPOWork::builder().executable("/usr/bin/docker").build().expect("a work");
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
        let numbers = OptSpace::builder().integer("depth", 1..=30).choice("A", [1, 4]).build().expect("a space");
        let refused = |dialect| ATLASHPOWork::builder().opt_space(numbers.clone()).dialect(dialect).build();
        let errors = [Dialect::Nevergrad, Dialect::BayesOpt, Dialect::Lists]
            .map(|dialect| refused(dialect).expect_err("a foreign parameter").to_string());
        insta::assert_snapshot!(errors.join("\n"));
        assert_eq!(refused(Dialect::Hpogrid).expect("a search").dialect(), Dialect::Hpogrid);
    }

    #[test]
    fn points_of_a_segmented_search_are_checked_against_their_segment() {
        let segments = SegmentedSpace::builder().segment(ModelId::new(7), space()).build().expect("segments");
        let search = || ATLASHPOWork::container("image", "run %IN %OUT", segments.clone(), 20);
        let point = |id, a| SegmentedPoint::new(ModelId::new(id), [("A", a), ("B", 2)]);
        assert!(search().initial_point(point(7, 4), 0.3).build().is_ok());
        let error =
            search().initial_point(point(7, 2), None).initial_point(point(8, 1), 0.3).initial_point([("A", 1)], None);
        insta::assert_snapshot!(error.build().expect_err("wrong points").to_string().replace("; ", "\n"));
    }

    #[test]
    fn a_search_without_points_is_refused() {
        let error = ATLASHPOWork::nevergrad(space(), 0).num_points_per_iteration(0).build().expect_err("no points");
        insta::assert_snapshot!(error, @"num_points_per_iteration: 0 is not above 0; max_points: 0 is not above 0");
    }

    #[test]
    fn a_point_longer_than_the_servers_column_is_refused() {
        let long = "x".repeat(4000);
        let space = OptSpace::builder().choice("A", [long.clone()]).build().expect("a space");
        let error = ATLASHPOWork::nevergrad(space, 1).initial_point([("A", long)], None).build().expect_err("too long");
        insta::assert_snapshot!(error, @"initial_points[0]: is 4008 characters of JSON; the server can store 3968");
    }
}
