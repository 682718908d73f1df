//! Candidates that may come to stand in one pipeline: those over the same rows that read each other or the same matrix.

use tilewright_ir::NodeId;
use tilewright_pipeline::Role;

use super::candidates::Table;

/// Nodes of a partition at most: sets of them are the bits of a word.
pub(super) const MOST: usize = 128;

/// The partitions of two nodes and more, nodes in order.
pub(super) fn partitions(table: &Table<'_>) -> Vec<Vec<NodeId>> {
    let mut sets = Sets::new(table.dag.nodes.len());
    for (id, node) in table.dag.iter() {
        let Some(candidate) = table.candidate(id) else { continue };
        for (input, role) in node.inputs.iter().zip(&candidate.roles) {
            if *role != Role::Panel {
                continue;
            }
            if table.is_fusible(*input, id) {
                sets.join(*input, id);
            }
            // Whoever else reads the same rows.
            let others = table.readers[input.0 as usize].iter().take_while(|other| **other < id);
            let reads_rows = |other: &&NodeId| match table.candidate(**other) {
                Some(other_candidate) => {
                    let inputs = table.dag.node(**other).inputs.iter().zip(&other_candidate.roles);
                    let same = inputs.filter(|(own, _)| *own == input);
                    other_candidate.rows == candidate.rows
                        && same.into_iter().any(|(_, role)| *role == Role::Panel)
                }
                None => false,
            };
            if let Some(other) = others.filter(reads_rows).last() {
                sets.join(*other, id);
            }
        }
    }
    sets.members(|id| table.candidate(id).is_some())
}

/// Disjoint sets of nodes, by the smallest of each.
struct Sets {
    parent: Vec<u32>,
    size: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Sets {
        Sets { parent: (0..count as u32).collect(), size: vec![1; count] }
    }

    fn find(&mut self, id: NodeId) -> u32 {
        let mut at = id.0;
        while self.parent[at as usize] != at {
            self.parent[at as usize] = self.parent[self.parent[at as usize] as usize];
            at = self.parent[at as usize];
        }
        at
    }

    /// Makes one set of two, unless it would be too large.
    fn join(&mut self, a: NodeId, b: NodeId) {
        let (a, b) = (self.find(a), self.find(b));
        let size = self.size[a as usize] + self.size[b as usize];
        if a != b && size <= MOST {
            let (low, high) = (a.min(b), a.max(b));
            self.parent[high as usize] = low;
            self.size[low as usize] = size;
        }
    }

    fn members(mut self, is_member: impl Fn(NodeId) -> bool) -> Vec<Vec<NodeId>> {
        let mut members: Vec<Vec<NodeId>> = vec![Vec::new(); self.parent.len()];
        for at in 0..self.parent.len() as u32 {
            if is_member(NodeId(at)) {
                let root = self.find(NodeId(at));
                members[root as usize].push(NodeId(at));
            }
        }
        members.into_iter().filter(|members| members.len() > 1).collect()
    }
}
