//! From the tree as it is written to an expression whose types are known: names become parameters and rows of the
//! tables, and values are converted where another type is taken. Whatever is wrong without looking at cells is found here.

use std::ops::Range;

use super::Problem;
use super::eval::{Expr, Operator};
use super::math;
use super::method::{self, Method, Of, Pattern};
use super::token::Kind;
use super::tree::{Node, Tree};
use super::value::{Type, Val};

/// An expression and its type.
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) kind: Type,
}

/// What the parameters are called, and the type that they have.
pub(super) struct Params<'a> {
    pub(super) names: &'a [String],
    pub(super) kind: Type,
}

impl Typed {
    fn new(expr: Expr, kind: Type) -> Typed {
        Typed { expr, kind }
    }

    fn constant(value: Val<'static>, kind: Type) -> Typed {
        Typed::new(Expr::Constant(value), kind)
    }

    /// As a value of another type.
    pub(super) fn to(self, kind: Type) -> Expr {
        match kind {
            Type::Any => self.expr,
            _ if self.kind == kind => self.expr,
            _ => Expr::Convert(kind, self.expr.into()),
        }
    }
}

type Checked = Result<Typed, Problem>;

/// The expression of a tree.
pub(super) fn check(tree: &Tree, params: &Params<'_>) -> Checked {
    match &tree.node {
        Node::Literal(literal) => Ok(match literal {
            Kind::Text(text) => Typed::constant(Val::of(text.as_str()), Type::Text),
            Kind::Char(value) => Typed::constant(Val::Char(*value), Type::Char),
            Kind::Whole(value) => Typed::constant(Val::Whole(*value), Type::Whole),
            Kind::Double(value) => Typed::constant(Val::Double(*value), Type::Double),
            Kind::Name(_) | Kind::Sign(_) | Kind::End => Typed::constant(Val::Null, Type::Null),
        }),
        Node::Name(name) => named(name, tree, params),
        Node::Unary(sign, of) => unary(sign, check(of, params)?, of.at.clone()),
        Node::Binary(sign, left, right) => {
            binary(sign, (check(left, params)?, &left.at), (check(right, params)?, &right.at), &tree.at)
        }
        Node::If(condition, then, otherwise) => {
            let chosen = expect(check(condition, params)?, Type::Truth, &condition.at)?;
            branches(chosen, check(then, params)?, check(otherwise, params)?, &tree.at)
        }
        Node::Cast(to, of) => cast(to, check(of, params)?, &tree.at),
        Node::Index(array, index) => {
            let (array, index) = ((check(array, params)?, &array.at), (check(index, params)?, &index.at));
            indexed(array, index, &tree.at)
        }
        Node::Field(of, name) => field(of, name, &tree.at, params),
        Node::Call(of, name, args) => call(of, name, args, &tree.at, params),
    }
}

fn named(name: &str, tree: &Tree, params: &Params<'_>) -> Checked {
    if let Some(at) = params.names.iter().position(|param| param == name) {
        return Ok(Typed::new(Expr::Param(at), params.kind));
    }
    match name {
        "true" => Ok(Typed::constant(Val::Truth(true), Type::Truth)),
        "false" => Ok(Typed::constant(Val::Truth(false), Type::Truth)),
        "null" => Ok(Typed::constant(Val::Null, Type::Null)),
        _ => {
            let known = params.names.join("`, `");
            Err(Problem::new(tree.at.clone(), format!("`{name}` is no parameter"))
                .hint(format!("parameters: `{known}`")))
        }
    }
}

fn mismatch(at: &Range<usize>, wanted: &str, found: Type) -> Problem {
    Problem::new(at.clone(), format!("this must be {wanted}, it is {}", found.describe()))
}

fn expect(given: Typed, wanted: Type, at: &Range<usize>) -> Result<Expr, Problem> {
    if !given.kind.goes_to(wanted) {
        return Err(mismatch(at, wanted.describe(), given.kind));
    }
    Ok(given.to(wanted))
}

fn unary(sign: &'static str, of: Typed, at: Range<usize>) -> Checked {
    if sign == "!" {
        return Ok(Typed::new(Expr::Not(expect(of, Type::Truth, &at)?.into()), Type::Truth));
    }
    if !of.kind.is_number() {
        return Err(mismatch(&at, "a number", of.kind));
    }
    let kind = if of.kind == Type::Double { Type::Double } else { Type::Whole };
    let of = of.to(kind);
    Ok(Typed::new(if sign == "-" { Expr::Negative(of.into()) } else { of }, kind))
}

type Placed<'a> = (Typed, &'a Range<usize>);

