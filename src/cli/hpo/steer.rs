//! `idds hpo steer`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum, ValueHint};
use idds::file::WholeFile;
use idds::hpo::{Direction, EarlierTrial};
use idds::sampler::{Auto, CmaEs, GaussianProcess, Grid, Independent, QuasiRandom, Random, Tpe};
use idds::sampler::{Steering, Trial, UnitSpace};
use idds::workflow::{Dialect, SearchSpace, SteeringInput};

use super::earlier::Earlier;
use crate::cli::number::{up_to, whole};
use crate::cli::{App, Exit, examples, input};

/// How many points, and how many values of all of them, are made at once.
const MOST_POINTS: usize = 1_000_000;
const MOST_VALUES: usize = 4_000_000;

/// The arguments of `idds hpo steer`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds hpo steer --max_points=20 --num_points=10 --input=idds_input.json --output=idds_output.json",
))]
pub struct Steer {
    /// Total number of points of the search
    #[arg(long, value_name = "COUNT", value_parser = up_to(i32::MAX as usize))]
    max_points: usize,

    /// Number of new points to propose
    #[arg(long, value_name = "COUNT", value_parser = up_to(MOST_POINTS))]
    num_points: usize,

    /// File with the space and all points so far; - reads standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: PathBuf,

    /// File for the new points; - writes to standard output
    // It hides the option of this name that every command takes, whose value it would have if it need not be there.
    #[arg(long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    output: String,

    /// Sampling algorithm
    #[arg(long, value_enum, value_name = "SAMPLER", default_value_t)]
    sampler: Sampler,

    /// Random seed: the same input with the same seed gives the same points
    #[arg(long, value_name = "NUMBER", default_value_t, value_parser = whole::<u64>)]
    seed: u64,

    /// Dialect of the space, if it is not the one of iDDS's own script
    #[arg(long, value_enum, value_name = "DIALECT")]
    dialect: Option<SpaceDialect>,

    /// Direction of the search that the trials of --from are for: its losses are negated scores
    #[arg(long, requires = "from")]
    maximize: bool,

    #[command(flatten)]
    earlier: Earlier,
}

/// How points are chosen.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Sampler {
    #[default]
    Auto,
    CmaEs,
    GaussianProcess,
    Grid,
    Independent,
    QuasiRandom,
    Random,
    Tpe,
}

/// A dialect of spaces.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum SpaceDialect {
    BayesOpt,
    Hpogrid,
    Lists,
}

impl From<SpaceDialect> for Dialect {
    fn from(dialect: SpaceDialect) -> Self {
        match dialect {
            SpaceDialect::BayesOpt => Self::BayesOpt,
            SpaceDialect::Hpogrid => Self::Hpogrid,
            SpaceDialect::Lists => Self::Lists,
        }
    }
}

impl Steer {
    /// Runs the command.
    pub fn run(self, app: &App) -> Result<Exit> {
        let steering = match self.sampler {
            Sampler::Auto => Steering::new(Auto),
            Sampler::CmaEs => Steering::new(CmaEs),
            Sampler::GaussianProcess => Steering::new(GaussianProcess),
            Sampler::Grid => Steering::new(Grid::default()),
            Sampler::Independent => Steering::new(Independent),
            Sampler::QuasiRandom => Steering::new(QuasiRandom),
            Sampler::Random => Steering::new(Random),
            Sampler::Tpe => Steering::new(Tpe),
        };
        let name = input::name(&self.input);
        let text = input::bytes(&self.input)?;
        let known = match self.dialect {
            Some(dialect) => SteeringInput::from_json_in(&text, dialect.into()),
            None => SteeringInput::from_json(&text),
        };
        let known = known.map_err(|why| Exit::Usage.because(format!("{name}: {why}")))?;
        self.refuse_too_many(&known)?;
        let steering = self.with_earlier(app, steering, &known)?;
        let answer = steering
            .seed(self.seed)
            .answer(&known, self.num_points, self.max_points);
        // It is there whole or not at all: the server reads what a killed program leaves.
        WholeFile::create(input::destination(Path::new(&self.output)))
            .and_then(|file| file.finish_with(serde_json::to_string(&answer)?))
            .with_context(|| format!("{} cannot be written", self.output))?;
        app.note(format_args!(
            "{} new points after {}",
            answer.0.len(),
            known.points.len()
        ));
        Ok(Exit::Ok)
    }

    /// Adds the trials of earlier searches, and says which of them count.
    fn with_earlier(
        &self,
        app: &App,
        steering: Steering,
        known: &SteeringInput,
    ) -> Result<Steering> {
        let Some(earlier) = self.earlier.read_files()? else {
            return Ok(steering);
        };
        let Some(SearchSpace::Whole(space)) = &known.opt_space else {
            return Err(Exit::Usage.because(
                "--from: earlier trials are for a search with one space, and this one has segments or none",
            ));
        };
        let direction = match self.maximize {
            true => Direction::Maximize,
            false => Direction::Minimize,
        };
        let fitted = earlier.fit(space, direction);
        fitted.to_string().lines().for_each(|line| app.note(line));
        let trials: Vec<Trial> = fitted.trials.iter().map(EarlierTrial::as_trial).collect();
        Ok(steering.earlier(trials))
    }

    /// Refuses points that would not fit into memory, each with as many values as the space has.
    fn refuse_too_many(&self, known: &SteeringInput) -> Result<()> {
        let count = self
            .num_points
            .min(self.max_points.saturating_sub(known.points.len()));
        let values = match &known.opt_space {
            Some(SearchSpace::Whole(space)) => UnitSpace::new(space).dimensions(),
            Some(SearchSpace::Segmented(spaces)) => spaces
                .segments()
                .map(|(_, space)| UnitSpace::new(space).dimensions())
                .max()
                .unwrap_or_default(),
            _ => 0,
        };
        if count.saturating_mul(values) <= MOST_VALUES {
            return Ok(());
        }
        let most = MOST_VALUES / values.max(1);
        Err(Exit::Usage.because(format!(
            "{count} new points of {values} values each are too many to be made at once; ask for at most {most} (--num_points)"
        )))
    }
}
