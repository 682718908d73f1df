//! Text by a format: `%d`, `%i`, `%f`, `%e`, `%g`, `%s`, `%b`, `%x`, `%%`, `%n` with flags, width and precision, and
//! `%2$s` for the second argument. Conversions in capitals give capitals.
//!
//! Doubles are rounded as the reference rounds them: halves up, on the shortest decimal text of the number.

use tilewright_base::{Outcome, bail};
use tilewright_value::Scalar;

#[derive(Default)]
struct Directive {
    /// The number of the argument, from 1, if it is written.
    position: Option<usize>,
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    grouped: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

/// Fills a format.
///
/// # Errors
/// For unknown conversions, missing arguments and arguments of the wrong type.
pub fn format(template: &str, args: &[Scalar]) -> Outcome<String> {
    let mut out = String::new();
    let mut rest = template;
    let mut next = 0;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (directive, after) = directive(&rest[at..])?;
        rest = after;
        match directive.conversion {
            '%' => out.push('%'),
            'n' => out.push('\n'),
            _ => {
                let at = directive.position.map_or(next, |position| position.wrapping_sub(1));
                next += usize::from(directive.position.is_none());
                match args.get(at) {
                    Some(arg) => out.push_str(&padded(&directive, arg)?),
                    None => {
                        bail!(Argument, "the format {template:?} needs more than {} arguments", args.len())
                    }
                }
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The directive that a text begins with, and the text behind it.
fn directive(text: &str) -> Outcome<(Directive, &str)> {
    let mut directive = Directive::default();
    let mut rest = &text[1..];
    let (number, behind) = digits(rest);
    if let (Some(number), Some(behind)) = (number, behind.strip_prefix('$')) {
        (directive.position, rest) = (Some(number), behind);
    }
    while let Some(flag) = rest.chars().next().filter(|flag| "-0+, ".contains(*flag)) {
        match flag {
            '-' => directive.left = true,
            '0' => directive.zero = true,
            '+' => directive.plus = true,
            ',' => directive.grouped = true,
            _ => directive.space = true,
        }
        rest = &rest[1..];
    }
    let (width, behind) = digits(rest);
    (directive.width, rest) = (width.unwrap_or(0), behind);
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = digits(behind);
        (directive.precision, rest) = (Some(precision.unwrap_or(0)), behind);
    }
    match rest.chars().next() {
        Some(conversion) => {
            directive.conversion = conversion;
            Ok((directive, &rest[conversion.len_utf8()..]))
        }
        None => bail!(Value, "the format ends after {text:?}"; hint: "`%%` prints a percent sign"),
    }
}

/// The number that a text begins with, at most 10,000, and the text behind it.
fn digits(text: &str) -> (Option<usize>, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let number = (end > 0).then(|| text[..end].parse::<usize>().map_or(10_000, |number| number.min(10_000)));
    (number, &text[end..])
}

fn padded(directive: &Directive, arg: &Scalar) -> Outcome<String> {
    let lower = directive.conversion.to_ascii_lowercase();
    let text = converted(directive, lower, arg)?;
    let text = if lower == directive.conversion { text } else { text.to_uppercase() };
    let missing = directive.width.saturating_sub(text.chars().count());
    let numeric = !matches!(lower, 's' | 'b');
    Ok(if directive.left {
        text + &" ".repeat(missing)
    } else if directive.zero && numeric {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+', ' '])));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        " ".repeat(missing) + &text
    })
}

fn converted(directive: &Directive, conversion: char, arg: &Scalar) -> Outcome<String> {
    let precision = directive.precision.unwrap_or(6);
    Ok(match conversion {
        's' => {
            let text = match arg {
                Scalar::Boolean(value) => value.to_string(),
                other => other.to_string(),
            };
            directive.precision.map_or(text.clone(), |most| text.chars().take(most).collect())
        }
        'b' => arg.as_boolean()?.to_string(),
        'd' | 'i' => match arg {
            Scalar::Double(value) if value.fract() != 0.0 => {
                bail!(Type, "`%{}` needs an integer, found {arg}", directive.conversion; hint: "`%f` prints doubles; `as.integer(x)` cuts off decimals")
            }
            other => {
                let value = other.as_integer()?;
                signed(directive, value < 0, value.unsigned_abs().to_string())
            }
        },
        'x' => format!("{:x}", arg.as_integer()?),
        'f' | 'e' | 'g' => {
            let value = arg.as_double()?;
            let text = match (conversion, value.is_finite()) {
                (_, false) => if value.is_nan() { "NaN" } else { "Infinity" }.to_string(),
                ('f', _) => fixed(value.abs(), precision),
                ('e', _) => scientific(value.abs(), precision),
                _ => general(value.abs(), precision.max(1)),
            };
            signed(directive, value < 0.0, text)
        }
        other => {
            bail!(Value, "`%{other}` is no conversion of a format"; hint: "%d integer, %f double, %e exponent, %g either, %s anything, %b boolean, %x hexadecimal, %% percent sign")
        }
    })
}

/// The text of a number's absolute value with its sign, and commas between thousands if they are asked for.
fn signed(directive: &Directive, negative: bool, text: String) -> String {
    let text = if directive.grouped { grouped(&text) } else { text };
    let sign = match (negative, directive.plus, directive.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    format!("{sign}{text}")
}

fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find(['.', 'e']).unwrap_or(text.len()));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// The shortest decimal digits of a positive number and the power of ten of the first one.
fn shortest(value: f64) -> (Vec<u8>, i32) {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = digits.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    (digits, exponent.parse().unwrap_or(0))
}

/// The first `keep` digits of a number, halves up; the power of ten grows when all of them carry.
fn rounded((mut digits, exponent): (Vec<u8>, i32), keep: i32) -> (Vec<u8>, i32) {
    let keep = usize::try_from(keep).unwrap_or(0).min(digits.len());
    let up = digits.get(keep).is_some_and(|digit| *digit >= 5);
    digits.truncate(keep);
    if !up {
        return (digits, exponent);
    }
    for digit in digits.iter_mut().rev() {
        *digit += 1;
        if *digit < 10 {
            return (digits, exponent);
        }
        *digit = 0;
    }
    digits.insert(0, 1);
    (digits, exponent + 1)
}

/// `12.50`: so many decimals.
fn fixed(value: f64, decimals: usize) -> String {
    let (digits, exponent) = shortest(value);
    let keep = exponent + 1 + decimals as i32;
    // Less than half of the last decimal.
    let (digits, exponent) =
        if keep < 0 { (Vec::new(), exponent) } else { rounded((digits, exponent), keep) };
    let digit = |power: i32| {
        let at = usize::try_from(exponent - power).ok().and_then(|at| digits.get(at));
        char::from(b'0' + at.copied().unwrap_or(0))
    };
    let whole: String = (0..=exponent.max(0)).rev().map(digit).collect();
    let fraction: String = (1..=decimals as i32).map(|place| digit(-place)).collect();
    if decimals == 0 { whole } else { format!("{whole}.{fraction}") }
}

/// `1.5e+01`: at least two digits of exponent, with its sign.
fn scientific(value: f64, decimals: usize) -> String {
    let (digits, exponent) = rounded(shortest(value), decimals as i32 + 1);
    let digit = |at: usize| char::from(b'0' + digits.get(at).copied().unwrap_or(0));
    let fraction: String = (1..=decimals).map(digit).collect();
    let point = if decimals == 0 { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{point}{fraction}e{sign}{:02}", digit(0), exponent.abs())
}

/// So many digits in all, as [`fixed`] from 0.0001 on and below ten to the power of the number of digits.
fn general(value: f64, precision: usize) -> String {
    let (_, exponent) = rounded(shortest(value), precision as i32);
    if value != 0.0 && !(-4..precision as i32).contains(&exponent) {
        return scientific(value, precision - 1);
    }
    fixed(value, usize::try_from(precision as i32 - 1 - exponent).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_follow_their_flags() {
        let cases = [
            ("a %d b", Scalar::Integer(3), "a 3 b"),
            ("%5.2f|", Scalar::Double(2.71), " 2.71|"),
            ("%-6s|", Scalar::string("ab"), "ab    |"),
            ("%05d", Scalar::Integer(-42), "-0042"),
            ("%,d", Scalar::Integer(1234567), "1,234,567"),
            ("% .1f", Scalar::Double(2.0), " 2.0"),
            ("%S", Scalar::string("up"), "UP"),
            ("%b", Scalar::Boolean(true), "true"),
            ("%.3e", Scalar::Double(12345.678), "1.235e+04"),
            ("%g", Scalar::Double(1e-4), "0.000100000"),
            ("%g", Scalar::Double(1234567.0), "1.23457e+06"),
            ("%f", Scalar::Double(f64::NEG_INFINITY), "-Infinity"),
            ("100%%", Scalar::Integer(0), "100%"),
        ];
        for (template, arg, expected) in cases {
            assert_eq!(format(template, &[arg]).expect("a format"), expected);
        }
        assert_eq!(format("%2$s %1$s", &[Scalar::Integer(1), Scalar::Integer(2)]).expect("a format"), "2 1");
        assert!(
            format("%d", &[Scalar::Double(1.5)]).is_err()
                && format("%d", &[]).is_err()
                && format("%0$d", &[Scalar::Integer(1)]).is_err()
                && format("%q", &[Scalar::Integer(1)]).is_err()
        );
    }

    /// Figures printed by the reference.
    #[test]
    fn halves_go_up_on_the_shortest_text() {
        let fixed = |value: f64, decimals: usize| super::fixed(value, decimals);
        assert_eq!([fixed(0.5, 0), fixed(1.5, 0), fixed(2.5, 0)], ["1", "2", "3"]);
        assert_eq!([fixed(0.25, 1), fixed(0.35, 1), fixed(9.96, 1)], ["0.3", "0.4", "10.0"]);
        assert_eq!([fixed(0.1, 20), fixed(0.0, 2)], ["0.10000000000000000000", "0.00"]);
        assert_eq!([fixed(0.04, 1), fixed(0.05, 1), fixed(0.004, 1)], ["0.0", "0.1", "0.0"]);
        assert_eq!([fixed(25e9, 6), fixed(1e21, 1)], ["25000000000.000000", "1000000000000000000000.0"]);
        assert_eq!(scientific(9.9996, 3), "1.000e+01");
    }
}
