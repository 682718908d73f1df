//! Operators over the same rows become pipelines: what lies between them is never written to memory, and what several of
//! them read is read once.
//!
//! For each DAG, when steps are made of it:
//! 1. [`chains`]: chains of products become what they are made of, where others go over the rows of their matrix
//! 2. [`candidates`]: which nodes can be steps of a pipeline, over which rows, and what each of their inputs would be
//! 3. [`partition`]: candidates that share rows through an edge or an input belong together; each partition is planned
//!    alone
//! 4. [`search`]: where a node is read by pipelines that must follow each other, it is either computed in each of them
//!    or written and read; all choices are enumerated, those that cannot be the best are skipped by a lower bound
//!    ([`bound`])
//! 5. [`plan`]: what a choice means: which nodes are computed together, and what that costs ([`cost`])
//! 6. [`build`]: groups of nodes become nodes of the DAG
//!
//! The search follows Boehm et al., "On Optimizing Operator Fusion Plans for Large-Scale Machine Learning in SystemML"
//! (PVLDB 2018), with pipelines of any number of results in place of its templates.

mod bound;
mod build;
mod candidates;
mod chains;
mod cost;
mod partition;
mod plan;
#[cfg(test)]
mod random;
mod search;

use tilewright_ir::{Dag, NodeId};

use crate::Options;
use candidates::Table;
use chains::Opened;
use plan::Group;
pub use search::Effort;

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "fuse-pipelines";

/// How pipelines are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fusion {
    /// By what they cost.
    #[default]
    Cost,
    /// As large as they can be, however small their inputs.
    All,
    /// None.
    None,
    /// By what they cost, with every choice looked at: the definition of what `Cost` finds faster.
    Exhaustive,
}

impl Fusion {
    /// All of them, with their names on the command line.
    pub const NAMES: [(&'static str, Fusion); 4] = [
        ("cost", Fusion::Cost),
        ("all", Fusion::All),
        ("none", Fusion::None),
        ("exhaustive", Fusion::Exhaustive),
    ];
}

/// Groups the operators of a DAG into pipelines.
pub fn fuse_pipelines(dag: &mut Dag, options: &Options) {
    let _ = fuse_with_effort(dag, options);
}

/// As [`fuse_pipelines`], telling what each search for a plan did.
pub fn fuse_with_effort(dag: &mut Dag, options: &Options) -> Vec<Effort> {
    let mut efforts = Vec::new();
    if options.as_written || options.fusion == Fusion::None || options.disabled.contains(NAME) {
        return efforts;
    }
    let is_any_size = options.fusion == Fusion::All;
    if !candidates::is_worth_a_look(dag, is_any_size) {
        return efforts;
    }
    dag.compact();
    let opened = Opened::of(dag);
    let table = Table::of(dag);
    let mut groups = Vec::new();
    let is_large = |id: &NodeId| table.candidate(*id).is_some_and(|candidate| candidate.is_large);
    for members in partition::partitions(&table) {
        if !is_any_size && !members.iter().any(is_large) {
            continue;
        }
        let (plan, effort) = search::choose(&table, &members, &groups, options.fusion);
        let is_pipeline = |group: &Group| {
            let is_member = |id: NodeId| group.nodes.contains(&id);
            let has_driver = group.nodes.iter().any(|id| table.reads_rows(*id, is_member));
            group.nodes.len() > 1 && has_driver && !opened.is_chain(group)
        };
        groups.extend(plan.into_iter().filter(is_pipeline));
        efforts.push(effort);
    }
    if !groups.is_empty() {
        *dag = build::with_pipelines(&table, &groups);
    }
    opened.close(dag, options);
    efforts
}
