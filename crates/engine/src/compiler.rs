//! Compiling library functions for a running script.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tilewright_base::{Diagnostic, Severity, SourceMap};
use tilewright_ir::{Dag, Program, VarId};
use tilewright_lower::{Arguments, Sources};
use tilewright_ops::Facts;
use tilewright_opt::products::choose_products;
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
}

impl<'a> LibraryCompiler<'a> {
    /// Nothing compiled yet.
    pub fn new(
        map: &'a SourceMap,
        library: &'a dyn Sources,
        arguments: &'a Arguments,
        options: tilewright_opt::Options,
    ) -> LibraryCompiler<'a> {
        LibraryCompiler { map, library, arguments, options, plans: Mutex::default() }
    }

    fn compile(&self, name: &str) -> Result<Option<Arc<Plan>>, Vec<Diagnostic>> {
        let lowered = tilewright_lower::lower_library(self.map, name, self.library, self.arguments)?;
        let Some(program) = lowered else { return Ok(None) };
        let (program, ..) = tilewright_opt::optimise(program, &Files, &self.options)?;
        Ok(Some(Arc::new(emit(program, &self.options))))
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
    ) -> Variant {
        let function = (program, piece.function);
        let (blocks, after, entry) = (&piece.blocks, &piece.after, piece.entry(asked));
        let blocks = tilewright_opt::specialise(function, blocks, after, entry, matrices, &self.options);
        let choose = |dag: &mut Dag| choose_products(dag, &self.options);
        tilewright_plan::emit_blocks(function, blocks, &piece.after, &piece.shared, &choose)
    }
}
