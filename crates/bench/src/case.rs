//! The cases: `cases/*.toml` in this crate, a file per topic.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::ceiling::Mix;
use crate::formula::Formula;
use crate::peer::Kind;

/// The topics in the order in which they are measured, and their files.
const TOPICS: [(&str, &str); 19] = [
    ("dense", include_str!("../cases/dense.toml")),
    ("sparse", include_str!("../cases/sparse.toml")),
    ("cells", include_str!("../cases/cells.toml")),
    ("aggregates", include_str!("../cases/aggregates.toml")),
    ("order", include_str!("../cases/order.toml")),
    ("pipelines", include_str!("../cases/pipelines.toml")),
    ("sampled", include_str!("../cases/sampled.toml")),
    ("algorithms", include_str!("../cases/algorithms.toml")),
    ("learning", include_str!("../cases/learning.toml")),
    ("fusion-planning", include_str!("../cases/fusion-planning.toml")),
    ("random", include_str!("../cases/random.toml")),
    ("factor", include_str!("../cases/factor.toml")),
    ("plans", include_str!("../cases/plans.toml")),
    ("recompilation", include_str!("../cases/recompilation.toml")),
    ("interpreter", include_str!("../cases/interpreter.toml")),
    ("scaling", include_str!("../cases/scaling.toml")),
    ("data", include_str!("../cases/data.toml")),
    ("binary", include_str!("../cases/binary.toml")),
    ("process", include_str!("../cases/process.toml")),
];

/// The name of ours with each operator alone, as a peer.
pub const UNFUSED: &str = "ours, unfused";

/// The cases of one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// The name of the file.
    #[serde(skip)]
    pub name: String,
    #[serde(default)]
    setup: BTreeMap<String, Setup>,
    /// What is asked of the geometric mean over each suite of kernels.
    #[serde(default)]
    pub mean: BTreeMap<String, Asked>,
    /// Statements timed inside a process.
    #[serde(default)]
    pub kernel: Vec<Kernel>,
    /// Whole processes.
    #[serde(default)]
    pub process: Vec<Process>,
    /// Compilation.
    #[serde(default)]
    pub compile: Vec<Compile>,
}

/// Data of kernels: the same kind of data on both sides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// DML that makes the data.
    pub ours: String,
    /// DML that changes the data before each repetition (number `r`, from 1), so that no repetition can be answered by
    /// the one before it; it is not measured.
    pub touch: String,
    /// Python that makes the data.
    pub peer: String,
}

/// Statements on data in memory; ours assign `result`, a matrix.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// What it computes.
    pub what: String,
    /// The name of its data, if it has any.
    pub setup: Option<String>,
    /// DML.
    pub ours: String,
    /// Python for each peer: an expression, or statements that return.
    #[serde(default)]
    pub peer: Texts,
    /// Whether NumPy also runs with the best kernels of its BLAS.
    #[serde(default)]
    pub best_kernels: bool,
    /// Whether ours multiplies in single precision.
    #[serde(default)]
    pub single: bool,
    /// Whether ours on one thread is a peer.
    #[serde(default)]
    pub one_thread: bool,
    /// Whether ours without rewrites is a peer, on as many threads.
    #[serde(default)]
    pub as_written: bool,
    /// Whether ours with each operator alone is a peer, on as many threads.
    #[serde(default)]
    pub unfused: bool,
    /// The suite over which the geometric mean of the ratios is told, if it is part of one.
    pub suite: Option<String>,
    /// The name of data that are the same but of sizes known before running: ours on these is a peer.
    pub known: Option<String>,
    /// How many other processes keep the cores busy meanwhile.
    #[serde(default)]
    pub neighbours: usize,
    /// Threads of all sides; as many as there are cores if absent.
    pub threads: Option<usize>,
    /// Bytes that must be read.
    pub reads: Option<Formula>,
    /// Bytes that must be written.
    pub writes: Option<Formula>,
    /// The file that is read, whose plain reading is the ceiling.
    pub file: Option<PathBuf>,
    /// Operations that must be done.
    pub flops: Option<Formula>,
    /// What is asked of ours.
    #[serde(default)]
    pub asked: Asked,
    /// Why that is not reached, where it is not.
    pub reason: Option<String>,
}

/// The text of each peer.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// For those without one of their own.
    all: Option<String>,
    numpy: Option<String>,
    jax: Option<String>,
    numba: Option<String>,
    polars: Option<String>,
}

