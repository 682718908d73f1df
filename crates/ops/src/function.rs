//! Named functions with parameters: rows of the tables in [`crate::functions`].
//!
//! The compiler matches positional and named arguments to the parameters, fills in defaults and passes what is
//! present in the order of the parameters; [`Args`] finds an argument by its name again.

use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_matrix::Scratch;
use tilewright_value::{Scalar, Value};

use crate::context::Context;
use crate::facts::{Dim, Facts, Kind};
use crate::locality::Locality;
use crate::operand::Operand;
use crate::row::{Named, RowRef};
use crate::scratch::Shape;

/// A literal default.
#[derive(Debug, Clone, Copy)]
pub enum Literal {
    /// An integer.
    Integer(i64),
    /// A double.
    Double(f64),
    /// A truth value.
    Boolean(bool),
    /// A string.
    Text(&'static str),
}

impl Literal {
    /// As a scalar value.
    pub fn scalar(self) -> Scalar {
        match self {
            Literal::Integer(value) => Scalar::Integer(value),
            Literal::Double(value) => Scalar::Double(value),
            Literal::Boolean(value) => Scalar::Boolean(value),
            Literal::Text(value) => Scalar::string(value),
        }
    }
}

/// Whether an argument must be given.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    /// It must.
    Required,
    /// It may be absent.
    Optional,
    /// It has a default.
    Default(Literal),
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be given.
    pub need: Need,
}

/// A required parameter.
pub const fn required(name: &'static str) -> Param {
    Param { name, need: Need::Required }
}

/// A parameter that may be absent.
pub const fn optional(name: &'static str) -> Param {
    Param { name, need: Need::Optional }
}

/// A parameter with a default.
pub const fn default(name: &'static str, value: Literal) -> Param {
    Param { name, need: Need::Default(value) }
}

/// Which arguments a function takes.
#[derive(Debug, Clone, Copy)]
pub enum Params {
    /// These, by position or by name.
    Named(&'static [Param]),
    /// One or more, by position.
    Many(&'static str),
    /// Some by position, then any number with or without a name; inputs are pairs of a name (a string, empty for none)
    /// and a value.
    Pairs {
        /// The first ones.
        leading: &'static [&'static str],
        /// What the further ones are called.
        rest: &'static str,
    },
}

impl Params {
    /// How a function of these parameters is called: `order(target, by=1, ...)`.
    pub fn signature(&self, function: &str) -> String {
        let params = match self {
            Params::Many(name) => format!("{name}, ..."),
            Params::Pairs { leading, rest } => {
                let leading: String = leading.iter().map(|name| format!("{name}, ")).collect();
                format!("{leading}[name=]{rest}, ...")
            }
            Params::Named(params) => params.iter().map(Param::describe).collect::<Vec<_>>().join(", "),
        };
        format!("{function}({params})")
    }
}

/// Whether two calls with equal arguments give equal results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purity {
    /// Always.
    Pure,
    /// Only when its seed is given (not -1).
    Seeded,
    /// Never: the clock.
    Impure,
}

