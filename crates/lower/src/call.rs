//! Arguments to parameters: by position, then by name, then by default.

use tilewright_base::number::count;
use tilewright_base::{Code, Diagnostic, Span, nearest};
use tilewright_ops::function::{Need, Param, Params};
use tilewright_syntax::ast::{Arg, Name};

/// What fills one parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Filled<'a> {
    /// An argument of the call.
    Argument(&'a Arg),
    /// Nothing; it has a default or is optional.
    Absent,
}

/// Matches the arguments of a call to parameter names; `needed` says which have no default.
///
/// # Errors
/// Too many, unknown, duplicate and missing arguments, with the signature.
pub fn match_arguments<'a>(
    function: &Name,
    args: &'a [Arg],
    params: &[&str],
    needed: &dyn Fn(usize) -> bool,
    signature: &dyn Fn() -> String,
) -> Result<Vec<Filled<'a>>, Diagnostic> {
    let error = |span: Span, message: String| {
        Diagnostic::error(Code::Argument, span, message).hint(format!("it is called as `{}`", signature()))
    };
    let mut filled = vec![Filled::Absent; params.len()];
    for (at, arg) in args.iter().enumerate() {
        let named = args[..at].iter().find_map(|other| other.name.as_ref());
        if let (None, Some(named)) = (&arg.name, named) {
            let message = "an argument without a name stands behind one with a name";
            return Err(error(arg.value.span, message.into()).label(named.span, "this one has a name"));
        }
        let position = match &arg.name {
            None if at < params.len() => at,
            None => {
                let (name, most, given) = (&function.text, params.len(), args.len());
                return Err(error(
                    arg.value.span,
                    format!("`{name}` takes at most {}, {}", count(most, "argument"), are_given(given)),
                ));
            }
            Some(name) => match params.iter().position(|param| *param == name.text) {
                Some(position) => position,
                None => {
                    let message = format!("`{}` has no argument `{}`", function.text, name.text);
                    let unknown = error(name.span, message);
                    return Err(match nearest(&name.text, params.iter().copied()) {
                        Some(near) => unknown.hint(format!("did you mean `{near}`?")),
                        None => unknown,
                    });
                }
            },
        };
        if filled[position] != Filled::Absent {
            let message =
                format!("the argument `{}` of `{}` is given twice", params[position], function.text);
            return Err(error(arg.value.span, message));
        }
        filled[position] = Filled::Argument(arg);
    }
    let missing: Vec<_> = (0..params.len())
        .filter(|&at| filled[at] == Filled::Absent && needed(at))
        .map(|at| format!("`{}`", params[at]))
        .collect();
    if !missing.is_empty() {
        let noun = if missing.len() == 1 { "argument" } else { "arguments" };
        let message = format!("`{}` needs the {noun} {}", function.text, missing.join(", "));
        return Err(error(function.span, message));
    }
    Ok(filled)
}

/// Matches the arguments of a native function.
///
/// # Errors
/// As [`match_arguments`].
pub fn match_native<'a>(
    function: &Name,
    args: &'a [Arg],
    params: &[Param],
    own: Params,
) -> Result<Vec<Filled<'a>>, Diagnostic> {
    let names: Vec<&str> = params.iter().map(|param| param.name).collect();
    let needed = |at: usize| matches!(params[at].need, Need::Required);
    match_arguments(function, args, &names, &needed, &|| own.signature(&function.text))
}

/// `1 is given`, `3 are given`.
pub fn are_given(arguments: usize) -> String {
    if arguments == 1 { "1 is given".into() } else { format!("{arguments} are given") }
}
