//! The tree of an expression, as it is written.
//!
//! Operators bind as in Java, from loose to tight: `?:`, `||`, `&&`, `== !=`, `< <= > >=`, `+ -`, `* / %`, signs and casts,
//! then calls and indices.

use std::ops::Range;

use super::Problem;
use super::token::{Kind, Token, tokens};

/// How deeply expressions may stand in each other.
const DEPTH: usize = 100;

/// A node, and its bytes in the text.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) node: Node,
    pub(super) at: Range<usize>,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Literal(Kind),
    /// A parameter, or a class such as `Math`.
    Name(String),
    Unary(&'static str, Box<Tree>),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    Cast(String, Box<Tree>),
    Index(Box<Tree>, Box<Tree>),
    /// `.length` of an array, `Math.PI`.
    Field(Box<Tree>, String),
    /// A method, or a function of a class.
    Call(Box<Tree>, String, Vec<Tree>),
}

/// Binary operators, from loose to tight.
const LEVELS: [&[&str]; 6] =
    [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

/// The names of the parameters and the tree of a text.
pub(super) fn parse(text: &str) -> Result<(Vec<String>, Tree), Problem> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let params = parser.params()?;
    let tree = parser.expression()?;
    match parser.peek() {
        Token { kind: Kind::End, .. } => Ok((params, tree)),
        rest => Err(Problem::new(rest.at.clone(), "the expression should end here")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek().kind, Kind::Sign(found) if found == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.eat(sign) {
            return Ok(());
        }
        Err(Problem::new(self.peek().at.clone(), format!("`{sign}` is missing")))
    }

    fn name(&mut self, what: &str) -> Result<String, Problem> {
        match self.next() {
            Token { kind: Kind::Name(name), .. } => Ok(name),
            token => Err(Problem::new(token.at, format!("{what} is missing"))),
        }
    }

    /// `x ->`, `(x) ->` or `(x, y) ->`.
    fn params(&mut self) -> Result<Vec<String>, Problem> {
        let what = "a parameter before `->`";
        let params = if self.eat("(") {
            let mut params = vec![self.name(what)?];
            while self.eat(",") {
                params.push(self.name(what)?);
            }
            self.expect(")")?;
            params
        } else {
            vec![self.name(what)?]
        };
        self.expect("->")?;
        Ok(params)
    }

    fn expression(&mut self) -> Result<Tree, Problem> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Problem::new(self.peek().at.clone(), "the expression is nested too deeply"));
        }
        let condition = self.binary(0)?;
        let tree = if self.eat("?") {
            let then = self.expression()?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            let at = condition.at.start..otherwise.at.end;
            Tree { node: Node::If(condition.into(), then.into(), otherwise.into()), at }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(tree)
    }

    fn binary(&mut self, level: usize) -> Result<Tree, Problem> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(sign) = signs.iter().find(|sign| self.eat(sign)) {
            let right = self.binary(level + 1)?;
            let at = left.at.start..right.at.end;
            left = Tree { node: Node::Binary(sign, left.into(), right.into()), at };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Tree, Problem> {
        let start = self.peek().at.start;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Problem::new(self.peek().at.clone(), "the expression is nested too deeply"));
        }
        let sign = ["-", "+", "!"].into_iter().find(|sign| self.eat(sign));
        let tree = if let Some(sign) = sign {
            let of = self.unary()?;
            Tree { at: start..of.at.end, node: Node::Unary(sign, of.into()) }
        } else if let Some(to) = self.cast() {
            let of = self.unary()?;
            Tree { at: start..of.at.end, node: Node::Cast(to, of.into()) }
        } else {
            self.postfix()?
        };
        self.depth -= 1;
        Ok(tree)
    }

    /// The type of a cast that begins here: `(int)`.
    fn cast(&mut self) -> Option<String> {
        let [open, Token { kind: Kind::Name(to), .. }, close, ..] =
            &self.tokens[self.at.min(self.tokens.len())..]
        else {
            return None;
        };
        let is_type = matches!(to.as_str(), "int" | "long" | "double" | "float" | "char" | "String");
        if !is_type || open.kind != Kind::Sign("(") || close.kind != Kind::Sign(")") {
            return None;
        }
        let to = to.clone();
        self.at += 3;
        Some(to)
    }

    fn postfix(&mut self) -> Result<Tree, Problem> {
        let mut tree = self.primary()?;
        loop {
            let start = tree.at.start;
            if self.eat("[") {
                let index = self.expression()?;
                self.expect("]")?;
                tree = self.since(start, Node::Index(tree.into(), index.into()));
            } else if self.eat(".") {
                let name = self.name("a name after `.`")?;
                if self.eat("(") {
                    let args = self.args()?;
                    tree = self.since(start, Node::Call(tree.into(), name, args));
                } else {
                    tree = self.since(start, Node::Field(tree.into(), name));
                }
            } else {
                return Ok(tree);
            }
        }
    }

    /// A node that ends with the last token.
    fn since(&self, start: usize, node: Node) -> Tree {
        Tree { node, at: start..self.tokens[self.at - 1].at.end }
    }

    fn args(&mut self) -> Result<Vec<Tree>, Problem> {
        let mut args = Vec::new();
        if self.eat(")") {
            return Ok(args);
        }
        loop {
            args.push(self.expression()?);
            if !self.eat(",") {
                self.expect(")")?;
                return Ok(args);
            }
        }
    }

    fn primary(&mut self) -> Result<Tree, Problem> {
        let token = self.next();
        let node = match token.kind {
            Kind::Name(name) => Node::Name(name),
            Kind::Sign("(") => {
                let mut inner = self.expression()?;
                self.expect(")")?;
                inner.at = token.at.start..self.tokens[self.at - 1].at.end;
                return Ok(inner);
            }
            Kind::Sign(_) | Kind::End => return Err(Problem::new(token.at, "a value is missing")),
            literal => Node::Literal(literal),
        };
        Ok(Tree { node, at: token.at })
    }
}
