//! The table, in Markdown, between the machine with its ceilings and what falls short.

use std::fmt::Write;

use crate::ceiling::Ceilings;
use crate::machine::Machine;
use crate::measure::{Measure, median, quantile, sorted};

const HEAD: &str = "\
| case | what | threads | ours | GB/s | GFLOP/s | of ceiling | peer | its time | peer / ours | quartiles | asked |
|---|---|--:|--:|--:|--:|--:|---|--:|--:|--:|---|
";

/// All of it.
pub fn markdown(machine: &Machine, ceilings: &Ceilings, measures: &[Measure]) -> String {
    let mut out = head(machine);
    out.push_str(&ceiling_table(ceilings));
    if measures.is_empty() {
        return out;
    }
    out.push_str(HEAD);
    let mut above = "";
    for measure in measures {
        let own = if measure.case == above { repeated(measure) } else { first(measure, ceilings) };
        let cells = own.into_iter().chain(against(measure)).chain([asked(measure, ceilings)]);
        let _ = writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        above = &measure.case;
    }
    out.push_str(&shortfalls(ceilings, measures));
    out
}

fn head(machine: &Machine) -> String {
    let mut out = format!("{}, {} cores, {} threads", machine.processor, machine.cores, machine.threads);
    if let Some(memory) = machine.memory {
        let _ = write!(out, ", {:.0} GB", memory / 1e9);
    }
    out.push('\n');
    for line in &machine.peers {
        let _ = write!(out, "\n- {line}");
    }
    out.push_str(if machine.peers.is_empty() { "\n" } else { "\n\n" });
    out
}

fn ceiling_table(ceilings: &Ceilings) -> String {
    if ceilings.0.is_empty() {
        return String::new();
    }
    let mut out = "| ceiling of | read | copy | triad | write | multiply-add |\n|---|--:|--:|--:|--:|--:|\n"
        .to_string();
    for ceiling in &ceilings.0 {
        let rates = [ceiling.read, ceiling.copy, ceiling.triad, ceiling.write];
        let rates = rates.map(|rate| format!("{:.1} GB/s", rate / 1e9)).join(" | ");
        let threads =
            if ceiling.threads == 1 { "1 thread".into() } else { format!("{} threads", ceiling.threads) };
        let _ = writeln!(out, "| {threads} | {rates} | {:.0} GFLOP/s |", ceiling.flops / 1e9);
    }
    out.push('\n');
    out
}

/// The case and what ours reaches.
fn first(measure: &Measure, ceilings: &Ceilings) -> Vec<String> {
    let giga = |rate: Option<f64>| rate.map_or(String::new(), |rate| format!("{:.1}", rate / 1e9));
    let share = measure.ceiling_share(ceilings);
    vec![
        measure.case.clone(),
        measure.what.clone(),
        measure.threads.map_or("all".into(), |threads| threads.to_string()),
        measure.unit.show(median(&measure.ours)),
        giga(measure.bytes_rate()),
        giga(measure.flops_rate()),
        share.map_or(String::new(), |share| format!("{:.0} %", share * 100.0)),
    ]
}

/// A further peer of the case above.
fn repeated(measure: &Measure) -> Vec<String> {
    let mut cells = vec![String::new(); 7];
    cells[0].clone_from(&measure.case);
    cells
}

/// The peer, its time, the ratio and its spread; without a peer the spread is that of ours.
fn against(measure: &Measure) -> [String; 4] {
    let ratios = measure.ratios();
    if measure.has_failed() {
        return [const { String::new() }; 4];
    }
    if ratios.is_empty() {
        let ours = sorted(measure.ours.clone());
        let show = |part| measure.unit.show(quantile(&ours, part));
        return [String::new(), String::new(), String::new(), format!("{} to {}", show(0.25), show(0.75))];
    }
    [
        measure.peer.clone().unwrap_or_default(),
        measure.unit.show(median(&measure.theirs)),
        format!("{:.2}", quantile(&ratios, 0.5)),
        format!("{:.2} to {:.2}", quantile(&ratios, 0.25), quantile(&ratios, 0.75)),
    ]
}

/// What is asked for, or how far ours is from it.
fn asked(measure: &Measure, ceilings: &Ceilings) -> String {
    let short = measure.shortfalls(ceilings);
    if short.is_empty() { measure.asked().join(", ") } else { format!("**{}**", short.join(", ")) }
}

/// The rows that fall short, each with the reason if one is known.
fn shortfalls(ceilings: &Ceilings, measures: &[Measure]) -> String {
    let mut lines = Vec::new();
    for measure in measures {
        let short = measure.shortfalls(ceilings).join(", ");
        if !short.is_empty() {
            let peer = measure.peer.as_ref().map_or(String::new(), |peer| format!(" against {peer}"));
            let reason =
                measure.reason.as_ref().map_or(String::new(), |reason| format!(": {}", reason.trim()));
            lines.push(format!("- `{}`{peer}, {short}{reason}\n", measure.case));
        }
    }
    if lines.is_empty() { String::new() } else { format!("\nFalls short:\n\n{}", lines.concat()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ceiling::Ceiling;
    use crate::measure::Unit;

    fn measures() -> Vec<Measure> {
        let row = |peer: &str, theirs: f64| Measure {
            ours: vec![0.1, 0.2],
            peer: Some(peer.into()),
            theirs: vec![theirs, 2.0 * theirs],
            flops: Some(15e9),
            reads: Some(1e9),
            ratio: Some(1.5),
            reason: Some("it is slow".into()),
            ..Measure::new("gram", "a product", Unit::Seconds)
        };
        vec![row("numpy", 0.2), row("jax", 0.05)]
    }

    fn rows(ceilings: &Ceilings, measures: &[Measure]) -> Vec<String> {
        let machine = Machine {
            processor: "P".into(),
            cores: 2,
            threads: 2,
            memory: None,
            peers: vec!["NumPy".into()],
        };
        markdown(&machine, ceilings, measures).lines().map(str::to_string).collect()
    }

    #[test]
    fn a_row_for_each_peer_and_a_list_of_what_falls_short() {
        let ceiling = Ceiling { threads: 2, read: 20e9, copy: 1.0, triad: 1.0, write: 1.0, flops: 200e9 };
        let rows = rows(&Ceilings(vec![ceiling]), &measures());
        assert_eq!(rows[..3], ["P, 2 cores, 2 threads", "", "- NumPy"]);
        assert_eq!(rows[6], "| 2 threads | 20.0 GB/s | 0.0 GB/s | 0.0 GB/s | 0.0 GB/s | 200 GFLOP/s |");
        assert_eq!(
            rows[10..12],
            [
                "| gram | a product | all | 150.0 ms | 6.7 | 100.0 | 50 % | numpy | 300.0 ms | 2.00 | 2.00 to 2.00 | 1.50 |",
                "| gram |  |  |  |  |  |  | jax | 75.0 ms | 0.50 | 0.50 to 0.50 | **below 1.50** |",
            ]
        );
        assert_eq!(rows[12..], ["", "Falls short:", "", "- `gram` against jax, below 1.50: it is slow"]);
    }

    #[test]
    fn without_a_peer_the_spread_is_of_ours() {
        let mut measure = Measure::new("a", "b", Unit::Bytes);
        measure.ours = vec![1e6, 2e6, 3e6];
        let rows = rows(&Ceilings::default(), &[measure]);
        assert_eq!(rows.last().unwrap(), "| a | b | all | 2.0 MB |  |  |  |  |  |  | 1.5 MB to 2.5 MB |  |");
    }
}