impl Texts {
    /// The text of a peer, if it takes part.
    pub fn of(&self, kind: Kind) -> Option<&str> {
        let own = match kind {
            Kind::Numpy | Kind::BestKernels => &self.numpy,
            Kind::Jax => &self.jax,
            Kind::Numba => &self.numba,
            Kind::Polars => &self.polars,
            // It runs whole scripts only.
            Kind::SystemDs => return None,
        };
        // polars takes part where it has a text: what runs on arrays is not for it.
        let all = self.all.as_ref().filter(|_| kind != Kind::Polars);
        own.as_ref().or(all).map(String::as_str)
    }
}

impl Kernel {
    /// The bytes that it must move, where these are what limits it.
    pub fn mix(&self) -> Option<Mix> {
        let bytes = |formula: &Option<Formula>| formula.as_ref().map_or(0.0, |formula| formula.0);
        let mix = Mix { reads: bytes(&self.reads), writes: bytes(&self.writes) };
        (self.flops.is_none() && mix.reads + mix.writes > 0.0).then_some(mix)
    }
}

/// What is asked of ours.
#[derive(Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// How many times less it takes than each peer without a ratio of its own.
    all: Option<f64>,
    numpy: Option<f64>,
    #[serde(rename = "numpy-skylakex")]
    best_kernels: Option<f64>,
    jax: Option<f64>,
    numba: Option<f64>,
    polars: Option<f64>,
    systemds: Option<f64>,
    one_thread: Option<f64>,
    as_written: Option<f64>,
    unfused: Option<f64>,
    known: Option<f64>,
    /// The part of the ceiling.
    pub share: Option<f64>,
    /// Bytes per second.
    pub rate: Option<f64>,
}

impl Asked {
    /// The ratio asked for against a peer by its name in the table.
    pub fn named(&self, peer: &str) -> Option<f64> {
        match Kind::ALL.into_iter().find(|kind| kind.name() == peer) {
            Some(kind) => self.ratio(Some(kind)),
            None if peer == UNFUSED => self.without_pipelines(),
            None => None,
        }
    }

    /// The ratio asked for against ours without rewrites.
    pub fn without_rewrites(&self) -> Option<f64> {
        self.as_written.or(self.all)
    }

    /// The ratio asked for against ours with each operator alone.
    pub fn without_pipelines(&self) -> Option<f64> {
        self.unfused.or(self.all)
    }

    /// The ratio asked for against ours on data of known sizes.
    pub fn with_known_sizes(&self) -> Option<f64> {
        self.known.or(self.all)
    }

    /// The ratio asked for against a peer, or against ours on one thread.
    pub fn ratio(&self, kind: Option<Kind>) -> Option<f64> {
        let own = match kind {
            None => self.one_thread,
            Some(Kind::Numpy) => self.numpy,
            Some(Kind::BestKernels) => self.best_kernels.or(self.numpy),
            Some(Kind::Jax) => self.jax,
            Some(Kind::Numba) => self.numba,
            Some(Kind::Polars) => self.polars,
            Some(Kind::SystemDs) => self.systemds,
        };
        own.or(self.all)
    }
}

/// A process from start to exit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// What it computes.
    pub what: String,
    /// DML, when there is no `script`.
    #[serde(default)]
    pub ours: String,
    /// The path of a script in the repository.
    pub script: Option<String>,
    /// DML that writes the files of all sides; it runs once before, and is not measured.
    pub before: Option<String>,
    /// Python, if there is a peer.
    pub peer: Option<String>,
    /// Whether SystemDS, if it takes part, runs our script, too.
    #[serde(default)]
    pub systemds: bool,
    /// How many times less than each peer ours is asked to take.
    #[serde(default)]
    pub asked: Asked,
    /// Whether peak memory is measured too.
    #[serde(default)]
    pub memory: bool,
    /// DML that makes the inputs alone: what counts of the memory is what is beyond its peak.
    pub inputs: Option<String>,
    /// Bytes of memory at most.
    pub asked_memory: Option<Formula>,
}

/// A script to be compiled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compile {
    /// Its name.
    pub name: String,
    /// What it compiles.
    pub what: String,
    /// DML.
    pub ours: String,
    /// That it is run, and which of the compilations while it runs count.
    pub while_running: Option<WhileRunning>,
    /// Whether what counts is planning the pipelines of the DAG that takes longest.
    #[serde(default)]
    pub pipelines: bool,
    /// Seconds at most.
    pub asked_time: Option<Formula>,
    /// How often the script stands in the text, each time with another number in place of `{k}`.
    #[serde(default = "once")]
    pub times: usize,
}

