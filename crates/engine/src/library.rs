//! The script library in the binary, another library folder in its place, and sourced files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use tilewright_base::{Outcome, bail, nearest};
use tilewright_lower::Sources;

static LIBRARY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../lib");

/// Where a session finds scripts.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// A folder in place of the library in the binary.
    pub folder: Option<PathBuf>,
}

/// The names of the functions of the library in the binary.
pub fn names() -> Vec<String> {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    LIBRARY.files().filter_map(|file| stem(file.path())).collect()
}

/// The text of a script of the library in the binary.
pub fn text(name: &str) -> Option<&'static str> {
    LIBRARY.get_file(format!("{name}.dml"))?.contents_utf8()
}

impl Library {
    /// A file whose path begins in the folder of the library or in the one around it.
    fn beside_library(&self, path: &str) -> Option<(String, Arc<str>)> {
        let folder = self.folder.as_ref()?;
        let candidates = [Some(folder.as_path()), folder.parent()];
        candidates.into_iter().flatten().find_map(|root| {
            let file = root.join(path);
            Some((file.display().to_string(), std::fs::read_to_string(&file).ok()?.into()))
        })
    }
}

impl Sources for Library {
    fn library(&self, name: &str) -> Option<(String, Arc<str>)> {
        let file = format!("{name}.dml");
        match &self.folder {
            Some(folder) => {
                let path = folder.join(&file);
                Some((path.display().to_string(), std::fs::read_to_string(path).ok()?.into()))
            }
            None => Some((format!("<library>/{file}"), text(name)?.into())),
        }
    }

    fn library_names(&self) -> Vec<String> {
        let Some(folder) = &self.folder else { return names() };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let scripts =
            entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "dml"));
        scripts.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect()
    }

    fn load(&self, path: &str, directory: Option<&str>, from: &str) -> Outcome<(String, Arc<str>)> {
        let beside = Path::new(from).parent().unwrap_or(Path::new(""));
        let working = Path::new(directory.unwrap_or(""));
        for candidate in [working.join(path), beside.join(working).join(path)] {
            if let Ok(text) = std::fs::read_to_string(&candidate) {
                let known = candidate.canonicalize().unwrap_or(candidate.clone());
                return Ok((known.display().to_string(), text.into()));
            }
        }
        if let Some(found) = self.beside_library(path) {
            return Ok(found);
        }
        let stem =
            Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some((name, text)) = self.library(&stem) {
            return Ok((name, text));
        }
        let folder = |root: PathBuf| root.join(path).parent().map(Path::to_path_buf).unwrap_or_default();
        let mut near = files(&folder(working.to_path_buf()));
        near.extend(files(&folder(beside.join(working))));
        let file =
            Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match nearest(&file, near.iter().map(String::as_str)) {
            Some(near) => bail!(File, "there is no script \"{path}\""; hint: "did you mean \"{near}\"?"),
            None => {
                bail!(File, "there is no script \"{path}\""; hint: "paths are relative to the working directory, then to the sourcing file")
            }
        }
    }
}

fn files(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_holds_every_script_of_the_library() {
        let folder = Library { folder: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lib")) };
        let (mut on_disk, mut inside) = (folder.library_names(), names());
        on_disk.sort();
        inside.sort();
        assert_eq!(on_disk, inside);
        assert!(inside.iter().all(|name| text(name).is_some_and(|text| text.contains("function("))));
    }
}
