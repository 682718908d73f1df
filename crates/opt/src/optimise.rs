//! Takes a program through the passes, and watches that none of them breaks it.
//!
//! In debug builds the verifier of the IR looks at the program after each pass, and a broken program ends the compilation
//! with the name of the pass. In release builds it looks once at the end; a broken program is given up there for the
//! one that was written, with a warning that names the pass.

use tilewright_base::{Code, Diagnostic, Severity, Span};
use tilewright_ir::{Program, verify};

use crate::{
    Fired, Options, flow, hoist_invariants, merge_blocks, order_chains, rebuild, remove_dead,
    remove_unused_results, split_blocks, vectorise_loops,
};

/// When the verifier looks at the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// After each pass; what is broken is an error.
    EachPass,
    /// After the last one; what is broken is planned as it was written, with a warning.
    AtEnd,
}

impl Default for Verify {
    fn default() -> Verify {
        if cfg!(debug_assertions) { Verify::EachPass } else { Verify::AtEnd }
    }
}

/// What comes of a program.
#[derive(Debug)]
pub struct Optimised {
    /// The program.
    pub program: Program,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// What the rules did.
    pub fired: Fired,
    /// Whether the program is the one that was written, with nothing but facts: nothing is to be rewritten later either.
    pub as_written: bool,
}

/// A pass over a program that is rebuilt.
struct Pass {
    name: &'static str,
    run: fn(Program, &Options, &mut Fired) -> Program,
}

/// The passes after `rebuild`, in order.
const PASSES: &[Pass] = &[
    Pass { name: "remove_dead", run: |program, _, _| remove_dead::remove_dead(program) },
    Pass { name: "remove_unused_results", run: remove_unused_results::remove_unused_results },
    Pass { name: "merge_blocks", run: merge_blocks::merge_blocks },
    Pass { name: "vectorise_loops", run: vectorise_loops::vectorise_loops },
    Pass { name: "hoist_invariants", run: hoist_invariants::hoist_invariants },
    Pass { name: "remove_dead", run: |program, _, _| remove_dead::remove_dead(program) },
    Pass { name: "order_chains", run: order_all_chains },
    Pass { name: "split_blocks", run: |program, _, _| split_blocks::split_blocks(program) },
];

fn order_all_chains(mut program: Program, options: &Options, _: &mut Fired) -> Program {
    program.visit_dags_mut(&mut |dag| order_chains::order_chains(dag, &|_| None, options));
    program
}

/// Optimises a program; the facts of its inputs come from [`flow::Inputs`].
///
/// # Errors
/// What is known to fail before running, and a broken program as an internal error.
pub fn optimise(
    program: &Program,
    inputs: &dyn flow::Inputs,
    options: &Options,
) -> Result<Optimised, Vec<Diagnostic>> {
    optimise_by(PASSES, program, inputs, options)
}

/// Why there is no program.
enum Stopped {
    /// What is known to fail.
    Fails(Vec<Diagnostic>),
    /// A pass broke the program.
    Broken(Broken),
}

/// A pass that broke a program, if it is known which one, and what the verifier says.
pub(crate) struct Broken {
    pub pass: Option<&'static str>,
    pub what: String,
}

impl Broken {
    /// As an error that ends the run, or as a warning that the program runs as it was before.
    pub fn defect(&self, severity: Severity, span: Span) -> Diagnostic {
        let who = self.pass.map_or("the optimiser".into(), |pass| format!("the pass `{pass}`"));
        let message = format!("{who} broke the program: {}", self.what);
        let hint = match severity {
            Severity::Error => "this is a defect of Tilewright; `--no-rewrite all` may run the script",
            Severity::Warning => {
                "it runs without this optimisation; please report the defect with this message and the script"
            }
        };
        Diagnostic { severity, ..Diagnostic::error(Code::Internal, span, message).hint(hint) }
    }
}

fn optimise_by(
    passes: &[Pass],
    program: &Program,
    inputs: &dyn flow::Inputs,
    options: &Options,
) -> Result<Optimised, Vec<Diagnostic>> {
    let span = program.function(Program::MAIN).span;
    let error = |broken: &Broken| vec![broken.defect(Severity::Error, span)];
    let broken = match through(passes, program, inputs, options) {
        Ok(optimised) => return Ok(optimised),
        Err(Stopped::Fails(found)) => return Err(found),
        Err(Stopped::Broken(broken)) if options.verify == Verify::EachPass || options.as_written => {
            return Err(error(&broken));
        }
        Err(Stopped::Broken(broken)) => broken,
    };
    // Only now is it worth the time to learn which pass it was.
    let each = Options { verify: Verify::EachPass, ..options.clone() };
    let broken = match through(passes, program, inputs, &each) {
        Err(Stopped::Broken(named)) => named,
        _ => broken,
    };
    let as_written = Options { as_written: true, ..options.clone() };
    match through(passes, program, inputs, &as_written) {
        Ok(mut optimised) => {
            optimised.diagnostics.push(broken.defect(Severity::Warning, span));
            Ok(optimised)
        }
        Err(Stopped::Fails(found)) => Err(found),
        Err(Stopped::Broken(broken)) => Err(error(&broken)),
    }
}

