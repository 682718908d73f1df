//! `tilewright new`: a script to start from.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tilewright_base::{Outcome, bail, fault, nearest};

use crate::arguments::NewArguments;
use crate::stdout;

/// A script to start from: the task, what it is about, an example of its arguments, the text.
struct Template {
    task: &'static str,
    what: &'static str,
    arguments: &'static str,
    text: &'static str,
}

const TEMPLATES: [Template; 7] = [
    Template {
        task: "regression",
        what: "predict a number from the other columns of a table",
        arguments: "data=table.csv label=3",
        text: include_str!("../templates/regression.dml"),
    },
    Template {
        task: "classification",
        what: "predict one of several classes from the other columns of a table",
        arguments: "data=table.csv label=3",
        text: include_str!("../templates/classification.dml"),
    },
    Template {
        task: "clustering",
        what: "find groups of similar rows",
        arguments: "data=table.csv k=4",
        text: include_str!("../templates/clustering.dml"),
    },
    Template {
        task: "reduction",
        what: "describe each row by a few numbers instead of many",
        arguments: "data=table.csv k=2",
        text: include_str!("../templates/reduction.dml"),
    },
    Template {
        task: "factorisation",
        what: "recommend items to users from known ratings",
        arguments: "data=ratings.mtx",
        text: include_str!("../templates/factorisation.dml"),
    },
    Template {
        task: "forecasting",
        what: "continue a series of numbers",
        arguments: "data=series.csv steps=12",
        text: include_str!("../templates/forecasting.dml"),
    },
    Template {
        task: "search",
        what: "find the best parameters of a classifier by cross-validation",
        arguments: "data=table.csv label=3",
        text: include_str!("../templates/search.dml"),
    },
];

/// Writes the script of a task, or lists the tasks.
///
/// # Errors
/// When there is no such task, and when the file exists or cannot be written.
pub fn new(arguments: &NewArguments) -> Outcome<ExitCode> {
    let Some(task) = &arguments.task else {
        return Ok(stdout::print(&list()));
    };
    let template = find(task)?;
    let file = arguments.file.clone().unwrap_or_else(|| PathBuf::from(format!("{task}.dml")));
    if file == Path::new("-") {
        return Ok(stdout::print(template.text));
    }
    create(&file, template.text)?;
    let name = file.display();
    Ok(stdout::print(&format!(
        "{name} is a script to {}. Run it on your data:\n\n  tilewright run {name} {}\n",
        template.what, template.arguments
    )))
}

fn list() -> String {
    let mut out = String::from("`tilewright new TASK` writes a script for one of these tasks:\n\n");
    for Template { task, what, .. } in &TEMPLATES {
        let _ = writeln!(out, "  {task:<16}{what}");
    }
    out
}

fn find(task: &str) -> Outcome<&'static Template> {
    let tasks = || TEMPLATES.iter().map(|template| template.task);
    TEMPLATES.iter().find(|template| template.task == task).ok_or_else(|| {
        let hint = nearest(task, tasks()).map_or_else(
            || format!("there are {}", tasks().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        fault!(Argument, "there is no script for the task `{task}`"; hint: "{hint}")
    })
}

/// Writes a file that is not there yet.
fn create(file: &Path, text: &str) -> Outcome<()> {
    let written = OpenOptions::new().write(true).create_new(true).open(file);
    match written.and_then(|mut opened| opened.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(File, "{} is there already, and stays as it is", file.display(); hint: "name another file: `tilewright new TASK FILE`")
        }
        Err(error) => bail!(File, "cannot write {}: {error}", file.display()),
    }
}
