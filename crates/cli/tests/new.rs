//! `tilewright new`: what it writes runs on real data.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn tilewright(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tilewright")).args(words).current_dir(folder).output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes the script of a task and runs it with some arguments; what it prints.
fn started(task: &str, arguments: &[&str]) -> String {
    let folder = folder(task);
    let made = tilewright(&folder, &["new", task]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains(&format!("tilewright run {task}.dml data=")));
    let script = format!("{task}.dml");
    let ran = tilewright(&folder, &[&["run", script.as_str()], arguments].concat());
    assert!(ran.status.success(), "{task}: {}", String::from_utf8_lossy(&ran.stderr));
    let tidy = tilewright(&folder, &["fmt", "--check", &script]);
    assert!(tidy.status.success(), "the layout of {script}");
    String::from_utf8(ran.stdout).unwrap()
}

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(name);
    format!("data={}", path.display())
}

/// The number behind a text.
fn number(printed: &str, before: &str) -> f64 {
    let (_, rest) = printed.split_once(before).unwrap_or_else(|| panic!("no {before:?} in\n{printed}"));
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn tables_are_learned() {
    let printed = started("regression", &[&data("diabetes.csv")]);
    assert!(number(&printed, "R2:") > 0.4, "{printed}");
    let printed = started("classification", &[&data("penguins.csv"), "label=1"]);
    assert!(number(&printed, "accuracy:") > 95.0, "{printed}");
    let printed = started("search", &[&data("penguins.csv"), "label=7", "folds=3"]);
    assert!(printed.contains("best: reg = "), "{printed}");
}

#[test]
fn tables_are_explored() {
    let printed = started("clustering", &[&data("wine.csv"), "k=3"]);
    assert!(number(&printed, "inside of groups:") < 0.6, "{printed}");
    let printed = started("reduction", &[&data("wine.csv"), "k=2"]);
    assert!(number(&printed, "along each direction:") > 0.3, "{printed}");
}

#[test]
fn series_and_ratings() {
    let printed = started("forecasting", &[&data("diabetes.csv"), "column=1"]);
    assert!(number(&printed, "prediction (RMSE):") > 0.0, "{printed}");
    let ratings = folder("ratings").join("ratings.csv");
    let row =
        |user: usize| (0..12).map(move |item| ((user * item) % 5).to_string()).collect::<Vec<_>>().join(",");
    fs::write(&ratings, (1..20).map(|user| row(user) + "\n").collect::<String>()).unwrap();
    let printed = started("factorisation", &[&format!("data={}", ratings.display()), "rank=3"]);
    assert!(number(&printed, "known ratings (RMSE):") < 1.0, "{printed}");
}

#[test]
fn files_are_never_overwritten() {
    let folder = folder("kept");
    fs::write(folder.join("clustering.dml"), "mine").unwrap();
    let made = tilewright(&folder, &["new", "clustering"]);
    assert_eq!(made.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&made.stderr).contains("clustering.dml is there already"));
    assert_eq!(fs::read_to_string(folder.join("clustering.dml")).unwrap(), "mine");
    assert!(tilewright(&folder, &["new", "clustering", "other.dml"]).status.success());
    assert!(folder.join("other.dml").exists());
}

#[test]
fn tasks_are_listed_and_corrected() {
    let here = folder("listed");
    let listed = tilewright(&here, &["new"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("classification"));
    let wrong = tilewright(&here, &["new", "classifcation"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `classification`?"));
    let printed = tilewright(&here, &["new", "reduction", "-"]);
    assert!(String::from_utf8_lossy(&printed.stdout).starts_with("# Reduction"));
}
