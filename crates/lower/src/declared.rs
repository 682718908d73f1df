//! Declared types. A scalar that is passed to, or comes out of, what is declared as a scalar of another type is cast to
//! it, as the reference does: `f = function(Integer n)` called by `f(3.7)` sees 3.

use tilewright_base::Span;
use tilewright_ir::{Declared, NodeId, NodeKind};
use tilewright_ops::function::Present;
use tilewright_ops::functions::scalars::DECLARED;
use tilewright_ops::{Dim, Kind, Op, functions};
use tilewright_syntax::ast::{Kind as Written, Param};
use tilewright_value::{Scalar, ScalarType};

use crate::function::FunctionLowerer;

/// How a parameter is declared.
pub fn of(param: &Param) -> Declared {
    let kind = match (param.kind, scalar(param.kind)) {
        (_, Some(scalar)) => Kind::Scalar(Some(scalar)),
        (Written::Matrix, _) => Kind::Matrix { rows: Dim::Unknown, cols: Dim::Unknown },
        (Written::Frame, _) => Kind::Frame { rows: Dim::Unknown, cols: Dim::Unknown },
        (Written::List, _) => Kind::List,
        _ => Kind::Unknown,
    };
    Declared { kind, optional: param.default.is_some() }
}

fn scalar(kind: Written) -> Option<ScalarType> {
    match kind {
        Written::Double => Some(ScalarType::Double),
        Written::Integer => Some(ScalarType::Integer),
        Written::Boolean => Some(ScalarType::Boolean),
        Written::String => Some(ScalarType::String),
        Written::Matrix | Written::Frame | Written::List | Written::Unknown => None,
    }
}

impl FunctionLowerer<'_, '_> {
    /// The value as the declared type of a parameter or result has it.
    pub(crate) fn declared(&mut self, node: NodeId, param: &Param, span: Span) -> NodeId {
        let Some(to) = scalar(param.kind) else { return node };
        if matches!(&self.dag.node(node).kind, NodeKind::Literal(value) if value.kind() == to) {
            return node;
        }
        let name = self.add(NodeKind::Literal(Scalar::string(to.name())), Vec::new(), span);
        let cast = functions::find(DECLARED).expect("invariant: the cast is a row");
        self.add(NodeKind::Op(Op::Function(cast, Present::new([true, true]))), vec![node, name], span)
    }

    /// Casts the results of a function at its end.
    pub(crate) fn declared_results(&mut self, results: &[Param]) {
        for result in results.iter().filter(|result| scalar(result.kind).is_some()) {
            let span = result.name.span;
            // A result that is never assigned is reported by its reader.
            if self.possible(&result.name.text).is_none() {
                continue;
            }
            if let Ok(node) = self.variable(&result.name.text, span) {
                let cast = self.declared(node, result, span);
                self.assign(&result.name.text, cast);
            }
        }
    }
}
