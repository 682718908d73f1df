//! Print, stop, assert, read and write.

use std::path::Path;

use tilewright_base::{Code, Fault, Outcome, bail};
use tilewright_frame::ColumnType;
use tilewright_io::{DataType, Encoding, Format, ReadOptions, WriteOptions};
use tilewright_ops::function::{Params, Present};
use tilewright_ops::statement::Statement;
use tilewright_ops::{printf, text};
use tilewright_value::{Scalar, ScalarType, Value};

/// The arguments of a statement by name.
pub struct Arguments<'a> {
    statement: Statement,
    present: Present,
    values: &'a [Value],
}

impl<'a> Arguments<'a> {
    /// Arguments in the order of the parameters that are present.
    pub fn new(statement: Statement, present: Present, values: &'a [Value]) -> Arguments<'a> {
        Arguments { statement, present, values }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let Params::Named(params) = self.statement.params() else { return None };
        let at = params.iter().position(|param| param.name == name)?;
        self.values.get(self.present.position(at)?)
    }

    fn scalar(&self, name: &str) -> Outcome<Option<Scalar>> {
        self.get(name).map(Value::as_scalar).transpose()
    }

    fn text(&self, name: &str) -> Outcome<Option<String>> {
        Ok(self.scalar(name)?.map(|scalar| scalar.to_string()))
    }
}

/// The text of a `print`.
///
/// # Errors
/// When a format does not fit its arguments.
pub fn print(values: &[Value]) -> Outcome<String> {
    if let [value] = values {
        return Ok(text::print(value, &text::Format::default()) + "\n");
    }
    let Value::Scalar(Scalar::String(template)) = &values[0] else {
        bail!(Type, "`print` with several arguments needs a format first, found {}", values[0].describe(); hint: "print(\"%d rows, mean %5.2f\", n, m), or concatenate with `+`");
    };
    let args = values[1..].iter().map(Value::as_scalar).collect::<Outcome<Vec<_>>>()?;
    Ok(printf::format(template, &args)? + "\n")
}

/// A warning that `print` does not show all of a value.
pub fn cut_off(values: &[Value]) -> Option<Fault> {
    let (rows, cols) = match values {
        [Value::Matrix(matrix)] => (matrix.rows(), matrix.cols()),
        [Value::Frame(frame)] => (frame.rows(), frame.cols()),
        _ => return None,
    };
    let shown = text::Format::default();
    (rows > shown.rows || cols > shown.cols).then(|| {
        let message = format!("only the first {} rows and columns of {rows}x{cols} are printed", shown.rows);
        Fault::new(Code::Lint, message).hint("`print(toString(X, rows=nrow(X), cols=ncol(X)))` prints all")
    })
}

/// The fault of a `stop`.
pub fn stop(values: &[Value]) -> Fault {
    Fault::new(Code::Stop, text::print(&values[0], &text::Format::default()))
}

/// The warning of a `warning`.
pub fn warning(values: &[Value]) -> Fault {
    Fault::new(Code::Script, text::print(&values[0], &text::Format::default()))
}

/// Checks a condition.
///
/// # Errors
/// When it does not hold.
pub fn assert(values: &[Value]) -> Outcome<()> {
    if values[0].as_scalar()?.as_boolean()? {
        return Ok(());
    }
    bail!(Stop, "the assertion does not hold")
}

/// Checks a declared shape.
///
/// # Errors
/// When the actual one differs.
pub fn conform(values: &[Value]) -> Outcome<()> {
    let scalar = |at: usize| values[at].as_scalar();
    let (actual, expected) = (scalar(0)?.as_double()?, scalar(1)?.as_double()?);
    tilewright_ops::statement::conform(actual, expected, &scalar(2)?.to_string(), &scalar(3)?.to_string())
}

/// What `read` arguments say.
///
/// # Errors
/// When an argument has the wrong type.
pub fn read_options(scalar: &dyn Fn(&str) -> Outcome<Option<Scalar>>) -> Outcome<ReadOptions> {
    let text = |name: &str| Ok(scalar(name)?.map(|value: Scalar| value.to_string()));
    let size = |name: &str| -> Outcome<Option<usize>> {
        match scalar(name)?.map(|value| value.as_double()).transpose()? {
            Some(n) if n < 0.0 => bail!(Value, "`{name}` of `read` is {n}; it must not be negative"),
            Some(n) if n.fract() != 0.0 || n >= 2f64.powi(53) => {
                bail!(Value, "`{name}` of `read` is {n}; it is a whole number")
            }
            n => Ok(n.map(|n| n as usize)),
        }
    };
    Ok(ReadOptions {
        format: text("format")?.map(|name| Format::from_name(&name)).transpose()?,
        rows: size("rows")?,
        cols: size("cols")?,
        nnz: size("nnz")?,
        header: scalar("header")?.map(|value| value.as_boolean()).transpose()?,
        separator: text("sep")?,
        fill: scalar("fill")?.map(|value| value.as_boolean()).transpose()?,
        default: scalar("default")?.map(|value| value.as_double()).transpose()?,
        missing: text("naStrings")?.map(|text| tilewright_io::options::split_missing(&text)),
        decimal: text("decimal")?.map(|text| tilewright_io::options::decimal(&text)).transpose()?,
        encoding: text("encoding")?.map(|name| Encoding::from_name(&name)).transpose()?,
        index_separator: text("indSep")?,
        data_set: text("dataset")?,
        schema: text("schema")?.map(|text| ColumnType::schema(&text)).transpose()?,
    })
}

/// Reads a file; warnings are added.
///
/// # Errors
/// When the file is missing or malformed.
pub fn read(args: &Arguments<'_>, warnings: &mut Vec<Fault>) -> Outcome<Value> {
    let path = args.text("path")?.unwrap_or_default();
    let path = Path::new(&path);
    let options = read_options(&|name| args.scalar(name))?;
    let (data_type, value_type) = tilewright_io::data_type(path)?;
    let kind = match (args.text("data_type")?, data_type) {
        (Some(kind), _) => kind,
        (None, DataType::Frame) => "frame".into(),
        (None, DataType::Scalar) => "scalar".into(),
        (None, DataType::List) => "list".into(),
        (None, _) => "matrix".into(),
    };
    match kind.to_lowercase().as_str() {
        "matrix" => {
            check_value_type(args)?;
            let read = tilewright_io::read_matrix(path, &options)?;
            warnings.extend(read.warnings.into_iter().map(|text| Fault::new(Code::File, text)));
            Ok(read.block.into())
        }
        "scalar" => {
            let value_type = match args.text("value_type")?.map(|text| text.to_lowercase()).as_deref() {
                None => value_type.unwrap_or(ScalarType::Double),
                Some("int" | "integer" | "int64") => ScalarType::Integer,
                Some("double" | "fp64") => ScalarType::Double,
                Some("boolean" | "bool") => ScalarType::Boolean,
                Some("string") => ScalarType::String,
                Some(other) => {
                    bail!(Value, "`value_type` of `read` is \"{other}\""; hint: "int, double, boolean or string")
                }
            };
            Ok(tilewright_io::read_scalar(path, value_type)?.into())
        }
        "frame" => {
            let read = tilewright_io::read_frame(path, &options)?;
            warnings.extend(read.warnings.into_iter().map(|text| Fault::new(Code::File, text)));
            Ok(read.frame.into())
        }
        "list" => Ok(Value::List(tilewright_io::read_list(path)?)),
        other => bail!(Value, "`data_type` of `read` is \"{other}\""; hint: "matrix, frame, scalar or list"),
    }
}

fn check_value_type(args: &Arguments<'_>) -> Outcome<()> {
    match args.text("value_type")?.map(|text| text.to_lowercase()).as_deref() {
        None | Some("double" | "fp64" | "int" | "int64" | "integer" | "boolean") => Ok(()),
        Some("fp32" | "float") => {
            bail!(Unsupported, "32-bit matrices are not in this build yet"; hint: "leave `value_type` out to read doubles")
        }
        Some(other) => bail!(Value, "`value_type` of `read` is \"{other}\""; hint: "double"),
    }
}

/// Writes a file and its metadata.
///
/// # Errors
/// When the file cannot be written.
pub fn write(args: &Arguments<'_>) -> Outcome<()> {
    let path = args.text("path")?.unwrap_or_default();
    let path = Path::new(&path);
    let options = WriteOptions {
        format: args.text("format")?.map(|name| Format::from_name(&name)).transpose()?,
        header: args.scalar("header")?.is_some_and(|value| value == Scalar::Boolean(true)),
        separator: args.text("sep")?,
        sparse: args.scalar("sparse")?.is_some_and(|value| value == Scalar::Boolean(true)),
        index_separator: args.text("indSep")?,
        data_set: args.text("dataset")?,
        description: args.text("description")?,
        compress: args.scalar("compress")?.is_some_and(|value| value == Scalar::Boolean(true)),
        append: args.scalar("append")?.is_some_and(|value| value == Scalar::Boolean(true)),
    };
    match args.get("x") {
        Some(Value::Matrix(matrix)) => tilewright_io::write_matrix(path, &matrix.pin(), &options),
        Some(Value::Frame(frame)) => tilewright_io::write_frame(path, frame, &options),
        Some(Value::Scalar(scalar)) => tilewright_io::write_scalar(path, scalar, &options),
        Some(Value::List(list)) => tilewright_io::write_list(path, list, &options),
        None => bail!(Argument, "`write` needs a value"),
    }
}
