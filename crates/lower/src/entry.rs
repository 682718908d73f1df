//! The form of a function that is called by a computed name: arguments that the call leaves out have no value, and
//! their defaults are evaluated inside.
//!
//! ```text
//! f = function(a, b) return (c) { if (!exists(b)) { b = default }; c = f(a, b) }
//! ```

use tilewright_syntax::ast::{
    Arg, Call, Expr, ExprKind, Function, Name, Param, Prefix, Stmt, StmtKind, Target,
};

/// The function with defaults inside, or none if it has no defaults.
pub fn with_defaults(function: &Function) -> Option<Function> {
    function.params.iter().any(|param| param.default.is_some()).then(|| Function {
        body: function.params.iter().filter_map(fill_in).chain([call(function)]).collect(),
        ..function.clone()
    })
}

/// `if (!exists(p)) { p = default }`
fn fill_in(param: &Param) -> Option<Stmt> {
    let (name, span) = (&param.name, param.name.span);
    let default = param.default.clone()?;
    let exists = call_of(&Name { text: "exists".into(), span }, [name]);
    let condition = Expr { kind: ExprKind::Unary(Prefix::Not, Box::new(exists)), span };
    let then = vec![Stmt { kind: assignment(name, default), span }];
    Some(Stmt { kind: StmtKind::If { condition, then, otherwise: Vec::new() }, span })
}

/// `[results] = f(params)`
fn call(function: &Function) -> Stmt {
    let call = call_of(&function.name, function.params.iter().map(|param| &param.name));
    let kind = match &function.results[..] {
        [] => StmtKind::Call(call),
        results => StmtKind::MultiAssign { targets: results.iter().map(|r| target(&r.name)).collect(), call },
    };
    Stmt { kind, span: function.name.span }
}

fn call_of<'a>(callee: &Name, args: impl IntoIterator<Item = &'a Name>) -> Expr {
    let arg = |name: &Name| Arg {
        name: None,
        value: Expr { kind: ExprKind::Variable(name.text.clone()), span: name.span },
    };
    let args = args.into_iter().map(arg).collect();
    Expr { kind: ExprKind::Call(Call { callee: callee.clone(), args }), span: callee.span }
}

fn target(name: &Name) -> Target {
    Target { name: name.clone(), indices: Vec::new(), is_element: false, span: name.span }
}

fn assignment(name: &Name, value: Expr) -> StmtKind {
    StmtKind::Assign { target: target(name), update: None, value }
}
