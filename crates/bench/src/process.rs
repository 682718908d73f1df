//! Whole processes: wall time from start to exit, and the peak of resident memory.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::case::Process;
use crate::measure::{Measure, Unit};
use crate::peer::{Kind, Peers, target};

/// What a pipe holds on Linux.
const PIPE: usize = 65_536;

/// How long a process that prints one line may take to reach its print.
const SETTLED: Duration = Duration::from_millis(1_000);

/// How often memory is measured: it hardly varies.
const MEMORY_PAIRS: usize = 3;

/// Measures both sides; the second measure, if asked for and possible, is that of memory.
///
/// # Errors
/// When a process fails.
pub fn measure(case: &Process, peers: &Peers, pairs: usize) -> Result<Vec<Measure>, String> {
    let script = script(case)?;
    let ours = || {
        let mut command = Command::new(target().unwrap_or_default().join("release/tilewright"));
        command.arg("run").arg(&script);
        command
    };
    let theirs = || peers.command(&case.peer);
    let mut times = row(&case.name, &case.what, Unit::Seconds);
    for pair in 0..=pairs {
        let (own, other) = if pair % 2 == 0 {
            (wall(ours())?, theirs().map(wall).transpose()?)
        } else {
            let other = theirs().map(wall).transpose()?;
            (wall(ours())?, other)
        };
        if pair > 0 {
            times.ours.push(own);
            times.theirs.extend(other);
        }
    }
    if !case.memory {
        return Ok(vec![times]);
    }
    let mut memory = row(&format!("{}-memory", case.name), "its peak of resident memory", Unit::Bytes);
    for _ in 0..MEMORY_PAIRS {
        memory.ours.extend(peak(ours())?);
        memory.theirs.extend(theirs().map(peak).transpose()?.flatten());
    }
    Ok(if memory.ours.is_empty() { vec![times] } else { vec![times, memory] })
}

fn row(case: &str, what: &str, unit: Unit) -> Measure {
    Measure { peer: Some(Kind::Numpy.name().into()), ..Measure::new(case, what, unit) }
}

/// The path of our side's script.
fn script(case: &Process) -> Result<PathBuf, String> {
    if let Some(script) = &case.script {
        return Ok(script.into());
    }
    let path = target()?.join(format!("bench-{}.dml", case.name));
    fs::write(&path, format!("{}\n", case.ours)).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Seconds from start to exit.
fn wall(mut command: Command) -> Result<f64, String> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().map_err(|error| format!("{:?}: {error}", command.get_program()))?;
    let seconds = start.elapsed().as_secs_f64();
    if status.success() { Ok(seconds) } else { Err(format!("{:?}: {status}", command.get_program())) }
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
