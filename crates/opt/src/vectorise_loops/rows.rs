//! The form of a loop's body over all iterations at once.
//!
//! A value of one iteration that has one row (or one column, by [`Axis`]) becomes a matrix with a row for each iteration:
//!
//! ```text
//! X[i, 2]            1x1      X[a:b, 2]            nx1
//! X[i, ]             1xm      X[a:b, ]             nxm
//! sum(X[i, ])        scalar   rowSums(X[a:b, ])    nx1
//! X[2, i]            1x1      t(X[2, a:b])         nx1
//! X[i, ] %*% V       1xk      X[a:b, ] %*% V       nxk
//! X[i, ] %*% t(Y[i, ])  1x1   rowSums(X[a:b, ] * Y[a:b, ])
//! i                  scalar   seq(a, b)            nx1
//! ```
//!
//! Dependences: all accesses to a matrix that is written have the same position along the axis, so that each iteration
//! keeps to its own row.

use std::collections::HashMap;

use tilewright_base::Span;
use tilewright_ir::{Dag, Node, NodeId, NodeKind, Root, VarId};
use tilewright_ops::aggregate::{self, AggregateOp, Over};
use tilewright_ops::facts::Linear;
use tilewright_ops::function::Present;
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::{Dim, Facts, Op, binary, functions, unary};
use tilewright_value::{Scalar, ScalarType};

use crate::builder::Builder;
use crate::infallible::{is_complete, is_number};
use crate::variables::Variables;

/// What the iterations run over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Rows.
    Rows,
    /// Columns.
    Columns,
}

impl Axis {
    /// The extent along the axis, and the other one.
    fn split(self, facts: &Facts) -> (Dim, Dim) {
        let (rows, cols) = facts.dims();
        if self == Axis::Rows { (rows, cols) } else { (cols, rows) }
    }

    /// An aggregate of what one iteration has.
    fn within(self) -> Over {
        if self == Axis::Rows { Over::Rows } else { Over::Columns }
    }

    /// An aggregate over the iterations.
    fn across(self) -> Over {
        if self == Axis::Rows { Over::Columns } else { Over::Rows }
    }
}

/// How values of iterations lie beside each other.
#[derive(Debug, Clone, Copy)]
pub struct Along {
    axis: Axis,
    /// Whether cells along the other axis are turned.
    turns: bool,
}

impl Along {
    /// All of them, the simplest first.
    pub const ALL: [Along; 4] = [
        Along { axis: Axis::Rows, turns: false },
        Along { axis: Axis::Columns, turns: false },
        Along { axis: Axis::Rows, turns: true },
        Along { axis: Axis::Columns, turns: true },
    ];
}

/// A loop that counts up in steps of 1, if it counts up at all.
pub struct Loop<'a> {
    variable: VarId,
    from: (VarId, Facts),
    to: (VarId, Facts),
    /// The facts of variables before the loop.
    before: &'a Variables,
    /// Holds whether the range is as it has to be.
    condition: VarId,
    span: Span,
}

impl Loop<'_> {
    /// A loop with whole bounds.
    pub fn new<'a>(
        (head, variable, bounds): (&Dag, VarId, (VarId, VarId, Option<VarId>)),
        before: &'a Variables,
        condition: VarId,
        span: Span,
    ) -> Option<Loop<'a>> {
        let bound = |id: VarId| {
            let facts = head.assigned(id).map(|node| head.fact(node)).or_else(|| before.get(id))?;
            (facts.scalar_type() == Some(ScalarType::Integer)).then(|| (id, facts.clone()))
        };
        let step = |id: VarId| bound(id)?.1.number();
        if bounds.2.is_some_and(|id| step(id) != Some(1.0)) {
            return None;
        }
        let (from, to) = (bound(bounds.0)?, bound(bounds.1)?);
        Some(Loop { variable, from, to, before, condition, span })
    }
}

/// A vectorised loop.
pub struct Vectorised {
    /// What all iterations do.
    pub fast: Dag,
    /// Whether the range is as it has to be, where that is not known.
    pub test: Option<Dag>,
}

/// A node of the body over all iterations.
#[derive(Debug, Clone, Copy)]
enum Lane {
    /// The same in all iterations.
    Same(NodeId),
    /// The loop variable, moved by something: from, to.
    Counter(NodeId, NodeId),
    /// A row for each iteration.
    Each(NodeId),
    /// The transpose of each.
    Turned(NodeId),
    /// A matrix whose rows iterations write: at first, and now.
    Target(VarId, NodeId, NodeId),
    /// What iterations add to, with the aggregate that does it.
    Fold(VarId, NodeId, Option<AggregateOp>),
}

