//! Hints for what users of R, Python or MATLAB write by habit.

use tilewright_base::{Code, Diagnostic, Span};

use crate::ast::Infix;
use crate::lexer::MAX_ERRORS;
use crate::token::TokenKind;

use super::Parser;

/// Constants of other languages; in DML they are names like any other, if something is assigned to them.
const FOREIGN_WORDS: [(&str, &str); 9] = [
    ("true", "write `TRUE`"),
    ("false", "write `FALSE`"),
    ("True", "write `TRUE`"),
    ("False", "write `FALSE`"),
    ("NULL", "there is no null; `NaN` is a missing number, `list()` an empty list"),
    ("null", "there is no null; `NaN` is a missing number, `list()` an empty list"),
    ("None", "there is no null; `NaN` is a missing number, `list()` an empty list"),
    ("NA", "a missing number is `NaN`"),
    ("nil", "there is no null; `NaN` is a missing number, `list()` an empty list"),
];

/// Where the foreign words occur, and which of them the script itself makes variables.
#[derive(Default)]
pub(super) struct ForeignWords {
    uses: Vec<(usize, Span)>,
    bound: [bool; FOREIGN_WORDS.len()],
}

impl ForeignWords {
    fn index(name: &str) -> Option<usize> {
        FOREIGN_WORDS.iter().position(|(word, _)| *word == name)
    }

    /// Notes that a variable is read.
    pub(super) fn used(&mut self, name: &str, span: Span) {
        self.uses.extend(Self::index(name).map(|index| (index, span)));
    }

    /// Notes that a name is assigned or declared.
    pub(super) fn bind(&mut self, name: &str) {
        if let Some(index) = Self::index(name) {
            self.bound[index] = true;
        }
    }

    /// The errors: words that are used and never assigned.
    pub(super) fn unbound(&mut self) -> Vec<Diagnostic> {
        let uses = std::mem::take(&mut self.uses).into_iter().filter(|(index, _)| !self.bound[*index]);
        let error = |(index, span): (usize, Span)| {
            let (word, hint) = FOREIGN_WORDS[index];
            Diagnostic::error(Code::Syntax, span, format!("`{word}` is not a value of DML")).hint(hint)
        };
        uses.map(error).take(MAX_ERRORS).collect()
    }
}

impl Parser<'_> {
    /// The operator that is meant by one of another language at the current place, and how it is written.
    pub(super) fn foreign_operator(&self) -> Option<(Infix, &'static str)> {
        let token = self.peek();
        match (token.kind, self.slice(token)) {
            (TokenKind::Foreign, "**") => Some((Infix::Power, "write `^`")),
            (TokenKind::Foreign, "<>") => Some((Infix::NotEqual, "write `!=`")),
            (TokenKind::Foreign, "%") => Some((Infix::Modulo, "the remainder is `a %% b`")),
            (TokenKind::Foreign, "%o%") => Some((Infix::MatMult, "write `outer(a, t(b), \"*\")`")),
            (TokenKind::Foreign, "%in%") => Some((Infix::MatMult, "write `contains(X, value)`")),
            (TokenKind::Foreign, "->") => None,
            (TokenKind::Foreign, _) => {
                Some((Infix::MatMult, "the operators between `%` are `%*%`, `%/%` and `%%`"))
            }
            (TokenKind::Name, "and") if self.joins_operands() => Some((Infix::And, "write `&`")),
            (TokenKind::Name, "or") if self.joins_operands() => Some((Infix::Or, "write `|`")),
            _ => None,
        }
    }

    /// Whether the word at the current place stands between operands and begins no statement.
    fn joins_operands(&self) -> bool {
        !self.peek().first_on_line && !self.ahead(1).kind.is_assign()
    }

    /// The hint for an unexpected token at the current place; `after_operand` if an operator could stand there.
    pub(super) fn slip(&self, after_operand: bool) -> Option<String> {
        let token = self.peek();
        let hint = match token.kind {
            TokenKind::Assign if after_operand => "to compare, write `==`",
            TokenKind::Arrow if after_operand => {
                "`<-` assigns; to compare with a negative number, write `a < -b`"
            }
            TokenKind::Update(_) => "an assignment is a statement of its own",
            TokenKind::Colon => "a range stands in an index or a `for` head; elsewhere write `seq(a, b)`",
            TokenKind::If => "`if` is a statement; a value is chosen by `ifelse(condition, a, b)`",
            TokenKind::IfDef => "`ifdef` stands alone on the right side: `x = ifdef($name, default)`",
            TokenKind::Function => "a function is defined at the top level: `f = function(x) { ... }`",
            TokenKind::Foreign if self.slice(token) == "->" => "write `name = value`",
            TokenKind::Foreign if self.slice(token) == "**" => "write `^` for a power",
            TokenKind::RightBrace if after_operand => "is a closing bracket missing?",
            kind if kind.is_keyword() && !after_operand => "this is a reserved word",
            kind if after_operand && kind.is_operand() => {
                let (before, here) = (self.slice(self.previous()), self.describe(token));
                let fits = before.len() <= 24 && !before.contains('\n');
                let between =
                    if fits { format!("between `{before}` and {here}") } else { format!("before {here}") };
                return Some(format!("an operator or a comma is missing {between}"));
            }
            _ => return None,
        };
        Some(hint.to_string())
    }
}
