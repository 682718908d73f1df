//! Linear systems take the form that their matrix allows, where the DAG tells what it is like.
//!
//! ```text
//! solve(diag(w), b)                  -> divided by w, which is not made a matrix
//! solve(cholesky(A), b)              -> substituted; likewise triangles, products and sums of triangles
//! solve(t(X) %*% X + diag(w), b)     -> Cholesky first
//! ```
//!
//! The kernel of `solve` finds the same in the cells. Here no cell is looked at; matrices of other blocks are left to the
//! kernel.

use std::sync::LazyLock;

use tilewright_ir::{Dag, Node, NodeId, NodeKind};
use tilewright_ops::function::{FunctionOp, Present};
use tilewright_ops::functions::factorisation::{DIAGONAL, LOWER, STRUCTURED, SYMMETRIC, UPPER};
use tilewright_ops::product::Product;
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Op, functions};
use tilewright_value::Scalar;

use crate::Options;
use crate::products::transposed;

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "choose-solves";

/// Matrices that are made of more than so many operators are left to the kernel.
const DEPTH: usize = 8;

/// Chooses the form of every system of a DAG, whose products have their forms.
pub fn choose_solves(dag: &mut Dag, options: &Options) {
    if options.as_written || options.disabled.contains(NAME) {
        return;
    }
    let is_solve = |id: NodeId| function(dag, id) == Some("solve");
    let chosen: Vec<Chosen> =
        dag.iter().filter(|(id, _)| is_solve(*id)).filter_map(|(id, _)| chosen(dag, id)).collect();
    if !chosen.is_empty() {
        *dag = rebuilt(dag, chosen);
    }
}

/// A system, the matrix it is given, and the word for what that is.
struct Chosen {
    id: NodeId,
    matrix: NodeId,
    word: &'static str,
}

fn chosen(dag: &Dag, id: NodeId) -> Option<Chosen> {
    let a = dag.node(id).inputs[0];
    let (matrix, word) = match (structure(dag, a, DEPTH)?, diagonal(dag, a)) {
        (Structure::Diagonal, Some(diagonal)) => (diagonal, DIAGONAL),
        (Structure::Diagonal | Structure::Lower, _) => (a, LOWER),
        (Structure::Upper, _) => (a, UPPER),
        (Structure::Symmetric, _) => (a, SYMMETRIC),
    };
    Some(Chosen { id, matrix, word })
}

/// The DAG with its systems as chosen.
fn rebuilt(dag: &Dag, chosen: Vec<Chosen>) -> Dag {
    static FUNCTION: LazyLock<FunctionOp> =
        LazyLock::new(|| functions::find(STRUCTURED).expect("invariant: it is a row of the table"));
    let mut chosen = chosen.into_iter().peekable();
    let mut out = Dag::default();
    let mut moved: Vec<NodeId> = Vec::with_capacity(dag.nodes.len());
    for (id, node) in dag.iter() {
        let mut node = node.clone();
        node.inputs.iter_mut().for_each(|input| *input = moved[input.0 as usize]);
        if let Some(Chosen { matrix, word, .. }) = chosen.next_if(|chosen| chosen.id == id) {
            let word = Scalar::string(word);
            let (facts, kind) = (vec![Facts::constant(word.clone())], NodeKind::Literal(word));
            out.nodes.push(Node { kind, inputs: Vec::new(), span: node.span, facts });
            node.kind = NodeKind::Op(Op::Function(*FUNCTION, Present::new([true; 3])));
            node.inputs = vec![moved[matrix.0 as usize], node.inputs[1], last(&out)];
        }
        out.nodes.push(node);
        moved.push(last(&out));
    }
    out.roots = dag.roots.iter().map(|root| root.with_node(moved[root.node().0 as usize])).collect();
    out
}

fn last(dag: &Dag) -> NodeId {
    NodeId(dag.nodes.len() as u32 - 1)
}

/// What the operators that make a square matrix tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Structure {
    Diagonal,
    Lower,
    Upper,
    /// Cell by cell.
    Symmetric,
}

