//! A session that is typed: inputs one after the other, with variables, functions and sourced files in between.
//!
//! An input is checked as a whole before any of it runs. Its statements then run one by one, each as a program that
//! takes the session's variables, with all that is known of their values, and gives them back. A statement that fails
//! leaves the variables as they were before it; the statements before it are done. Prints of a failed statement stay.
//!
//! Invariant: the source map holds the inputs that functions stand in and what the last input added, so that a long
//! session does not grow with its number of inputs.

use std::collections::BTreeMap;
use std::io::Write;

use tilewright_base::{Diagnostic, FileId, Severity};
use tilewright_ops::Facts;
use tilewright_syntax::ast::{self, Script, Stmt};
use tilewright_syntax::{Input, parse_input};
use tilewright_value::Value;

use crate::session::{Compiled, Level, Options, Session, Timings, after, guarded};

/// A session that is typed.
pub struct Interactive {
    session: Session,
    /// The seed that was asked for; each statement gets one of its own from it.
    seed: Option<u64>,
    statements: u64,
    variables: BTreeMap<String, Value>,
    definitions: Definitions,
    /// Files of the source map that definitions stand in.
    kept: usize,
}

/// What inputs define besides variables.
#[derive(Clone, Default)]
struct Definitions {
    functions: Vec<ast::Function>,
    sources: Vec<ast::Source>,
    /// The folder of `source`.
    directory: Option<String>,
}

/// How an input ended.
pub struct Ended<W> {
    /// Where it printed.
    pub stream: W,
    /// Warnings and errors, in order.
    pub diagnostics: Vec<Diagnostic>,
}

impl<W> Ended<W> {
    /// True when there are errors.
    pub fn has_failed(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// True when nothing is wrong with an input but that its end is missing: an open bracket, block, comment or operator.
pub fn is_open(text: &str) -> bool {
    parse_input(FileId(0), text, None).is_open
}

impl Interactive {
    /// A session without variables.
    pub fn new(options: Options) -> Interactive {
        let seed = options.seed;
        Interactive {
            session: Session::new(options),
            seed,
            statements: 0,
            variables: BTreeMap::new(),
            definitions: Definitions::default(),
            kept: 0,
        }
    }

    /// Forgets all variables, functions and sourced files.
    pub fn reset(&mut self) {
        self.variables.clear();
        self.definitions = Definitions::default();
        self.kept = 0;
    }

    /// The variables by name.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The functions that inputs have defined.
    pub fn functions(&self) -> impl Iterator<Item = &ast::Function> {
        self.definitions.functions.iter()
    }

    /// The names of sourced files.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.definitions.sources.iter().map(|source| source.namespace.text.as_str())
    }

    /// The session, to show diagnostics of the last input.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Runs an input; `name` is shown in diagnostics and is where sourced files are looked for.
    pub fn run<W: Write + Send>(&mut self, name: &str, text: &str, stream: W) -> Ended<W> {
        let checked = guarded(|| self.check(name, text)).unwrap_or_else(|fault| Err(vec![fault.nowhere()]));
        let Checked { file, body, definitions, compiled } = match checked {
            Ok(checked) => checked,
            Err(diagnostics) => return Ended { stream, diagnostics },
        };
        self.define(definitions, file);
        let mut ended = Ended { stream, diagnostics: compiled.warnings.clone() };
        if let [_] = &body[..] {
            return self.execute(&compiled, ended);
        }
        for statement in body {
            ended = self.statement(file, statement, ended);
            if ended.has_failed() {
                break;
            }
        }
        ended
    }

    /// What the compiler makes of an input, with what is known of the session's variables.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn explain(&mut self, text: &str, level: Level) -> Result<String, Vec<Diagnostic>> {
        guarded(|| {
            let checked = self.check("<input>", text)?;
            self.session.explained(checked.compiled, level)
        })
        .unwrap_or_else(|fault| Err(vec![fault.nowhere()]))
    }

