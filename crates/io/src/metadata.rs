//! What is known of a file before it is read: the `.mtd` file beside it, or its head.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_frame::{ColumnType, Frame};
use tilewright_value::{Block, Scalar, ScalarType};

use crate::binary_file;
use crate::csv;
use crate::format::{Format, extension};
use crate::options::{ReadOptions, WriteOptions, decimal, split_missing};
use crate::parts::Parts;
use crate::remote::{self, is_remote, may_be_file, split_query};
use crate::source::{Encoding, Source};

/// What kind of value a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataType {
    /// A matrix.
    #[default]
    Matrix,
    /// A scalar.
    Scalar,
    /// A table of typed columns.
    Frame,
    /// A list.
    List,
}

/// What is known of a file before it is read. Sizes are checked when it is read, so they may be relied on;
/// the number of non-zeros is only what the writer said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    /// Matrix, scalar, frame or list.
    pub data_type: DataType,
    /// The type of cells, or of the scalar.
    pub value_type: Option<ScalarType>,
    /// The number of rows.
    pub rows: Option<usize>,
    /// The number of columns.
    pub cols: Option<usize>,
    /// The number of cells that are not zero; an estimate.
    pub nnz: Option<usize>,
    /// The layout.
    pub format: Option<&'static Format>,
    /// CSV: true when the first line holds column names.
    pub header: Option<bool>,
    /// CSV: what stands between cells.
    pub separator: Option<String>,
    /// CSV: true when empty cells are allowed.
    pub fill: Option<bool>,
    /// CSV: the value of empty cells.
    pub default: Option<f64>,
    /// CSV: cell texts that read as NaN, or as a missing cell of a frame.
    pub missing: Option<Vec<String>>,
    /// CSV: `.` or `,` before the fraction of a number.
    pub decimal: Option<u8>,
    /// Text formats: how characters are bytes.
    pub encoding: Option<Encoding>,
    /// LIBSVM: what stands between an index and its value.
    pub index_separator: Option<String>,
    /// HDF5: the data set.
    pub data_set: Option<String>,
    /// Frames: the types of the columns.
    pub schema: Option<Vec<ColumnType>>,
}

/// What is known of the file at `path` before it is read; `None` when that is nothing, or there is no such file
/// (the script may write it first).
///
/// # Errors
/// When metadata is malformed, contradicts `options`, or names a format that this build does not read.
pub fn metadata(path: &Path, options: &ReadOptions) -> Outcome<Option<Metadata>> {
    let beside = beside(path)?;
    let Ok(parts) = Parts::of(path) else { return Ok(beside) };
    let first = parts.first(path);
    // Whether there is a file elsewhere is seen when it is looked into.
    if !is_remote(first) && !first.exists() {
        return Ok(beside);
    }
    let mut known = declared_beside(path, options, beside)?;
    if known.data_type != DataType::Matrix || !may_be_file(first) {
        return Ok(Some(known));
    }
    // A file whose format cannot be told may be written anew before it is read.
    let Ok(format) = Format::of(path, &known) else { return Ok(Some(known)) };
    known.format = Some(format);
    if known.rows.is_none() || known.cols.is_none() {
        (format.peek)(path, &mut known)?;
    }
    Ok(Some(known))
}

/// What the file at `path` holds, as far as its metadata says, or a file of our own format itself.
///
/// # Errors
/// When the metadata is malformed.
pub fn data_type(path: &Path) -> Outcome<(DataType, Option<ScalarType>)> {
    let metadata = match beside(path)? {
        None if binary_file::is_binary(path) => {
            let mut known = Metadata::default();
            (binary_file::FORMAT.peek)(path, &mut known)?;
            known
        }
        beside => beside.unwrap_or_default(),
    };
    Ok((metadata.data_type, metadata.value_type))
}

/// The file of metadata beside a file: its name and `.mtd`.
pub fn mtd_path(path: &Path) -> PathBuf {
    if let Some((name, query)) = split_query(path) {
        return PathBuf::from(format!("{name}.mtd{query}"));
    }
    // The name of a folder may end in a slash.
    let mut name = OsString::from(path.components().as_path());
    name.push(".mtd");
    PathBuf::from(name)
}

/// What the options and the file of metadata say together.
///
/// # Errors
/// When the metadata is malformed, or the two contradict each other.
pub fn declared(path: &Path, options: &ReadOptions) -> Outcome<Metadata> {
    declared_beside(path, options, beside(path)?)
}