impl Structure {
    fn transposed(self) -> Structure {
        match self {
            Structure::Lower => Structure::Upper,
            Structure::Upper => Structure::Lower,
            same => same,
        }
    }

    /// What two matrices have in common.
    fn and(self, other: Structure) -> Option<Structure> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Structure::Diagonal, other) | (other, Structure::Diagonal) => Some(other),
            _ => None,
        }
    }
}

fn structure(dag: &Dag, id: NodeId, depth: usize) -> Option<Structure> {
    let node = dag.node(id);
    let depth = depth.checked_sub(1)?;
    let of = |at: usize| structure(dag, node.inputs[at], depth);
    match &node.kind {
        NodeKind::Op(Op::Product(Product::Gram | Product::GramRows)) => Some(Structure::Symmetric),
        // Products of symmetric matrices are none.
        NodeKind::Op(Op::Product(Product::Plain)) => {
            of(0)?.and(of(1)?).filter(|structure| *structure != Structure::Symmetric)
        }
        NodeKind::Op(Op::Binary(row)) => of_cells(dag, node, row.name(), depth),
        NodeKind::Op(Op::Function(row, _)) => match row.name {
            "diag" => diagonal(dag, id).map(|_| Structure::Diagonal),
            "cholesky" | "lower.tri" => Some(Structure::Lower),
            "upper.tri" => Some(Structure::Upper),
            "t" => of(0).map(Structure::transposed),
            "rbind" => in_blocks(dag, &node.inputs, depth),
            _ => None,
        },
        NodeKind::Result(at) => of_factor(dag, node.inputs[0], *at),
        _ => None,
    }
}

/// The column that a matrix is the diagonal of.
fn diagonal(dag: &Dag, id: NodeId) -> Option<NodeId> {
    let node = dag.node(id);
    let is_column = |id: NodeId| dag.fact(id).is_matrix() && dag.fact(id).dims().1.is(1);
    (function(dag, id) == Some("diag")).then(|| node.inputs[0]).filter(|id| is_column(*id))
}

fn function(dag: &Dag, id: NodeId) -> Option<&'static str> {
    match dag.node(id).kind {
        NodeKind::Op(Op::Function(row, _)) => Some(row.0.name),
        _ => None,
    }
}

/// Sums, differences and cell products of square matrices, multiples of one by a number.
fn of_cells(dag: &Dag, node: &Node, sign: &str, depth: usize) -> Option<Structure> {
    let of = |at: usize| structure(dag, node.inputs[at], depth);
    let is_number = |at: usize| dag.fact(node.inputs[at]).is_scalar();
    // Rows and columns that are repeated have no structure of their own.
    match sign {
        "*" if is_number(0) => of(1),
        "*" | "/" if is_number(1) => of(0),
        "+" | "-" => of(0)?.and(of(1)?),
        _ => None,
    }
}

/// `[S C; t(C) R]` with symmetric S and R.
fn in_blocks(dag: &Dag, rows: &[NodeId], depth: usize) -> Option<Structure> {
    let cells = |id: NodeId| {
        let inputs = &dag.node(id).inputs;
        (function(dag, id) == Some("cbind") && inputs.len() == 2).then(|| (inputs[0], inputs[1]))
    };
    let [above, below] = rows[..] else { return None };
    let ((first, right), (left, last)) = (cells(above)?, cells(below)?);
    let is_symmetric = |id: NodeId| {
        dag.fact(id).dims().0.is(1) && dag.fact(id).dims().1.is(1)
            || matches!(structure(dag, id, depth), Some(Structure::Symmetric | Structure::Diagonal))
    };
    let mirrors = transposed(dag, left) == Some(right) || transposed(dag, right) == Some(left);
    (mirrors && is_symmetric(first) && is_symmetric(last)).then_some(Structure::Symmetric)
}