    /// Parses and compiles an input as a whole; nothing of the session changes but its source map.
    fn check(&mut self, name: &str, text: &str) -> Result<Checked, Vec<Diagnostic>> {
        self.session.sources.truncate(self.kept);
        let file = self.session.sources.add(name, text);
        let Input { mut script, diagnostics, directory, .. } =
            parse_input(file, text, self.definitions.directory.clone());
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(diagnostics);
        }
        let body = std::mem::take(&mut script.body);
        let definitions = self.definitions.with(script, directory);
        let compiled = self.compile(file, body.clone(), &definitions, diagnostics)?;
        Ok(Checked { file, body, definitions, compiled })
    }

    fn define(&mut self, definitions: Definitions, file: FileId) {
        let stands_in = |span: tilewright_base::Span| span.file == file;
        let Definitions { functions, sources, .. } = &definitions;
        if functions.iter().any(|function| stands_in(function.span))
            || sources.iter().any(|source| stands_in(source.span))
        {
            self.kept = file.0 as usize + 1;
        }
        self.definitions = definitions;
    }

    fn statement<W: Write + Send>(&mut self, file: FileId, statement: Stmt, mut ended: Ended<W>) -> Ended<W> {
        let definitions = self.definitions.clone();
        let compiled = guarded(|| self.compile(file, vec![statement], &definitions, Vec::new()))
            .unwrap_or_else(|fault| Err(vec![fault.nowhere()]));
        match compiled {
            Ok(compiled) => self.execute(&compiled, ended),
            Err(diagnostics) => {
                ended.diagnostics.extend(diagnostics);
                ended
            }
        }
    }

    fn compile(
        &mut self,
        file: FileId,
        body: Vec<Stmt>,
        definitions: &Definitions,
        mut warnings: Vec<Diagnostic>,
    ) -> Result<Compiled, Vec<Diagnostic>> {
        let Definitions { functions, sources, .. } = definitions.clone();
        let script = Script { sources, functions, body, comments: Vec::new() };
        let variables: Vec<String> = self.variables.keys().cloned().collect();
        let library = self.session.library();
        let Session { options, sources } = &mut self.session;
        let lowered =
            tilewright_lower::lower_input(sources, file, script, &library, &options.arguments, &variables);
        let mut program = after(&mut warnings, lowered)?;
        program.functions[0].param_facts = self.variables.values().map(Facts::of).collect();
        self.session.plan(program, warnings, Timings::default())
    }

    fn execute<W: Write + Send>(&mut self, compiled: &Compiled, mut ended: Ended<W>) -> Ended<W> {
        self.session.options.seed = self.seed.map(|seed| seed.wrapping_add(self.statements));
        self.statements += 1;
        let args = self.variables.values().cloned().collect();
        let (done, stream, warnings) = self.session.execute(compiled, args, ended.stream, None);
        ended.stream = stream;
        ended.diagnostics.extend(warnings);
        match done {
            Ok(values) => {
                let named = compiled.results().map(String::from).zip(values);
                self.variables.extend(named.filter_map(|(name, value)| Some((name, value?))));
            }
            Err(diagnostic) => ended.diagnostics.push(diagnostic),
        }
        ended
    }
}

/// An input that can run.
struct Checked {
    file: FileId,
    body: Vec<Stmt>,
    definitions: Definitions,
    compiled: Compiled,
}

