//! Printing an expression and parsing it gives the expression back, with no parenthesis too many; formatting it
//! changes nothing but its layout.

mod common;

use common::{parsed, shape};
use proptest::prelude::*;
use tilewright_base::{FileId, Span};
use tilewright_syntax::ast::*;
use tilewright_syntax::format::{format, is_same};
use tilewright_syntax::print;

const INFIX: [Infix; 18] = [
    Infix::Power,
    Infix::MatMult,
    Infix::IntDivide,
    Infix::Modulo,
    Infix::Multiply,
    Infix::Divide,
    Infix::Add,
    Infix::Subtract,
    Infix::Greater,
    Infix::GreaterEqual,
    Infix::Less,
    Infix::LessEqual,
    Infix::Equal,
    Infix::NotEqual,
    Infix::And,
    Infix::AndAnd,
    Infix::Or,
    Infix::OrOr,
];

fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: span() }
}

fn name(text: &str) -> Name {
    Name { text: text.into(), span: span() }
}

fn leaf() -> impl Strategy<Value = ExprKind> {
    prop_oneof![
        (0..i64::MAX).prop_map(ExprKind::Integer),
        (0.0..1e300).prop_map(ExprKind::Double),
        any::<bool>().prop_map(ExprKind::Boolean),
        any::<String>().prop_map(ExprKind::String),
        Just(ExprKind::Variable("x".into())),
        Just(ExprKind::Argument("a".into())),
    ]
}

fn index(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = IndexRange> {
    prop_oneof![
        inner.clone().prop_map(IndexRange::One),
        Just(IndexRange::All),
        (proptest::option::of(inner.clone()), proptest::option::of(inner))
            .prop_map(|(from, to)| IndexRange::Range(from, to)),
    ]
}

/// An index that can be written: not one range alone that is empty.
fn written(mut ranges: Vec<IndexRange>) -> Vec<IndexRange> {
    if ranges == [IndexRange::All] {
        ranges.push(IndexRange::All);
    }
    ranges
}

fn expression() -> impl Strategy<Value = Expr> {
    leaf().prop_map(expr).prop_recursive(6, 40, 4, |inner| {
        let prefix = prop_oneof![Just(Prefix::Minus), Just(Prefix::Plus), Just(Prefix::Not)];
        let boxed = inner.clone().prop_map(Box::new);
        let arg = (any::<bool>(), inner.clone())
            .prop_map(|(named, value)| Arg { name: named.then(|| name("k")), value });
        let call = |mut args: Vec<Arg>| {
            args.sort_by_key(|arg| arg.name.is_some());
            ExprKind::Call(Call { callee: name("f"), args })
        };
        let infix = (0..INFIX.len(), boxed.clone(), boxed.clone());
        prop_oneof![
            3 => infix.prop_map(|(at, left, right)| ExprKind::Binary(INFIX[at], left, right)),
            2 => (prefix, boxed.clone()).prop_map(|(operator, operand)| ExprKind::Unary(operator, operand)),
            1 => proptest::collection::vec(arg, 0..3).prop_map(call),
            1 => (boxed.clone(), proptest::collection::vec(index(inner.clone()), 1..3))
                .prop_map(|(base, ranges)| ExprKind::Index(base, written(ranges))),
            1 => (boxed.clone(), boxed).prop_map(|(base, at)| ExprKind::Element(base, at)),
            1 => proptest::collection::vec(inner, 0..3).prop_map(ExprKind::List),
        ]
        .prop_map(expr)
    })
}

fn script(value: Expr) -> Script {
    let indices = vec![IndexRange::All, IndexRange::All];
    let target = Target { name: name("y"), indices, is_element: false, span: span() };
    let kind = StmtKind::Assign { target, update: None, value };
    Script { body: vec![Stmt { kind, span: span() }], ..Script::default() }
}

/// The text with some of its spaces, outside of strings, replaced by other white space and comments.
fn scatter(text: &str, picks: &[usize]) -> String {
    const GAPS: [&str; 6] = [" ", "\n", "\n\n", "\t# c\n", " /* d\n e */ ", "\r\n"];
    let mut picks = picks.iter().cycle();
    let (mut is_string, mut is_escaped) = (false, false);
    let mut scattered = String::new();
    for character in text.chars() {
        if character == '"' && !is_escaped {
            is_string = !is_string;
        }
        is_escaped = is_string && character == '\\' && !is_escaped;
        match picks.next() {
            Some(pick) if character == ' ' && !is_string => scattered.push_str(GAPS[pick % GAPS.len()]),
            _ => scattered.push(character),
        }
    }
    scattered
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_expressions_parse_to_themselves(value in expression()) {
        let script = script(value);
        let text = print(&script);
        let again = parsed(&text);
        prop_assert_eq!(shape(&again), shape(&script), "{}", text);
        prop_assert_eq!(print(&again), text);
    }

    #[test]
    fn formatting_keeps_the_meaning(value in expression(), picks in proptest::collection::vec(0..12usize, 1..40)) {
        let assignment = print(&script(value));
        let e = assignment.trim_end().strip_prefix("y[, ] = ").expect("an assignment");
        let text = format!(
            "f = function(Integer a = 1, b = {e} ) return (Matrix[Double] c) {{ c = {e} }} \
             if ({e}) y[, ] = {e} ; else if (a) {{ f({e}) }} else while ({e} ) x = {e} g( {e} , k = {e} ) \
             h = function(Matrix[Double] X [n, _] , Y [ 1 , m] = {e} ) {{ while ({e} ) if ({e} ) break else continue ; \
             L[[ {e} ]] *= {e} return ( {e} , {e} ) }}"
        );
        let text = scatter(&text, &picks);
        let once = format(FileId(0), &text).map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{text}")))?;
        prop_assert!(is_same(&text, &once), "from\n{}\nto\n{}", text, once);
        prop_assert_eq!(format(FileId(0), &once).expect("no errors"), once);
    }
}
