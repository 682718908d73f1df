//! Calls by name: `eval("f", ...)`, where the name may be computed while running.
//!
//! A name that is written out and a function whose first result is a matrix make a call like any other. Otherwise the
//! program keeps by name what such a call may reach: the functions of the file and of the main program, and library
//! functions that are named in a text; further library functions are compiled when they are called.

use tilewright_base::{Code, Diagnostic, Span};
use tilewright_ir::{FunctionId, NodeId};
use tilewright_ops::catalogue;
use tilewright_ops::statement::Statement;
use tilewright_syntax::ast::{Arg, Call, ExprKind, Kind, Name};

use crate::function::FunctionLowerer;

impl FunctionLowerer<'_, '_> {
    /// A call of `eval` or `evalList`.
    ///
    /// # Errors
    /// When the function is named and unknown, or its arguments do not fit.
    pub(crate) fn eval(
        &mut self,
        statement: Statement,
        call: &Call,
        span: Span,
    ) -> Result<NodeId, Diagnostic> {
        let module = self.module;
        match call.args.first().map(|arg| &arg.value) {
            Some(name) if matches!(name.kind, ExprKind::String(_)) => {
                let ExprKind::String(text) = &name.kind else { unreachable!("invariant: matched above") };
                let callee = Name { text: text.clone(), span: name.span };
                let Some(id) = self.modules.resolve(module, text, false) else {
                    return Err(self.not_evaluable(&callee));
                };
                if let Some(args) = self.direct_arguments(statement, id, &call.args[1..]) {
                    return self.user_call(id, &Call { callee, args }, span);
                }
                self.modules.name_in_scope(module, text, id);
            }
            _ => self.modules.open_scope(module),
        }
        self.statement_call(statement, call, span)
    }

    /// The arguments as of a call that is written out, if the call needs nothing that is known only while running.
    fn direct_arguments(&self, statement: Statement, id: FunctionId, args: &[Arg]) -> Option<Vec<Arg>> {
        let ast = self.modules.declaration(id).ast;
        let matrix = ast.results.first().is_some_and(|result| result.kind == Kind::Matrix);
        if statement != Statement::Eval || !matrix {
            return None;
        }
        let takes_list = matches!(&ast.params[..], [param] if param.kind == Kind::List);
        match args {
            [Arg { name: None, value }] if !takes_list => match &value.kind {
                ExprKind::Call(list) if list.callee.text == "list" => Some(list.args.clone()),
                // A variable may hold a list of arguments.
                _ => None,
            },
            args => Some(args.to_vec()),
        }
    }

    fn not_evaluable(&self, name: &Name) -> Diagnostic {
        if catalogue::find(&name.text, 1).is_none() {
            return self.modules.unknown_function(self.module, name);
        }
        let message =
            format!("`{}` is built in; `eval` calls functions of scripts and of the library", name.text);
        Diagnostic::error(Code::Name, name.span, message)
            .hint(format!("call it directly: `{}(...)`", name.text))
    }
}