fn binary(sign: &'static str, left: Placed<'_>, right: Placed<'_>, at: &Range<usize>) -> Checked {
    let kinds = (left.0.kind, right.0.kind);
    match sign {
        "&&" | "||" => {
            let (a, b) = (expect(left.0, Type::Truth, left.1)?, expect(right.0, Type::Truth, right.1)?);
            let expr =
                if sign == "&&" { Expr::And(a.into(), b.into()) } else { Expr::Or(a.into(), b.into()) };
            Ok(Typed::new(expr, Type::Truth))
        }
        "+" if kinds.0 == Type::Text || kinds.1 == Type::Text => {
            let (a, b) = (left.0.to(Type::Text), right.0.to(Type::Text));
            Ok(Typed::new(Expr::Concat(a.into(), b.into()), Type::Text))
        }
        "==" | "!=" if !(kinds.0.is_number() && kinds.1.is_number()) => {
            equality(sign == "==", left.0, right.0, at)
        }
        _ => {
            for (operand, at) in [(&left.0, left.1), (&right.0, right.1)] {
                if !operand.kind.is_number() {
                    let problem = mismatch(at, "a number", operand.kind);
                    return Err(problem.hint("`Double.parseDouble(x)` reads a text as a number"));
                }
            }
            let kind =
                if kinds.0 == Type::Double || kinds.1 == Type::Double { Type::Double } else { Type::Whole };
            let (a, b) = (left.0.to(kind).into(), right.0.to(kind).into());
            let (operator, is_comparison) = Operator::of(sign);
            let expr = Expr::Binary { operator, a, b, at: at.clone() };
            Ok(Typed::new(expr, if is_comparison { Type::Truth } else { kind }))
        }
    }
}

/// `==` and `!=` of what are not two numbers.
fn equality(is_equal: bool, left: Typed, right: Typed, at: &Range<usize>) -> Checked {
    match (left.kind, right.kind) {
        (Type::Truth, Type::Truth) => {
            let same = Expr::Same(left.expr.into(), right.expr.into());
            Ok(Typed::new(if is_equal { same } else { Expr::Not(same.into()) }, Type::Truth))
        }
        // Missing cells are not looked at, so nothing is null.
        (Type::Null, Type::Null) => Ok(Typed::constant(Val::Truth(is_equal), Type::Truth)),
        (Type::Null, _) | (_, Type::Null) => Ok(Typed::constant(Val::Truth(!is_equal), Type::Truth)),
        (Type::Text, Type::Text) => {
            Err(Problem::new(at.clone(), "texts are not compared by `==` and `!=`")
                .hint("write `x.equals(y)`"))
        }
        (a, b) => {
            Err(Problem::new(at.clone(), format!("{} is not compared with {}", a.describe(), b.describe())))
        }
    }
}

fn branches(condition: Expr, then: Typed, otherwise: Typed, at: &Range<usize>) -> Checked {
    let kind = match (then.kind, otherwise.kind) {
        (a, b) if a == b => a,
        (a, b) if a.is_number() && b.is_number() => {
            if a == Type::Double || b == Type::Double {
                Type::Double
            } else {
                Type::Whole
            }
        }
        (Type::Texts | Type::Doubles, _) | (_, Type::Texts | Type::Doubles) => {
            return Err(Problem::new(at.clone(), "one of the two values is an array"));
        }
        // Both become texts in the end.
        _ => Type::Text,
    };
    let (then, otherwise) = (then.to(kind).into(), otherwise.to(kind).into());
    Ok(Typed::new(Expr::If(condition.into(), then, otherwise), kind))
}

fn cast(to: &str, of: Typed, at: &Range<usize>) -> Checked {
    let kind = match to {
        "int" | "long" => Type::Whole,
        "double" | "float" => Type::Double,
        "char" => Type::Char,
        _ => Type::Text,
    };
    let fits = if kind == Type::Text { of.kind == Type::Text } else { of.kind.is_number() };
    if !fits {
        let problem = Problem::new(at.clone(), format!("{} is not cast to `{to}`", of.kind.describe()));
        return Err(problem.hint(
            "`Double.parseDouble(x)` and `Integer.parseInt(x)` read texts, `String.valueOf(x)` writes them",
        ));
    }
    Ok(Typed::new(of.to(kind), kind))
}

