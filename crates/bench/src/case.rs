//! The cases: `cases.toml` in this crate.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All cases.
#[derive(Deserialize)]
pub struct Cases {
    setup: BTreeMap<String, Setup>,
    /// Statements timed inside a process.
    pub kernel: Vec<Kernel>,
    /// Whole processes.
    pub process: Vec<Process>,
    /// Compilation.
    pub compile: Vec<Compile>,
}

/// Data of kernels.
#[derive(Deserialize)]
pub struct Setup {
    /// DML that makes the data.
    pub ours: String,
    /// Python that makes the data.
    pub peer: String,
    /// Statements that change the data before each repetition.
    pub touch: Sides,
}

/// Text for both sides.
#[derive(Deserialize)]
pub struct Sides {
    /// DML.
    pub ours: String,
    /// Python.
    pub peer: String,
}

/// Statements on data in memory; they assign `result`, a matrix.
#[derive(Deserialize)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// What it computes.
    pub what: String,
    /// The name of its data.
    pub setup: String,
    /// DML.
    pub ours: String,
    /// Python.
    pub peer: String,
}

/// A process from start to exit.
#[derive(Deserialize)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// What it computes.
    pub what: String,
    /// DML, when there is no `script`.
    #[serde(default)]
    pub ours: String,
    /// The path of a script in the repository.
    pub script: Option<String>,
    /// Python.
    pub peer: String,
    /// How often both sides run.
    pub pairs: usize,
    /// Whether peak memory is measured too.
    #[serde(default)]
    pub memory: bool,
}

/// A script to be compiled.
#[derive(Deserialize)]
pub struct Compile {
    /// Its name.
    pub name: String,
    /// What it compiles.
    pub what: String,
    /// DML.
    pub ours: String,
    /// How often the script stands in the text, each time with another number in place of `{k}`.
    #[serde(default = "once")]
    pub times: usize,
}

fn once() -> usize {
    1
}

impl Compile {
    /// The text to compile.
    pub fn text(&self) -> String {
        (0..self.times).map(|k| self.ours.replace("{k}", &k.to_string())).collect()
    }
}

impl Cases {
    /// Reads the table.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read() -> Result<Cases, String> {
        toml::from_str(include_str!("../cases.toml")).map_err(|error| format!("cases.toml: {error}"))
    }

    /// The names of all cases.
    pub fn names(&self) -> Vec<&str> {
        let kernels = self.kernel.iter().map(|case| case.name.as_str());
        let processes = self.process.iter().map(|case| case.name.as_str());
        kernels.chain(processes).chain(self.compile.iter().map(|case| case.name.as_str())).collect()
    }

    /// The data of a kernel.
    ///
    /// # Errors
    /// When the table has no such data.
    pub fn setup(&self, case: &Kernel) -> Result<&Setup, String> {
        self.setup.get(&case.setup).ok_or_else(|| format!("cases.toml: there is no [setup.{}]", case.setup))
    }
}

#[cfg(test)]
mod tests {
    use tilewright_engine::{Options, Session};

    use super::*;
    use crate::kernel;

    #[test]
    fn all_cases_compile() {
        let cases = Cases::read().unwrap();
        let mut scripts: Vec<(&str, String)> = Vec::new();
        for case in &cases.kernel {
            scripts.push((&case.name, kernel::script(case, cases.setup(case).unwrap(), 7)));
        }
        scripts.extend(cases.process.iter().map(|case| (case.name.as_str(), case.ours.clone())));
        scripts.extend(cases.compile.iter().map(|case| (case.name.as_str(), case.text())));
        for (name, script) in scripts {
            let mut session = Session::new(Options::default());
            if let Err(diagnostics) = session.compile(name, &script) {
                let told: Vec<String> = diagnostics.iter().map(|one| session.render(one, false)).collect();
                panic!("{name}\n{}", told.join("\n"));
            }
        }
    }
}
