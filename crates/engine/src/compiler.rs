//! Compiling library functions for a running script.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tilewright_base::{Diagnostic, Severity, SourceMap};
use tilewright_ir::{Dag, Program, VarId};
use tilewright_lower::{Arguments, Sources};
use tilewright_ops::Facts;
use tilewright_opt::{Fired, Piece, Specialised, choose_forms};
use tilewright_plan::{Compiler, Dynamic, Plan, Variant};
use tilewright_value::Matrix;

use crate::inputs::Files;
use crate::session::emit;

/// Compiles library functions when a running script calls them by name.
pub struct LibraryCompiler<'a> {
    /// Where their texts are kept for diagnostics.
    pub map: &'a SourceMap,
    /// The library.
    pub library: &'a dyn Sources,
    /// The arguments of the script.
    pub arguments: &'a Arguments,
    /// What the optimiser may do.
    pub options: tilewright_opt::Options,
    plans: Mutex<HashMap<String, Option<Arc<Plan>>>>,
    fired: Mutex<Fired>,
}

impl<'a> LibraryCompiler<'a> {
    /// Nothing compiled yet.
    pub fn new(
        map: &'a SourceMap,
        library: &'a dyn Sources,
        arguments: &'a Arguments,
        options: tilewright_opt::Options,
    ) -> LibraryCompiler<'a> {
        let (plans, fired) = (Mutex::default(), Mutex::default());
        LibraryCompiler { map, library, arguments, options, plans, fired }
    }

    /// What the optimiser may still do.
    fn options(&self) -> Cow<'_, tilewright_opt::Options> {
        let Some(fuel) = self.options.fuel else { return Cow::Borrowed(&self.options) };
        let left = fuel.saturating_sub(self.fired.lock().unwrap_or_else(PoisonError::into_inner).len());
        Cow::Owned(tilewright_opt::Options { fuel: Some(left), ..self.options.clone() })
    }

    fn note(&self, fired: Fired) {
        self.fired.lock().unwrap_or_else(PoisonError::into_inner).append(fired);
    }

    /// What the rules did while the script was running.
    pub fn into_fired(self) -> Fired {
        self.fired.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(&self, name: &str) -> Result<Option<Arc<Plan>>, Vec<Diagnostic>> {
        let lowered = tilewright_lower::lower_library(self.map, name, self.library, self.arguments)?;
        let Some(program) = lowered else { return Ok(None) };
        let options = self.options();
        let optimised = tilewright_opt::optimise(&program, &Files, &options)?;
        self.note(optimised.fired);
        Ok(Some(Arc::new(emit(optimised.program, &options, optimised.as_written))))
    }
}

impl Compiler for LibraryCompiler<'_> {
    fn library(&self, name: &str) -> Result<Option<Arc<Plan>>, Diagnostic> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(name) {
            return Ok(plan.clone());
        }
        let plan = self.compile(name).map_err(|found| {
            let error = found.into_iter().find(|diagnostic| diagnostic.severity == Severity::Error);
            error.expect("invariant: compilation fails with an error")
        })?;
        plans.insert(name.into(), plan.clone());
        Ok(plan)
    }

    fn variant(
        &self,
        program: &Program,
        piece: &Dynamic,
        asked: &[Facts],
        matrices: &dyn Fn(VarId) -> Option<Matrix>,
    ) -> Result<Variant, Diagnostic> {
        let reached = Piece {
            program,
            function: piece.function,
            variables: piece.variables,
            blocks: &piece.blocks,
            after: &piece.after,
            entry: piece.entry(asked),
            matrices,
        };
        let Specialised { blocks, variables, fired } = tilewright_opt::specialise(&reached, &self.options())?;
        self.note(fired);
        let choose = |dag: &mut Dag| choose_forms(dag, &self.options);
        Ok(tilewright_plan::emit_blocks(program, piece, (blocks, variables), &choose))
    }
}
