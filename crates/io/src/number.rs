//! Numbers as text in files.

use std::io::Write;

/// The number that is the whole of `text`, apart from blanks around it; also `inf`, `Infinity`, `NaN` in any case.
pub fn parse(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii();
    let digits = match text {
        [b'+', rest @ ..] if !matches!(rest.first(), Some(b'+' | b'-')) => rest,
        _ => text,
    };
    fast_float2::parse(digits).ok()
}

/// As [`parse`], of a text with a point or a comma before the fraction; with a comma, a point makes no number.
pub fn parse_with(text: &[u8], decimal: u8) -> Option<f64> {
    if decimal == b'.' {
        return parse(text);
    }
    if text.contains(&b'.') {
        return None;
    }
    let point: Vec<u8> = text.iter().map(|&byte| if byte == decimal { b'.' } else { byte }).collect();
    parse(&point)
}

/// Appends the shortest digits that read back to `value`: `3`, `0.1`, `1e300`, `NaN`, `-Infinity`; any zero is `0`.
pub fn push(out: &mut Vec<u8>, value: f64) {
    const INFALLIBLE: &str = "invariant: a vector takes all bytes";
    let magnitude = value.abs();
    if value == 0.0 {
        out.push(b'0');
    } else if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"Infinity" } else { b"-Infinity" });
    } else if magnitude < 1e15 && value.fract() == 0.0 {
        write!(out, "{}", value as i64).expect(INFALLIBLE);
    } else if (1e-5..1e17).contains(&magnitude) {
        write!(out, "{value}").expect(INFALLIBLE);
    } else {
        write!(out, "{value:e}").expect(INFALLIBLE);
    }
}

/// Appends a count or a 1-based index.
pub fn push_count(out: &mut Vec<u8>, count: usize) {
    write!(out, "{count}").expect("invariant: a vector takes all bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            ("1", 1.0),
            (" 3 ", 3.0),
            ("-.5", -0.5),
            ("2.", 2.0),
            ("1e5", 1e5),
            ("1E-3", 1e-3),
            ("+4", 4.0),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ];
        for (text, value) in cases {
            assert_eq!(parse(text.as_bytes()), Some(value), "{text}");
        }
        assert!(parse(b"NaN").unwrap().is_nan());
        for text in ["", " ", "abc", "1 2", "1,5", "0x10", "--1", "+-1", "1e"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn written_numbers_are_short() {
        let cases = [
            (3.0, "3"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (1e300, "1e300"),
            (1.5e-7, "1.5e-7"),
            (1e15, "1000000000000000"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, text) in cases {
            let mut out = Vec::new();
            push(&mut out, value);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
