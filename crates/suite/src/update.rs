//! Writes what sections print into their files: `UPDATE=1 cargo test -p tilewright-suite`.
//!
//! Only sections that print something else than expected are touched, and only if all modes agree; figures that
//! come from elsewhere and still fit keep their digits.

use std::path::Path;

use crate::lines::difference;
use crate::run;
use crate::section::{self, Kind, Section};

/// Rewrites the `#>` lines of a file; returns the titles of changed sections.
///
/// # Errors
/// When the file cannot be read or written, or is malformed.
pub fn update(file: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let sections = section::parse(file, &text).map_err(|fault| fault.to_string())?;
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    let mut changed = Vec::new();
    for section in sections.iter().rev() {
        if !matches!(section.kind, Kind::Eval | Kind::Explain) {
            continue;
        }
        let tolerance = if section.kind == Kind::Explain { 0.0 } else { section.tolerance };
        match run::printed(section) {
            Ok(printed) if difference(&printed, &section.printed, tolerance).is_some() => {
                replace(&mut lines, section, &printed);
                changed.push(section.title());
            }
            Ok(_) => {}
            Err(problem) => eprintln!("{}: left as it is\n{problem}", section.title()),
        }
    }
    if !changed.is_empty() {
        std::fs::write(file, lines.join("\n") + "\n").map_err(|error| error.to_string())?;
    }
    Ok(changed)
}

/// Puts printed lines where the first expected line is, or after the last line of the script.
fn replace(lines: &mut Vec<String>, section: &Section, printed: &[String]) {
    let (start, count) = (section.line, section.text.lines().count());
    let own: Vec<String> = lines[start..start + count].to_vec();
    let expects = |line: &String| line.starts_with("#>");
    let script_end = own.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
    let at = own.iter().position(expects).unwrap_or(script_end);
    let expected = printed.iter().map(|line| format!("#> {line}").trim_end().to_string());
    let before = own[..at].iter().cloned();
    let after = own[at..].iter().filter(|line| !expects(line)).cloned();
    let replaced: Vec<String> = before.chain(expected).chain(after).collect();
    lines.splice(start..start + count, replaced);
}