/// What is known of the results of a function.
pub type Infer = fn(&Args<'_, Facts>) -> Outcome<Vec<Facts>>;

/// Computes the results of a function.
pub type Run = fn(&Args<'_, Value>, &mut Context) -> Outcome<Vec<Value>>;

/// What a function needs in memory beside its inputs and results, of which the first is given; `None` if unknown.
pub type ScratchOf = fn(&Args<'_, Facts>, &Facts) -> Option<Scratch>;

/// Floating-point operations of a function for its arguments and its first result; `None` if unknown.
pub type FlopsOf = fn(&Args<'_, Facts>, &Facts) -> Option<f64>;

/// Nothing.
pub fn no_scratch(_: &Args<'_, Facts>, _: &Facts) -> Option<Scratch> {
    Some(Scratch::NONE)
}

/// A named function.
pub struct FunctionRow {
    /// The name in scripts.
    pub name: &'static str,
    /// What it computes.
    pub doc: &'static str,
    /// Its parameters.
    pub params: Params,
    /// The names of its results.
    pub results: &'static [&'static str],
    /// How far it looks.
    pub locality: Locality,
    /// Whether calls can be shared.
    pub purity: Purity,
    /// What is known of the results.
    pub infer: Infer,
    /// Computes the results.
    pub run: Run,
    /// What it needs in memory beside inputs and results.
    pub scratch: ScratchOf,
    /// Floating-point operations; one for each cell of the result if absent.
    pub flops: Option<FlopsOf>,
    /// The definition, by naive kernels (the same function where there is nothing to be naive about).
    pub reference: Run,
}

/// A row of one of the tables.
pub type FunctionOp = RowRef<FunctionRow>;

impl Named for FunctionRow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

impl FunctionRow {
    /// A pure function of one result that looks at all of its arguments.
    pub const fn pure(
        name: &'static str,
        doc: &'static str,
        params: Params,
        infer: Infer,
        run: Run,
        reference: Run,
    ) -> FunctionRow {
        let (locality, purity) = (Locality::Collect, Purity::Pure);
        let results = &["result"];
        FunctionRow {
            name,
            doc,
            params,
            results,
            locality,
            purity,
            infer,
            run,
            scratch: no_scratch,
            flops: None,
            reference,
        }
    }

    /// The same with these results.
    pub const fn with_results(self, results: &'static [&'static str]) -> FunctionRow {
        FunctionRow { results, ..self }
    }

    /// The same looking so far.
    pub const fn looking(self, locality: Locality) -> FunctionRow {
        FunctionRow { locality, ..self }
    }

    /// The same with a need of memory.
    pub const fn with_scratch(self, scratch: ScratchOf) -> FunctionRow {
        FunctionRow { scratch, ..self }
    }

    /// The same with a count of operations.
    pub const fn with_flops(self, flops: FlopsOf) -> FunctionRow {
        FunctionRow { flops: Some(flops), ..self }
    }

    /// How it is called: `order(target, by=1, ...)`.
    pub fn signature(&self) -> String {
        self.params.signature(self.written())
    }
}

impl Param {
    fn describe(&self) -> String {
        match self.need {
            Need::Required => self.name.into(),
            Need::Optional => format!("[{}]", self.name),
            Need::Default(Literal::Text(text)) => format!("{}={text:?}", self.name),
            Need::Default(value) => format!("{}={}", self.name, value.scalar()),
        }
    }
}

/// Which of the parameters of a function are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Present(u32);

impl Present {
    /// From one flag per parameter.
    pub fn new(flags: impl IntoIterator<Item = bool>) -> Present {
        Present(flags.into_iter().enumerate().fold(0, |mask, (at, given)| mask | (u32::from(given) << at)))
    }

    /// How many are present.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The place of a parameter among the arguments that are present.
    pub fn position(self, at: usize) -> Option<usize> {
        (self.0 >> at & 1 == 1).then(|| (self.0 & ((1 << at) - 1)).count_ones() as usize)
    }
}

/// The arguments of a call: facts while compiling, values while running.
#[derive(Debug, Clone, Copy)]
pub struct Args<'a, T> {
    row: FunctionOp,
    present: Present,
    items: &'a [T],
}

impl<'a, T> Args<'a, T> {
    /// Arguments in the order of the parameters that are present.
    pub fn new(row: FunctionOp, present: Present, items: &'a [T]) -> Args<'a, T> {
        Args { row, present, items }
    }

    /// All arguments in order.
    pub fn all(&self) -> &'a [T] {
        self.items
    }

    /// The name of the called function, as scripts write it.
    pub fn function(&self) -> &'static str {
        self.row.written()
    }

    /// The argument of a parameter, if present.
    pub fn get(&self, name: &str) -> Option<&'a T> {
        let Params::Named(params) = self.row.params else { return None };
        let at = params.iter().position(|param| param.name == name)?;
        self.items.get(self.present.position(at)?)
    }

    /// The argument of a parameter that is required or has a default.
    ///
    /// # Errors
    /// When it is absent.
    pub fn at(&self, name: &str) -> Outcome<&'a T> {
        match self.get(name) {
            Some(item) => Ok(item),
            None => bail!(Argument, "`{}` needs the argument `{name}`", self.row.written()),
        }
    }
}

impl Args<'_, Facts> {
    /// The dimensions of an argument, if it is present and they are known.
    pub fn shape(&self, name: &str) -> Option<Shape> {
        self.get(name)?.shape()
    }

    /// Rows and columns of an argument that must be a matrix.
    ///
    /// # Errors
    /// When it is known to be none.
    pub fn dims(&self, name: &str) -> Outcome<(Dim, Dim)> {
        self.at(name)?.expect_matrix(&format!("`{name}` of `{}`", self.function()))
    }

    /// The dimensions of an argument that must be a square matrix.
    ///
    /// # Errors
    /// When it is known to be none.
    pub fn square(&self, name: &str) -> Outcome<Dim> {
        let (rows, cols) = self.dims(name)?;
        if rows.conflicts(cols) {
            bail!(Shape, "`{name}` of `{}` must be square, found a {rows}x{cols} matrix", self.function());
        }
        Ok(rows.or(cols))
    }

    /// Checks that an argument, if present, is a scalar.
    ///
    /// # Errors
    /// When it is known to be something else.
    pub fn scalar(&self, name: &str) -> Outcome<()> {
        let what = format!("`{name}` of `{}`", self.function());
        self.get(name).map_or(Ok(()), |facts| facts.expect_scalar(&what))
    }

    /// The known value of an argument.
    pub fn constant(&self, name: &str) -> Option<&Scalar> {
        self.get(name)?.constant.as_ref()
    }

    /// The known string value of an argument.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.constant(name)? {
            Scalar::String(text) => Some(text),
            _ => None,
        }
    }

    /// The known truth value of an argument.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.constant(name)?.as_boolean().ok()
    }

    /// A dimension given by a scalar argument.
    ///
    /// # Errors
    /// When it is known to be negative or no number.
    pub fn dim(&self, name: &str) -> Outcome<Dim> {
        self.scalar(name)?;
        let Some(scalar) = self.constant(name) else {
            return Ok(self.get(name).map_or(Dim::Unknown, |facts| Dim::of(facts.linear())));
        };
        Ok(Dim::Known(size(scalar, name, self.function())? as u64))
    }
}

