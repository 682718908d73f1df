//! `cargo xtask bench [CASE...]`: ours against NumPy, SciPy and scikit-learn, JAX and Numba, side by side in one run.
//!
//! All sides of a case take turns, so that what the machine does meanwhile hits all of them; what counts is the median
//! of the pairs' ratios. The ceilings of the machine are measured first. Without Python, ours is measured alone.
//!
//! - [`options`]: the command line; [`case`]: the tables of cases (`cases/*.toml`), [`formula`]: numbers in them
//! - [`kernel`]: statements timed inside processes that hold the data; [`ours`] and [`gate`]: how ours waits for its
//!   turn; [`neighbours`]: other processes that keep the cores busy
//! - [`process`]: whole processes; [`compile`]: compilation alone
//! - [`sparsity`]: how well the number of non-zero cells is estimated, a table of its own
//! - [`peer`]: the Python environment; [`machine`], [`ceiling`]: where it ran and what is possible there
//! - [`measure`]: samples, medians and what falls short; [`mean`]: means over suites; [`table`] and [`report`]: Markdown and JSON

use std::path::Path;
use std::process::ExitCode;

mod case;
mod ceiling;
mod compile;
mod formula;
mod gate;
mod kernel;
mod machine;
mod mean;
mod measure;
mod neighbours;
mod options;
mod ours;
mod page_cache;
mod peer;
mod process;
mod report;
mod sparsity;
mod table;

use case::Topic;
use ceiling::Ceilings;
use measure::{Measure, median};
use options::Options;
use peer::Peers;

/// The allocator of the `tilewright` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == neighbours::ARGUMENT) {
        neighbours::spin();
        return ExitCode::SUCCESS;
    }
    match Options::parse(arguments).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), String> {
    let topics = chosen(Topic::all()?, &options)?;
    if options.help {
        let listed = topics.iter().map(|topic| (topic.name.as_str(), topic.names().collect()));
        print!("{}", options::help(listed.chain([(sparsity::NAME, vec!["fifteen expressions"])])));
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    let peers = peers(&topics, &options);
    let machine = machine::facts(&peers);
    let kernels = topics.iter().any(|topic| !topic.kernel.is_empty());
    let ceilings = if kernels { Ceilings::measure(machine.threads)? } else { Ceilings::default() };
    let mut measures: Vec<Measure> = Vec::new();
    for topic in &topics {
        measures.extend(measure(topic, &peers, (options.pairs, machine.threads)));
    }
    let estimates = if options.wants(sparsity::NAME) { sparsity::measure() } else { Vec::new() };
    let means = mean::means(&topics, &measures);
    let table = table::markdown(&machine, &ceilings, &measures)
        + &mean::markdown(&means)
        + &sparsity::markdown(&estimates);
    print!("{table}");
    let path = report::write(&machine, &ceilings, (&measures, &means, &estimates), &table)?;
    eprintln!("\nresults: {}", path.display());
    let failed = measures.iter().filter(|measure| measure.has_failed()).count();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} cases failed")) }
}

/// Who takes part; none where there is nothing to compare or no Python.
fn peers(topics: &[Topic], options: &Options) -> Peers {
    let compared = topics.iter().any(|topic| !topic.kernel.is_empty() || !topic.process.is_empty());
    if !compared || options.peers.is_empty() {
        return Peers::none();
    }
    Peers::prepare(options.peers.clone()).unwrap_or_else(|reason| {
        eprintln!("ours alone: {reason}");
        Peers::none()
    })
}

/// The topics with the cases that were asked for.
fn chosen(mut topics: Vec<Topic>, options: &Options) -> Result<Vec<Topic>, String> {
    let known = |name: &str| {
        name == sparsity::NAME
            || topics.iter().any(|topic| topic.name == name || topic.names().any(|case| case == name))
    };
    if let Some(unknown) = options.wanted.iter().find(|name| !known(name)) {
        return Err(format!("there is no case and no topic `{unknown}`; see --help"));
    }
    if options.wanted.is_empty() || options.help {
        return Ok(topics);
    }
    for topic in &mut topics {
        if !options.wanted.contains(&topic.name) {
            topic.kernel.retain(|case| options.wanted.contains(&case.name));
            topic.process.retain(|case| options.wanted.contains(&case.name));
            topic.compile.retain(|case| options.wanted.contains(&case.name));
        }
    }
    Ok(topics)
}

/// Measures the cases of a topic; one that fails gets a row that says so.
fn measure(topic: &Topic, peers: &Peers, (pairs, threads): (usize, usize)) -> Vec<Measure> {
    let kernel =
        |case| kernel::measure(case, (topic.setup(case)?, topic.known(case)?), peers, (pairs, threads));
    let mut measures = Vec::new();
    for case in &topic.kernel {
        measures.extend(told(&case.name, &case.what, || kernel(case)));
    }
    for case in &topic.process {
        measures.extend(told(&case.name, &case.what, || process::measure(case, peers, pairs)));
    }
    for case in &topic.compile {
        measures.extend(told(&case.name, &case.what, || Ok(vec![compile::measure(case, pairs)?])));
    }
    measures
}

/// Tells of a case on standard error, since all of them take a while.
fn told(name: &str, what: &str, work: impl FnOnce() -> Result<Vec<Measure>, String>) -> Vec<Measure> {
    eprint!("{name} ...");
    let measures = work().unwrap_or_else(|error| {
        eprint!(" {error}");
        vec![Measure::failed(name, what, error)]
    });
    for measure in measures.iter().filter(|measure| !measure.theirs.is_empty()) {
        let ratio = median(&measure.ratios());
        eprint!(" {} {ratio:.2}", measure.peer.as_deref().unwrap_or_default());
    }
    eprintln!();
    measures
}
