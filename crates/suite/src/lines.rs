//! When printed text is as expected: the words exactly, the numbers up to a relative tolerance.

/// The first difference between what is printed and what is expected, in words. Empty lines at the end do not count.
pub fn difference(printed: &[String], expected: &[String], tolerance: f64) -> Option<String> {
    let (printed, expected) = (without_empty_end(printed), without_empty_end(expected));
    let missing = || "(nothing)".to_string();
    (0..printed.len().max(expected.len())).find_map(|at| {
        let (is, should) = (printed.get(at), expected.get(at));
        let same = is.zip(should).is_some_and(|(is, should)| same_line(is, should, tolerance));
        let show = |line: Option<&String>| line.cloned().unwrap_or_else(missing);
        (!same).then(|| format!("line {} prints\n  {}\nexpected\n  {}", at + 1, show(is), show(should)))
    })
}

/// The lines of a text without blanks at their ends and without empty lines at its end.
pub fn split(text: &str) -> Vec<String> {
    let lines: Vec<String> = text.lines().map(|line| line.trim_end().into()).collect();
    without_empty_end(&lines).to_vec()
}

fn without_empty_end(lines: &[String]) -> &[String] {
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    &lines[..end]
}

fn same_line(is: &str, should: &str, tolerance: f64) -> bool {
    if is == should {
        return true;
    }
    let (is, should) = (tokens(is), tokens(should));
    is.len() == should.len() && is.iter().zip(&should).all(|(a, b)| same_token(a, b, tolerance))
}

fn same_token(is: &str, should: &str, tolerance: f64) -> bool {
    if is == should {
        return true;
    }
    let number =
        |token: &str| token.parse::<f64>().ok().filter(|_| token.contains(|c: char| c.is_ascii_digit()));
    let (Some(a), Some(b)) = (number(is), number(should)) else { return false };
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// A line as alternating texts and numbers. A sign belongs to a number unless it follows a word.
fn tokens(line: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = line;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let length = match number_length(rest, after_word) {
            0 => first.len_utf8(),
            length => length,
        };
        tokens.push(&rest[..length]);
        after_word = first.is_alphanumeric() || first == '_' || first == ')';
        rest = &rest[length..];
    }
    tokens
}

/// The bytes of the number that a text starts with, 0 if none does.
fn number_length(text: &str, after_word: bool) -> usize {
    let bytes = text.as_bytes();
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')) && !after_word);
    let whole = digits(sign);
    if whole == 0 {
        return 0;
    }
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + signed);
        if exponent > 0 {
            end += 1 + signed + exponent;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_with_a_tolerance_and_words_exactly() {
        assert!(same_line("mean 1.0000000001", "mean 1", 1e-9));
        assert!(same_line("4.0 x2 1.0E10", "4 x2 10000000000", 1e-9));
        assert!(!same_line("mean 1.1", "mean 1", 1e-9));
        assert!(!same_line("men 1", "mean 1", 1e-9));
        assert!(!same_line("NaN", "1", 1e-9) && !same_line("1", "-1", 1e-9));
        assert!(same_line("[-1.5, 2]", "[-1.50, 2.0]", 0.0));
    }

    #[test]
    fn a_missing_line_is_a_difference_and_trailing_empty_ones_are_none() {
        assert_eq!(split("a \nb\n\n"), ["a", "b"]);
        let found = difference(&split("a"), &split("a\nb"), 0.0).expect("differs");
        assert!(found.contains("(nothing)"), "{found}");
    }
}
