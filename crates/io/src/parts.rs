//! The files that a path stands for: itself, those in a folder, or those that a pattern matches.
//!
//! Numbers in their names are compared as numbers, so that `part-2` stands before `part-10`.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use tilewright_base::{Outcome, bail};

use crate::remote::{self, is_remote};
use crate::source::cannot_read;

/// The files that a path stands for, in the order of their rows.
#[derive(Debug, PartialEq, Eq)]
pub enum Parts {
    /// One file.
    File,
    /// The parts that one writer put into a folder.
    Folder(Vec<PathBuf>),
    /// The files that a pattern matches, each complete by itself.
    Matches(Vec<PathBuf>),
}

impl Parts {
    /// The files of `path`; there is at least one.
    ///
    /// # Errors
    /// When a folder has no files or folders inside, or a pattern matches nothing.
    pub fn of(path: &Path) -> Outcome<Parts> {
        if is_remote(path) {
            return Parts::elsewhere(path);
        }
        if path.is_dir() {
            return folder(path).map(Parts::Folder);
        }
        if !is_pattern(path) || path.exists() {
            return Ok(Parts::File);
        }
        matches(path).map(Parts::Matches)
    }

    fn elsewhere(path: &Path) -> Outcome<Parts> {
        if remote::is_folder(path) {
            return sorted(path, remote::folder(path)?).map(Parts::Folder);
        }
        if is_pattern(path) && remote::has_folders(path) {
            return sorted(path, remote::matches(path)?).map(Parts::Matches);
        }
        Ok(Parts::File)
    }

    /// The first file.
    pub fn first<'a>(&'a self, path: &'a Path) -> &'a Path {
        match self {
            Parts::File => path,
            Parts::Folder(files) | Parts::Matches(files) => files.first().map_or(path, |file| file),
        }
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.contains(['*', '?', '[']))
}

/// True for what writers leave beside their data: `_SUCCESS`, checksums, metadata, hidden files.
fn is_aside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(['.', '_']) || name.ends_with(".crc") || name.ends_with(".mtd")
}

/// Files elsewhere that hold data, in the order of their rows.
fn sorted(path: &Path, mut files: Vec<PathBuf>) -> Outcome<Vec<PathBuf>> {
    files.retain(|file| !is_aside(file));
    if files.is_empty() {
        bail!(File, "there are no files of data at {}", path.display());
    }
    files.sort_by(|a, b| natural(a.as_os_str(), b.as_os_str()));
    Ok(files)
}

fn folder(path: &Path) -> Outcome<Vec<PathBuf>> {
    let cannot = |error: std::io::Error| cannot_read(path, &error);
    let entries = fs::read_dir(path).map_err(cannot)?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(cannot)?.path();
        if is_aside(&file) {
            continue;
        }
        if file.is_dir() {
            bail!(File, "{} holds the folder {}, but parts are files", path.display(), file.display(); hint: "a pattern such as `{}/*/*` reads the files of folders", path.display());
        }
        files.push(file);
    }
    if files.is_empty() {
        bail!(File, "the folder {} has no files of data", path.display());
    }
    files.sort_by(|a, b| natural(a.as_os_str(), b.as_os_str()));
    Ok(files)
}

fn matches(path: &Path) -> Outcome<Vec<PathBuf>> {
    let name = path.display();
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let pattern = path.to_string_lossy();
    let found = match glob::glob_with(&pattern, options) {
        Ok(found) => found,
        Err(error) => bail!(Argument, "{name} is no pattern of file names: {error}"),
    };
    let mut files = Vec::new();
    for file in found {
        match file {
            Ok(file) if file.is_file() && !is_aside(&file) => files.push(file),
            Ok(_) => {}
            Err(error) => return Err(cannot_read(error.path(), error.error())),
        }
    }
    if files.is_empty() {
        bail!(File, "no file matches {name}"; hint: "`*` stands for any characters of a name, `?` for one, `[ab]` for one of some");
    }
    files.sort_by(|a, b| natural(a.as_os_str(), b.as_os_str()));
    Ok(files)
}

/// By bytes, but numbers by their values.
fn natural(a: &OsStr, b: &OsStr) -> Ordering {
    let (whole_a, whole_b) = (a.as_encoded_bytes(), b.as_encoded_bytes());
    let (mut a, mut b) = (whole_a, whole_b);
    loop {
        let order = match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (number_a, number_b) = (digits(&mut a), digits(&mut b));
                number_a.len().cmp(&number_b.len()).then(number_a.cmp(number_b))
            }
            (Some(x), Some(y)) => {
                (a, b) = (&a[1..], &b[1..]);
                x.cmp(y)
            }
            // Names that differ in leading zeros alone still have an order.
            _ => return a.len().cmp(&b.len()).then(whole_a.cmp(whole_b)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the digits from the front of a text; leading zeros do not count.
fn digits<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(end);
    *text = rest;
    &number[number.iter().take_while(|byte| **byte == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        let mut names = ["b1", "a10", "a2", "a02", "a", "a2b", "a1x9", "a1x10", "00010"].map(OsStr::new);
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["00010", "a", "a1x9", "a1x10", "a02", "a2", "a2b", "a10", "b1"].map(OsStr::new));
    }
}
