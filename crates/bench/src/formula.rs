//! Bytes and operations as `cases/*.toml` writes them: sums of products of powers, `2 * 4096^3 + 8e6`.

use serde::Deserialize;

/// The value of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Formula(pub f64);

impl TryFrom<String> for Formula {
    type Error = String;

    /// # Errors
    /// When it is no sum of products of powers of numbers.
    fn try_from(text: String) -> Result<Formula, String> {
        text.split(" + ").map(product).sum::<Result<f64, String>>().map(Formula)
    }
}

fn product(text: &str) -> Result<f64, String> {
    text.split('*').map(power).product()
}

fn power(text: &str) -> Result<f64, String> {
    let number = |text: &str| {
        text.trim().parse::<f64>().map_err(|_| format!("`{}` is not a number in a formula", text.trim()))
    };
    match text.split_once('^') {
        Some((base, exponent)) => Ok(number(base)?.powf(number(exponent)?)),
        None => number(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<f64, String> {
        Formula::try_from(text.to_string()).map(|formula| formula.0)
    }

    #[test]
    fn sums_of_products_of_powers() {
        assert_eq!(value("8e7"), Ok(80_000_000.0));
        assert_eq!(value("2 * 10^3"), Ok(2000.0));
        assert_eq!(value("2 * 3 * 4 + 5 * 6^2"), Ok(204.0));
        assert_eq!(value("1e+3 + 1"), Ok(1001.0));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "2 *", "n^2", "2 - 1", "(2)"] {
            assert!(value(text).is_err(), "{text}");
        }
    }
}
