//! What can be called, by name: operators, statements, forms and library functions, with all that their tables say.

use tilewright_base::FileId;
use tilewright_ops::catalogue::{self, ALIASES, Entry};
use tilewright_ops::example::{self, Example};
use tilewright_ops::form::{FORMS, Form};
use tilewright_ops::function::Params;
use tilewright_ops::natives::{GROUPS, Group};
use tilewright_ops::statement::Statement;

use crate::library;

/// What is told of one name.
pub struct Item {
    /// The name in scripts.
    pub name: String,
    /// `unary`, `function`, `statement`, `syntax`, `library`, ...
    pub kind: &'static str,
    /// How it is written, as long as it needs to be.
    pub signature: String,
    /// The first line is the summary.
    pub doc: String,
    /// The names of the results, where they have names.
    pub results: Vec<&'static str>,
    /// How far it looks.
    pub locality: Option<&'static str>,
    /// Whether zeros stay zeros, where that is asked.
    pub zeros: &'static str,
}

impl Item {
    /// Other names of it.
    pub fn aliases(&self) -> impl Iterator<Item = &'static str> + '_ {
        ALIASES.iter().filter(|(_, name)| *name == self.name).map(|(alias, _)| *alias)
    }

    /// A call and what it prints.
    pub fn example(&self) -> Option<&'static Example> {
        example::find(&self.name)
    }

    /// The first line of the documentation.
    pub fn summary(&self) -> &str {
        self.doc.lines().next().unwrap_or_default().trim_end_matches(':')
    }

    /// The head of a library function without its types and results: `lm(X, y, icpt=0)`; others as they are written.
    pub fn short_signature(&self) -> String {
        if self.kind != "library" {
            return self.signature.clone();
        }
        let head = self.signature.rsplit_once("return").map_or(self.signature.as_str(), |(head, _)| head);
        let params = head.split_once('(').map_or("", |(_, rest)| rest.trim_end());
        let params = params.strip_suffix(')').unwrap_or(params);
        let short = params.split(',').map(|param| {
            let (declared, default) =
                param.split_once('=').map_or((param, None), |(name, value)| (name, Some(value)));
            let name = declared.split_whitespace().last().unwrap_or_default();
            default.map_or(name.to_string(), |value| format!("{name}={}", value.trim()))
        });
        format!("{}({})", self.name, short.collect::<Vec<_>>().join(", "))
    }
}

/// Everything that can be called, in the order of the tables.
pub fn items() -> Vec<Item> {
    let native = catalogue::entries().map(|entry| operator(&entry));
    let statements = Statement::ALL.into_iter().map(statement);
    let mut library = library::names();
    library.sort();
    let library = library.iter().filter_map(|name| script(name));
    native.chain(FORMS.iter().map(form)).chain(statements).chain(library).collect()
}

/// The names of the parameters of an operator, statement or library function; empty where arguments have no names.
pub fn parameters(name: &str) -> Vec<String> {
    let own = |params: Params| match params {
        Params::Named(params) => params.iter().map(|param| param.name.to_string()).collect(),
        Params::Many(_) | Params::Pairs { .. } => Vec::new(),
    };
    if let Some(statement) = Statement::find(name) {
        return own(statement.params());
    }
    match catalogue::find(name, 1) {
        Some(Entry::Function(function)) => own(function.params),
        Some(_) => Vec::new(),
        None => script_parameters(name),
    }
}

/// Whether this build has a function of the language.
pub fn is_here(name: &str) -> bool {
    (1..=3).any(|args| catalogue::find(name, args).is_some())
        || Statement::find(name).is_some()
        || FORMS.iter().any(|form| form.name == name)
        || library::text(name).is_some()
}

/// The functions of the language that this build does not have, and the number of all of them.
pub fn missing() -> (Vec<&'static str>, usize) {
    let names: Vec<&str> = GROUPS.iter().flat_map(Group::names).collect();
    let all = names.len();
    let mut missing: Vec<&str> = names.into_iter().filter(|name| !is_here(name)).collect();
    missing.sort_unstable();
    (missing, all)
}

fn operator(entry: &Entry) -> Item {
    // The form with two arguments of a unary operator (a logarithm to a base) is the row `<name>_base`.
    let name = entry.name().trim_end_matches("_base");
    let results = match entry {
        Entry::Function(function) => function.results.to_vec(),
        _ => Vec::new(),
    };
    Item {
        name: name.into(),
        kind: entry.kind(),
        signature: entry.signature().replace(entry.name(), name),
        doc: entry.doc().into(),
        results,
        locality: Some(entry.locality().word()),
        zeros: entry.zeros(),
    }
}

fn plain(name: &str, kind: &'static str, signature: String, doc: String) -> Item {
    Item { name: name.into(), kind, signature, doc, results: Vec::new(), locality: None, zeros: "" }
}

fn form(form: &Form) -> Item {
    plain(form.name, "syntax", form.written.into(), form.doc.into())
}

fn statement(statement: Statement) -> Item {
    let name = statement.name();
    plain(name, "statement", statement.params().signature(name), statement.doc().into())
}

/// A library function: its head and the comment above it.
pub(crate) fn script(name: &str) -> Option<Item> {
    let text = library::text(name)?;
    let head = text.find(&format!("{name} = function"))?;
    let body = head + text[head..].find('{')?;
    let lines = text[..head].lines().filter_map(|line| line.strip_prefix('#'));
    let doc = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
    Some(plain(name, "library", text[head..body].trim_end().to_string(), doc))
}

fn script_parameters(name: &str) -> Vec<String> {
    let Some(text) = library::text(name) else { return Vec::new() };
    let (script, _) = tilewright_syntax::parse(FileId(0), text);
    let suffix = format!("_{name}");
    let function = script.functions.iter().find(|function| {
        let known = &function.name.text;
        known == name || known.strip_suffix(&suffix).is_some_and(|prefix| prefix.len() == 1)
    });
    let params = function.map(|function| &function.params[..]).unwrap_or_default();
    params.iter().map(|param| param.name.text.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interactive, Options};

    #[test]
    fn aliases_stand_for_what_is_here() {
        for (alias, name) in ALIASES {
            assert!(is_here(name), "{alias}: {name}");
        }
    }

    #[test]
    fn parameters_have_the_names_of_the_tables() {
        assert_eq!(parameters("solve"), ["A", "b"]);
        assert!(parameters("lm").contains(&"icpt".to_string()), "{:?}", parameters("lm"));
        assert!(parameters("write").contains(&"path".to_string()));
        assert!(parameters("abs").is_empty() && parameters("nothing").is_empty());
    }

    #[test]
    fn what_is_missing_cannot_be_called() {
        let (missing, all) = missing();
        assert!(missing.len() < all);
        assert!(missing.iter().all(|name| !items().iter().any(|item| item.name == *name)));
        assert!(is_here("ifdef") && is_here("print") && is_here("ifelse") && is_here("log"));
    }

    #[test]
    fn examples_print_what_they_show() {
        for example in example::EXAMPLES {
            assert!(items().iter().any(|item| item.name == example.name), "{}", example.name);
            let mut session = Interactive::new(Options::default());
            let ended = session.run("<example>", example.input, Vec::new());
            assert_eq!(ended.diagnostics, [], "{}", example.input);
            let printed = String::from_utf8(ended.stream).expect("text");
            let lines: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
            assert_eq!(lines.join("\n"), example.output, "{}", example.input);
        }
    }
}
