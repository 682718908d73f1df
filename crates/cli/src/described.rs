//! The machine that costs are estimated for: as `tilewright calibrate` described it, or as far as it can be seen.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use tilewright_base::{Outcome, bail, fault};
use tilewright_engine::Machine;

/// The description in the user's folder of settings, or what can be seen of the machine where there is none.
///
/// # Errors
/// When there is a description that cannot be read.
pub fn machine() -> Outcome<Machine> {
    Ok(match path() {
        Some(path) => read(&path)?.unwrap_or_else(detected),
        None => detected(),
    })
}

/// Where the description is kept.
pub fn path() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("tilewright").join("machine.json"))
}

fn read(path: &Path) -> Outcome<Option<Machine>> {
    let shown = path.display();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => bail!(File, "cannot read {shown}: {error}"),
    };
    let machine = serde_json::from_str(&text).map_err(|error| {
        fault!(File, "{shown} does not describe a machine: {error}"; hint: "`tilewright calibrate` writes it anew")
    });
    machine.map(Some)
}

/// Writes a description; returns where to.
///
/// # Errors
/// When it cannot be written.
pub fn write(machine: &Machine) -> Outcome<PathBuf> {
    let Some(path) = path() else { bail!(File, "there is no folder for settings") };
    let text = serde_json::to_string_pretty(machine)
        .map_err(|error| fault!(Internal, "the description is not JSON: {error}"))?;
    // Written beside and renamed, so that nobody reads a half.
    let beside = path.with_extension("json.new");
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let written =
        folder.and_then(|()| fs::write(&beside, text + "\n")).and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| fault!(File, "cannot write {}: {error}", path.display()))?;
    Ok(path)
}

/// Cores, caches and the width of vectors; all else is nominal.
pub fn detected() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let nominal = Machine::default().caches;
    let caches = [1, 2, 3].map(|level| cache(level).unwrap_or(nominal[level - 1]));
    Machine::nominal(cores, caches, operations_per_cycle())
}

/// Bytes of a cache of the first core, as Linux tells.
fn cache(level: usize) -> Option<f64> {
    let caches = fs::read_dir("/sys/devices/system/cpu/cpu0/cache").ok()?;
    caches.flatten().find_map(|cache| {
        let text = |name: &str| Some(fs::read_to_string(cache.path().join(name)).ok()?.trim().to_string());
        let is_wanted = text("level")? == level.to_string() && text("type")? != "Instruction";
        let size = text("size").filter(|_| is_wanted)?;
        cache_bytes(&size)
    })
}

/// Reads `32K` or `8M`.
fn cache_bytes(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(['K', 'M']);
    let unit = match &text[digits.len()..] {
        "" => 1.0,
        "K" => 1024.0,
        "M" => 1_048_576.0,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * unit)
}

/// Additions and multiplications that a core does at a time, with two units.
fn operations_per_cycle() -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return 32.0;
        }
        if is_x86_feature_detected!("fma") { 16.0 } else { 4.0 }
    }
    #[cfg(not(target_arch = "x86_64"))]
    8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_caches_have_units() {
        assert_eq!(cache_bytes("48K"), Some(49_152.0));
        assert_eq!(cache_bytes("2M"), Some(2_097_152.0));
        assert_eq!(cache_bytes("512"), Some(512.0));
        assert_eq!(cache_bytes("x"), None);
    }

    #[test]
    fn a_machine_is_seen() {
        let machine = detected();
        assert!(machine.cores >= 1 && machine.caches.iter().all(|bytes| *bytes >= 1024.0), "{machine:?}");
    }
}