/// The factors of a square matrix.
fn of_factor(dag: &Dag, of: NodeId, at: usize) -> Option<Structure> {
    let (rows, cols) = dag.fact(dag.node(of).inputs.first().copied()?).dims();
    match (function(dag, of)?, at) {
        ("lu", 1) => Some(Structure::Lower),
        ("lu", 2) => Some(Structure::Upper),
        ("qr", 1) if rows.equals(cols) => Some(Structure::Upper),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tilewright_base::{FileId, Span};
    use tilewright_ops::function::Need;
    use tilewright_ops::{binary, function::Params};

    use super::*;

    struct Made(Dag);

    impl Made {
        fn matrix(&mut self, rows: u64, cols: u64) -> NodeId {
            let variable = tilewright_ir::VarId(self.0.nodes.len() as u32);
            self.push(NodeKind::Variable(variable), Vec::new(), vec![Facts::shaped(rows, cols)])
        }

        fn op(&mut self, op: Op, inputs: &[NodeId]) -> NodeId {
            let known: Vec<Facts> = inputs.iter().map(|input| self.0.fact(*input).clone()).collect();
            let facts = op.infer(&known).unwrap();
            self.push(NodeKind::Op(op), inputs.to_vec(), facts)
        }

        fn push(&mut self, kind: NodeKind, inputs: Vec<NodeId>, facts: Vec<Facts>) -> NodeId {
            self.0.nodes.push(Node { kind, inputs, span: Span::new(FileId(0), 0, 0), facts });
            last(&self.0)
        }

        fn call(&mut self, name: &str, inputs: &[NodeId]) -> NodeId {
            let function = functions::find(name).unwrap();
            let count = match function.params {
                Params::Named(params) => params.iter().filter(|p| matches!(p.need, Need::Required)).count(),
                _ => 0,
            };
            self.op(Op::Function(function, Present::new(vec![true; count])), inputs)
        }

        fn sum(&mut self, a: NodeId, b: NodeId) -> NodeId {
            self.op(Op::Binary(binary::find("+").unwrap()), &[a, b])
        }
    }

    /// The word that a system with this matrix gets.
    fn word(make: impl FnOnce(&mut Made) -> NodeId) -> Option<String> {
        let mut made = Made(Dag::default());
        let a = make(&mut made);
        let b = made.matrix(3, 2);
        let x = made.call("solve", &[a, b]);
        made.0.roots.push(tilewright_ir::Root::Effect(x));
        choose_solves(&mut made.0, &Options::default());
        let root = made.0.node(made.0.roots[0].node());
        let word = root.inputs.get(2)?;
        Some(made.0.fact(*word).constant.clone()?.to_string())
    }

    #[test]
    fn operators_tell_the_structure() {
        let word = |make: &dyn Fn(&mut Made) -> NodeId| word(make).unwrap_or_default();
        let gram = |made: &mut Made| {
            let x = made.matrix(9, 3);
            made.op(Op::Product(Product::Gram), &[x])
        };
        let diag = |made: &mut Made| {
            let w = made.matrix(3, 1);
            made.call("diag", &[w])
        };
        let lower = |made: &mut Made| {
            let a = made.matrix(3, 3);
            made.call("cholesky", &[a])
        };
        assert_eq!(word(&diag), DIAGONAL);
        assert_eq!(word(&lower), LOWER);
        assert_eq!(word(&gram), SYMMETRIC);
        assert_eq!(
            word(&|made| {
                let a = lower(made);
                made.call("t", &[a])
            }),
            UPPER
        );
        assert_eq!(
            word(&|made| {
                let (a, b) = (gram(made), diag(made));
                made.sum(a, b)
            }),
            SYMMETRIC
        );
        assert_eq!(
            word(&|made| {
                let (a, b) = (lower(made), diag(made));
                made.sum(a, b)
            }),
            LOWER
        );
        assert_eq!(
            word(&|made| {
                let (a, b) = (lower(made), gram(made));
                made.sum(a, b)
            }),
            ""
        );
        assert_eq!(
            word(&|made| {
                let (a, b) = (gram(made), gram(made));
                made.op(Op::Product(Product::Plain), &[a, b])
            }),
            ""
        );
        assert_eq!(
            word(&|made| {
                let a = made.matrix(3, 3);
                made.call("diag", &[a]);
                a
            }),
            ""
        );
        assert_eq!(word(&|made| made.matrix(3, 3)), "");
    }
}