fn declared_beside(path: &Path, options: &ReadOptions, beside: Option<Metadata>) -> Outcome<Metadata> {
    let beside = beside.unwrap_or_default();
    let mtd = mtd_path(path);
    let agree = |what: &str, said: Option<usize>, stored: Option<usize>| match (said, stored) {
        (Some(said), Some(stored)) if said != stored => Err(contradiction(&mtd, what, said, stored)),
        (said, stored) => Ok(said.or(stored)),
    };
    let format = match (options.format, beside.format) {
        (Some(said), Some(stored)) if said != stored => {
            return Err(contradiction(&mtd, "format", said.name, stored.name));
        }
        (said, stored) => said.or(stored),
    };
    Ok(Metadata {
        rows: agree("rows", options.rows, beside.rows)?,
        cols: agree("cols", options.cols, beside.cols)?,
        nnz: options.nnz.or(beside.nnz),
        format,
        header: options.header.or(beside.header),
        separator: options.separator.clone().or(beside.separator),
        fill: options.fill.or(beside.fill),
        default: options.default.or(beside.default),
        missing: options.missing.clone().or(beside.missing),
        decimal: options.decimal.or(beside.decimal),
        encoding: options.encoding.or(beside.encoding),
        index_separator: options.index_separator.clone().or(beside.index_separator),
        data_set: options.data_set.clone().or(beside.data_set),
        schema: options.schema.clone().or(beside.schema),
        ..beside
    })
}

fn contradiction(
    mtd: &Path,
    what: &str,
    said: impl std::fmt::Display,
    stored: impl std::fmt::Display,
) -> Fault {
    fault!(File, "the script says {what}={said}, but {} says {stored}", mtd.display(); hint: "leave out `{what}=`, or correct or delete the .mtd file")
}

impl Metadata {
    /// How the file at `path` is written if it is CSV.
    pub fn csv_layout(&self, path: &Path) -> csv::Layout {
        let usual = csv::Layout::default();
        csv::Layout {
            separator: self.separator.clone().unwrap_or_else(|| match self.decimal {
                Some(b',') if usual_separator(path) == "," => ";".into(),
                _ => usual_separator(path).into(),
            }),
            decimal: self.decimal.unwrap_or(usual.decimal),
            header: self.header.unwrap_or(usual.header),
            fill: self.fill.unwrap_or(usual.fill),
            default: self.default.unwrap_or(usual.default),
            missing: self.missing.clone().unwrap_or_default(),
        }
    }
}

/// A tab in `.tsv` files, else a comma.
pub fn usual_separator(path: &Path) -> &'static str {
    if extension(path) == "tsv" { "\t" } else { "," }
}

/// The metadata in the file beside `path`, if there is one. Of files that a pattern matches, those beside the first say
/// what all have in common.
fn beside(path: &Path) -> Outcome<Option<Metadata>> {
    if let Ok(Parts::Matches(files)) = Parts::of(path) {
        let common = |known| Metadata { rows: None, nnz: None, ..known };
        return Ok(files.first().map(|first| beside_file(first)).transpose()?.flatten().map(common));
    }
    beside_file(path)
}

fn beside_file(path: &Path) -> Outcome<Option<Metadata>> {
    let mtd = mtd_path(path);
    let source = if is_remote(path) {
        let Some(bytes) = remote::beside(path, &mtd)? else { return Ok(None) };
        Source::of(&mtd, bytes)
    } else if mtd.is_file() {
        Source::load(&mtd)?
    } else {
        return Ok(None);
    };
    let value: Value = serde_json::from_slice(&source.bytes).map_err(|error| {
        fault!(File, "{}:{}:{}: not JSON: {error}", mtd.display(), error.line(), error.column())
    })?;
    let Value::Object(entries) = value else { bail!(File, "{}: expected a JSON object", mtd.display()) };
    Entries { mtd: &mtd, entries: &entries }.metadata().map(Some)
}

/// The entries of a file of metadata.
struct Entries<'a> {
    mtd: &'a Path,
    entries: &'a Map<String, Value>,
}

