//! `explain` for other programs, and the machine that estimates are made for.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tilewright_engine::Machine;

const SCRIPT: &str = "
f = function(matrix[double] A) return (double s) {
  s = sum(t(A) %*% A)
}
X = rand(rows=30, cols=4, sparsity=0.1, seed=1)
total = 0
for (i in 1:3) {
  if (sum(X) > i) { total = total + f(X * i) } else { print(\"none \\\"here\\\"\") }
}
print(total)
";

/// A folder with the script and a folder of settings.
fn folder(test: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("explain-{test}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join("settings")).unwrap();
    fs::write(path.join("s.dml"), SCRIPT).unwrap();
    path
}

fn tilewright(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tilewright"));
    command.args(words).current_dir(folder).env("XDG_CONFIG_HOME", folder.join("settings")).output().unwrap()
}

fn explained(test: &str, words: &[&str]) -> String {
    let words: Vec<&str> = ["explain"].iter().chain(words).copied().chain(["s.dml"]).collect();
    let output = tilewright(&folder(test), &words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All blocks, those inside of others too.
fn blocks<'a>(list: &'a Value, found: &mut Vec<&'a Value>) {
    for block in list.as_array().into_iter().flatten() {
        found.push(block);
        blocks(&block["body"], found);
        blocks(&block["else"], found);
    }
}

#[test]
fn json_has_functions_blocks_and_nodes() {
    for level in ["facts", "rewritten", "plan"] {
        let text = explained(&format!("json-{level}"), &["--format", "json", "--level", level]);
        let outline: Value = serde_json::from_str(&text).unwrap();
        let functions = outline["functions"].as_array().unwrap();
        assert_eq!(functions[0]["name"], "main", "{level}");
        let mut found = Vec::new();
        functions.iter().for_each(|function| blocks(&function["blocks"], &mut found));
        assert!(
            found.iter().any(|block| block["kind"] == "for" && block["variable"] == "i"),
            "{level}: {text}"
        );
        for block in &found {
            let nodes = block["nodes"].as_array().unwrap();
            let mut ids = HashSet::new();
            for node in nodes {
                let inputs = node["inputs"].as_array().unwrap();
                assert!(inputs.iter().all(|input| ids.contains(input)), "{level}: {node}");
                assert!(ids.insert(&node["id"]), "{level}: {node}");
            }
            let mut assigns = block["assigns"].as_array().unwrap().iter();
            assert!(assigns.all(|assign| ids.contains(&assign["node"])), "{level}: {block}");
        }
        let nodes = || found.iter().flat_map(|block| block["nodes"].as_array().unwrap());
        let rand = nodes().find(|node| node["op"] == "rand").unwrap();
        assert_eq!(
            (&rand["rows"], &rand["cols"], &rand["line"]),
            (&30.into(), &4.into(), &5.into()),
            "{level}"
        );
        // 12 bytes for each of at most so many cells and 8 for each row are more than 8 for each cell, or less.
        let nnz = rand["nnz"].as_f64().unwrap();
        assert!(rand["memory"].as_f64().unwrap() >= (12.0 * nnz + 240.0).min(960.0), "{level}: {rand}");
        let has_time = nodes().any(|node| node["op"] == "rand" && node["time"].as_f64().is_some());
        assert_eq!(has_time, level == "plan");
    }
}

/// The structure of the text, line by line: brackets match, and edges join nodes of the same block.
#[test]
fn dot_has_a_cluster_for_each_block() {
    for level in ["facts", "rewritten", "plan"] {
        let text = explained(&format!("dot-{level}"), &["--format", "dot", "--level", level]);
        let (mut depth, mut nodes, mut clusters, mut edges) = (0, HashSet::new(), 0, 0);
        for line in text.lines().map(str::trim) {
            let unquoted: String =
                line.replace("\\\\", "").replace("\\\"", "").split('"').step_by(2).collect();
            assert_eq!(line.replace("\\\"", "").matches('"').count() % 2, 0, "{line}");
            depth += unquoted.matches('{').count() as i32 - unquoted.matches('}').count() as i32;
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["subgraph", name, "{"] => clusters += i32::from(name.starts_with("cluster_f")),
                [from, "->", to] => {
                    edges += 1;
                    assert!(nodes.contains(from) && nodes.contains(to.trim_end_matches(';')), "{line}");
                }
                [name, "[label", ..] => {
                    assert!(line.ends_with("];") && nodes.insert(name.to_string()), "{line}");
                }
                _ => {}
            }
        }
        assert!(text.starts_with("digraph program {\n") && text.ends_with("}\n") && depth == 0, "{text}");
        assert!(clusters >= 5 && edges >= 8, "{level}: {clusters} clusters, {edges} edges");
    }
}

#[test]
fn only_programs_have_formats() {
    let output = tilewright(&folder("levels"), &["explain", "--format", "dot", "--level", "ast", "s.dml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("only the levels facts, rewritten and plan"));
}

#[test]
fn a_description_of_the_machine_is_read() {
    let folder = folder("machine");
    let plan = |folder: &Path| {
        let output = tilewright(folder, &["explain", "--level", "plan", "s.dml"]);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    fs::create_dir_all(folder.join("settings/tilewright")).unwrap();
    let path = folder.join("settings/tilewright/machine.json");
    let slow = Machine { overhead: 3.0, ..Machine::default() };
    fs::write(&path, serde_json::to_string(&slow).unwrap()).unwrap();
    let (code, text, _) = plan(&folder);
    assert!(
        code == Some(0) && text.lines().any(|line| line.contains("rand") && line.contains(" 3.0 s")),
        "{text}"
    );
    let shown = tilewright(&folder, &["calibrate", "--show"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("machine.json"));
    fs::write(&path, "{\"cores\": 1}").unwrap();
    let (code, _, error) = plan(&folder);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("does not describe a machine") && error.contains("tilewright calibrate"),
        "{error}"
    );
}

#[test]
fn the_documents_use_the_nominal_machine() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/machine/tilewright/machine.json");
    let machine: Machine = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(machine, Machine::default());
}

#[test]
fn only_estimates_ask_for_the_machine() {
    let folder = folder("broken-machine");
    fs::create_dir_all(folder.join("settings/tilewright")).unwrap();
    fs::write(folder.join("settings/tilewright/machine.json"), "{").unwrap();
    for words in [&["run", "s.dml"][..], &["check", "s.dml"]] {
        assert!(tilewright(&folder, words).status.success(), "{words:?}");
    }
    for words in [&["run", "--stats", "s.dml"][..], &["explain", "--level", "plan", "s.dml"]] {
        let output = tilewright(&folder, words);
        assert!(!output.status.success(), "{words:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("does not describe a machine"), "{words:?}");
    }
}