/// The body of a loop over all iterations, if it has a form.
pub fn over_all(
    body: &Dag,
    counted: &Loop<'_>,
    along: Along,
    mut builder: Builder<'_>,
) -> Option<Vectorised> {
    if body.assigned(counted.variable).is_some() {
        return None;
    }
    let from = builder.variable(counted.from.0, counted.from.1.clone(), counted.span);
    let to = builder.variable(counted.to.0, counted.to.1.clone(), counted.span);
    let (tests, positions) = (Vec::new(), HashMap::new());
    let Along { axis, turns } = along;
    let mut rows = Rows { body, counted, axis, turns, builder, from, to, tests, positions };
    rows.require(from, to, counted.span)?;
    let mut lanes: Vec<Lane> = Vec::with_capacity(body.nodes.len());
    for node in &body.nodes {
        rows.builder.refuel();
        let inputs: Vec<Lane> = node.inputs.iter().map(|input| lanes[input.0 as usize]).collect();
        lanes.push(rows.lane(node, &inputs)?);
    }
    let roots = body.roots.iter().map(|root| rows.root(*root, &lanes)).collect::<Option<Vec<_>>>()?;
    let is_written = |root: &Root| matches!(lanes[root.node().0 as usize], Lane::Target(..) | Lane::Fold(..));
    if !body.roots.iter().any(is_written) {
        return None;
    }
    let test = rows.test()?;
    rows.builder.dag.roots = roots;
    rows.builder.dag.roots.push(Root::Assign(counted.variable, to));
    Some(Vectorised { fast: rows.builder.finish(), test })
}

struct Rows<'a> {
    body: &'a Dag,
    counted: &'a Loop<'a>,
    axis: Axis,
    turns: bool,
    builder: Builder<'a>,
    from: NodeId,
    to: NodeId,
    /// What is not known to hold.
    tests: Vec<NodeId>,
    /// Where each matrix that is written is accessed: along which axis, and the position in the first iteration.
    positions: HashMap<VarId, (Axis, NodeId)>,
}

/// Bytes of the products of all iterations.
const ALL_PRODUCTS: f64 = (1u64 << 28) as f64;

/// What all iterations choose of a matrix.
struct Part {
    form: Form,
    indices: Vec<NodeId>,
    /// The position of the first iteration.
    from: NodeId,
    /// The axis along which they choose.
    axis: Axis,
}