fn indexed(array: Placed<'_>, index: Placed<'_>, at: &Range<usize>) -> Checked {
    let kind = match array.0.kind {
        Type::Texts => Type::Text,
        Type::Doubles => Type::Double,
        other => {
            let problem = mismatch(array.1, "an array", other);
            return Err(problem.hint("`x.charAt(i)` is a character of a text, `x.split(\",\")[i]` a part"));
        }
    };
    let index = expect(index.0, Type::Whole, index.1)?;
    Ok(Typed::new(Expr::Index { array: array.0.expr.into(), index: index.into(), at: at.clone() }, kind))
}

fn field(of: &Tree, name: &str, at: &Range<usize>, params: &Params<'_>) -> Checked {
    if let Node::Name(class) = &of.node
        && class == "Math"
        && let Some(value) = math::constant(name)
    {
        return Ok(Typed::constant(Val::Double(value), Type::Double));
    }
    let of = check(of, params)?;
    match (of.kind, name) {
        (Type::Texts | Type::Doubles, "length") => Ok(Typed::new(Expr::Length(of.expr.into()), Type::Whole)),
        (kind, _) => {
            let problem = Problem::new(at.clone(), format!("{} has no field `{name}`", kind.describe()));
            Err(problem.hint(format!("a method is called with parentheses: `{name}()`")))
        }
    }
}

fn call(of: &Tree, name: &str, args: &[Tree], at: &Range<usize>, params: &Params<'_>) -> Checked {
    let class = match &of.node {
        Node::Name(class) if !params.names.contains(class) => Some(class.as_str()),
        _ => None,
    };
    if let Some(class) = class
        && !method::is_class(class)
    {
        let hint = "classes: Math, String, Double, Integer, Long, Boolean, Character, Arrays, UtilFunctions";
        return Err(Problem::new(of.at.clone(), format!("`{class}` is no parameter and no class")).hint(hint));
    }
    let receiver = if class.is_some() { None } else { Some(check(of, params)?) };
    let mut given = args.iter().map(|arg| check(arg, params)).collect::<Result<Vec<_>, _>>()?;
    let kinds: Vec<Type> = given.iter().map(|arg| arg.kind).collect();
    let row = match (class, &receiver) {
        (Some(class), _) => find(class, |of| of == class_of(class), name, &kinds),
        (None, Some(receiver)) => {
            find(receiver.kind.describe(), |of| of == Of::Value(receiver.kind), name, &kinds)
        }
        (None, None) => Err(String::new()),
    };
    let row = row.map_err(|what| {
        let of = match (class, &receiver) {
            (Some(class), _) => class_of(class),
            (None, receiver) => Of::Value(receiver.as_ref().map_or(Type::Any, |receiver| receiver.kind)),
        };
        let listed = method::listed(of);
        let there = if listed.is_empty() { "it has none".into() } else { format!("there are {listed}") };
        Problem::new(at.clone(), what).hint(there)
    })?;
    let pattern = match args.first().map(|arg| &arg.node) {
        Some(Node::Literal(Kind::Text(text))) if row.pattern != Pattern::No => {
            let at = args[0].at.clone();
            Some(row.pattern.compile(text).map_err(|fault| Problem::new(at, fault.message()))?)
        }
        _ => None,
    };
    let inputs = given.drain(..).zip(row.takes).map(|(arg, kind)| arg.to(*kind));
    let inputs = receiver.map(|receiver| receiver.expr).into_iter().chain(inputs).collect();
    Ok(Typed::new(Expr::Call { row, inputs, pattern, at: at.clone() }, row.gives))
}

/// The class of a name that is one.
fn class_of(name: &str) -> Of {
    let of_name = |of: &Of| matches!(of, Of::Class(class) if *class == name);
    method::all().map(|method| method.of).find(of_name).unwrap_or(Of::Value(Type::Any))
}

/// The row of a name that takes values of these types: that of the same ones, else the first that they go to.
fn find(whose: &str, of: impl Fn(Of) -> bool, name: &str, kinds: &[Type]) -> Result<&'static Method, String> {
    let named: Vec<&Method> = method::all().filter(|method| of(method.of) && method.name == name).collect();
    if named.is_empty() {
        return Err(format!("{whose} has no method `{name}`"));
    }
    let takes = |method: &&&Method, fits: fn(Type, Type) -> bool| {
        method.takes.len() == kinds.len() && kinds.iter().zip(method.takes).all(|(a, b)| fits(*a, *b))
    };
    let exact = named.iter().find(|method| takes(method, |a, b| a == b));
    match exact.or_else(|| named.iter().find(|method| takes(method, Type::goes_to))) {
        Some(method) => Ok(method),
        None => {
            let given: Vec<&str> = kinds.iter().map(|kind| kind.short()).collect();
            Err(format!("`{name}` does not take ({})", given.join(", ")))
        }
    }
}
