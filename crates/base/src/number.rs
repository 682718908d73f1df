//! How numbers are written.

/// A double as DML prints it: the shortest digits that read back to the same value, with at least one
/// decimal; powers of ten from 1e7 up and below 1e-3 in E-notation (`1.0E10`), as Java's `Double.toString`.
pub fn print_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        let text = format!("{value}");
        return if text.contains('.') { text } else { text + ".0" };
    }
    let text = format!("{value:E}");
    let (digits, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

/// A number of bytes for people: `12.3 MB`.
pub fn print_bytes(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut scaled = bytes;
    let mut unit = 0;
    while scaled >= 1000.0 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{scaled:.0} B") } else { format!("{scaled:.1} {}", UNITS[unit]) }
}

/// An amount with a letter for its thousands: `950`, `1.2k`, `3.4M`, `5.6G`.
pub fn print_amount(amount: f64) -> String {
    const LETTERS: [&str; 6] = ["", "k", "M", "G", "T", "P"];
    let mut scaled = amount;
    let mut at = 0;
    while scaled >= 1000.0 && at + 1 < LETTERS.len() {
        scaled /= 1000.0;
        at += 1;
    }
    if at == 0 { format!("{scaled:.0}") } else { format!("{scaled:.1}{}", LETTERS[at]) }
}

/// A time in the unit that leaves at most three digits before the point: `850 ns`, `12.3 us`, `4.0 s`.
pub fn print_seconds(seconds: f64) -> String {
    let nanoseconds = seconds * 1e9;
    match nanoseconds {
        ns if ns < 999.5 => format!("{ns:.0} ns"),
        ns if ns < 999_950.0 => format!("{:.1} us", ns / 1e3),
        ns if ns < 999_950_000.0 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.1} s", ns / 1e9),
    }
}

/// A count with its noun: `1 row`, `3 rows`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_letter() {
        let shown = [0.0, 950.0, 1234.0, 2e9].map(print_amount);
        assert_eq!(shown, ["0", "950", "1.2k", "2.0G"]);
    }

    #[test]
    fn times_have_the_unit_that_fits() {
        let cases = [
            (0.0, "0 ns"),
            (5e-8, "50 ns"),
            (9.999e-7, "1.0 us"),
            (1.23456e-5, "12.3 us"),
            (9.9999e-4, "1.0 ms"),
            (0.25, "250.0 ms"),
            (4000.0, "4000.0 s"),
        ];
        for (seconds, text) in cases {
            assert_eq!(print_seconds(seconds), text);
        }
    }

    #[test]
    fn doubles_print_as_in_the_language_document() {
        let cases = [
            (21.0, "21.0"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e10, "1.0E10"),
            (123456789.5, "1.234567895E8"),
            (1e-4, "1.0E-4"),
            (0.001, "0.001"),
            (1234567.0, "1234567.0"),
            (f64::NEG_INFINITY, "-Infinity"),
            (-0.0, "-0.0"),
            (f64::NAN, "NaN"),
        ];
        for (value, expected) in cases {
            assert_eq!(print_double(value), expected);
        }
    }

    #[test]
    fn bytes_and_counts_read_well() {
        assert_eq!(print_bytes(12_345_678.0), "12.3 MB");
        assert_eq!(print_bytes(12.0), "12 B");
        assert_eq!((count(1, "row"), count(0, "row")), ("1 row".into(), "0 rows".into()));
    }
}
