//! Scripts inside of a Rust program: matrices, frames and scalars in its memory are variables of a script, and variables
//! come back as results.
//!
//! Cells of matrices and columns of frames stay where they are, in both directions. They are only read: what a script
//! writes to an input goes to a copy.
//!
//! ```
//! use tilewright_engine::{Inputs, Options, Session};
//! let mut inputs = Inputs::default();
//! inputs.matrix("A", 2, 2, vec![3.0, 1.0, 1.0, 2.0]).expect("four cells");
//! inputs.matrix("y", 2, 1, vec![9.0, 8.0]).expect("two cells");
//! let mut session = Session::new(Options::default());
//! let ran = session.run_on("product.dml", "b = A %*% y", &inputs, &["b"], std::io::stdout());
//! let mut results = ran.results.expect("shapes fit");
//! assert_eq!(results.dense("b").expect("a matrix").cells(), [35.0, 25.0]);
//! ```

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use tilewright_base::number::count;
use tilewright_base::{Diagnostic, Fault, Outcome, Severity, bail, fault, nearest};
use tilewright_io::record_batch;
use tilewright_ir::{Function, VarId};
use tilewright_matrix::Dense;
use tilewright_matrix::buffer::Owner;
use tilewright_ops::Facts;
use tilewright_value::{Block, Scalar, Value};

use crate::session::{Compiled, Session, Timings, after, guarded};

/// Row-major cells in memory that somebody owns.
#[derive(Clone)]
pub struct Cells(Owner);

impl Cells {
    /// Cells of any owner: a mapped file, an array of another language. It is kept as long as anything reads them.
    pub fn of(owner: impl AsRef<[f64]> + Send + Sync + 'static) -> Cells {
        Cells(Arc::new(owner))
    }
}

impl From<Vec<f64>> for Cells {
    fn from(cells: Vec<f64>) -> Cells {
        Cells::of(cells)
    }
}

impl From<Arc<Vec<f64>>> for Cells {
    fn from(cells: Arc<Vec<f64>>) -> Cells {
        Cells(cells)
    }
}

impl From<Arc<[f64]>> for Cells {
    fn from(cells: Arc<[f64]>) -> Cells {
        Cells::of(cells)
    }
}

impl From<&'static [f64]> for Cells {
    fn from(cells: &'static [f64]) -> Cells {
        Cells::of(cells)
    }
}

/// Variables that a script begins with.
#[derive(Debug, Clone, Default)]
pub struct Inputs(BTreeMap<String, Value>);

impl Inputs {
    /// A matrix of row-major cells.
    ///
    /// # Errors
    /// When they are not `rows * cols`, or the name is no name of a variable.
    pub fn matrix(&mut self, name: &str, rows: usize, cols: usize, cells: impl Into<Cells>) -> Outcome<()> {
        let Cells(owner) = cells.into();
        let given = (*owner).as_ref().len();
        if rows.checked_mul(cols) != Some(given) {
            bail!(Shape, "`{name}`: {} for a {rows}x{cols} matrix", count(given, "cell"));
        }
        self.set(name, Block::Dense(Dense::shared(rows, cols, owner)).into())
    }

    /// A frame of the columns of a batch. Types that frames do not have are converted.
    ///
    /// # Errors
    /// Names a column of another type; when the name is no name of a variable.
    pub fn frame(&mut self, name: &str, batch: &RecordBatch) -> Outcome<()> {
        let frame = record_batch::to_frame(&batch.schema(), std::slice::from_ref(batch))?;
        self.set(name, frame.into())
    }

    /// A scalar.
    ///
    /// # Errors
    /// When the name is no name of a variable.
    pub fn scalar(&mut self, name: &str, scalar: Scalar) -> Outcome<()> {
        self.set(name, scalar.into())
    }

    /// Any value; a result of another run.
    ///
    /// # Errors
    /// When the name is no name of a variable.
    pub fn set(&mut self, name: &str, value: Value) -> Outcome<()> {
        let is_inner = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        if !name.starts_with(char::is_alphabetic) || !name.chars().all(is_inner) {
            bail!(Name, "`{name}` is no name of a variable"; hint: "a letter, then letters, digits, `_` and `.`");
        }
        self.0.insert(name.into(), value);
        Ok(())
    }
}

/// Variables that a script ended with.
#[derive(Debug, Clone)]
pub struct Results(BTreeMap<String, Value>);

impl Results {
    /// A result by its name.
    ///
    /// # Errors
    /// When it was not asked for.
    pub fn value(&self, name: &str) -> Outcome<&Value> {
        self.0.get(name).ok_or_else(|| unknown(name, "was not asked for", self.0.keys().map(String::as_str)))
    }

