//! What is typed in a session: the main function begins with the session's variables and gives all of them back.

use std::rc::Rc;

use tilewright_base::Span;
use tilewright_ir::{Function, FunctionId, VarId};
use tilewright_ops::statement::Statement;
use tilewright_syntax::ast::{Arg, Call, Expr, ExprKind, Kind, Name, Param, StmtKind};

use crate::expression::is_scalar_literal;
use crate::modules::{ModuleId, Modules};

/// The variables of a session as parameters of the main function.
pub(crate) fn params(variables: &[String], span: Span) -> Vec<Param> {
    let name = |text: &String| Name { text: text.clone(), span };
    variables.iter().map(|text| Param { kind: Kind::Unknown, name: name(text), default: None }).collect()
}

/// All variables of the main function but the compiler's own.
pub(crate) fn results(main: &Function) -> Vec<VarId> {
    let ids = (0..main.variables.len() as u32).map(VarId);
    ids.filter(|id| !main.name_of(*id).starts_with('%')).collect()
}

/// Makes each expression that stands alone in the main function a `print` of it. Statements that are written as calls,
/// and calls of functions without results, stay as they are.
pub(crate) fn print_values(modules: &mut Modules<'_>, module: ModuleId, main: FunctionId) {
    let mut function = (*modules.declaration(main).ast).clone();
    for statement in &mut function.body {
        let StmtKind::Call(value) = &mut statement.kind else { continue };
        if has_value(modules, module, value) {
            let span = value.span;
            let nothing = Expr { kind: ExprKind::Boolean(false), span };
            let arg = Arg { name: None, value: std::mem::replace(value, nothing) };
            let callee = Name { text: Statement::Print.name().into(), span };
            value.kind = ExprKind::Call(Call { callee, args: vec![arg] });
        }
    }
    modules.declaration_mut(main).ast = Rc::new(function);
}

fn has_value(modules: &mut Modules<'_>, module: ModuleId, value: &Expr) -> bool {
    let ExprKind::Call(call) = &value.kind else { return true };
    if let Some(statement) = Statement::find(&call.callee.text) {
        return statement == Statement::Read;
    }
    let scalar = call.args.first().is_some_and(|arg| is_scalar_literal(&arg.value));
    match modules.resolve(module, &call.callee.text, scalar) {
        Some(id) => !modules.declaration(id).ast.results.is_empty(),
        None => true,
    }
}