impl Entries<'_> {
    fn metadata(&self) -> Outcome<Metadata> {
        let value_type = self.text("value_type")?;
        if value_type
            .as_deref()
            .is_some_and(|name| matches!(name.to_lowercase().as_str(), "fp32" | "float" | "float32"))
        {
            bail!(Unsupported, "{}: value_type \"fp32\" is not in this build yet", self.mtd.display());
        }
        let data_type = self.data_type()?;
        Ok(Metadata {
            data_type,
            value_type: value_type.as_deref().and_then(scalar_type),
            rows: self.size("rows")?,
            cols: self.size("cols")?,
            nnz: self.size("nnz")?,
            format: self.format(data_type)?,
            header: self.boolean("header")?,
            separator: self.text("sep")?,
            fill: self.boolean("fill")?,
            default: self.number("default")?,
            missing: self.missing()?,
            decimal: self.text("decimal")?.map(|text| decimal(&text)).transpose()?,
            encoding: self.text("encoding")?.map(|name| Encoding::from_name(&name)).transpose()?,
            index_separator: self.text("indSep")?,
            data_set: self.text("dataset")?,
            schema: self.schema()?,
        })
    }

    fn data_type(&self) -> Outcome<DataType> {
        Ok(match self.text("data_type")?.as_deref() {
            None | Some("matrix") => DataType::Matrix,
            Some("scalar") => DataType::Scalar,
            Some("frame") => DataType::Frame,
            Some("list") => DataType::List,
            Some(other) => bail!(File, "{}: unknown data_type \"{other}\"", self.mtd.display()),
        })
    }

    fn format(&self, data_type: DataType) -> Outcome<Option<&'static Format>> {
        match self.text("format")? {
            Some(name) if matches!(data_type, DataType::Matrix | DataType::Frame) => Format::from_name(&name)
                .map(Some)
                .map_err(|fault| Fault::new(fault.code(), format!("{}: {fault}", self.mtd.display()))),
            _ => Ok(None),
        }
    }

    fn schema(&self) -> Outcome<Option<Vec<ColumnType>>> {
        let Some(text) = self.text("schema")?.filter(|text| !text.is_empty()) else { return Ok(None) };
        ColumnType::schema(&text)
            .map(Some)
            .map_err(|fault| Fault::new(fault.code(), format!("{}: {fault}", self.mtd.display())))
    }

    fn missing(&self) -> Outcome<Option<Vec<String>>> {
        match self.entries.get("naStrings") {
            Some(Value::Array(texts)) => {
                Ok(Some(texts.iter().filter_map(Value::as_str).map(str::to_string).collect()))
            }
            _ => Ok(self.text("naStrings")?.map(|text| split_missing(&text))),
        }
    }

    /// A count; negative means unknown.
    fn size(&self, key: &str) -> Outcome<Option<usize>> {
        let Some(number) = self.number(key)? else { return Ok(None) };
        if number.fract() != 0.0 || number.abs() >= 2f64.powi(53) {
            return Err(self.wrong(key, "a whole number"));
        }
        Ok((number >= 0.0).then_some(number as usize))
    }

    fn number(&self, key: &str) -> Outcome<Option<f64>> {
        match self.entries.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(Value::String(text)) => {
                crate::number::parse(text.as_bytes()).map(Some).ok_or_else(|| self.wrong(key, "a number"))
            }
            Some(_) => Err(self.wrong(key, "a number")),
        }
    }

    fn boolean(&self, key: &str) -> Outcome<Option<bool>> {
        match self.entries.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    fn text(&self, key: &str) -> Outcome<Option<String>> {
        match self.entries.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    fn wrong(&self, key: &str, expected: &str) -> Fault {
        let found = &self.entries[key];
        fault!(File, "{}: expected {expected} for \"{key}\", found {found}", self.mtd.display())
    }
}

fn scalar_type(name: &str) -> Option<ScalarType> {
    match name.to_lowercase().as_str() {
        "double" | "fp64" | "float64" => Some(ScalarType::Double),
        "int" | "integer" | "int64" | "int32" | "long" => Some(ScalarType::Integer),
        "boolean" | "bool" => Some(ScalarType::Boolean),
        "string" => Some(ScalarType::String),
        _ => None,
    }
}

/// The text of the metadata of a matrix; `described` is what its format adds.
pub fn of_matrix(block: &Block, format: &Format, described: Described, options: &WriteOptions) -> String {
    let mut entries = Map::new();
    entries.insert("data_type".into(), json!("matrix"));
    entries.insert("value_type".into(), json!("double"));
    entries.insert("rows".into(), json!(block.rows()));
    entries.insert("cols".into(), json!(block.cols()));
    entries.insert("nnz".into(), json!(block.nnz()));
    of_format(entries, format, described, options)
}

/// Entries of metadata that only one format has.
pub type Described = Vec<(&'static str, Value)>;

/// The text of the metadata of a frame; `described` is what its format adds.
pub fn of_frame(frame: &Frame, format: &Format, described: Described, options: &WriteOptions) -> String {
    let schema: Vec<&str> = frame.columns().iter().map(|column| column.kind().name()).collect();
    let mut entries = Map::new();
    entries.insert("data_type".into(), json!("frame"));
    entries.insert("schema".into(), json!(schema.join(",")));
    entries.insert("rows".into(), json!(frame.rows()));
    entries.insert("cols".into(), json!(frame.cols()));
    of_format(entries, format, described, options)
}

fn of_format(
    mut entries: Map<String, Value>,
    format: &Format,
    described: Described,
    options: &WriteOptions,
) -> String {
    entries.insert("format".into(), json!(format.name));
    entries.extend(described.into_iter().map(|(key, value)| (key.to_string(), value)));
    if let Some(description) = &options.description {
        entries.insert("description".into(), json!(description));
    }
    pretty(entries)
}

/// The text of the metadata of a list.
pub fn of_list(format: &Format, options: &WriteOptions) -> String {
    let mut entries = Map::new();
    entries.insert("data_type".into(), json!("list"));
    of_format(entries, format, Vec::new(), options)
}

/// The text of the metadata of a scalar in a format.
pub fn of_scalar(scalar: &Scalar, format: &Format) -> String {
    let value_type = match scalar.kind() {
        ScalarType::Boolean => "boolean",
        ScalarType::Integer => "int",
        ScalarType::Double => "double",
        ScalarType::String => "string",
    };
    let mut entries = Map::new();
    entries.insert("data_type".into(), json!("scalar"));
    entries.insert("value_type".into(), json!(value_type));
    entries.insert("format".into(), json!(format.name));
    pretty(entries)
}

fn pretty(entries: Map<String, Value>) -> String {
    format!("{:#}\n", Value::Object(entries))
}
