//! Calls by a computed name: the function, and its arguments by position, by name, or in one list.

use std::sync::Arc;

use tilewright_base::{At, Diagnostic, Outcome, Span, bail, nearest};
use tilewright_ops::Kind;
use tilewright_ops::functions::{lists, scalars};
use tilewright_ops::statement::Statement;
use tilewright_plan::{Function, Plan};
use tilewright_value::list::Entry;
use tilewright_value::{List, Scalar, ScalarType, Value};

use crate::frame::Frame;
use crate::interpreter::Interpreter;

impl Interpreter<'_> {
    /// `eval(name, ...)` and `evalList(name, ...)`; inputs are pairs of a name and a value, the function's name first.
    ///
    /// # Errors
    /// When there is no such function, its arguments do not fit, or it fails.
    pub(crate) fn eval(
        &self,
        statement: Statement,
        inputs: &[Value],
        (frame, caller): (&Frame, &Function),
        span: Span,
    ) -> Result<Value, Diagnostic> {
        let pairs = lists::named(inputs).at(span)?;
        let name = pairs.entry(0).value.as_scalar().at(span)?.to_string();
        let args = &pairs.into_entries()[1..];
        if let Some((runner, id)) = self.named(caller.scope, &name) {
            return runner.eval_function((id, &name), statement, args, frame, span);
        }
        match self.compiler().library(&name)? {
            Some(plan) => self.eval_library((&plan, &name), statement, args, frame, span),
            None => Err(self.unknown(caller.scope, &name)).at(span),
        }
    }

    fn eval_library(
        &self,
        (plan, name): (&Arc<Plan>, &str),
        statement: Statement,
        args: &[Entry],
        frame: &Frame,
        span: Span,
    ) -> Result<Value, Diagnostic> {
        let inner = self.with_plan(plan);
        let id = plan.scopes.first().and_then(|scope| scope.get(name)).copied();
        let id = id.expect("invariant: a library plan names its function");
        inner.eval_function((id, name), statement, args, frame, span)
    }

    fn eval_function(
        &self,
        (id, name): (tilewright_ir::FunctionId, &str),
        statement: Statement,
        args: &[Entry],
        frame: &Frame,
        span: Span,
    ) -> Result<Value, Diagnostic> {
        let function = self.function(id);
        let args = bind(function, name, args).at(span)?;
        let results = self.call(id, args, frame, span)?;
        Ok(self.result(statement, function, results))
    }

    /// The results as one value: the first one, a number as a 1x1 matrix; or all in a list.
    fn result(&self, statement: Statement, function: &Function, mut results: Vec<Value>) -> Value {
        if statement == Statement::Eval && !results.is_empty() {
            return match results.swap_remove(0) {
                Value::Scalar(scalar) => match scalar.as_double() {
                    Ok(number) if !matches!(scalar, Scalar::String(_)) => {
                        self.formatted(scalars::one_cell(number))
                    }
                    _ => Value::Scalar(scalar),
                },
                value => value,
            };
        }
        let named = |(register, value): (&tilewright_plan::Register, Value)| Entry {
            name: function.variables.get(register.0 as usize).map(|name| name.as_str().into()),
            value,
        };
        Value::List(List::new(function.results.iter().zip(results).map(named).collect()))
    }

    fn unknown(&self, scope: usize, name: &str) -> tilewright_base::Fault {
        let fault =
            tilewright_base::fault!(Name, "there is no function `{name}` that could be called by its name");
        let known = self.names(scope);
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("`eval` calls functions of scripts and of the library, not operators"),
        }
    }
}

/// The arguments in the order of the parameters, none for those that are left out.
fn bind(function: &Function, name: &str, args: &[Entry]) -> Outcome<Vec<Option<Value>>> {
    let params: Vec<&str> =
        function.params.iter().map(|register| function.variables[register.0 as usize].as_str()).collect();
    let signature = || {
        let one = |(at, param): (usize, &&str)| {
            if function.declared[at].optional { format!("[{param}]") } else { (*param).to_string() }
        };
        format!("{name}({})", params.iter().enumerate().map(one).collect::<Vec<_>>().join(", "))
    };
    let unpacked = match args {
        [Entry { name: None, value: Value::List(list) }] if !takes_list(function) => {
            list.clone().into_entries()
        }
        args => args.to_vec(),
    };
    let mut bound: Vec<Option<Value>> = vec![None; params.len()];
    for (position, arg) in unpacked.into_iter().enumerate() {
        let at = match &arg.name {
            None if position < params.len() => position,
            None => {
                bail!(Argument, "`{name}` takes at most {} arguments", params.len(); hint: "it is called as `{}`", signature())
            }
            Some(given) => match params.iter().position(|param| *param == &**given) {
                Some(at) => at,
                None => {
                    bail!(Argument, "`{name}` has no argument `{given}`"; hint: "it is called as `{}`", signature())
                }
            },
        };
        let value = declared(arg.value, function.declared[at].kind);
        if bound[at].replace(value).is_some() {
            bail!(Argument, "the argument `{}` of `{name}` is given twice", params[at]);
        }
    }
    let missing = (0..params.len()).find(|&at| bound[at].is_none() && !function.declared[at].optional);
    match missing {
        Some(at) => {
            bail!(Argument, "`{name}` needs the argument `{}`", params[at]; hint: "it is called as `{}`", signature())
        }
        None => Ok(bound),
    }
}

/// An integer for a parameter that is declared as a double is one; everything else is passed as it is.
fn declared(value: Value, kind: Kind) -> Value {
    match (value, kind) {
        (Value::Scalar(Scalar::Integer(value)), Kind::Scalar(Some(ScalarType::Double))) => {
            Value::from(value as f64)
        }
        (value, _) => value,
    }
}

fn takes_list(function: &Function) -> bool {
    matches!(&function.declared[..], [only] if only.kind == Kind::List)
}
