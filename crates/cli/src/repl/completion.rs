//! What a word may become: names of the session, of the tables and the library, arguments of the function being called.

use std::collections::BTreeMap;

use tilewright_engine::ops::catalogue::own_name;
use tilewright_engine::{Interactive, manual};

use super::commands;

const KEYWORDS: [&str; 12] = [
    "if", "else", "for", "while", "parfor", "function", "return", "source", "setwd", "TRUE", "FALSE", "ifdef",
];

/// All names that a word may become.
#[derive(Default)]
pub struct Names {
    /// Operators, statements, library functions and keywords.
    fixed: Vec<String>,
    /// Names of the session.
    own: Vec<String>,
    /// Parameters of the functions of the session.
    parameters: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// The names of the tables and the library.
    pub fn new() -> Names {
        let named = |name: &str| name.starts_with(char::is_alphabetic);
        let mut fixed: Vec<String> = KEYWORDS.iter().map(ToString::to_string).collect();
        for item in manual::items().into_iter().filter(|item| named(&item.name)) {
            fixed.extend(item.aliases().map(String::from));
            fixed.push(item.name);
        }
        Names { fixed, ..Names::default() }
    }

    /// Takes over the names of the session.
    pub fn refresh(&mut self, session: &Interactive) {
        let functions = session.functions();
        self.parameters = functions
            .map(|function| {
                let params = function.params.iter().map(|param| param.name.text.clone());
                (function.name.text.clone(), params.collect())
            })
            .collect();
        let variables = session.variables().map(|(name, _)| name.to_string());
        let namespaces = session.namespaces().map(|name| format!("{name}::"));
        self.own = variables.chain(namespaces).chain(self.parameters.keys().cloned()).collect();
    }

    /// Where the word before the cursor begins, and what it may become.
    pub fn complete(&self, before: &str) -> (usize, Vec<String>) {
        let start = word_start(before);
        let word = &before[start..];
        if before.starts_with(':') && start <= 1 {
            return (0, matching(before, commands::names().map(String::from)));
        }
        let surroundings = Surroundings::of(&before[..start]);
        if surroundings.inside_text || (word.is_empty() && surroundings.call.is_none()) {
            return (start, Vec::new());
        }
        let parameters = surroundings.call.map(|call| self.parameters_of(&call)).unwrap_or_default();
        let mut found = matching(word, parameters.into_iter().map(|name| name + "="));
        if !word.is_empty() {
            found.extend(matching(word, self.own.iter().chain(&self.fixed).cloned()));
        }
        (start, found)
    }

    fn parameters_of(&self, function: &str) -> Vec<String> {
        match self.parameters.get(function) {
            Some(own) => own.clone(),
            None => manual::parameters(own_name(function)),
        }
    }
}

/// The candidates that begin with a word, in order and once; in any case if none does in its own.
fn matching(word: &str, candidates: impl Iterator<Item = String>) -> Vec<String> {
    let candidates: Vec<String> = candidates.collect();
    let mut found: Vec<String> = candidates.iter().filter(|name| name.starts_with(word)).cloned().collect();
    if found.is_empty() {
        let word = word.to_lowercase();
        found = candidates.into_iter().filter(|name| name.to_lowercase().starts_with(&word)).collect();
    }
    found.sort();
    found.dedup();
    found
}

fn word_start(before: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
    let start = before
        .rfind(|c| !is_part(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    // A range `a:b` is two words, a name of a sourced file `a::b` is one.
    match before[start..].rfind(':') {
        Some(at) if !before[start..=start + at].ends_with("::") => start + at + 1,
        _ => start,
    }
}

/// What is open before a word.
struct Surroundings {
    /// A string or a comment.
    inside_text: bool,
    /// The function whose arguments are being written.
    call: Option<String>,
}

impl Surroundings {
    fn of(before: &str) -> Surroundings {
        let mut open: Vec<Option<&str>> = Vec::new();
        let mut inside = None;
        let mut word = 0..0;
        let mut escaped = false;
        for (at, c) in before.char_indices() {
            match (inside, c) {
                (Some('#'), '\n') => inside = None,
                (Some(_), _) if escaped => escaped = false,
                (Some('"' | '\''), '\\') => escaped = true,
                (Some(quote), c) if quote == c => inside = None,
                (Some(_), _) => {}
                (None, '"' | '\'' | '#') => inside = Some(c),
                (None, '(') => open.push(Some(&before[word.clone()]).filter(|word| !word.is_empty())),
                (None, '[') => open.push(None),
                (None, ')' | ']') => _ = open.pop(),
                _ => {}
            }
            if c.is_alphanumeric() || matches!(c, '_' | '.' | ':') {
                word = if word.end == at { word.start..at + c.len_utf8() } else { at..at + c.len_utf8() };
            } else {
                word = at + c.len_utf8()..at + c.len_utf8();
            }
        }
        let call = open.last().copied().flatten().map(String::from);
        Surroundings { inside_text: inside.is_some(), call }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tilewright_engine::Options;

    fn names() -> Names {
        let mut session = Interactive::new(Options::default());
        let text =
            "rowTotal = 1; scaled = function(double value, double other) return (double r) { r = value }";
        assert!(!session.run("<input>", text, Vec::new()).has_failed());
        let mut names = Names::new();
        names.refresh(&session);
        names
    }

    #[test]
    fn words_become_names_of_the_session_and_of_the_tables() {
        let names = names();
        let (start, found) = names.complete("x = 1 + rowT");
        assert_eq!((start, found), (8, vec!["rowTotal".to_string()]));
        assert!(names.complete("rowS").1.contains(&"rowSums".to_string()));
        assert!(names.complete("as.sc").1.contains(&"as.scalar".to_string()));
        assert_eq!(names.complete("ROWSUM").1, ["rowSums"]);
        assert!(names.complete("lmP").1.contains(&"lmPredict".to_string()));
        assert_eq!(names.complete("X[1:rowT").1, ["rowTotal"]);
    }

    #[test]
    fn arguments_of_the_function_that_is_called_come_first() {
        let names = names();
        assert_eq!(names.complete("scaled(valu").1[0], "value=");
        assert_eq!(names.complete("scaled(").1, ["other=", "value="]);
        assert!(names.complete("y = order(target=f(1), decr").1.contains(&"decreasing=".to_string()));
        assert_eq!(names.complete("lm(X, y, icp").1, ["icpt="]);
        assert!(names.complete("scaled(X[").1.is_empty());
    }

    #[test]
    fn nothing_is_offered_inside_of_texts_and_comments() {
        let names = names();
        assert!(names.complete("print(\"rowS").1.is_empty());
        assert!(names.complete("# rowS").1.is_empty());
        assert!(names.complete("x = 'a\\'' + rowS").1.contains(&"rowSums".to_string()));
        assert!(names.complete("").1.is_empty());
    }

    #[test]
    fn commands_are_completed_at_the_start() {
        assert_eq!(names().complete(":ex"), (0, vec![":explain".to_string()]));
        assert!(names().complete(":explain rowS").1.contains(&"rowSums".to_string()));
    }
}