impl Definitions {
    /// These and those of an input, which replace earlier ones of the same name.
    fn with(&self, script: Script, directory: Option<String>) -> Definitions {
        let functions = self
            .functions
            .iter()
            .filter(|old| !script.functions.iter().any(|new| new.name.text == old.name.text));
        let sources = self
            .sources
            .iter()
            .filter(|old| !script.sources.iter().any(|new| new.namespace.text == old.namespace.text));
        Definitions {
            functions: functions.cloned().chain(script.functions.iter().cloned()).collect(),
            sources: sources.cloned().chain(script.sources.iter().cloned()).collect(),
            directory,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What inputs print, one after the other; `error: ...` for the first error of one that fails.
    fn printed(interactive: &mut Interactive, inputs: &[&str]) -> String {
        let mut out = String::new();
        for input in inputs {
            let ended = interactive.run("<input>", input, Vec::new());
            out += &String::from_utf8(ended.stream).unwrap();
            let error = ended.diagnostics.iter().find(|found| found.severity == Severity::Error);
            out += &error.map(|error| format!("error: {}\n", error.message)).unwrap_or_default();
        }
        out
    }

    #[test]
    fn variables_functions_and_values_last() {
        let mut session = Interactive::new(Options::default());
        let inputs = ["x = 3", "f = function(double a) return (double b) { b = a + 1 }", "x", "x = x + 1; x"];
        assert_eq!(printed(&mut session, &inputs), "3\n4\n");
        let inputs = ["f = function(double a) return (double b) { b = 2 * a }", "f(x)", "f(x) + 1"];
        assert_eq!(printed(&mut session, &inputs), "8.0\n9.0\n");
        let inputs = ["X = matrix(1, 2, 2)", "X[1, 1] = 5", "sum(X)", "for (i in 1:2) X[i, 2] = i", "X"];
        assert_eq!(printed(&mut session, &inputs), "8.0\n5.000 1.000\n1.000 2.000\n\n");
    }

    #[test]
    fn a_failed_statement_changes_nothing_and_the_ones_before_it_are_done() {
        let mut session = Interactive::new(Options::default());
        let inputs = [
            "X = matrix(1, 2, 2)",
            "y = 1; X[1, 1] = 7; X[1, 1] = as.scalar(X[1, 1]) / 0; stop(\"no\"); y = 2",
        ];
        assert_eq!(printed(&mut session, &inputs), "error: no\n");
        assert_eq!(printed(&mut session, &["y", "sum(X)"]), "1\nInfinity\n");
        let inputs = ["y = 5; z = nothing", "y"];
        assert_eq!(printed(&mut session, &inputs), "error: unknown variable `nothing`\n1\n");
    }

    #[test]
    fn a_variable_may_change_its_kind_and_needs_a_value() {
        let mut session = Interactive::new(Options::default());
        let inputs = ["x = 1", "x = matrix(2, 1, 1)", "x = \"text\"", "x", "if (x == \"a\") y = 1", "y"];
        assert_eq!(printed(&mut session, &inputs), "text\nerror: unknown variable `y`\n");
        session.reset();
        assert_eq!(printed(&mut session, &["x"]), "error: unknown variable `x`\n");
    }

    #[test]
    fn facts_of_the_session_are_known_before_running() {
        let mut session = Interactive::new(Options::default());
        printed(&mut session, &["X = rand(rows=10, cols=3, seed=1)"]);
        let plan = session.explain("t(X) %*% X", Level::Plan).unwrap();
        assert!(plan.contains("3x3"), "{plan}");
        let errors = session.explain("X %*% X", Level::Plan).unwrap_err();
        assert_eq!(errors[0].code.word(), "shape");
    }

    #[test]
    fn a_long_session_keeps_only_the_texts_it_needs() {
        let mut session = Interactive::new(Options::default());
        for _ in 0..20 {
            printed(&mut session, &["x = sigmoid(matrix(0, 1, 1))"]);
        }
        assert!(session.session.sources.len() < 4);
        printed(&mut session, &["g = function() return (double r) { r = 1 }", "g()", "g()"]);
        assert_eq!(session.kept, 1);
    }

    #[test]
    fn statements_without_seeds_differ_and_the_session_can_be_repeated() {
        let run = || {
            let mut session = Interactive::new(Options { seed: Some(7), ..Options::default() });
            printed(&mut session, &["sum(rand(rows=3, cols=3))", "sum(rand(rows=3, cols=3))"])
        };
        let (first, second) = (run(), run());
        assert_eq!(first, second);
        let lines: Vec<_> = first.lines().collect();
        assert_ne!(lines[0], lines[1]);
    }
}
