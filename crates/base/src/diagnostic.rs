//! What the user is told: faults without a place, diagnostics with one.

use crate::Span;

/// The kind of an error: one word that a program or a test can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The text is not DML.
    Syntax,
    /// An unknown variable, function, argument or option.
    Name,
    /// Wrong number or spelling of arguments.
    Argument,
    /// A value of the wrong type.
    Type,
    /// Dimensions that do not fit.
    Shape,
    /// An index outside of its matrix or list.
    Index,
    /// A value outside of the domain of a function.
    Value,
    /// A file that is missing, unreadable or malformed.
    File,
    /// A loop that cannot run in parallel.
    Parallel,
    /// The script stopped itself (`stop`, `assert`).
    Stop,
    /// The script warns of what it did (`warning`).
    Script,
    /// More memory than the budget.
    Memory,
    /// A capability that this build does not have yet.
    Unsupported,
    /// Advice about code that runs.
    Lint,
    /// A numerical difficulty: a singular or ill-conditioned system, no convergence.
    Numeric,
    /// A defect of Tilewright itself.
    Internal,
}

impl Code {
    /// The word as it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Code::Syntax => "syntax",
            Code::Name => "name",
            Code::Argument => "argument",
            Code::Type => "type",
            Code::Shape => "shape",
            Code::Index => "index",
            Code::Value => "value",
            Code::File => "file",
            Code::Parallel => "parallel",
            Code::Stop => "stop",
            Code::Script => "script",
            Code::Memory => "memory",
            Code::Unsupported => "unsupported",
            Code::Lint => "lint",
            Code::Numeric => "numeric",
            Code::Internal => "internal",
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The script cannot run, or stopped.
    Error,
    /// The script runs; the user should know.
    Warning,
}

/// One call on the way to an error: the function and where it was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The called function.
    pub function: String,
    /// The call.
    pub call: Span,
}

/// A further place that explains an error: where an operand came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// A message to the user about a place in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The kind.
    pub code: Code,
    /// The place; none only for errors about the command itself.
    pub span: Option<Span>,
    /// What is wrong, in one line.
    pub message: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub hints: Vec<String>,
    /// The calls that led here, innermost first.
    pub trace: Vec<Frame>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Fault::new(code, message).at(span)
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Fault::new(code, message).at(span) }
    }

    /// Adds a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }

    /// Adds a further place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }
}

/// An error that does not know its place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(Box<FaultBody>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct FaultBody {
    code: Code,
    message: String,
    hints: Vec<String>,
}

impl Fault {
    /// A fault of a kind.
    pub fn new(code: Code, message: impl Into<String>) -> Fault {
        Fault(Box::new(FaultBody { code, message: message.into(), hints: Vec::new() }))
    }

    /// Adds a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.0.hints.push(hint.into());
        self
    }

    /// The same fault of something that is named before it: a file, an element.
    pub fn of(mut self, name: impl std::fmt::Display) -> Fault {
        self.0.message = format!("{name}: {}", self.0.message);
        self
    }

    /// The same fault in other words, which `rephrase` makes of the message and of each hint.
    pub fn rephrased(mut self, rephrase: impl Fn(&str) -> String) -> Fault {
        self.0.message = rephrase(&self.0.message);
        self.0.hints = self.0.hints.iter().map(|hint| rephrase(hint)).collect();
        self
    }

    /// The kind.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The diagnostic without a place, for errors about the command itself.
    pub fn nowhere(self) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: self.0.code,
            span: None,
            message: self.0.message,
            labels: Vec::new(),
            hints: self.0.hints,
            trace: Vec::new(),
        }
    }

    /// The diagnostic at a place.
    pub fn at(self, span: Span) -> Diagnostic {
        Diagnostic { span: Some(span), ..self.nowhere() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Fault {}

/// Adds the place to the error of a result.
pub trait At<T> {
    /// The result with its error at `span`.
    ///
    /// # Errors
    /// The fault of `self`, as a diagnostic.
    fn at(self, span: Span) -> Result<T, Diagnostic>;
}

impl<T> At<T> for crate::Outcome<T> {
    fn at(self, span: Span) -> Result<T, Diagnostic> {
        self.map_err(|fault| fault.at(span))
    }
}

/// Returns a [`Fault`] from the enclosing function: `bail!(Shape, "expected {} rows", n; hint: "...")`.
#[macro_export]
macro_rules! bail {
    ($code:ident, $($format:expr),+ $(; hint: $($hint:expr),+)?) => {
        return Err($crate::fault!($code, $($format),+ $(; hint: $($hint),+)?))
    };
}

/// Makes a [`Fault`]: `fault!(Shape, "expected {} rows", n; hint: "...")`.
#[macro_export]
macro_rules! fault {
    ($code:ident, $($format:expr),+ $(; hint: $($hint:expr),+)?) => {
        $crate::Fault::new($crate::Code::$code, format!($($format),+))$(.hint(format!($($hint),+)))?
    };
}

/// The candidate that is nearest to a misspelt name, if one is near enough to be meant.
///
/// Distance is the number of single-character edits and neighbour swaps (Damerau 1964, optimal string
/// alignment); up to a third of the name's length is near enough.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (edit_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > a.len() {
        return usize::MAX;
    }
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitute = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitute.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typos_and_swaps_but_nothing_far() {
        let names = ["rowSums", "colSums", "solve", "cholesky"];
        assert_eq!(nearest("rowsum", names), Some("rowSums"));
        assert_eq!(nearest("slove", names), Some("solve"));
        assert_eq!(nearest("banana", names), None);
    }

    #[test]
    fn a_fault_keeps_its_hint_when_it_gets_a_place() {
        let span = Span::new(crate::FileId(0), 1, 2);
        let diagnostic = fault!(Shape, "rows {}", 3; hint: "use t({})", "X").at(span);
        assert_eq!((diagnostic.message.as_str(), diagnostic.span), ("rows 3", Some(span)));
        assert_eq!(diagnostic.hints, ["use t(X)"]);
    }
}
