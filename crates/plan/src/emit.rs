//! From the IR to instructions: an order that keeps effects, registers, and who reads a value last.
//!
//! Roots are emitted in program order, each after what it needs. A block's assignments become visible at its end:
//! the result goes straight to the variable's register when nobody reads the old value any more, and is moved there
//! otherwise.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};
use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{
    Block, Dag, Function, FunctionId, NodeId, NodeKind, Parallel, Program, Root, VarId, Work, work,
};

use crate::dynamic::{self, Dynamic, Variant, Variants};
use crate::instruction::{Instruction, Kind, Operand, Plan, Register, Step};

/// Gives the operators of a DAG their physical form.
pub type Choose<'a> = &'a dyn Fn(&mut Dag);

/// Which pieces of a program are compiled again when they are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recompile {
    /// None: the plan is all there is.
    Nothing,
    /// Those whose sizes are not known before.
    Unknown,
}

/// The plan of a program.
pub fn emit(program: Arc<Program>, choose: Choose<'_>, recompile: Recompile) -> Plan {
    let ids = (0..program.functions.len() as u32).map(FunctionId);
    let functions = ids.map(|id| emit_function(&program, id, choose, recompile)).collect();
    Plan { functions, scopes: program.scopes.clone(), program }
}

/// The steps of a piece whose blocks have become these, over so many variables.
pub fn emit_blocks(
    program: &Program,
    piece: &Dynamic,
    (blocks, variables): (&[Block], usize),
    choose: Choose<'_>,
) -> Variant {
    let id = piece.function;
    let mut emitter = Emitter::new(program.function(id), id, choose, Recompile::Unknown);
    emitter.shared = piece.shared.clone();
    (emitter.variables, emitter.registers) = (variables as u32, variables as u32);
    // All that could be known of what the first piece reads is known now.
    let steps = emitter.pieces(blocks, &piece.after, Emitter::steps);
    Variant { steps, registers: emitter.registers as usize }
}

fn emit_function(
    program: &Program,
    id: FunctionId,
    choose: Choose<'_>,
    recompile: Recompile,
) -> crate::Function {
    let function = program.function(id);
    let results: Live = function.results.iter().copied().collect();
    let mut emitter = Emitter::new(function, id, choose, recompile);
    let body = emitter.blocks(&function.body, &results);
    crate::Function {
        name: function.name.clone(),
        variables: function.variables.iter().map(|variable| variable.name.clone()).collect(),
        params: function.params.iter().map(|id| Register(id.0)).collect(),
        declared: function.declared.clone(),
        scope: function.scope,
        results: function.results.iter().map(|id| Register(id.0)).collect(),
        registers: emitter.registers as usize,
        body,
        span: function.span,
    }
}

struct Emitter<'a> {
    function: &'a Function,
    id: FunctionId,
    choose: Choose<'a>,
    recompile: Recompile,
    variables: u32,
    registers: u32,
    /// Results of the enclosing parallel loop.
    shared: Vec<VarId>,
}

