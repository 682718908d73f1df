//! Groups of nodes as pipelines, and the DAG with them.

use std::collections::HashMap;
use std::sync::Arc;

use tilewright_ir::{Dag, Node, NodeId, NodeKind};
use tilewright_pipeline::{Pipeline, Role, Source, Step};

use super::candidates::Table;
use super::plan::Group;

/// The pipeline of a group, and its inputs.
pub(super) fn pipeline(table: &Table<'_>, group: &Group) -> (Pipeline, Vec<NodeId>) {
    let mut builder = Builder {
        table,
        pipeline: Pipeline { inputs: Vec::new(), steps: Vec::new(), results: Vec::new() },
        inputs: Vec::new(),
    };
    let mut steps: HashMap<NodeId, usize> = HashMap::new();
    for id in &group.nodes {
        let (node, candidate) = (table.dag.node(*id), table.candidate(*id));
        let roles = &candidate.expect("invariant: members are candidates").roles;
        let arg = |(input, role): (&NodeId, &Role)| match steps.get(input) {
            Some(step) if table.is_fusible(*input, *id) => Source::Step(*step),
            _ => builder.input(*input, *role),
        };
        let args = node.inputs.iter().zip(roles).map(arg).collect();
        let op = *table.operator(*id).expect("invariant: candidates are operators");
        steps.insert(*id, builder.pipeline.steps.len());
        builder.pipeline.steps.push(Step { op, args, span: node.span });
    }
    builder.pipeline.results = group.results.iter().map(|id| steps[id]).collect();
    (builder.pipeline, builder.inputs)
}

struct Builder<'a> {
    table: &'a Table<'a>,
    pipeline: Pipeline,
    inputs: Vec<NodeId>,
}

impl Builder<'_> {
    /// What a step reads of a node that is computed before.
    fn input(&mut self, id: NodeId, role: Role) -> Source {
        if let (NodeKind::Literal(value), Role::Scalar) = (&self.table.dag.node(id).kind, role)
            && let Ok(number) = value.as_double()
        {
            return Source::Number(number);
        }
        let mut known = self.inputs.iter().zip(&self.pipeline.inputs);
        if let Some(at) = known.position(|(own, own_role)| *own == id && *own_role == role) {
            return Source::Input(at);
        }
        self.inputs.push(id);
        self.pipeline.inputs.push(role);
        Source::Input(self.inputs.len() - 1)
    }
}

/// The DAG in which each group is one node.
pub(super) fn with_pipelines(table: &Table<'_>, groups: &[Group]) -> Dag {
    let mut group_of = vec![None; table.dag.nodes.len()];
    for (at, group) in groups.iter().enumerate() {
        group.results.iter().for_each(|id| group_of[id.0 as usize] = Some(at));
    }
    let built: Vec<_> = groups.iter().map(|group| pipeline(table, group)).collect();
    let mut assembly = Assembly {
        table,
        groups,
        built,
        group_of,
        dag: Dag::default(),
        moved: vec![None; table.dag.nodes.len()],
    };
    for root in &table.dag.roots {
        assembly.add(root.node());
        let moved = assembly.moved[root.node().0 as usize].expect("invariant: just added");
        assembly.dag.roots.push(root.with_node(moved));
    }
    assembly.dag
}

struct Assembly<'a> {
    table: &'a Table<'a>,
    groups: &'a [Group],
    built: Vec<(Pipeline, Vec<NodeId>)>,
    group_of: Vec<Option<usize>>,
    dag: Dag,
    moved: Vec<Option<NodeId>>,
}

impl Assembly<'_> {
    /// Adds a node after its inputs. A list of what is left to do keeps long chains off the stack.
    fn add(&mut self, root: NodeId) {
        let mut stack = vec![(root, false)];
        while let Some((id, is_ready)) = stack.pop() {
            if self.moved[id.0 as usize].is_some() {
                continue;
            }
            let group = self.group_of[id.0 as usize];
            if is_ready {
                match group {
                    Some(group) => self.push_group(group),
                    None => self.push_node(id),
                }
                continue;
            }
            stack.push((id, true));
            let inputs = group.map_or(&self.table.dag.node(id).inputs, |group| &self.built[group].1);
            stack.extend(inputs.iter().rev().map(|input| (*input, false)));
        }
    }

    fn inputs(&self, inputs: &[NodeId]) -> Vec<NodeId> {
        let moved =
            |input: &NodeId| self.moved[input.0 as usize].expect("invariant: inputs were added before");
        inputs.iter().map(moved).collect()
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.dag.nodes.push(node);
        NodeId(self.dag.nodes.len() as u32 - 1)
    }

    fn push_node(&mut self, id: NodeId) {
        let node = self.table.dag.node(id);
        let moved = Node { inputs: self.inputs(&node.inputs), ..node.clone() };
        self.moved[id.0 as usize] = Some(self.push(moved));
    }

    fn push_group(&mut self, at: usize) {
        let (group, (pipeline, inputs)) = (&self.groups[at], self.built[at].clone());
        let node = |id: &NodeId| self.table.dag.node(*id);
        let facts = group.results.iter().map(|id| node(id).fact().clone()).collect();
        let span = node(&group.results[0]).span;
        let kind = NodeKind::Pipeline(Arc::new(pipeline));
        let first = self.push(Node { kind, inputs: self.inputs(&inputs), span, facts });
        for (at, id) in group.results.iter().enumerate() {
            let moved = if at == 0 {
                first
            } else {
                let (span, facts) = (self.table.dag.node(*id).span, self.table.dag.node(*id).facts.clone());
                self.push(Node { kind: NodeKind::Result(at), inputs: vec![first], span, facts })
            };
            self.moved[id.0 as usize] = Some(moved);
        }
    }
}
