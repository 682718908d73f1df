//! Operators that cannot fail, by what is known of their inputs: they may be computed earlier than they are written, or
//! where nobody may need them.

use tilewright_ir::{Dag, NodeId, NodeKind};
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::{Dim, Facts, Kind, Op};
use tilewright_value::ScalarType;

/// Operators that do not overflow for any two integers.
const OF_INTEGERS: [&str; 5] = ["/", "^", "log_base", "min", "max"];

/// Operators of integers whose result overflows or is exact.
const SUMS: [&str; 3] = ["+", "-", "*"];

/// Whether a node cannot fail if its inputs are there. A variable must have a value, which is not looked at.
pub fn cannot_fail(dag: &Dag, id: NodeId) -> bool {
    let node = dag.node(id);
    match &node.kind {
        NodeKind::Literal(_) | NodeKind::Variable(_) | NodeKind::Exists(_) => true,
        NodeKind::Op(op) => {
            let inputs: Vec<&Facts> = node.inputs.iter().map(|input| dag.fact(*input)).collect();
            is_complete(node.fact()) && op_cannot_fail(op, &inputs, node.fact())
        }
        _ => false,
    }
}

fn op_cannot_fail(op: &Op, inputs: &[&Facts], result: &Facts) -> bool {
    let numbers = inputs.iter().all(|facts| is_complete(facts) && is_number(facts));
    match op {
        Op::Unary(_) => numbers,
        Op::Binary(row) if inputs.iter().all(|facts| facts.is_scalar()) => {
            let integers = inputs.iter().all(|facts| facts.is_integer());
            // Bounds that are numbers are those of a result that fits.
            let fits = SUMS.contains(&op.name()) && result.range.is_finite();
            numbers && (!integers || row.is_logical() || fits || OF_INTEGERS.contains(&op.name()))
        }
        Op::Binary(_) => numbers && (repeats(inputs[0], inputs[1]) || repeats(inputs[1], inputs[0])),
        Op::Select => numbers && inputs.iter().all(|facts| facts.is_matrix() && same_shape(facts, inputs[0])),
        Op::Aggregate(..) => {
            let (rows, cols) = inputs[0].dims();
            let has_cells = cols.known().is_some_and(|cols| cols > 0);
            let fits = match op.name() {
                "trace" => rows.equals(cols),
                "rowIndexMax" | "rowIndexMin" => has_cells,
                _ => true,
            };
            numbers && inputs[0].is_matrix() && fits
        }
        Op::Product(Product::Plain) => {
            let matrices = inputs.iter().all(|facts| facts.is_matrix());
            numbers && matrices && inputs[0].dims().1.equals(inputs[1].dims().0)
        }
        Op::Index(form) => numbers && inputs[0].is_matrix() && is_inside(*form, inputs),
        Op::Function(function, _) => numbers && function_cannot_fail(function.name, inputs),
        Op::Cumulative(_) | Op::Product(_) | Op::Assign(_) => false,
    }
}

fn function_cannot_fail(name: &str, inputs: &[&Facts]) -> bool {
    let matrices = || inputs.iter().all(|facts| facts.is_matrix());
    let alike = |side: fn(&Facts) -> Dim| inputs.iter().all(|facts| side(facts).equals(side(inputs[0])));
    let (rows, cols) = inputs.first().map_or((Dim::Unknown, Dim::Unknown), |facts| facts.dims());
    match name {
        "t" | "rev" | "nrow" | "ncol" | "length" => matrices(),
        "as.matrix" => true,
        "as.scalar" => rows.is(1) && cols.is(1),
        "as.double" => inputs[0].is_scalar(),
        "cbind" => matrices() && alike(|facts| facts.dims().0),
        "rbind" => matrices() && alike(|facts| facts.dims().1),
        "diag" => matrices() && (cols.is(1) || rows.equals(cols)),
        _ => false,
    }
}

/// Whether all of a value that operators ask about is known, sizes at least in relation to others.
pub fn is_complete(facts: &Facts) -> bool {
    match facts.kind {
        Kind::Scalar(kind) => kind.is_some(),
        Kind::Matrix { rows, cols } => rows != Dim::Unknown && cols != Dim::Unknown,
        Kind::Unknown | Kind::Frame { .. } | Kind::List => false,
    }
}

/// Whether a value is a matrix or a number.
pub fn is_number(facts: &Facts) -> bool {
    let number = |kind| matches!(kind, ScalarType::Integer | ScalarType::Double | ScalarType::Boolean);
    facts.is_matrix() || facts.scalar_type().is_some_and(number)
}

fn same_shape(a: &Facts, b: &Facts) -> bool {
    let ((r1, c1), (r2, c2)) = (a.dims(), b.dims());
    r1.equals(r2) && c1.equals(c2)
}

/// Whether `b` has the shape of `a` or is repeated along it.
fn repeats(a: &Facts, b: &Facts) -> bool {
    let ((r1, c1), (r2, c2)) = (a.dims(), b.dims());
    (r2.is(1) || r2.equals(r1)) && (c2.is(1) || c2.equals(c1))
}

/// Whether positions lie inside of sizes; inference has compared those that are known.
fn is_inside(form: Form, inputs: &[&Facts]) -> bool {
    let (rows, cols) = inputs[0].dims();
    let (row_indices, col_indices) = inputs[1..].split_at(form.rows.inputs());
    let side = |side: Side, indices: &[&Facts], extent: Dim| {
        let known = |facts: &&Facts| facts.is_scalar() && facts.constant.is_some();
        match (side, indices) {
            (Side::All, _) => true,
            (Side::One, [at]) if Facts::are_inside(at, at, extent) => true,
            (Side::Range, [from, to]) if Facts::are_inside(from, to, extent) => true,
            (Side::One | Side::Range, _) => extent.known().is_some() && indices.iter().all(known),
            (Side::Element, _) => false,
        }
    };
    side(form.rows, row_indices, rows) && side(form.cols, col_indices, cols)
}