/// Ranges, roots, leaves.
impl Rows<'_> {
    fn op(&mut self, op: Op, inputs: Vec<NodeId>, span: Span) -> Option<NodeId> {
        self.builder.op(op, inputs, span).ok()
    }

    fn binary(&mut self, name: &str, a: NodeId, b: NodeId, span: Span) -> Option<NodeId> {
        self.op(Op::Binary(binary::find(name)?), vec![a, b], span)
    }

    fn number(&mut self, value: i64) -> NodeId {
        self.builder.literal(Scalar::Integer(value), self.counted.span)
    }

    /// `a <= b` holds, or is tested; none if it is known not to.
    fn require(&mut self, a: NodeId, b: NodeId, span: Span) -> Option<()> {
        let ends = self.builder.dag.fact(a).linear().zip(self.builder.dag.fact(b).linear());
        match ends.and_then(|(a, b)| b.minus(a)) {
            Some(Linear::Number(distance)) => (distance >= 0).then_some(()),
            _ => {
                let test = self.binary("<=", a, b, span)?;
                self.tests.push(test);
                Some(())
            }
        }
    }

    /// The test of all that is not known to hold.
    fn test(&mut self) -> Option<Option<Dag>> {
        let tests = std::mem::take(&mut self.tests);
        let Some((first, rest)) = tests.split_first() else { return Some(None) };
        let mut all = *first;
        for test in rest {
            all = self.binary("&", all, *test, self.counted.span)?;
        }
        let mut dag = self.builder.dag.clone();
        dag.roots = vec![Root::Assign(self.counted.condition, all)];
        dag.compact();
        Some(Some(dag))
    }

    fn root(&self, root: Root, lanes: &[Lane]) -> Option<Root> {
        let Root::Assign(variable, node) = root else { return None };
        let value = match lanes[node.0 as usize] {
            Lane::Target(own, _, node) | Lane::Fold(own, node, _) if own == variable => node,
            Lane::Same(node) => node,
            // The value of the last iteration.
            Lane::Counter(_, to) => to,
            _ => return None,
        };
        Some(Root::Assign(variable, value))
    }

    fn lane(&mut self, node: &Node, inputs: &[Lane]) -> Option<Lane> {
        match &node.kind {
            NodeKind::Literal(value) => Some(Lane::Same(self.builder.literal(value.clone(), node.span))),
            NodeKind::Variable(variable) => self.variable(*variable, node),
            NodeKind::Op(op) => self.operator(op, node, inputs),
            _ => None,
        }
    }

    fn variable(&mut self, variable: VarId, node: &Node) -> Option<Lane> {
        if variable == self.counted.variable {
            return Some(Lane::Counter(self.from, self.to));
        }
        let facts = node.fact().clone();
        let Some(written) = self.body.assigned(variable) else {
            return Some(Lane::Same(self.builder.variable(variable, facts, node.span)));
        };
        match &self.body.node(written).kind {
            NodeKind::Op(Op::Assign(_)) if facts.is_matrix() => {
                let id = self.builder.variable(variable, facts, node.span);
                Some(Lane::Target(variable, id, id))
            }
            NodeKind::Op(Op::Binary(_)) => {
                let before = self.counted.before.get(variable);
                let facts = if is_complete(&facts) { facts } else { before?.clone() };
                // A constant holds only before the first iteration.
                let facts = Facts { constant: None, size: None, ..facts };
                let is_sum = is_complete(&facts) && is_number(&facts);
                is_sum.then(|| Lane::Fold(variable, self.builder.variable(variable, facts, node.span), None))
            }
            _ => None,
        }
    }
}

