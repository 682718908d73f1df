//! Formats of `print` and `sprintf`: `%d`, `%i`, `%f`, `%e`, `%g`, `%s`, `%b`, `%x`, `%%`, `%n` with flags, width and precision.

use tilewright_base::{Outcome, bail};
use tilewright_value::Scalar;

struct Directive {
    left: bool,
    zero: bool,
    plus: bool,
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
    let mut remaining = args.iter();
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (directive, after) = directive(&rest[at..])?;
        rest = after;
        match directive.conversion {
            '%' => out.push('%'),
            'n' => out.push('\n'),
            _ => match remaining.next() {
                Some(arg) => out.push_str(&padded(&directive, arg)?),
                None => bail!(Argument, "the format {template:?} needs more than {} arguments", args.len()),
            },
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn directive(text: &str) -> Outcome<(Directive, &str)> {
    let mut directive =
        Directive { left: false, zero: false, plus: false, width: 0, precision: None, conversion: '%' };
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((_, flag)) = chars.next_if(|(_, c)| matches!(c, '-' | '0' | '+' | ',' | ' ')) {
        match flag {
            '-' => directive.left = true,
            '0' => directive.zero = true,
            '+' => directive.plus = true,
            _ => {}
        }
    }
    let digits = |chars: &mut std::iter::Peekable<_>| {
        let mut number = 0usize;
        while let Some((_, digit)) =
            std::iter::Peekable::<std::iter::Skip<std::str::CharIndices<'_>>>::next_if(chars, |(_, c)| {
                c.is_ascii_digit()
            })
        {
            number = number.saturating_mul(10).saturating_add(digit as usize - '0' as usize);
        }
        number.min(10_000)
    };
    directive.width = digits(&mut chars);
    if chars.next_if(|(_, c)| *c == '.').is_some() {
        directive.precision = Some(digits(&mut chars));
    }
    match chars.next() {
        Some((at, conversion)) => {
            directive.conversion = conversion;
            Ok((directive, &text[at + conversion.len_utf8()..]))
        }
        None => bail!(Value, "the format ends after {text:?}"; hint: "`%%` prints a percent sign"),
    }
}

fn padded(directive: &Directive, arg: &Scalar) -> Outcome<String> {
    let text = converted(directive, arg)?;
    let missing = directive.width.saturating_sub(text.chars().count());
    let numeric = !matches!(directive.conversion, 's' | 'b');
    Ok(if directive.left {
        text + &" ".repeat(missing)
    } else if directive.zero && numeric {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        " ".repeat(missing) + &text
    })
}

fn converted(directive: &Directive, arg: &Scalar) -> Outcome<String> {
    let precision = directive.precision.unwrap_or(6);
    let signed =
        |text: String, negative: bool| if directive.plus && !negative { format!("+{text}") } else { text };
    Ok(match directive.conversion {
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
                signed(value.to_string(), value < 0)
            }
        },
        'x' => format!("{:x}", arg.as_integer()?),
        'f' => {
            let value = arg.as_double()?;
            signed(format!("{value:.precision$}"), value < 0.0)
        }
        'e' | 'E' => {
            let value = arg.as_double()?;
            let text = signed(scientific(value, precision), value < 0.0);
            if directive.conversion == 'E' { text.to_uppercase() } else { text }
        }
        'g' => general(arg.as_double()?, precision.max(1)),
        other => {
            bail!(Value, "`%{other}` is no conversion of a format"; hint: "%d integer, %f double, %e exponent, %s anything, %b boolean, %% percent sign")
        }
    })
}

/// `1.5e+01`: at least two digits of exponent, with its sign.
fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, number) = exponent.strip_prefix('-').map_or(('+', exponent), |number| ('-', number));
            format!("{digits}e{sign}{number:0>2}")
        }
        None => text,
    }
}

fn general(value: f64, precision: usize) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..10f64.powi(precision as i32)).contains(&magnitude) {
        return scientific(value, precision - 1);
    }
    let whole = if magnitude < 1.0 { 1 } else { magnitude.log10().floor() as usize + 1 };
    format!("{value:.*}", precision.saturating_sub(whole))
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
            ("%b", Scalar::Boolean(true), "true"),
            ("%.3e", Scalar::Double(12345.678), "1.235e+04"),
            ("100%%", Scalar::Integer(0), "100%"),
        ];
        for (template, arg, expected) in cases {
            assert_eq!(format(template, &[arg]).expect("a format"), expected);
        }
        assert!(
            format("%d", &[Scalar::Double(1.5)]).is_err()
                && format("%d", &[]).is_err()
                && format("%q", &[Scalar::Integer(1)]).is_err()
        );
    }
}
