//! Whole processes: wall time from start to exit, and the peak of resident memory.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::case::Process;
use crate::measure::{Measure, Unit, median};
use crate::peer::{Kind, Peers, target};

/// What a pipe holds on Linux.
const PIPE: usize = 65_536;

/// How long a process that prints one line may take to reach its print.
const SETTLED: Duration = Duration::from_millis(1_000);

/// How often memory is measured: it hardly varies.
const MEMORY_PAIRS: usize = 3;

/// Measures all sides, a row for each peer; the last measure, if asked for and possible, is that of memory.
///
/// # Errors
/// When a process fails.
pub fn measure(case: &Process, peers: &Peers, pairs: usize) -> Result<Vec<Measure>, String> {
    if let Some(before) = &case.before {
        wall(run(&written(&format!("{}-before", case.name), before)?))?;
    }
    let script = script(case)?;
    let ours = || run(&script);
    let command = |kind| other(kind, case, &script, peers);
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| command(*kind).is_some()).collect();
    let mut rows: Vec<Measure> = kinds.iter().map(|kind| row(case, "", Unit::Seconds, Some(*kind))).collect();
    if rows.is_empty() {
        rows.push(row(case, "", Unit::Seconds, None));
    }
    for pair in 0..=pairs {
        let first = if pair % 2 == 0 { Some(wall(ours())?) } else { None };
        let others =
            kinds.iter().filter_map(|kind| command(*kind)).map(wall).collect::<Result<Vec<_>, _>>()?;
        let own = first.map_or_else(|| wall(ours()), Ok)?;
        for (at, row) in rows.iter_mut().enumerate().filter(|_| pair > 0) {
            row.ours.push(own);
            row.theirs.extend(others.get(at));
        }
    }
    if !case.memory {
        return Ok(rows);
    }
    let theirs = || command(Kind::Numpy);
    let measured = kinds.iter().copied().find(|kind| *kind == Kind::Numpy);
    let mut memory = row(case, "-memory", Unit::Bytes, measured);
    memory.ratio = None;
    memory.what = "its peak of resident memory".into();
    memory.most = case.asked_memory.map(|formula| formula.0);
    for _ in 0..MEMORY_PAIRS {
        memory.ours.extend(peak(ours())?);
        memory.theirs.extend(theirs().map(peak).transpose()?.flatten());
    }
    if let Some(inputs) = &case.inputs {
        memory.what = "its peak of resident memory beyond that of making its inputs".into();
        let inputs = written(&format!("{}-inputs", case.name), inputs)?;
        let peaks = (0..MEMORY_PAIRS).map(|_| peak(run(&inputs))).collect::<Result<Vec<_>, _>>()?;
        let before = median(&peaks.into_iter().flatten().collect::<Vec<_>>());
        memory.ours.iter_mut().for_each(|peak| *peak -= before);
    }
    rows.extend(Some(memory).filter(|memory| !memory.ours.is_empty()));
    Ok(rows)
}

/// Our side of a script.
fn run(script: &Path) -> Command {
    let mut command = Command::new(target().unwrap_or_default().join("release/tilewright"));
    command.arg("run").arg(script);
    command
}

/// A peer's side of a script, if it takes part.
fn other(kind: Kind, case: &Process, script: &Path, peers: &Peers) -> Option<Command> {
    match kind {
        Kind::Numpy => peers.numpy(case.peer.as_ref()?),
        Kind::SystemDs if case.systemds => peers.systemds(script),
        _ => None,
    }
}

fn row(case: &Process, suffix: &str, unit: Unit, peer: Option<Kind>) -> Measure {
    Measure {
        peer: peer.map(|kind| kind.name().into()),
        ratio: peer.and_then(|kind| case.asked.ratio(Some(kind))),
        ..Measure::new(&format!("{}{suffix}", case.name), &case.what, unit)
    }
}

/// The path of our side's script.
fn script(case: &Process) -> Result<PathBuf, String> {
    if let Some(script) = &case.script {
        return Ok(script.into());
    }
    written(&case.name, &case.ours)
}

/// The path of a file with some DML.
fn written(name: &str, text: &str) -> Result<PathBuf, String> {
    let path = target()?.join(format!("bench-{name}.dml"));
    fs::write(&path, format!("{text}\n")).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Seconds from start to exit.
fn wall(mut command: Command) -> Result<f64, String> {
    command.stdin(Stdio::null());
    let start = Instant::now();
    let output = command.output().map_err(|error| format!("{:?}: {error}", command.get_program()))?;
    let seconds = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    // SystemDS prints its errors and exits like after a success.
    if output.status.success() && !text.contains("An Error Occurred") {
        Ok(seconds)
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("{:?}: {}\n{text}{errors}", command.get_program(), output.status))
    }
}

/// The peak of resident memory in bytes, where the system tells. The process prints into a pipe that is full, so that
/// it is held in its print while its peak is read.
fn peak(mut command: Command) -> Result<Option<f64>, String> {
    let held = |error: io::Error| format!("a full pipe: {error}");
    let (mut reader, mut writer) = io::pipe().map_err(held)?;
    writer.write_all(&vec![b' '; PIPE]).map_err(held)?;
    let mut child = command.stdin(Stdio::null()).stdout(writer).spawn().map_err(held)?;
    drop(command);
    std::thread::sleep(SETTLED);
    let peak = high_water_mark(&child);
    reader.read_to_end(&mut Vec::new()).map_err(held)?;
    child.wait().map_err(held)?;
    Ok(peak)
}

fn high_water_mark(child: &Child) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}
