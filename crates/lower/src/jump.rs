//! `break`, `continue` and `return(...)`: jumps become flags, and what a jump skips becomes a branch.
//!
//! ```text
//! while (c) { A; if (d) break; B }
//!
//! leave = FALSE
//! while (c) { skip = FALSE; A; if (d) { skip = TRUE; leave = TRUE }; if (skip) { } else { B } } until leave
//! ```

use tilewright_base::{Code, Diagnostic, Span};
use tilewright_ir::NodeKind;
use tilewright_syntax::ast::{Arg, Name, Stmt, StmtKind};
use tilewright_value::Scalar;

use crate::function::{Done, FunctionLowerer};
use crate::loops::visit;
use crate::short_circuit::variable;

/// The flags of a loop.
#[derive(Debug, Clone)]
pub struct Flags {
    /// The rest of the iteration is skipped.
    pub skip: Name,
    /// No further iteration begins; absent if no jump leaves the loop.
    pub leave: Option<Name>,
}

/// Whether a statement jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jumps {
    Never,
    Sometimes,
    Always,
}

/// True when a body contains a `return` statement.
pub fn returns(body: &[Stmt]) -> bool {
    contains(body, |kind| matches!(kind, StmtKind::Return(_)))
}

fn contains(body: &[Stmt], wanted: fn(&StmtKind) -> bool) -> bool {
    let mut found = false;
    visit(body, &mut |statement| found |= wanted(&statement.kind));
    found
}

fn jumps(statement: &Stmt) -> Jumps {
    match &statement.kind {
        StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) => Jumps::Always,
        StmtKind::If { then, otherwise, .. } => match (any_jumps(then), any_jumps(otherwise)) {
            (a, b) if a == b => a,
            _ => Jumps::Sometimes,
        },
        StmtKind::While { body, .. } | StmtKind::For { body, .. } if returns(body) => Jumps::Sometimes,
        _ => Jumps::Never,
    }
}

fn any_jumps(body: &[Stmt]) -> Jumps {
    body.iter().map(jumps).fold(Jumps::Never, |a, b| match (a, b) {
        (Jumps::Always, _) | (_, Jumps::Always) => Jumps::Always,
        (Jumps::Never, Jumps::Never) => Jumps::Never,
        _ => Jumps::Sometimes,
    })
}

impl FunctionLowerer<'_, '_> {
    /// The statements behind one that has just been lowered; false when they have been taken care of.
    pub(crate) fn goes_on(&mut self, statement: &Stmt, rest: &[Stmt]) -> bool {
        let Some(next) = rest.first() else { return true };
        match jumps(statement) {
            Jumps::Never => true,
            Jumps::Always => {
                let warning = Diagnostic::warning(Code::Lint, next.span, "this statement is never reached")
                    .label(statement.span, "the jump stands before it");
                self.modules.diagnostics.push(warning);
                false
            }
            Jumps::Sometimes => {
                let flag = self.loops.last().map(|flags| flags.skip.clone()).or(self.returned.clone());
                let Some(flag) = flag else { return true };
                if let Err(diagnostic) = self.branch(&variable(&flag), &[], rest) {
                    self.modules.diagnostics.push(diagnostic);
                }
                false
            }
        }
    }

    /// Flags for a loop that contains jumps.
    pub(crate) fn flags(&mut self, body: &[Stmt], span: Span) -> Option<Flags> {
        // A jump of an inner loop is taken for one of this loop: a flag too many does no harm.
        let leaves = contains(body, |kind| matches!(kind, StmtKind::Break | StmtKind::Return(_)));
        let any = leaves || contains(body, |kind| matches!(kind, StmtKind::Continue));
        any.then(|| Flags {
            skip: self.fresh("skip", span),
            leave: leaves.then(|| self.fresh("leave", span)),
        })
    }

    /// Sets the flags of a loop before its first iteration.
    pub(crate) fn start_loop(&mut self, flags: Option<&Flags>) {
        if let Some(leave) = flags.and_then(|flags| flags.leave.as_ref()) {
            self.set_flag(leave, false);
        }
    }

    pub(crate) fn set_flag(&mut self, flag: &Name, value: bool) {
        let node = self.add(NodeKind::Literal(Scalar::Boolean(value)), Vec::new(), flag.span);
        self.assign(&flag.text, node);
    }

    pub(crate) fn break_loop(&mut self) {
        if let Some(flags) = self.loops.last().cloned() {
            self.leave(&flags);
        }
    }

    pub(crate) fn continue_loop(&mut self) {
        if let Some(flags) = self.loops.last().cloned() {
            self.set_flag(&flags.skip, true);
        }
    }

    fn leave(&mut self, flags: &Flags) {
        self.set_flag(&flags.skip, true);
        if let Some(leave) = &flags.leave {
            self.set_flag(leave, true);
        }
    }

    /// `return(a, b)`: assigns results and leaves the function.
    pub(crate) fn return_results(&mut self, args: &[Arg], span: Span) -> Done {
        if self.shared.is_some() {
            return Err(Diagnostic::error(Code::Parallel, span, "`return` in a parallel loop")
                .hint("iterations run at the same time: use `for`"));
        }
        let mut nodes = Vec::new();
        for (position, arg) in args.iter().enumerate() {
            let result = self.returned_result(position, arg, span)?;
            nodes.push((result, self.expression(&arg.value)?));
        }
        nodes.into_iter().for_each(|(result, node)| self.assign(&result, node));
        for flags in self.loops.clone() {
            self.leave(&flags);
        }
        if let Some(returned) = self.returned.clone() {
            self.set_flag(&returned, true);
        }
        Ok(())
    }

    /// The result that an argument of `return` is for.
    fn returned_result(&self, position: usize, arg: &Arg, span: Span) -> Result<String, Diagnostic> {
        let results = &self.results;
        let found = match &arg.name {
            Some(name) => results.iter().find(|result| **result == name.text),
            None => results.get(position),
        };
        if let Some(result) = found {
            return Ok(result.clone());
        }
        let place = arg.name.as_ref().map_or(span, |name| name.span);
        let declared =
            if results.is_empty() { "none".to_string() } else { format!("`{}`", results.join("`, `")) };
        let error = match &arg.name {
            Some(name) => Diagnostic::error(
                Code::Argument,
                place,
                format!("the function has no result `{}`", name.text),
            ),
            None => Diagnostic::error(
                Code::Argument,
                place,
                "`return` has more values than the function has results",
            ),
        };
        Err(error.hint(format!(
            "declared results: {declared}; `f = function(x) return (y) {{ ... }}` declares one"
        )))
    }
}
