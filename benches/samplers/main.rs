//! Regret of our samplers, beside Optuna and nevergrad on the same objectives in the same run.
//!
//! ```text
//! cargo bench -p idds --bench samplers                       # auto, Optuna's TPE, nevergrad; ten functions, seven recorded tables, 20 seeds; hours
//! cargo bench -p idds --bench samplers -- --seeds 3          # fewer seeds
//! cargo bench -p idds --bench samplers -- --methods ours:tpe,ours:cma-es,optuna:tpe
//! ```
//!
//! `compare.py` drives the searches in batches of 10, this program proposes our points when it is started as `serve`. Needs
//! Python 3.11 with venv, whose packages are installed below `target/`.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::Command;

use idds::sampler::{Auto, CmaEs, GaussianProcess, Grid, QuasiRandom, Random, Tpe};
use idds::sampler::{Steering, Trial};
use idds::workflow::OptSpace;
use serde::Deserialize;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => serve(),
        _ => compare(&arguments),
    }
}

fn compare(arguments: &[String]) -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("benches/samplers");
    let venv = Command::new(root.join("tests/venv"))
        .arg(folder.join("requirements.txt"))
        .output()?;
    if !venv.status.success() {
        return Err(format!(
            "no Python for the other side: {}",
            String::from_utf8_lossy(&venv.stderr)
        )
        .into());
    }
    let python = String::from_utf8(venv.stdout)?;
    let program = std::env::current_exe()?;
    let status = Command::new(python.trim_end())
        .arg(folder.join("compare.py"))
        .arg(program)
        .args(arguments)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the comparison failed".into())
    }
}

/// What `compare.py` asks, a line each.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// Begin a search; no answer.
    Begin {
        sampler: String,
        seed: u64,
        space: OptSpace,
    },
    /// Propose so many points; the answer is a list of them.
    Ask(usize),
    /// The losses of the points proposed last; no answer.
    Tell(Vec<f64>),
}

fn serve() -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut search = (
        Steering::default(),
        OptSpace::builder().scalar("x", 0..=1).build()?,
    );
    let mut history: Vec<Trial> = Vec::new();
    for line in io::stdin().lock().lines() {
        match serde_json::from_str(&line?)? {
            Question::Begin {
                sampler,
                seed,
                space,
            } => {
                search = (steering(&sampler)?.seed(seed), space);
                history.clear();
            }
            Question::Ask(count) => {
                let points = search.0.propose(&search.1, &history, count);
                writeln!(out, "{}", serde_json::to_string(&points)?)?;
                out.flush()?;
                history.extend(points.into_iter().map(|point| Trial { point, loss: None }));
            }
            Question::Tell(losses) => {
                let first = history
                    .len()
                    .checked_sub(losses.len())
                    .ok_or("more losses than points")?;
                for (trial, loss) in history[first..].iter_mut().zip(losses) {
                    trial.loss = Some(loss);
                }
            }
        }
    }
    Ok(())
}

fn steering(name: &str) -> Result<Steering, Failure> {
    Ok(match name {
        "auto" => Steering::new(Auto),
        "cma-es" => Steering::new(CmaEs),
        "gaussian-process" => Steering::new(GaussianProcess),
        "grid" => Steering::new(Grid::default()),
        "quasi-random" => Steering::new(QuasiRandom),
        "random" => Steering::new(Random),
        "tpe" => Steering::new(Tpe),
        _ => return Err(format!("no sampler is called {name}").into()),
    })
}