fn through(
    passes: &[Pass],
    program: &Program,
    inputs: &dyn flow::Inputs,
    options: &Options,
) -> Result<Optimised, Stopped> {
    let called = flow::analyse(program, inputs).called;
    let (mut program, diagnostics, mut fired) = rebuild::rebuild(program, &called, inputs, options);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(Stopped::Fails(diagnostics));
    }
    let as_written = options.as_written;
    let verify_each = options.verify == Verify::EachPass;
    if verify_each {
        check(&program, Some("rebuild"))?;
    }
    for pass in passes.iter().filter(|_| !as_written) {
        program = (pass.run)(program, options, &mut fired);
        if verify_each {
            check(&program, Some(pass.name))?;
        }
    }
    if !verify_each {
        check(&program, None)?;
    }
    Ok(Optimised { program, diagnostics, fired, as_written })
}

fn check(program: &Program, pass: Option<&'static str>) -> Result<(), Stopped> {
    verify::verify(program).map_err(|what| Stopped::Broken(Broken { pass, what }))
}

#[cfg(test)]
pub(crate) mod tests {
    use tilewright_base::FileId;
    use tilewright_ir::{Block, Dag, Function, Live, NodeId, NodeKind, VarId, Variable};
    use tilewright_ops::{Facts, Op, unary};
    use tilewright_value::Scalar;

    use super::*;

    /// A main function `x = abs(2.0)` whose result is `x`.
    pub(crate) fn program() -> Program {
        let span = Span::new(FileId(0), 0, 0);
        let mut dag = Dag::default();
        let two = dag.add(NodeKind::Literal(Scalar::Double(2.0)), Vec::new(), span);
        let abs = NodeKind::Op(Op::Unary(unary::find("abs").unwrap()));
        let abs = dag.add(abs, vec![two], span);
        dag.assign(VarId(0), abs);
        let main = Function {
            name: "main".into(),
            variables: vec![Variable { name: "x".into() }],
            params: Vec::new(),
            declared: Vec::new(),
            scope: 0,
            results: vec![VarId(0)],
            body: vec![Block::Basic(dag)],
            span,
            param_facts: Vec::new(),
            measured: Live::new(),
        };
        Program { functions: vec![main], scopes: vec![Default::default()] }
    }

    struct NoFiles;

    impl flow::Inputs for NoFiles {
        fn facts(&self, _: &dyn Fn(&str) -> Option<Scalar>) -> Facts {
            Facts::UNKNOWN
        }
    }

    const HARMLESS: Pass = Pass { name: "harmless", run: |program, _, _| program };
    /// Assigns to a variable that the function does not have.
    const BREAKING: Pass = Pass {
        name: "breaking",
        run: |mut program, _, _| {
            program.visit_dags_mut(&mut |dag| dag.assign(VarId(7), NodeId(0)));
            program
        },
    };

    fn optimised(passes: &[Pass], verify: Verify) -> Result<Optimised, Vec<Diagnostic>> {
        optimise_by(passes, &program(), &NoFiles, &Options { verify, ..Options::default() })
    }

    #[test]
    fn a_pass_that_breaks_the_program_is_named() {
        let found = optimised(&[HARMLESS, BREAKING, HARMLESS], Verify::EachPass).unwrap_err();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].code), (Severity::Error, Code::Internal));
        assert!(found[0].message.starts_with("the pass `breaking` broke the program: "), "{found:?}");
    }

    #[test]
    fn a_broken_program_runs_as_it_was_written_with_a_warning() {
        let optimised = optimised(&[HARMLESS, BREAKING, HARMLESS], Verify::AtEnd).unwrap();
        let [warning] = &optimised.diagnostics[..] else { panic!("{:?}", optimised.diagnostics) };
        assert_eq!((warning.severity, warning.code), (Severity::Warning, Code::Internal));
        assert!(warning.message.starts_with("the pass `breaking` broke the program: "), "{warning:?}");
        assert!(warning.hints[0].contains("report"), "{warning:?}");
        assert!(optimised.as_written && optimised.fired.is_empty());
        // As it was written: nothing is folded.
        let body = &optimised.program.functions[0].body;
        assert!(matches!(&body[..], [Block::Basic(dag)] if dag.nodes.len() == 2), "{body:?}");
        assert_eq!(verify::verify(&optimised.program), Ok(()));
    }

    #[test]
    fn nothing_is_said_of_passes_that_keep_the_program() {
        for verify in [Verify::EachPass, Verify::AtEnd] {
            let optimised = optimised(PASSES, verify).unwrap();
            assert!(optimised.diagnostics.is_empty() && !optimised.as_written);
            // The absolute value of 2 is known.
            let body = &optimised.program.functions[0].body;
            assert!(matches!(&body[..], [Block::Basic(dag)] if dag.nodes.len() == 1), "{body:?}");
        }
    }
}