/// Operators.
impl Rows<'_> {
    fn operator(&mut self, op: &Op, node: &Node, inputs: &[Lane]) -> Option<Lane> {
        let same = |lane: &Lane| if let Lane::Same(id) = lane { Some(*id) } else { None };
        if let Some(inputs) = inputs.iter().map(same).collect::<Option<Vec<_>>>() {
            let facts: Vec<Facts> = inputs.iter().map(|id| self.builder.dag.fact(*id).clone()).collect();
            let pure = op.is_pure(&facts) && op.results() == 1;
            return if pure { self.op(*op, inputs, node.span).map(Lane::Same) } else { None };
        }
        let fact = |at: usize| self.body.fact(node.inputs[at]);
        match op {
            Op::Binary(_) if inputs.iter().any(|lane| matches!(lane, Lane::Fold(..))) => {
                self.fold(op.name(), node, inputs)
            }
            Op::Binary(_) if matches!(op.name(), "+" | "-") && self.is_moved(node, inputs) => {
                self.moved(op.name(), node.span, inputs)
            }
            Op::Unary(_) | Op::Binary(_) => self.elementwise(op, node, inputs),
            Op::Select if fact(0).scalar_type() == Some(ScalarType::Boolean) => {
                self.elementwise(op, node, inputs)
            }
            Op::Aggregate(aggregate, over) => self.aggregate(*aggregate, *over, node, inputs),
            Op::Product(Product::Plain) => {
                let matrices = fact(0).is_matrix() && fact(1).is_matrix();
                let operands = match (self.axis, inputs[0], inputs[1]) {
                    (Axis::Rows, Lane::Each(a), Lane::Same(b)) => [a, b],
                    (Axis::Columns, Lane::Same(a), Lane::Each(b)) => [a, b],
                    (Axis::Rows, Lane::Each(a), Lane::Turned(b))
                    | (Axis::Columns, Lane::Turned(a), Lane::Each(b)) => {
                        return self.dot_products(a, b, node.span);
                    }
                    _ => return None,
                };
                let product = if matrices { self.op(*op, operands.to_vec(), node.span) } else { None };
                product.map(Lane::Each)
            }
            Op::Function(function, _) if function.name == "t" => match inputs[0] {
                Lane::Each(id) if self.axis.split(fact(0)).0.is(1) => Some(Lane::Turned(id)),
                _ => None,
            },
            Op::Index(form) => self.part(*form, node, inputs),
            Op::Assign(form) => self.write(*form, node, inputs),
            Op::Function(function, _) => {
                let (rows, cols) = fact(0).dims();
                let is_cell = function.name == "as.scalar" && rows.is(1) && cols.is(1);
                let is_number = function.name == "as.matrix" && is_number(fact(0));
                if is_cell || is_number { self.each(inputs[0]).map(Lane::Each) } else { None }
            }
            Op::Select | Op::Cumulative(_) | Op::Product(_) => None,
        }
    }

    /// A row for each iteration.
    fn each(&mut self, lane: Lane) -> Option<NodeId> {
        match lane {
            Lane::Each(id) => Some(id),
            Lane::Counter(from, to) => {
                let span = self.counted.span;
                let present = Present::new([true, true, false]);
                let column = self.op(Op::Function(functions::find("seq")?, present), vec![from, to], span)?;
                match self.axis {
                    Axis::Rows => Some(column),
                    Axis::Columns => self.transpose(column, span),
                }
            }
            Lane::Same(_) | Lane::Turned(_) | Lane::Target(..) | Lane::Fold(..) => None,
        }
    }

    /// Whether something is the loop variable and an integer that is the same in all iterations.
    fn is_moved(&self, node: &Node, inputs: &[Lane]) -> bool {
        let integer = |at: usize| self.body.fact(node.inputs[at]).scalar_type() == Some(ScalarType::Integer);
        match inputs {
            [Lane::Counter(..), Lane::Same(_)] => integer(1),
            [Lane::Same(_), Lane::Counter(..)] => {
                integer(0) && self.body.node(node.inputs[1]).fact().is_scalar()
            }
            _ => false,
        }
    }

    fn moved(&mut self, name: &str, span: Span, inputs: &[Lane]) -> Option<Lane> {
        let (from, to, by) = match (inputs[0], inputs[1]) {
            (Lane::Counter(from, to), Lane::Same(by)) => (from, to, by),
            (Lane::Same(by), Lane::Counter(from, to)) if name == "+" => (from, to, by),
            _ => return None,
        };
        Some(Lane::Counter(self.binary(name, from, by, span)?, self.binary(name, to, by, span)?))
    }

    fn elementwise(&mut self, op: &Op, node: &Node, inputs: &[Lane]) -> Option<Lane> {
        let facts: Vec<&Facts> = node.inputs.iter().map(|input| self.body.fact(*input)).collect();
        let one_row = |facts: &Facts| self.axis.split(facts).0.is(1);
        let fits = facts.iter().chain([&node.fact()]).all(|facts| is_number(facts) && one_row(facts));
        if !fits || is_other_for_doubles(op, &facts) {
            return None;
        }
        let widths = || facts.iter().map(|facts| self.axis.split(facts).1);
        let alike = facts[0].is_matrix() && widths().all(|width| width.equals(self.axis.split(facts[0]).1));
        let scalars = facts.iter().all(|facts| facts.is_scalar());
        let mut operands = Vec::with_capacity(inputs.len());
        for (lane, facts) in inputs.iter().zip(&facts) {
            operands.push(match lane {
                // A row is repeated along the rows of all iterations, which have to be as wide.
                Lane::Same(id) if facts.is_scalar() || alike => *id,
                lane => self.each(*lane)?,
            });
        }
        let is_nonzero = |facts: &&Facts| facts.number().is_some_and(|x| x != 0.0 && x.is_finite());
        let plain = op.name() != "*" || !scalars || facts.iter().any(is_nonzero);
        if plain || operands[0] == operands[1] {
            return self.op(*op, operands, node.span).map(Lane::Each);
        }
        self.product_of_scalars(operands[0], operands[1], node.span).map(Lane::Each)
    }

    /// `a * b` where a zero times NaN or infinity is NaN, as of scalars, and not zero, as of matrices: divided by whether
    /// that is so, `(a != 0 | abs(b) < Inf) & (b != 0 | abs(a) < Inf)`, zero becomes `0 / 0`.
    fn product_of_scalars(&mut self, a: NodeId, b: NodeId, span: Span) -> Option<NodeId> {
        let zero = self.builder.literal(Scalar::Double(0.0), span);
        let infinity = self.builder.literal(Scalar::Double(f64::INFINITY), span);
        let abs = Op::Unary(unary::find("abs")?);
        let mut alike = Vec::new();
        for (a, b) in [(a, b), (b, a)] {
            let size = self.op(abs, vec![b], span)?;
            let (some, finite) = (self.binary("!=", a, zero, span)?, self.binary("<", size, infinity, span)?);
            alike.push(self.binary("|", some, finite, span)?);
        }
        let (product, alike) = (self.binary("*", a, b, span)?, self.binary("&", alike[0], alike[1], span)?);
        self.binary("/", product, alike, span)
    }

    /// `t(a) %*% b` of the columns of all iterations, `a %*% t(b)` of their rows.
    fn dot_products(&mut self, a: NodeId, b: NodeId, span: Span) -> Option<Lane> {
        let cells = self.binary("*", a, b, span)?;
        let (sum, _) = aggregate::find("sum")?;
        self.op(Op::Aggregate(sum, self.axis.within()), vec![cells], span).map(Lane::Each)
    }

    fn aggregate(
        &mut self,
        aggregate: AggregateOp,
        over: Over,
        node: &Node,
        inputs: &[Lane],
    ) -> Option<Lane> {
        let within = self.axis.within();
        let facts = self.body.fact(node.inputs[0]);
        let exists = !aggregate.name_over(within).is_empty() && facts.is_matrix();
        let (true, Lane::Each(row)) = (exists && (over == Over::All || over == within), inputs[0]) else {
            return None;
        };
        self.op(Op::Aggregate(aggregate, within), vec![row], node.span).map(Lane::Each)
    }

    /// What an iteration adds, or the smaller or larger one.
    fn fold(&mut self, name: &str, node: &Node, inputs: &[Lane]) -> Option<Lane> {
        let (variable, so_far, known, term) = match (inputs[0], inputs[1]) {
            (Lane::Fold(variable, so_far, known), Lane::Each(term)) => (variable, so_far, known, term),
            (Lane::Each(term), Lane::Fold(variable, so_far, known)) if name != "-" => {
                (variable, so_far, known, term)
            }
            _ => return None,
        };
        let is_term = |input: &&NodeId| !matches!(inputs[0], Lane::Fold(..)) || **input != node.inputs[0];
        let facts = self.body.fact(*node.inputs.iter().find(is_term)?);
        let sum = self.builder.dag.fact(so_far);
        let over = match (sum.is_matrix(), facts.scalar_type()) {
            (false, Some(ScalarType::Double)) => Over::All,
            (true, None) if is_same_shape(sum, facts) => self.axis.across(),
            _ => return None,
        };
        let aggregate = match name {
            "+" | "-" => "sum",
            "min" | "max" => name,
            _ => return None,
        };
        let (aggregate, _) = aggregate::find(aggregate)?;
        if known.is_some_and(|known| known != aggregate) {
            return None;
        }
        let all = self.op(Op::Aggregate(aggregate, over), vec![term], node.span)?;
        let so_far = self.binary(name, so_far, all, node.span)?;
        Some(Lane::Fold(variable, so_far, Some(aggregate)))
    }
}

