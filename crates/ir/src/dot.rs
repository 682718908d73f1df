//! Outlines for Graphviz: one cluster a block, one node an operator.

use std::fmt::Write;

use tilewright_base::number::print_bytes;

use crate::outline::{BlockOutline, FunctionOutline, NodeOutline, Outline};

/// The outline in the DOT language.
pub fn dot(outline: &Outline) -> String {
    let mut out = String::from("digraph program {\n  rankdir = BT;\n  node [shape = box];\n");
    for (at, function) in outline.functions.iter().enumerate() {
        cluster(&mut out, &format!("f{at}"), function);
    }
    out + "}\n"
}

fn cluster(out: &mut String, prefix: &str, function: &FunctionOutline) {
    let title = format!("{}({})", function.name, function.parameters.join(", "));
    let _ = writeln!(out, "  subgraph cluster_{prefix} {{\n    label = {};", quoted(&title));
    for block in &function.blocks {
        self::block(out, 2, prefix, "", block);
    }
    out.push_str("  }\n");
}

fn block(out: &mut String, depth: usize, function: &str, role: &str, block: &BlockOutline) {
    let (indent, prefix) = ("  ".repeat(depth), format!("{function}_b{}", block.id));
    let title = [role, block.kind, block.variable.as_deref().unwrap_or("")];
    let title: Vec<_> = title.into_iter().filter(|word| !word.is_empty()).collect();
    let _ = writeln!(out, "{indent}subgraph cluster_{prefix} {{");
    let _ = writeln!(out, "{indent}  label = {};", quoted(&title.join(" ")));
    for node in &block.nodes {
        let _ = writeln!(out, "{indent}  {prefix}_n{} [label = {}];", node.id, quoted(&label(node)));
    }
    for node in &block.nodes {
        for input in &node.inputs {
            let _ = writeln!(out, "{indent}  {prefix}_n{input} -> {prefix}_n{};", node.id);
        }
    }
    for (at, assign) in block.assigns.iter().enumerate() {
        let name = quoted(&assign.variable);
        let _ = writeln!(out, "{indent}  {prefix}_a{at} [label = {name}, shape = ellipse];");
        let _ = writeln!(out, "{indent}  {prefix}_n{} -> {prefix}_a{at};", assign.node);
    }
    let role = if block.kind == "if" { "then" } else { "" };
    block.body.iter().for_each(|inner| self::block(out, depth + 1, function, role, inner));
    block.otherwise.iter().for_each(|inner| self::block(out, depth + 1, function, "else", inner));
    let _ = writeln!(out, "{indent}}}");
}

/// The operator, then its shape and memory in a line below.
fn label(node: &NodeOutline) -> String {
    let head = match (node.op.as_str(), &node.name) {
        ("literal" | "variable", Some(name)) => name.clone(),
        (op, Some(name)) => format!("{op} {name}"),
        (op, None) => op.into(),
    };
    let dim = |n: Option<u64>| n.map_or("?".into(), |n| n.to_string());
    let mut facts = Vec::new();
    if node.rows.is_some() || node.cols.is_some() {
        facts.push(format!("{}x{}", dim(node.rows), dim(node.cols)));
    }
    facts.extend(node.nnz.map(|nnz| format!("nnz {}{nnz}", if node.exact { "" } else { "<= " })));
    facts.extend(node.memory.filter(|bytes| *bytes > 0.0).map(print_bytes));
    if facts.is_empty() { head } else { format!("{head}\n{}", facts.join(", ")) }
}

/// A string of the DOT language: quotes and backslashes are escaped, a new line is `\n`.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(quoted("a \"b\"\\n\nc"), r#""a \"b\"\\n\nc""#);
    }

    #[test]
    fn a_block_is_a_cluster_and_an_input_an_edge() {
        let node = |id, op: &str, inputs| NodeOutline { id, op: op.into(), inputs, ..NodeOutline::default() };
        let x =
            NodeOutline { name: Some("X".into()), rows: Some(3), cols: None, ..node(0, "variable", vec![]) };
        let block = BlockOutline {
            kind: "basic",
            nodes: vec![x, node(1, "sum", vec![0])],
            ..BlockOutline::default()
        };
        let main = FunctionOutline { name: "main".into(), blocks: vec![block], ..FunctionOutline::default() };
        let text = dot(&Outline { functions: vec![main] });
        for line in [
            "    subgraph cluster_f0_b0 {",
            r#"      f0_b0_n0 [label = "X\n3x?"];"#,
            r#"      f0_b0_n1 [label = "sum"];"#,
            "      f0_b0_n0 -> f0_b0_n1;",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
    }
}
