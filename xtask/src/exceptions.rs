//! `tidy.toml`: files that may break a rule, each with the reason.

use std::collections::BTreeMap;
use std::path::Path;

use crate::source;
use crate::text;
use crate::tree::File;

/// The exceptions.
pub struct Exceptions {
    /// Files that may be long, with reasons.
    pub long: BTreeMap<String, String>,
    /// Files that may hold unsafe blocks, with reasons.
    pub unsafe_code: BTreeMap<String, String>,
}

impl Exceptions {
    /// Reads `tidy.toml`.
    ///
    /// # Errors
    /// A complaint when it is missing or malformed.
    pub fn read(root: &Path) -> Result<Exceptions, String> {
        let text =
            std::fs::read_to_string(root.join("tidy.toml")).map_err(|error| format!("tidy.toml: {error}"))?;
        let table: toml::Table = text.parse().map_err(|error| format!("tidy.toml: {error}"))?;
        Ok(Exceptions { long: section(&table, "long")?, unsafe_code: section(&table, "unsafe")? })
    }

    /// Exceptions that are not needed any more.
    pub fn stale(&self, files: &[File]) -> Vec<String> {
        let find = |path: &String| files.iter().find(|file| file.path == *path);
        let long = self.long.keys().filter(|path| !find(path).is_some_and(text::is_long));
        let unsafe_code = self.unsafe_code.keys().filter(|path| !find(path).is_some_and(source::has_unsafe));
        let say = |section: &str, path: &String| {
            format!("tidy.toml: [{section}] does not need \"{path}\" any more")
        };
        long.map(|path| say("long", path)).chain(unsafe_code.map(|path| say("unsafe", path))).collect()
    }
}

fn section(table: &toml::Table, name: &str) -> Result<BTreeMap<String, String>, String> {
    let Some(entries) = table.get(name).and_then(toml::Value::as_table) else {
        return Err(format!("tidy.toml: there is no section [{name}]"));
    };
    let reason = |(path, value): (&String, &toml::Value)| match value.as_str() {
        Some(reason) if !reason.trim().is_empty() => Ok((path.clone(), reason.to_string())),
        _ => Err(format!("tidy.toml: [{name}] \"{path}\" needs a reason")),
    };
    entries.iter().map(reason).collect()
}
