//! What is typed in a session: the main function begins with the session's variables and gives all of them back.

use std::rc::Rc;

use tilewright_ir::{Function, FunctionId, VarId};
use tilewright_ops::statement::Statement;
use tilewright_syntax::ast::{Arg, Call, Expr, ExprKind, Kind, Name, Param, StmtKind};

use crate::expression::is_scalar_literal;
use crate::modules::{ModuleId, Modules};

/// All variables of the main function but the compiler's own.
pub(crate) fn results(main: &Function) -> Vec<VarId> {
    let ids = (0..main.variables.len() as u32).map(VarId);
    ids.filter(|id| !main.name_of(*id).starts_with('%')).collect()
}

/// Gives the main function the session's variables as parameters, and makes each expression that stands alone in it a
/// `print` of it. Statements that are written as calls, and calls of functions without results, stay as they are.
pub(crate) fn declare(modules: &mut Modules<'_>, module: ModuleId, main: FunctionId, variables: &[String]) {
    let mut function = (*modules.declaration(main).ast).clone();
    let span = function.span;
    let name = |text: &String| Name { text: text.clone(), span };
    let param = |text| Param { kind: Kind::Unknown, name: name(text), shape: Vec::new(), default: None };
    function.params = variables.iter().map(param).collect();
    for statement in &mut function.body {
        if let StmtKind::Call(value) = &mut statement.kind
            && has_value(modules, module, value)
        {
            print(value);
        }
    }
    modules.declaration_mut(main).ast = Rc::new(function);
}

fn print(value: &mut Expr) {
    let span = value.span;
    let nothing = Expr { kind: ExprKind::Boolean(false), span };
    let arg = Arg { name: None, value: std::mem::replace(value, nothing) };
    let callee = Name { text: Statement::Print.name().into(), span };
    value.kind = ExprKind::Call(Call { callee, args: vec![arg] });
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
