//! `cargo xtask bench [CASE...]`: ours against NumPy and scikit-learn, side by side in one run.
//!
//! Both sides of a case take turns, so that what the machine does meanwhile hits both; what counts is the median of
//! the pairs' ratios. Without Python, ours is measured alone.
//!
//! - [`case`]: the table of cases (`cases.toml`)
//! - [`kernel`]: statements timed inside two processes that hold the data; [`gate`]: how ours waits for its turn
//! - [`process`]: whole processes; [`compile`]: compilation alone
//! - [`peer`]: the Python environment; [`machine`]: where it ran; [`report`]: medians, the table, the file of results

use std::path::Path;
use std::process::ExitCode;

mod case;
mod compile;
mod gate;
mod kernel;
mod machine;
mod peer;
mod process;
mod report;

use case::Cases;
use peer::Peer;
use report::Measure;

/// The allocator of the `tilewright` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match run(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &[String]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    let cases = Cases::read()?;
    let names = cases.names();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("there is no case `{unknown}`; cases: {}", names.join(", ")));
    }
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let peer = Peer::prepare().map_err(|reason| eprintln!("ours alone: {reason}")).ok();
    let machine = machine::facts(peer.as_ref());
    let mut measures: Vec<Measure> = Vec::new();
    for case in cases.kernel.iter().filter(|case| chosen(&case.name)) {
        eprintln!("{} ...", case.name);
        measures.push(kernel::measure(case, cases.setup(case)?, peer.as_ref())?);
    }
    for case in cases.process.iter().filter(|case| chosen(&case.name)) {
        eprintln!("{} ...", case.name);
        measures.extend(process::measure(case, peer.as_ref())?);
    }
    for case in cases.compile.iter().filter(|case| chosen(&case.name)) {
        eprintln!("{} ...", case.name);
        measures.push(compile::measure(case)?);
    }
    print!("{}", report::markdown(&machine, &measures));
    let path = report::write(&machine, &measures)?;
    eprintln!("\nresults: {}", path.display());
    Ok(())
}
