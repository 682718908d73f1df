//! How much memory there is, and sizes as people write them.

use std::fs;
use std::path::{Path, PathBuf};

/// The share of memory that a script may use unless told otherwise.
const SHARE: f64 = 0.8;

/// The default memory budget in bytes: a share of what the machine and its container allow; none if unknown.
pub fn memory_budget() -> Option<f64> {
    let limits = physical_memory().into_iter().chain(container_limits());
    limits.reduce(f64::min).map(|bytes| bytes * SHARE)
}

/// Reads `500M`, `8G`, `1.5GB` (powers of 1000, as sizes are printed), `2GiB` (powers of 1024) or plain bytes.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_size(text: &str) -> Result<f64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let malformed = || "expected a number and a unit, such as 500M or 8G".to_string();
    let factor = unit_factor(&unit.trim().to_ascii_uppercase()).ok_or_else(malformed)?;
    match number.parse::<f64>().map_err(|_| malformed())? {
        number if number > 0.0 => Ok(number * factor),
        _ => Err("a budget of nothing lets no script run".into()),
    }
}

fn unit_factor(unit: &str) -> Option<f64> {
    let Some(prefix) = unit.chars().next().filter(|first| *first != 'B') else {
        return matches!(unit, "" | "B").then_some(1.0);
    };
    let power = 1 + "KMGT".find(prefix)? as i32;
    match &unit[prefix.len_utf8()..] {
        "" | "B" => Some(1000_f64.powi(power)),
        "IB" => Some(1024_f64.powi(power)),
        _ => None,
    }
}

/// `MemTotal` of Linux.
fn physical_memory() -> Option<f64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// The memory limits of the control groups of this process (version 2, then 1), from the innermost outwards.
fn container_limits() -> Vec<f64> {
    let text = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    text.lines()
        .filter_map(limit_file)
        .flat_map(|(root, group, file)| limits_above(&root, group, file))
        .collect()
}

/// Where a line of `/proc/self/cgroup` keeps its memory limit: the root, the path below it, the file name.
fn limit_file(line: &str) -> Option<(PathBuf, &str, &'static str)> {
    let (_, rest) = line.split_once(':')?;
    let (controllers, group) = rest.split_once(':')?;
    let group = group.trim_start_matches('/');
    match controllers {
        "" => Some(("/sys/fs/cgroup".into(), group, "memory.max")),
        "memory" => Some(("/sys/fs/cgroup/memory".into(), group, "memory.limit_in_bytes")),
        _ => None,
    }
}

fn limits_above(root: &Path, group: &str, file: &str) -> Vec<f64> {
    let innermost = root.join(group);
    let groups = innermost.ancestors().take_while(|folder| folder.starts_with(root));
    groups.filter_map(|folder| fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("500M"), Ok(5e8));
        assert_eq!(parse_size("1.5gb"), Ok(1.5e9));
        assert_eq!(parse_size("2GiB"), parse_size("2048 MiB"));
        assert_eq!(parse_size("4096"), Ok(4096.0));
        for wrong in ["", "8X", "-1G", "G", "0", "1.2.3M", "80%"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_of_control_groups_are_found_by_version() {
        assert_eq!(limit_file("0::/a/b"), Some(("/sys/fs/cgroup".into(), "a/b", "memory.max")));
        let old = Some(("/sys/fs/cgroup/memory".into(), "a", "memory.limit_in_bytes"));
        assert_eq!(limit_file("4:memory:/a"), old);
        assert_eq!(limit_file("5:cpu,cpuacct:/a"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn there_is_a_budget() {
        assert!(memory_budget().is_some_and(|bytes| bytes > 1e6));
    }
}