impl Args<'_, Facts> {
    /// The `N` sizes of a list argument such as `input_shape=[N,C,H,W]`, as far as they are known.
    ///
    /// # Errors
    /// When it is known to be no list of so many numbers, or one of them is negative.
    pub fn sizes<const N: usize>(&self, name: &str) -> Outcome<[Dim; N]> {
        let facts = self.at(name)?;
        if !matches!(facts.kind, Kind::Unknown | Kind::List) {
            return Err(not_sizes(name, self.function(), N, &facts.describe()));
        }
        let Some(elements) = &facts.elements else { return Ok([Dim::Unknown; N]) };
        if elements.len() != N {
            let found = tilewright_base::number::count(elements.len(), "element");
            return Err(not_sizes(name, self.function(), N, &format!("a list of {found}")));
        }
        let mut sizes = [Dim::Unknown; N];
        for (element, size) in elements.iter().zip(&mut sizes) {
            element.facts.expect_scalar(&format!("an element of `{name}` of `{}`", self.function()))?;
            if let Some(scalar) = &element.facts.constant {
                *size = Dim::Known(self::size(scalar, name, self.function())? as u64);
            }
        }
        Ok(sizes)
    }
}

fn not_sizes(name: &str, function: &str, wanted: usize, found: &str) -> Fault {
    fault!(Type, "`{name}` of `{function}` must be a list of {wanted} sizes, found {found}")
}

fn size(scalar: &Scalar, name: &str, function: &str) -> Outcome<usize> {
    match scalar.as_integer()? {
        n if n >= 0 => Ok(n as usize),
        n => bail!(Value, "`{name}` of `{function}` is {n}; it must not be negative"),
    }
}

impl<'a> Args<'a, Value> {
    /// The block of a matrix argument; a scalar counts as a 1x1 matrix.
    ///
    /// # Errors
    /// When it is absent or a list.
    pub fn block(&self, name: &str) -> Outcome<Operand<'a>> {
        crate::operand::as_block(self.at(name)?)
    }

    /// A scalar argument.
    ///
    /// # Errors
    /// When it is absent or no scalar.
    pub fn scalar(&self, name: &str) -> Outcome<Scalar> {
        self.at(name)?.as_scalar()
    }

    /// A number.
    ///
    /// # Errors
    /// When it is absent or no number.
    pub fn double(&self, name: &str) -> Outcome<f64> {
        self.scalar(name)?.as_double()
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is absent or no number.
    pub fn integer(&self, name: &str) -> Outcome<i64> {
        self.scalar(name)?.as_integer()
    }

    /// A number of rows or columns.
    ///
    /// # Errors
    /// When it is absent, no number or negative.
    pub fn size(&self, name: &str) -> Outcome<usize> {
        size(&self.scalar(name)?, name, self.function())
    }

    /// The `N` sizes of a list argument such as `input_shape=[N,C,H,W]`.
    ///
    /// # Errors
    /// When it is absent or no list of so many numbers, or one of them is negative.
    pub fn sizes<const N: usize>(&self, name: &str) -> Outcome<[usize; N]> {
        let value = self.at(name)?;
        let Value::List(list) = value else {
            return Err(not_sizes(name, self.function(), N, &value.describe()));
        };
        if list.len() != N {
            return Err(not_sizes(name, self.function(), N, &value.describe()));
        }
        let mut sizes = [0; N];
        for ((_, element), size) in list.iter().zip(&mut sizes) {
            *size = self::size(&element.as_scalar()?, name, self.function())?;
        }
        Ok(sizes)
    }

    /// A truth value.
    ///
    /// # Errors
    /// When it is absent or none.
    pub fn boolean(&self, name: &str) -> Outcome<bool> {
        self.scalar(name)?.as_boolean()
    }

    /// A string.
    ///
    /// # Errors
    /// When it is absent or no scalar.
    pub fn text(&self, name: &str) -> Outcome<String> {
        Ok(self.scalar(name)?.to_string())
    }
}