    /// Takes a matrix out: its cells are moved when nothing else holds them, and those of an input are shared with it.
    /// A sparse matrix is written out.
    ///
    /// # Errors
    /// When it was not asked for, was taken before, or is no matrix.
    pub fn dense(&mut self, name: &str) -> Outcome<Dense> {
        self.value(name)?.as_matrix()?;
        match self.0.remove(name) {
            Some(Value::Matrix(matrix)) => Ok(match matrix.into_block() {
                Block::Dense(dense) => dense,
                sparse @ Block::Sparse(_) => sparse.dense().into_owned(),
            }),
            _ => Err(unknown(name, "was not asked for", [])),
        }
    }

    /// A frame, whose columns are shared with the batch.
    ///
    /// # Errors
    /// When it was not asked for or is no frame.
    pub fn frame(&self, name: &str) -> Outcome<RecordBatch> {
        match self.value(name)? {
            Value::Frame(frame) => record_batch::of_frame(frame),
            other => bail!(Type, "`{name}` is {}, not a frame", other.describe()),
        }
    }

    /// A scalar; a matrix or frame of one cell counts as it.
    ///
    /// # Errors
    /// When it was not asked for or is none.
    pub fn scalar(&self, name: &str) -> Outcome<Scalar> {
        self.value(name)?.as_scalar()
    }
}

/// How a script ended.
#[derive(Debug)]
pub struct Ran<W> {
    /// What was asked for, or all that is wrong.
    pub results: Result<Results, Vec<Diagnostic>>,
    /// Where it printed.
    pub stream: W,
    /// Warnings, in order.
    pub warnings: Vec<Diagnostic>,
}

impl Session {
    /// Compiles a script for these inputs and runs it; `outputs` are the variables to give back, and what none of them
    /// needs is not computed. The session keeps the text for diagnostics; many runs take a session each.
    pub fn run_on<W: Write + Send>(
        &mut self,
        name: &str,
        text: &str,
        inputs: &Inputs,
        outputs: &[&str],
        stream: W,
    ) -> Ran<W> {
        let compiled = guarded(|| self.compile_on(name, text, inputs, outputs))
            .unwrap_or_else(|fault| Err(vec![fault.nowhere()]));
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(all) => {
                let (errors, warnings) = all.into_iter().partition(|d| d.severity == Severity::Error);
                return Ran { results: Err(errors), stream, warnings };
            }
        };
        let args = inputs.0.values().cloned().collect();
        let (done, stream, found) = self.execute(&compiled, args, stream, None);
        let mut warnings = compiled.warnings.clone();
        warnings.extend(found);
        let results = done.and_then(|values| named(&compiled, values).map_err(Fault::nowhere));
        Ran { results: results.map_err(|error| vec![error]), stream, warnings }
    }

    fn compile_on(
        &mut self,
        name: &str,
        text: &str,
        inputs: &Inputs,
        outputs: &[&str],
    ) -> Result<Compiled, Vec<Diagnostic>> {
        let file = self.sources.add(name, text);
        let (script, mut warnings) = tilewright_syntax::parse(file, text);
        if warnings.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(warnings);
        }
        let (library, variables) = (self.library(), inputs.0.keys().cloned().collect::<Vec<_>>());
        let arguments = &self.options.arguments;
        let lowered =
            tilewright_lower::lower_input(&self.sources, file, script, &library, arguments, &variables);
        let mut program = after(&mut warnings, lowered)?;
        let main = &mut program.functions[0];
        main.param_facts = inputs.0.values().map(Facts::of).collect();
        match asked_for(main, outputs) {
            Ok(results) => main.results = results,
            Err(fault) => {
                warnings.push(fault.nowhere());
                return Err(warnings);
            }
        }
        self.plan(program, warnings, Timings::default())
    }
}

fn named(compiled: &Compiled, values: Vec<Option<Value>>) -> Outcome<Results> {
    let each = compiled.results().zip(values).map(|(name, value)| match value {
        Some(value) => Ok((name.to_string(), value)),
        None => bail!(Name, "`{name}` has no value at the end of the script"),
    });
    each.collect::<Outcome<_>>().map(Results)
}

/// The variables of these names among the results of the main function, which are all of its variables.
fn asked_for(main: &Function, outputs: &[&str]) -> Outcome<Vec<VarId>> {
    let names = || main.results.iter().map(|id| main.name_of(*id));
    let id = |output: &&str| {
        let at = names().position(|name| name == *output);
        at.map(|at| main.results[at]).ok_or_else(|| unknown(output, "is no variable of the script", names()))
    };
    outputs.iter().map(id).collect()
}

fn unknown<'a>(name: &str, why: &str, known: impl IntoIterator<Item = &'a str>) -> Fault {
    let fault = fault!(Name, "`{name}` {why}");
    match nearest(name, known) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault,
    }
}