/// Parts.
impl Rows<'_> {
    fn part(&mut self, form: Form, node: &Node, inputs: &[Lane]) -> Option<Lane> {
        let facts = self.body.fact(node.inputs[0]);
        let (base, first) = match inputs[0] {
            Lane::Same(id) if facts.is_matrix() => (id, id),
            Lane::Target(_, first, now) => (now, first),
            _ => return None,
        };
        let part = self.range(form, (node, 1), &inputs[1..], first)?;
        if let Lane::Target(variable, ..) = inputs[0] {
            self.keeps_to(variable, &part)?;
        }
        let operands = std::iter::once(base).chain(part.indices).collect();
        let cells = self.op(Op::Index(part.form), operands, node.span)?;
        let is_turned = part.axis != self.axis;
        let cells = if is_turned { self.transpose(cells, node.span)? } else { cells };
        Some(Lane::Each(cells))
    }

    fn write(&mut self, form: Form, node: &Node, inputs: &[Lane]) -> Option<Lane> {
        let Lane::Target(variable, first, now) = inputs[0] else { return None };
        let facts = self.body.fact(node.inputs[1]);
        if !is_number(facts) || !self.axis.split(facts).0.is(1) {
            return None;
        }
        let part = self.range(form, (node, 2), &inputs[2..], first)?;
        let is_turned = part.axis != self.axis;
        if is_turned && !(self.axis.split(facts).1.is(1) && self.fits_memory()) {
            return None;
        }
        let value = match inputs[1] {
            Lane::Same(id) => id,
            lane if is_turned => {
                let cells = self.each(lane)?;
                self.transpose(cells, node.span)?
            }
            lane => self.each(lane)?,
        };
        self.keeps_to(variable, &part)?;
        let operands = [now, value].into_iter().chain(part.indices).collect();
        let written = self.op(Op::Assign(part.form), operands, node.span)?;
        Some(Lane::Target(variable, first, written))
    }

    /// The positions of all iterations along the axis, from the first one on, or along the other one, a cell for each.
    /// The other side chooses the same in all of them.
    fn range(
        &mut self,
        form: Form,
        (node, skipped): (&Node, usize),
        indices: &[Lane],
        base: NodeId,
    ) -> Option<Part> {
        let (rows, cols) = indices.split_at(form.rows.inputs());
        let counts = |side: Side, lanes: &[Lane]| side == Side::One && matches!(lanes, [Lane::Counter(..)]);
        let axis = match (counts(form.rows, rows), counts(form.cols, cols)) {
            (true, false) => Axis::Rows,
            (false, true) => Axis::Columns,
            _ => return None,
        };
        let (along, other) = if axis == Axis::Rows { (rows, cols) } else { (cols, rows) };
        let across = if axis == Axis::Rows { form.cols } else { form.rows };
        let &[Lane::Counter(from, to)] = along else { return None };
        if axis != self.axis && !(self.turns && across == Side::One) {
            return None;
        }
        let scalars = node.inputs[skipped..].iter().all(|input| self.body.fact(*input).is_scalar());
        let same = |lane: &Lane| if let Lane::Same(id) = lane { Some(*id) } else { None };
        let other = other.iter().map(same).collect::<Option<Vec<_>>>().filter(|_| scalars)?;
        self.is_inside(axis, (from, to), base, node.span)?;
        let range = vec![from, to];
        let (form, indices) = match axis {
            Axis::Rows => (Form { rows: Side::Range, ..form }, [range, other].concat()),
            Axis::Columns => (Form { cols: Side::Range, ..form }, [other, range].concat()),
        };
        Some(Part { form, indices, from, axis })
    }

    /// The positions lie inside of a matrix, or it is tested.
    fn is_inside(
        &mut self,
        axis: Axis,
        (from, to): (NodeId, NodeId),
        base: NodeId,
        span: Span,
    ) -> Option<()> {
        let one = self.number(1);
        self.require(one, from, span)?;
        let extent = axis.split(self.builder.dag.fact(base)).0;
        let is_variable = matches!(self.builder.dag.node(base).kind, NodeKind::Variable(_));
        let last = match extent.known() {
            Some(extent) => self.number(i64::try_from(extent).ok()?),
            // What is tested is computed twice.
            None if is_variable => {
                let size = if axis == Axis::Rows { "nrow" } else { "ncol" };
                self.op(Op::Function(functions::find(size)?, Present::new([true])), vec![base], span)?
            }
            None => return None,
        };
        self.require(to, last, span)
    }

    /// Iterations access a matrix that they write at one position each.
    fn keeps_to(&mut self, variable: VarId, part: &Part) -> Option<()> {
        let at = (part.axis, part.from);
        (*self.positions.entry(variable).or_insert(at) == at).then_some(())
    }

    fn transpose(&mut self, id: NodeId, span: Span) -> Option<NodeId> {
        self.op(Op::Function(functions::find("t")?, Present::new([true])), vec![id], span)
    }

    /// Whether products of all iterations together are known to take no more memory than is at hand anywhere: where cells
    /// are all that iterations leave, the loop as written needs that of one product.
    fn fits_memory(&self) -> bool {
        let fits = |facts: &Facts| facts.dense_bytes().is_some_and(|bytes| bytes <= ALL_PRODUCTS);
        let products = self.builder.dag.nodes.iter();
        products
            .filter(|node| matches!(node.kind, NodeKind::Op(Op::Product(_))))
            .all(|node| fits(node.fact()))
    }
}

fn is_same_shape(a: &Facts, b: &Facts) -> bool {
    let ((r1, c1), (r2, c2)) = (a.dims(), b.dims());
    r1.equals(r2) && c1.equals(c2)
}

/// Whether an operator has other results for integers than for the same doubles.
fn is_other_for_doubles(op: &Op, inputs: &[&Facts]) -> bool {
    let integers = inputs.iter().all(|facts| facts.scalar_type() == Some(ScalarType::Integer));
    op.name().starts_with("bitw") || (integers && matches!(op.name(), "%%" | "%/%"))
}
