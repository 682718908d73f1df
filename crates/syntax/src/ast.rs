//! The syntax tree of DML: what the user wrote, with the place of every piece.
//!
//! Names are not resolved and nothing is checked here; comments are kept beside the tree (see
//! [`Script::comments`]) so that a formatter can put them back.

use tilewright_base::Span;

/// A parsed file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// `source("path") as name`, in order.
    pub sources: Vec<Source>,
    /// Function definitions, in order.
    pub functions: Vec<Function>,
    /// Top-level statements, in order (definitions and sources are not among them).
    pub body: Vec<Stmt>,
    /// All comments, in order of their place.
    pub comments: Vec<Comment>,
}

/// A comment, with its marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// Its text, `# ...` or `/* ... */`.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// `source("path") as namespace`.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The path as written.
    pub path: String,
    /// The namespace.
    pub namespace: Name,
    /// The working directory of an earlier `setwd` in the same file.
    pub directory: Option<String>,
    /// Its place.
    pub span: Span,
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name; `ns::name` for a qualified one.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// `name = function(params) return (results) { body }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// The comment that stands directly above the definition or first in its file, without markers.
    pub doc: String,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// Results in order; a result has no default.
    pub results: Vec<Param>,
    /// The statements.
    pub body: Vec<Stmt>,
    /// The whole definition.
    pub span: Span,
}

/// A parameter or a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The declared type.
    pub kind: Kind,
    /// Its name.
    pub name: Name,
    /// The declared shape `[rows, columns]`: two extents, or none if no shape is written.
    pub shape: Vec<Extent>,
    /// The default, if any.
    pub default: Option<Expr>,
}

/// One side of a declared shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Extent {
    /// `_`: any.
    Any(Span),
    /// `3`.
    Known(u64, Span),
    /// `n`: the same wherever the head of the function says `n`.
    Name(Name),
}

impl Extent {
    /// Its place.
    pub fn span(&self) -> Span {
        match self {
            Extent::Any(span) | Extent::Known(_, span) => *span,
            Extent::Name(name) => name.span,
        }
    }
}

/// A declared type: `Matrix[Double]`, `Integer`, ... (spelling and case are lenient).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `Matrix[...]`
    Matrix,
    /// `Frame[...]`
    Frame,
    /// `List[...]`
    List,
    /// `Double` or `Scalar[Double]`
    Double,
    /// `Integer`
    Integer,
    /// `Boolean`
    Boolean,
    /// `String`
    String,
    /// `Unknown` or none written
    Unknown,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Its place (for blocks: the head up to the closing parenthesis).
    pub span: Span,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `x = e`, `X[i, j] = e`, `x += e`.
    Assign {
        /// What is assigned.
        target: Target,
        /// The operator of `+=`, `-=`, `*=` or `/=`; none for `=`.
        update: Option<Infix>,
        /// The value.
        value: Expr,
    },
    /// `[a, b] = f(...)`; a target may be indexed.
    MultiAssign {
        /// What is assigned.
        targets: Vec<Target>,
        /// The call.
        call: Expr,
    },
    /// `x = ifdef($name, default)`.
    IfDef {
        /// What is assigned.
        target: Target,
        /// The argument's name without `$`.
        argument: Name,
        /// The value if the argument is not given.
        default: Expr,
    },
    /// A call for its effect: `print(x)`, `f(x)`.
    Call(Expr),
    /// `break`: ends the innermost loop.
    Break,
    /// `continue`: goes on with the next iteration of the innermost loop.
    Continue,
    /// `return(a, b)`: ends the function.
    Return(Vec<Arg>),
    /// `if (c) { } else { }`.
    If {
        /// The condition.
        condition: Expr,
        /// Statements if it holds.
        then: Vec<Stmt>,
        /// Statements if not.
        otherwise: Vec<Stmt>,
    },
    /// `while (c) { }`.
    While {
        /// The condition.
        condition: Expr,
        /// The statements.
        body: Vec<Stmt>,
    },
    /// `for (i in range) { }` and `parfor (i in range, options) { }`.
    For {
        /// The loop variable.
        variable: Name,
        /// What it runs over: a `Range`, a call of `seq`, or any expression.
        range: Expr,
        /// `parfor`.
        parallel: bool,
        /// Options of a `parfor`, by name.
        options: Vec<(Name, Expr)>,
        /// The statements.
        body: Vec<Stmt>,
    },
}