impl<'a> Emitter<'a> {
    fn new(function: &'a Function, id: FunctionId, choose: Choose<'a>, recompile: Recompile) -> Emitter<'a> {
        let variables = function.variables.len() as u32;
        Emitter { function, id, choose, recompile, variables, registers: variables, shared: Vec::new() }
    }

    /// The steps of blocks; pieces of unknown sizes are compiled again when they are reached.
    fn blocks(&mut self, blocks: &[Block], after: &Live) -> Vec<Step> {
        match self.recompile {
            Recompile::Nothing => self.steps(blocks, after),
            Recompile::Unknown => self.pieces(blocks, after, Emitter::piece),
        }
    }

    /// The steps of the pieces of blocks, the first of them by `first`.
    fn pieces(
        &mut self,
        blocks: &[Block],
        after: &Live,
        first: fn(&mut Self, &[Block], &Live) -> Vec<Step>,
    ) -> Vec<Step> {
        let mut live = after.clone();
        let mut pieces = Vec::new();
        let mut end = blocks.len();
        for start in dynamic::cuts(blocks, &self.function.measured).into_iter().rev() {
            let piece = &blocks[start..end];
            let emit = if start == 0 { first } else { Emitter::piece };
            pieces.push(emit(self, piece, &live));
            live = liveness::before(piece, &live);
            end = start;
        }
        pieces.into_iter().rev().flatten().collect()
    }

    fn piece(&mut self, blocks: &[Block], after: &Live) -> Vec<Step> {
        let Some(inputs) = dynamic::inputs(blocks, after) else { return self.steps(blocks, after) };
        let recompile = std::mem::replace(&mut self.recompile, Recompile::Nothing);
        let generic = self.steps(blocks, after);
        self.recompile = recompile;
        vec![Step::Dynamic(Arc::new(Dynamic {
            function: self.id,
            variables: self.variables as usize,
            blocks: blocks.to_vec(),
            after: after.clone(),
            shared: self.shared.clone(),
            inputs,
            generic,
            variants: Variants::default(),
        }))]
    }

    fn steps(&mut self, blocks: &[Block], after: &Live) -> Vec<Step> {
        let mut live = after.clone();
        let mut steps: Vec<Step> = Vec::with_capacity(blocks.len());
        for block in blocks.iter().rev() {
            let before = liveness::before(std::slice::from_ref(block), &live);
            steps.push(self.block(block, &live));
            live = before;
        }
        steps.reverse();
        steps
    }

    fn block(&mut self, block: &Block, after: &Live) -> Step {
        let register = |id: VarId| Register(id.0);
        let head = self.dag(block.dag(), &liveness::after_head(block, after));
        let inner = liveness::after_inner(block, after);
        match block {
            Block::Basic(_) => Step::Basic(head),
            Block::If { condition, then, otherwise, span, .. } => {
                let (then, otherwise) = (self.blocks(then, &inner), self.blocks(otherwise, &inner));
                Step::If { head, condition: register(*condition), then, otherwise, span: *span }
            }
            Block::While { condition, body, leave, span, .. } => {
                let (body, leave) = (self.blocks(body, &inner), leave.map(register));
                Step::While { head, condition: register(*condition), body, leave, span: *span }
            }
            Block::For { variable, bounds, body, parallel, leave, span, .. } => {
                let body = self.body(body, parallel.as_ref(), &inner);
                let bounds = (register(bounds.0), register(bounds.1), bounds.2.map(register));
                let (parallel, leave, variable) =
                    (parallel.clone(), leave.map(register), register(*variable));
                Step::For { head, variable, bounds, body, parallel, leave, span: *span }
            }
        }
    }

    fn body(&mut self, body: &[Block], parallel: Option<&Parallel>, after: &Live) -> Vec<Step> {
        let Some(parallel) = parallel else { return self.blocks(body, after) };
        let outer = std::mem::replace(&mut self.shared, parallel.results.clone());
        let steps = self.blocks(body, after);
        self.shared = outer;
        steps
    }

    fn dag(&mut self, dag: &Dag, after: &Live) -> Vec<Instruction> {
        let mut dag = dag.clone();
        (self.choose)(&mut dag);
        let dag = &dag;
        let needed = liveness::needed(dag, after);
        let mut block = BlockEmitter {
            dag,
            after,
            shared: &self.shared,
            uses: Uses::of(dag, after),
            reads: vec![0; dag.nodes.len()],
            places: HashMap::new(),
            direct: HashMap::new(),
            next: self.variables,
            instructions: Vec::new(),
        };
        block.count_reads(&needed);
        block.emit_roots();
        self.registers = self.registers.max(block.next);
        block.instructions
    }
}

/// Where the value of a node is.
#[derive(Clone, Copy)]
struct Place {
    register: Register,
    /// A variable's register keeps its value at the last read if the variable lives on.
    keeps: bool,
}

/// How the nodes of a DAG and the variables belong together.
#[derive(Default)]
struct Uses {
    /// The first live variable that each node is assigned to.
    targets: HashMap<NodeId, VarId>,
    /// Live variables that hold another value after the block.
    overwritten: HashSet<VarId>,
    /// The nodes that are the value of a variable at the start of the block.
    readers: HashMap<VarId, Vec<NodeId>>,
    /// The further results of nodes with several, with their positions.
    results: HashMap<NodeId, Vec<(usize, NodeId)>>,
}

