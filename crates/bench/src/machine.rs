//! Where the measurements were taken.

use serde::Serialize;

use crate::peer::Peers;

/// What figures depend on.
#[derive(Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores of the machine.
    pub cores: usize,
    /// Threads that both sides may use.
    pub threads: usize,
    /// Bytes of memory, where the system tells.
    pub memory: Option<f64>,
    /// The versions of the peers' packages and the kernels of their BLAS, a line for each.
    pub peers: Vec<String>,
}

/// The facts of this machine.
pub fn facts(peers: &Peers) -> Machine {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        field(&memory, "MemTotal").and_then(|text| text.strip_suffix(" kB")?.trim().parse::<f64>().ok());
    Machine {
        processor: field(&processors, "model name").unwrap_or(std::env::consts::ARCH).to_string(),
        cores: processors.lines().filter(|line| line.starts_with("processor")).count().max(1),
        threads,
        memory: total.map(|kilobytes| kilobytes * 1024.0),
        peers: peers.versions.clone(),
    }
}

/// The value of the first line `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}
