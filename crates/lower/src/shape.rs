//! Declared shapes: `Matrix[Double] X [n, m]`. A name means the same number wherever the head of the function says it.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::function::Present;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Op, functions};
use tilewright_syntax::ast::{Extent, Param};
use tilewright_value::Scalar;

use crate::function::{Done, FunctionLowerer};

/// What each side of a shape counts, and the function that tells it.
const SIDES: [(&str, &str); 2] = [("rows", "nrow"), ("columns", "ncol")];

impl FunctionLowerer<'_, '_> {
    /// Checks parameters at the beginning of a function, or results at its end, against their declared shapes.
    pub(crate) fn check_shapes(&mut self, params: &[Param]) {
        for param in params {
            for (extent, (what, count)) in param.shape.iter().zip(SIDES) {
                if let Err(diagnostic) = self.check_extent(param, extent, what, count) {
                    self.modules.diagnostics.push(diagnostic);
                }
            }
        }
    }

    fn check_extent(&mut self, param: &Param, extent: &Extent, what: &str, count: &str) -> Done {
        let (span, variable) = (param.name.span, &param.name.text);
        if matches!(extent, Extent::Any(_)) {
            return Ok(());
        }
        let target = self.variable(variable, span)?;
        let count = functions::find(count).expect("invariant: sizes are rows of the tables");
        let actual = self.add(NodeKind::Op(Op::Function(count, Present::new([true]))), vec![target], span);
        let (expected, declared) = match extent {
            Extent::Known(n, span) => {
                (self.add(NodeKind::Literal(Scalar::Integer(*n as i64)), Vec::new(), *span), n.to_string())
            }
            Extent::Name(name) => {
                let held = format!("%extent.{}", name.text);
                if self.possible(&held).is_none() {
                    self.assign(&held, actual);
                    return Ok(());
                }
                (self.variable(&held, name.span)?, name.text.clone())
            }
            Extent::Any(_) => return Ok(()),
        };
        let message = format!("the number of {what} of `{variable}`");
        let texts = [message, declared].map(|text| self.text(&text, param));
        let inputs: Vec<NodeId> = [actual, expected].into_iter().chain(texts).collect();
        let node = self.add(NodeKind::Statement(Statement::Conform, Present::new([])), inputs, span);
        self.effect(node);
        Ok(())
    }

    fn text(&mut self, text: &str, param: &Param) -> NodeId {
        self.add(NodeKind::Literal(Scalar::string(text)), Vec::new(), param.name.span)
    }
}