impl Uses {
    fn of(dag: &Dag, after: &Live) -> Uses {
        let mut uses = Uses::default();
        for root in &dag.roots {
            if let Root::Assign(variable, node) = root
                && after.contains(variable)
            {
                uses.targets.entry(*node).or_insert(*variable);
                if dag.node(*node).kind != NodeKind::Variable(*variable) {
                    uses.overwritten.insert(*variable);
                }
            }
        }
        for (id, node) in dag.iter() {
            match node.kind {
                NodeKind::Variable(variable) => uses.readers.entry(variable).or_default().push(id),
                NodeKind::Result(at) => uses.results.entry(node.inputs[0]).or_default().push((at, id)),
                _ => {}
            }
        }
        uses
    }
}

struct BlockEmitter<'a> {
    dag: &'a Dag,
    after: &'a Live,
    shared: &'a [VarId],
    uses: Uses,
    /// How often each node's value is still read.
    reads: Vec<u32>,
    places: HashMap<NodeId, Place>,
    /// Nodes whose result went straight to the register of a variable.
    direct: HashMap<NodeId, VarId>,
    next: u32,
    instructions: Vec<Instruction>,
}

impl BlockEmitter<'_> {
    fn live_assignments(&self) -> impl Iterator<Item = (VarId, NodeId)> + '_ {
        self.dag.roots.iter().filter_map(|root| match root {
            Root::Assign(variable, node) if self.after.contains(variable) => Some((*variable, *node)),
            _ => None,
        })
    }

    fn count_reads(&mut self, needed: &[bool]) {
        for (_, node) in self.dag.iter().filter(|(id, _)| needed[id.0 as usize]) {
            for input in &node.inputs {
                self.reads[input.0 as usize] += 1;
            }
        }
        let moved: Vec<NodeId> = self.live_assignments().map(|(_, node)| node).collect();
        for node in moved {
            self.reads[node.0 as usize] += 1;
        }
    }

    fn emit_roots(&mut self) {
        for root in &self.dag.roots {
            match root {
                Root::Effect(node) => self.emit(*node),
                Root::Assign(variable, node) if self.after.contains(variable) => self.emit(*node),
                Root::Assign(..) => {}
            }
        }
        let assignments: Vec<_> = self.live_assignments().collect();
        let pending: Vec<_> = assignments
            .into_iter()
            .filter(|(variable, node)| self.direct.get(node) != Some(variable))
            .filter(|(variable, node)| self.dag.node(*node).kind != NodeKind::Variable(*variable))
            .collect();
        self.commit(&pending);
    }

    /// Moves results to their variables. A variable that is both read and written here is first put aside.
    fn commit(&mut self, pending: &[(VarId, NodeId)]) {
        let written: HashSet<VarId> = pending.iter().map(|(variable, _)| *variable).collect();
        let mut sources = Vec::new();
        for (variable, node) in pending {
            let operand = self.read(*node);
            let reads_written = match &operand {
                Operand::Copy(register) | Operand::Take(register) => written.contains(&VarId(register.0)),
                Operand::Literal(_) => false,
            };
            if reads_written && pending.len() > 1 {
                let aside = self.fresh();
                self.push_move(operand, aside, *node);
                sources.push((Operand::Take(aside), *variable, *node));
            } else {
                sources.push((operand, *variable, *node));
            }
        }
        for (operand, variable, node) in sources {
            self.push_move(operand, Register(variable.0), node);
        }
    }

    fn push_move(&mut self, operand: Operand, to: Register, node: NodeId) {
        let source = self.dag.node(node);
        self.instructions.push(Instruction {
            kind: Kind::Move,
            inputs: vec![operand],
            outputs: vec![Some(to)],
            span: source.span,
            facts: source.fact().clone(),
            work: Some(Work::SCALAR),
        });
    }

    fn fresh(&mut self) -> Register {
        self.next += 1;
        Register(self.next - 1)
    }

    /// Emits a node after its inputs, once. The work list keeps long chains off the stack.
    fn emit(&mut self, root: NodeId) {
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if self.places.contains_key(&id) {
                continue;
            }
            match &self.dag.node(id).kind {
                NodeKind::Literal(_) => {}
                NodeKind::Variable(variable) => {
                    let keeps = self.after.contains(variable) && !self.uses.overwritten.contains(variable);
                    self.places.insert(id, Place { register: Register(variable.0), keeps });
                }
                _ if ready => self.instruction(id),
                _ => {
                    stack.push((id, true));
                    stack.extend(self.dag.node(id).inputs.iter().rev().map(|input| (*input, false)));
                }
            }
        }
    }

    /// One read of a node's value.
    fn read(&mut self, id: NodeId) -> Operand {
        if let NodeKind::Literal(value) = &self.dag.node(id).kind {
            return Operand::Literal(value.clone());
        }
        let place = self.places[&id];
        let left = &mut self.reads[id.0 as usize];
        *left = left.saturating_sub(1);
        if *left == 0 && !place.keeps { Operand::Take(place.register) } else { Operand::Copy(place.register) }
    }

    fn instruction(&mut self, id: NodeId) {
        let node = self.dag.node(id);
        let kind = match &node.kind {
            NodeKind::Op(op) => Kind::Op(*op),
            NodeKind::Pipeline(pipeline) => Kind::Pipeline(pipeline.clone()),
            NodeKind::Exists(variable) => Kind::Exists(Register(variable.0)),
            NodeKind::Call(function) => Kind::Call(*function),
            NodeKind::Statement(statement, present) => Kind::Statement(*statement, *present),
            NodeKind::Scatter(variable, form) => Kind::Scatter(self.shared_position(*variable), *form),
            NodeKind::Accumulate(variable) => Kind::Accumulate(self.shared_position(*variable)),
            NodeKind::Result(_) | NodeKind::Literal(_) | NodeKind::Variable(_) => {
                unreachable!("invariant: leaves and further results have no instruction of their own")
            }
        };
        let inputs = node.inputs.iter().map(|input| self.read(*input)).collect();
        let further = self.further_results(id);
        let mut outputs = vec![(self.reads[id.0 as usize] > 0).then(|| self.output(id))];
        for (at, result) in further {
            outputs.resize(outputs.len().max(at + 1), None);
            outputs[at] = Some(self.output(result));
        }
        if outputs == [None] {
            self.places.insert(id, Place { register: Register(u32::MAX), keeps: true });
        }
        self.instructions.push(Instruction {
            kind,
            inputs,
            outputs,
            span: node.span,
            facts: node.fact().clone(),
            work: work::of_node(self.dag, node),
        });
    }

    /// The later results of a node that are read, with their positions; they are no reads of its first result.
    fn further_results(&mut self, id: NodeId) -> Vec<(usize, NodeId)> {
        let results = self.uses.results.get(&id).into_iter().flatten();
        let found: Vec<_> =
            results.copied().filter(|(_, result)| self.reads[result.0 as usize] > 0).collect();
        self.reads[id.0 as usize] -= found.len() as u32;
        found
    }

    /// The register of a node's first result: the variable's own when its old value is not read any more.
    fn output(&mut self, id: NodeId) -> Register {
        let target = self.uses.targets.get(&id).copied();
        if let Some(variable) = target.filter(|variable| !self.is_still_read(*variable)) {
            self.direct.insert(id, variable);
            self.reads[id.0 as usize] -= 1;
            let register = Register(variable.0);
            self.places.insert(id, Place { register, keeps: true });
            return register;
        }
        let register = self.fresh();
        self.places.insert(id, Place { register, keeps: false });
        register
    }

    /// True while the value that a variable had at the start of the block is still wanted.
    fn is_still_read(&self, variable: VarId) -> bool {
        let mut readers = self.uses.readers.get(&variable).into_iter().flatten();
        readers.any(|id| self.reads[id.0 as usize] > 0)
    }

    fn shared_position(&self, variable: VarId) -> usize {
        let found = self.shared.iter().position(|shared| *shared == variable);
        found.expect("invariant: only results of the enclosing parallel loop are scattered to")
    }
}
