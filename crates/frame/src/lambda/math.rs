//! The functions of the class `Math`.

use tilewright_matrix::math::{circular, exp, log, power};

use super::method::{Given, Gives, Method, Of, Pattern};
use super::value::Type::{Double, Whole};
use super::value::Val;

const MATH: Of = Of::Class("Math");

macro_rules! double {
    ($name:literal, $function:expr) => {
        Method {
            of: MATH,
            name: $name,
            takes: &[Double],
            gives: Double,
            pattern: Pattern::No,
            run: |a| one(a, $function),
        }
    };
}

macro_rules! two {
    ($name:literal, $kind:expr, $run:expr) => {
        Method {
            of: MATH,
            name: $name,
            takes: &[$kind, $kind],
            gives: $kind,
            pattern: Pattern::No,
            run: $run,
        }
    };
}

fn one<'a>(a: Given<'_, 'a>, function: fn(f64) -> f64) -> Gives<'a> {
    Ok(Val::Double(function(a.values[0].double())))
}

fn pair<'a>(a: Given<'_, 'a>, function: fn(f64, f64) -> f64) -> Gives<'a> {
    Ok(Val::Double(function(a.values[0].double(), a.values[1].double())))
}

fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Functions; of those with one name the one for whole numbers stands first.
pub(super) static TABLE: &[Method] = &[
    Method {
        of: MATH,
        name: "abs",
        takes: &[Whole],
        gives: Whole,
        pattern: Pattern::No,
        run: |a| Ok(Val::Whole(a.values[0].whole().wrapping_abs())),
    },
    double!("abs", f64::abs),
    two!("min", Whole, |a| Ok(Val::Whole(a.values[0].whole().min(a.values[1].whole())))),
    two!("min", Double, |a| pair(a, min)),
    two!("max", Whole, |a| Ok(Val::Whole(a.values[0].whole().max(a.values[1].whole())))),
    two!("max", Double, |a| pair(a, max)),
    two!("pow", Double, |a| pair(a, power::power)),
    double!("sqrt", f64::sqrt),
    double!("exp", exp::exp),
    double!("log", log::log),
    double!("log10", f64::log10),
    double!("sin", circular::sin),
    double!("cos", circular::cos),
    double!("tan", circular::tan),
    double!("floor", f64::floor),
    double!("ceil", f64::ceil),
    double!("rint", f64::round_ties_even),
    double!("signum", |x| if x == 0.0 || x.is_nan() { x } else { x.signum() }),
    Method {
        of: MATH,
        name: "round",
        takes: &[Double],
        gives: Whole,
        pattern: Pattern::No,
        run: |a| Ok(Val::Whole((a.values[0].double() + 0.5).floor() as i64)),
    },
];

/// A constant of the class.
pub(super) fn constant(name: &str) -> Option<f64> {
    match name {
        "PI" => Some(std::f64::consts::PI),
        "E" => Some(std::f64::consts::E),
        _ => None,
    }
}
