//! The value of an expression for a cell.

use std::ops::Range;

use regex::Regex;

use super::Problem;
use super::method::{Given, Method};
use super::value::{Type, Val};

/// An operator on two numbers of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Operator {
    /// The operator of a sign, and whether it compares.
    pub(super) fn of(sign: &str) -> (Operator, bool) {
        match sign {
            "+" => (Operator::Add, false),
            "-" => (Operator::Subtract, false),
            "*" => (Operator::Multiply, false),
            "/" => (Operator::Divide, false),
            "%" => (Operator::Remainder, false),
            "<" => (Operator::Less, true),
            "<=" => (Operator::LessOrEqual, true),
            ">" => (Operator::Greater, true),
            ">=" => (Operator::GreaterOrEqual, true),
            "==" => (Operator::Equal, true),
            _ => (Operator::NotEqual, true),
        }
    }
}

/// An expression whose types fit.
#[derive(Debug)]
pub(super) enum Expr {
    Constant(Val<'static>),
    Param(usize),
    Convert(Type, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// Two values are the same.
    Same(Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Binary {
        operator: Operator,
        a: Box<Expr>,
        b: Box<Expr>,
        at: Range<usize>,
    },
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Length(Box<Expr>),
    Index {
        array: Box<Expr>,
        index: Box<Expr>,
        at: Range<usize>,
    },
    Call {
        row: &'static Method,
        inputs: Vec<Expr>,
        pattern: Option<Regex>,
        at: Range<usize>,
    },
}

impl Expr {
    /// The value for parameters.
    pub(super) fn eval<'a>(&self, params: &[Val<'a>]) -> Result<Val<'a>, Problem> {
        Ok(match self {
            Expr::Constant(value) => value.clone(),
            Expr::Param(at) => params[*at].clone(),
            Expr::Convert(kind, of) => of.eval(params)?.to(*kind),
            Expr::Not(of) => Val::Truth(!of.eval(params)?.truth()),
            Expr::Negative(of) => match of.eval(params)? {
                Val::Whole(value) => Val::Whole(value.wrapping_neg()),
                other => Val::Double(-other.double()),
            },
            Expr::And(a, b) => Val::Truth(a.eval(params)?.truth() && b.eval(params)?.truth()),
            Expr::Or(a, b) => Val::Truth(a.eval(params)?.truth() || b.eval(params)?.truth()),
            Expr::Same(a, b) => Val::Truth(a.eval(params)? == b.eval(params)?),
            Expr::Concat(a, b) => {
                let mut text = a.eval(params)?.text().into_owned();
                text.push_str(&b.eval(params)?.text());
                Val::of(text)
            }
            Expr::Binary { operator, a, b, at } => match (a.eval(params)?, b.eval(params)?) {
                (Val::Whole(a), Val::Whole(b)) => whole(*operator, a, b, at)?,
                (a, b) => double(*operator, a.double(), b.double()),
            },
            Expr::If(condition, then, otherwise) => {
                if condition.eval(params)?.truth() {
                    then.eval(params)?
                } else {
                    otherwise.eval(params)?
                }
            }
            Expr::Length(of) => Val::Whole(match of.eval(params)? {
                Val::Texts(texts) => texts.len() as i64,
                Val::Doubles(numbers) => numbers.len() as i64,
                _ => 0,
            }),
            Expr::Index { array, index, at } => {
                element(array.eval(params)?, index.eval(params)?.whole(), at)?
            }
            Expr::Call { row, inputs, pattern, at } => {
                let values = inputs.iter().map(|input| input.eval(params)).collect::<Result<_, _>>()?;
                (row.run)(Given { values, pattern: pattern.as_ref() })
                    .map_err(|what| Problem::new(at.clone(), what))?
            }
        })
    }
}

fn element<'a>(array: Val<'a>, index: i64, at: &Range<usize>) -> Result<Val<'a>, Problem> {
    let position = usize::try_from(index).ok();
    let (found, length) = match array {
        Val::Texts(mut texts) => {
            let length = texts.len();
            (position.filter(|at| *at < length).map(|at| Val::of(texts.swap_remove(at))), length)
        }
        Val::Doubles(numbers) => {
            (position.and_then(|at| numbers.get(at).copied()).map(Val::Double), numbers.len())
        }
        _ => (None, 0),
    };
    found.ok_or_else(|| {
        Problem::new(at.clone(), format!("there is no element {index} in an array of {length}"))
    })
}

fn whole(operator: Operator, a: i64, b: i64, at: &Range<usize>) -> Result<Val<'static>, Problem> {
    let by_zero = || Problem::new(at.clone(), "a whole number is divided by zero");
    Ok(match operator {
        Operator::Add => Val::Whole(a.wrapping_add(b)),
        Operator::Subtract => Val::Whole(a.wrapping_sub(b)),
        Operator::Multiply => Val::Whole(a.wrapping_mul(b)),
        Operator::Divide | Operator::Remainder if b == 0 => return Err(by_zero()),
        Operator::Divide => Val::Whole(a.wrapping_div(b)),
        Operator::Remainder => Val::Whole(a.wrapping_rem(b)),
        Operator::Less => Val::Truth(a < b),
        Operator::LessOrEqual => Val::Truth(a <= b),
        Operator::Greater => Val::Truth(a > b),
        Operator::GreaterOrEqual => Val::Truth(a >= b),
        Operator::Equal => Val::Truth(a == b),
        Operator::NotEqual => Val::Truth(a != b),
    })
}

fn double(operator: Operator, a: f64, b: f64) -> Val<'static> {
    match operator {
        Operator::Add => Val::Double(a + b),
        Operator::Subtract => Val::Double(a - b),
        Operator::Multiply => Val::Double(a * b),
        Operator::Divide => Val::Double(a / b),
        Operator::Remainder => Val::Double(a % b),
        Operator::Less => Val::Truth(a < b),
        Operator::LessOrEqual => Val::Truth(a <= b),
        Operator::Greater => Val::Truth(a > b),
        Operator::GreaterOrEqual => Val::Truth(a >= b),
        Operator::Equal => Val::Truth(a == b),
        Operator::NotEqual => Val::Truth(a != b),
    }
}