/// What is assigned: a variable or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The variable.
    pub name: Name,
    /// `X[rows, columns] = ...`; empty for a whole variable, one or two entries otherwise.
    pub indices: Vec<IndexRange>,
    /// Written `L[[i]] = ...`, which means `L[i] = ...`; there is one index, a `One`.
    pub is_element: bool,
    /// The whole target.
    pub span: Span,
}

/// One side of `X[..., ...]`.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexRange {
    /// Nothing: everything.
    All,
    /// `i`.
    One(Expr),
    /// `a:b`; an end that is left out is that of the dimension: `a:`, `:b`, `:`.
    Range(Option<Expr>, Option<Expr>),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// What an expression computes.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `123`
    Integer(i64),
    /// `1.5`
    Double(f64),
    /// `TRUE`
    Boolean(bool),
    /// `"text"`, escapes resolved
    String(String),
    /// A variable, or one of the constants `NaN`, `Inf`, `pi`
    Variable(String),
    /// `$name` (without the dollar)
    Argument(String),
    /// `-x`, `+x`, `!x`
    Unary(Prefix, Box<Expr>),
    /// `a + b`, by its symbol
    Binary(Infix, Box<Expr>, Box<Expr>),
    /// `f(a, name=b)`; the callee may be `ns::f`
    Call(Call),
    /// `X[i, j]`, one or two index ranges
    Index(Box<Expr>, Vec<IndexRange>),
    /// `L[[i]]`, `L[["name"]]`
    Element(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `a:b` in a loop head
    Range(Box<Expr>, Box<Expr>),
}

impl IndexRange {
    /// Its expressions.
    pub fn parts(&self) -> impl Iterator<Item = &Expr> {
        let (first, second) = match self {
            IndexRange::All => (None, None),
            IndexRange::One(at) => (Some(at), None),
            IndexRange::Range(from, to) => (from.as_ref(), to.as_ref()),
        };
        first.into_iter().chain(second)
    }

    /// Its expressions, to change.
    pub fn parts_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let (first, second) = match self {
            IndexRange::All => (None, None),
            IndexRange::One(at) => (Some(at), None),
            IndexRange::Range(from, to) => (from.as_mut(), to.as_mut()),
        };
        first.into_iter().chain(second)
    }
}

impl Expr {
    /// The expressions directly inside, in the order of evaluation.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Unary(_, operand) => vec![operand],
            ExprKind::Binary(_, left, right)
            | ExprKind::Range(left, right)
            | ExprKind::Element(left, right) => {
                vec![left, right]
            }
            ExprKind::Call(call) => call.args.iter().map(|arg| &arg.value).collect(),
            ExprKind::Index(base, ranges) => {
                std::iter::once(&**base).chain(ranges.iter().flat_map(IndexRange::parts)).collect()
            }
            ExprKind::List(items) => items.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The expressions directly inside, to change.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            ExprKind::Unary(_, operand) => vec![operand],
            ExprKind::Binary(_, left, right)
            | ExprKind::Range(left, right)
            | ExprKind::Element(left, right) => {
                vec![left, right]
            }
            ExprKind::Call(call) => call.args.iter_mut().map(|arg| &mut arg.value).collect(),
            ExprKind::Index(base, ranges) => std::iter::once(&mut **base)
                .chain(ranges.iter_mut().flat_map(IndexRange::parts_mut))
                .collect(),
            ExprKind::List(items) => items.iter_mut().collect(),
            _ => Vec::new(),
        }
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function's name.
    pub callee: Name,
    /// Its arguments in order.
    pub args: Vec<Arg>,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// `name=`, if written.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// A prefix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `!`
    Not,
}

/// An infix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Infix {
    Power,
    MatMult,
    IntDivide,
    Modulo,
    Multiply,
    Divide,
    Add,
    Subtract,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Equal,
    NotEqual,
    And,
    AndAnd,
    Or,
    OrOr,
}

impl Infix {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Infix::Power => "^",
            Infix::MatMult => "%*%",
            Infix::IntDivide => "%/%",
            Infix::Modulo => "%%",
            Infix::Multiply => "*",
            Infix::Divide => "/",
            Infix::Add => "+",
            Infix::Subtract => "-",
            Infix::Greater => ">",
            Infix::GreaterEqual => ">=",
            Infix::Less => "<",
            Infix::LessEqual => "<=",
            Infix::Equal => "==",
            Infix::NotEqual => "!=",
            Infix::And => "&",
            Infix::AndAnd => "&&",
            Infix::Or => "|",
            Infix::OrOr => "||",
        }
    }
}