/// Which compilations while a script runs count.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhileRunning {
    /// All of them, their mean.
    Mean,
    /// The one that takes longest.
    Longest,
}

fn once() -> usize {
    1
}

impl Compile {
    /// The text to compile.
    pub fn text(&self) -> String {
        (0..self.times).map(|k| self.ours.replace("{k}", &k.to_string())).collect()
    }
}

impl Topic {
    /// Reads all topics.
    ///
    /// # Errors
    /// When a file is malformed.
    pub fn all() -> Result<Vec<Topic>, String> {
        let read = |(name, text): &(&str, &str)| {
            let topic = toml::from_str(text).map_err(|error| format!("cases/{name}.toml: {error}"))?;
            Ok(Topic { name: (*name).into(), ..topic })
        };
        TOPICS.iter().map(read).collect()
    }

    /// The names of its cases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let kernels = self.kernel.iter().map(|case| case.name.as_str());
        let processes = self.process.iter().map(|case| case.name.as_str());
        kernels.chain(processes).chain(self.compile.iter().map(|case| case.name.as_str()))
    }

    /// The data of a kernel, if it has any.
    ///
    /// # Errors
    /// When the file has no such data.
    pub fn setup(&self, case: &Kernel) -> Result<Option<&Setup>, String> {
        case.setup.as_deref().map(|name| self.named(name)).transpose()
    }

    /// The same data with sizes known before running, if the case names them.
    ///
    /// # Errors
    /// When the file has no such data.
    pub fn known(&self, case: &Kernel) -> Result<Option<&Setup>, String> {
        case.known.as_deref().map(|name| self.named(name)).transpose()
    }

    fn named(&self, name: &str) -> Result<&Setup, String> {
        let missing = || format!("cases/{}.toml: there is no [setup.{name}]", self.name);
        self.setup.get(name).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tilewright_engine::{Options, Session};

    use super::*;
    use crate::ours;

    #[test]
    fn all_cases_compile() {
        for topic in Topic::all().unwrap() {
            let mut scripts: Vec<(&str, String)> = Vec::new();
            for case in &topic.kernel {
                let setup = topic.setup(case).unwrap();
                for setup in [setup, topic.known(case).unwrap().or(setup)] {
                    scripts.push((&case.name, ours::script(case, setup, 7)));
                }
            }
            scripts.extend(topic.process.iter().map(|case| (case.name.as_str(), case.ours.clone())));
            scripts.extend(
                topic.process.iter().filter_map(|case| Some((case.name.as_str(), case.inputs.clone()?))),
            );
            scripts.extend(topic.compile.iter().map(|case| (case.name.as_str(), case.text())));
            for (name, script) in scripts {
                let mut session = Session::new(Options::default());
                if let Err(diagnostics) = session.compile(name, &script) {
                    let told: Vec<String> =
                        diagnostics.iter().map(|one| session.render(one, false)).collect();
                    panic!("{name}\n{}", told.join("\n"));
                }
            }
        }
    }

    #[test]
    fn names_are_unique_and_every_kernel_has_something_to_be_held_against() {
        let topics = Topic::all().unwrap();
        let mut names = BTreeSet::new();
        for topic in &topics {
            assert!(names.insert(topic.name.clone()), "{}", topic.name);
            for name in topic.names() {
                assert!(names.insert(name.into()), "{name}");
            }
            for case in &topic.kernel {
                assert!(
                    case.one_thread
                        || case.as_written
                        || case.unfused
                        || case.known.is_some()
                        || Kind::ALL.into_iter().any(|kind| case.peer.of(kind).is_some()),
                    "{}",
                    case.name
                );
                let suite = case.suite.as_ref();
                assert!(suite.is_none_or(|suite| topic.mean.contains_key(suite)), "{}", case.name);
                let declared = case.reads.or(case.writes).or(case.flops);
                assert!(
                    case.asked.share.or(case.asked.rate).is_none() || declared.is_some(),
                    "{}",
                    case.name
                );
            }
        }
    }

    #[test]
    fn a_ratio_of_its_own_wins() {
        let asked: Asked = toml::from_str("all = 1.0\nnumpy = 1.5").unwrap();
        let ratios = [Kind::Numpy, Kind::BestKernels, Kind::Jax].map(|kind| asked.ratio(Some(kind)));
        assert_eq!(ratios, [Some(1.5), Some(1.5), Some(1.0)]);
        assert_eq!(Asked::default().ratio(None), None);
    }
}
