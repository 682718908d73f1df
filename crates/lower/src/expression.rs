//! Expressions to nodes.

use tilewright_base::{Code, Diagnostic, Span};
use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::binary::BinaryOp;
use tilewright_ops::catalogue::{self, Entry};
use tilewright_ops::function::{FunctionOp, Need, Params, Present};
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Op, binary, functions, unary};
use tilewright_syntax::ast::{Arg, Call, Expr, ExprKind, IndexRange, Infix, Name, Prefix};
use tilewright_value::Scalar;

use crate::alone::EXISTS;
use crate::call::{Filled, are_given, match_arguments, match_native};
use crate::function::FunctionLowerer;

type Lowered = Result<NodeId, Diagnostic>;

impl FunctionLowerer<'_, '_> {
    /// The node of an expression.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn expression(&mut self, expr: &Expr) -> Lowered {
        match &expr.kind {
            ExprKind::Integer(value) => Ok(self.literal(Scalar::Integer(*value), expr.span)),
            ExprKind::Double(value) => Ok(self.literal(Scalar::Double(*value), expr.span)),
            ExprKind::Boolean(value) => Ok(self.literal(Scalar::Boolean(*value), expr.span)),
            ExprKind::String(text) => Ok(self.literal(Scalar::string(text.as_str()), expr.span)),
            ExprKind::Variable(name) => self.variable(name, expr.span),
            ExprKind::Argument(name) => self.argument(name, expr.span),
            ExprKind::Unary(prefix, operand) => self.prefix(*prefix, operand, expr.span),
            ExprKind::Binary(infix, left, right) => self.infix(*infix, left, right, expr.span),
            ExprKind::Call(call) => {
                let node = self.call(call, expr.span)?;
                self.check_result(node, call, expr.span)?;
                Ok(node)
            }
            ExprKind::Index(target, ranges) => {
                let target = self.expression(target)?;
                let (form, scalars) = self.index(ranges, target)?;
                let inputs = std::iter::once(target).chain(scalars).collect();
                Ok(self.add(NodeKind::Op(Op::Index(form)), inputs, expr.span))
            }
            ExprKind::Element(target, at) => {
                let inputs = vec![self.expression(target)?, self.expression(at)?];
                Ok(self.add(NodeKind::Op(Op::Index(Form::ELEMENT)), inputs, expr.span))
            }
            ExprKind::List(items) => self.list(items, expr.span),
            ExprKind::Range(..) => Err(Diagnostic::error(
                Code::Syntax,
                expr.span,
                "a range `a:b` stands in indices and loop heads",
            )
            .hint("`seq(a, b)` makes a column of numbers")),
        }
    }

    fn literal(&mut self, value: Scalar, span: Span) -> NodeId {
        self.add(NodeKind::Literal(value), Vec::new(), span)
    }

    /// One or more arguments without names.
    fn many(&mut self, function: &Name, args: &[Arg]) -> Result<Vec<NodeId>, Diagnostic> {
        if args.is_empty() {
            let message = format!("`{}` needs at least one argument", function.text);
            return Err(Diagnostic::error(Code::Argument, function.span, message));
        }
        if let Some(name) = args.iter().find_map(|arg| arg.name.as_ref()) {
            let message = format!("the arguments of `{}` have no names", function.text);
            return Err(Diagnostic::error(Code::Argument, name.span, message).hint("leave the name out"));
        }
        args.iter().map(|arg| self.expression(&arg.value)).collect()
    }

    /// Arguments with or without names, as pairs.
    pub(crate) fn pairs(&mut self, args: &[Arg]) -> Result<Vec<NodeId>, Diagnostic> {
        let mut inputs = Vec::with_capacity(2 * args.len());
        for arg in args {
            let name = arg.name.as_ref().map_or("", |name| &name.text);
            inputs.push(self.literal(Scalar::string(name), arg.value.span));
            inputs.push(self.expression(&arg.value)?);
        }
        Ok(inputs)
    }

    /// `[a, b]` as `list(a, b)`.
    fn list(&mut self, items: &[Expr], span: Span) -> Lowered {
        let unnamed: Vec<Arg> = items.iter().map(|item| Arg { name: None, value: item.clone() }).collect();
        let inputs = self.pairs(&unnamed)?;
        let list = functions::find("list").expect("invariant: `list` is a row");
        Ok(self.add(NodeKind::Op(Op::Function(list, Present::new([]))), inputs, span))
    }

    fn argument(&mut self, name: &str, span: Span) -> Lowered {
        match self.modules.arguments.get(name) {
            Some(value) => Ok(self.literal(value.clone(), span)),
            None => Err(self.missing_argument(name, span)),
        }
    }

    fn missing_argument(&self, name: &str, span: Span) -> Diagnostic {
        let error =
            Diagnostic::error(Code::Argument, span, format!("the script argument `${name}` is not given"));
        let given = self.modules.arguments.keys().map(String::as_str);
        match tilewright_base::nearest(name, given) {
            Some(near) => error.hint(format!("`{near}` is given; did you mean that?")),
            None if name.parse::<usize>().is_ok() => error.hint("give it after the script: `tilewright run s.dml value`"),
            None => error.hint(format!("give it after the script: `tilewright run s.dml {name}=value`, or a default: `x = ifdef(${name}, 0)`")),
        }
    }

    fn prefix(&mut self, prefix: Prefix, operand: &Expr, span: Span) -> Lowered {
        match (prefix, &operand.kind) {
            (Prefix::Plus, _) => self.expression(operand),
            (Prefix::Minus, ExprKind::Integer(value)) => Ok(self.literal(Scalar::Integer(-value), span)),
            (Prefix::Minus, ExprKind::Double(value)) => Ok(self.literal(Scalar::Double(-value), span)),
            (Prefix::Minus | Prefix::Not, _) => {
                let symbol = if prefix == Prefix::Minus { "-" } else { "!" };
                let op = unary::find(symbol).expect("invariant: prefix operators are rows");
                let operand = self.expression(operand)?;
                Ok(self.add(NodeKind::Op(Op::Unary(op)), vec![operand], span))
            }
        }
    }

    fn infix(&mut self, infix: Infix, left: &Expr, right: &Expr, span: Span) -> Lowered {
        let symbol = match infix {
            // In a default, which is a part of the call; statements have none of them left.
            Infix::AndAnd => Infix::And.symbol(),
            Infix::OrOr => Infix::Or.symbol(),
            infix => infix.symbol(),
        };
        let inputs = vec![self.expression(left)?, self.expression(right)?];
        let op = match binary::find(symbol) {
            Some(op) => Op::Binary(op),
            None => Op::Product(Product::Plain),
        };
        Ok(self.add(NodeKind::Op(op), inputs, span))
    }

    /// The form of an index and its scalars, rows first; one range alone selects rows.
    ///
    /// # Errors
    /// As of the index expressions.
    pub fn index(&mut self, ranges: &[IndexRange], of: NodeId) -> Result<(Form, Vec<NodeId>), Diagnostic> {
        let mut scalars = Vec::new();
        let mut side = |range: Option<&IndexRange>, count: &str| -> Result<Side, Diagnostic> {
            Ok(match range {
                None | Some(IndexRange::All | IndexRange::Range(None, None)) => Side::All,
                Some(IndexRange::One(at)) => {
                    scalars.push(self.expression(at)?);
                    Side::One
                }
                Some(IndexRange::Range(Some(from), Some(to))) => {
                    scalars.push(self.expression(from)?);
                    scalars.push(self.expression(to)?);
                    Side::Range
                }
                Some(IndexRange::Range(Some(from), None)) => {
                    scalars.push(self.expression(from)?);
                    let count = functions::find(count).expect("invariant: sizes are rows of the tables");
                    let count = NodeKind::Op(Op::Function(count, Present::new([true])));
                    scalars.push(self.add(count, vec![of], from.span));
                    Side::Range
                }
                Some(IndexRange::Range(None, Some(to))) => {
                    scalars.push(self.literal(Scalar::Integer(1), to.span));
                    scalars.push(self.expression(to)?);
                    Side::Range
                }
            })
        };
        let form = Form { rows: side(ranges.first(), "nrow")?, cols: side(ranges.get(1), "ncol")? };
        Ok((form, scalars))
    }

    /// A function without results has no place in an expression.
    fn check_result(&self, node: NodeId, call: &Call, span: Span) -> Result<(), Diagnostic> {
        let NodeKind::Call(id) = self.dag.node(node).kind else { return Ok(()) };
        if !self.modules.declaration(id).ast.results.is_empty() {
            return Ok(());
        }
        let message = format!("`{}` gives no result", call.callee.text);
        Err(Diagnostic::error(Code::Argument, span, message).hint("write the call as a statement of its own"))
    }

    pub(crate) fn call(&mut self, call: &Call, span: Span) -> Lowered {
        let name = &call.callee;
        if let Some(statement) = Statement::find(&name.text) {
            if matches!(statement, Statement::Eval | Statement::EvalList) {
                return self.eval(statement, call, span);
            }
            if statement != Statement::Read {
                let message = format!("`{}` has no value", name.text);
                return Err(
                    Diagnostic::error(Code::Type, span, message).hint("write it as a statement of its own")
                );
            }
            return self.statement_call(statement, call, span);
        }
        if let Some((_, format)) = READERS.iter().find(|(reader, _)| *reader == name.text) {
            return self.statement_call(Statement::Read, &formatted_read(call, format), span);
        }
        if name.text == "ifdef" {
            return Err(Diagnostic::error(
                Code::Syntax,
                span,
                "`ifdef` stands alone on the right of an assignment",
            )
            .hint("x = ifdef($name, default)"));
        }
        if name.text == EXISTS {
            return self.exists(call, span);
        }
        let scalar = call.args.first().is_some_and(|arg| is_scalar_literal(&arg.value));
        if let Some(id) = self.modules.resolve(self.module, &name.text, scalar) {
            return self.user_call(id, call, span);
        }
        match catalogue::find(&name.text, call.args.len()) {
            Some(entry) => self.native_call(entry, call, span),
            None => Err(self.modules.unknown_function(self.module, name)),
        }
    }

    /// `exists(x)` or `exists("x")`: whether a variable has a value here.
    fn exists(&mut self, call: &Call, span: Span) -> Lowered {
        let name = match &call.args[..] {
            [Arg { name: None, value }] => match &value.kind {
                ExprKind::Variable(name) | ExprKind::String(name) => Some(name),
                _ => None,
            },
            _ => None,
        };
        let Some(name) = name else {
            return Err(Diagnostic::error(Code::Argument, span, "`exists` asks for one variable")
                .hint("exists(x), or exists(\"x\")"));
        };
        Ok(match self.possible(name) {
            Some(variable) => self.add(NodeKind::Exists(variable), Vec::new(), span),
            None => self.literal(Scalar::Boolean(false), span),
        })
    }

    fn native_call(&mut self, entry: Entry, call: &Call, span: Span) -> Lowered {
        let op = match entry {
            Entry::Function(function) => return self.function_call(function, call, span),
            Entry::Binary(op) => return self.chain(op, entry, call, span),
            Entry::Unary(op) => Op::Unary(op),
            Entry::Aggregate(op, over) => Op::Aggregate(op, over),
            Entry::Cumulative(op) => Op::Cumulative(op),
            Entry::Select => Op::Select,
        };
        let operands = if op == Op::Select { 3 } else { 1 };
        if call.args.len() != operands {
            let wanted = tilewright_base::number::count(operands, "argument");
            let message = format!("`{}` takes {wanted}, {}", call.callee.text, are_given(call.args.len()));
            return Err(Diagnostic::error(Code::Argument, call.callee.span, message)
                .hint(format!("it is called as `{}`", entry.signature())));
        }
        let inputs =
            call.args.iter().map(|arg| self.expression(&arg.value)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.add(NodeKind::Op(op), inputs, span))
    }

    /// `min(a, b)`; `min(a, b, c)` as `min(min(min(Infinity, a), b), c)`: of three and more scalars the result is a double,
    /// which the neutral double in front of them makes it.
    fn chain(&mut self, op: BinaryOp, entry: Entry, call: &Call, span: Span) -> Lowered {
        let neutral = op.neutral();
        if call.args.len() < 2 || (call.args.len() > 2 && neutral.is_none()) {
            let name = &call.callee.text;
            let message = format!("`{name}` takes two arguments, {}", are_given(call.args.len()));
            return Err(Diagnostic::error(Code::Argument, call.callee.span, message)
                .hint(format!("it is called as `{}`", entry.signature())));
        }
        let (first, rest) = (&call.args[0], &call.args[1..]);
        let mut left = self.expression(&first.value)?;
        if let (Some(neutral), true) = (neutral, rest.len() > 1) {
            let start = self.literal(Scalar::Double(neutral), span);
            left = self.add(NodeKind::Op(Op::Binary(op)), vec![start, left], span);
        }
        for arg in rest {
            let right = self.expression(&arg.value)?;
            left = self.add(NodeKind::Op(Op::Binary(op)), vec![left, right], span);
        }
        Ok(left)
    }

    fn function_call(&mut self, function: FunctionOp, call: &Call, span: Span) -> Lowered {
        let (inputs, present) = self.native_arguments(&call.callee, &call.args, function.params, span)?;
        Ok(self.add(NodeKind::Op(Op::Function(function, present)), inputs, span))
    }

    /// Arguments of a native function or statement, defaults filled in.
    fn native_arguments(
        &mut self,
        name: &Name,
        args: &[Arg],
        own: Params,
        span: Span,
    ) -> Result<(Vec<NodeId>, Present), Diagnostic> {
        let params = match own {
            Params::Named(params) => params,
            Params::Many(_) => return Ok((self.many(name, args)?, Present::new([]))),
            Params::Pairs { leading, .. } => {
                if args.len() < leading.len() {
                    let message = format!("`{}` needs the argument `{}`", name.text, leading[args.len()]);
                    return Err(Diagnostic::error(Code::Argument, name.span, message)
                        .hint(format!("it is called as `{}`", own.signature(&name.text))));
                }
                return Ok((self.pairs(args)?, Present::new([])));
            }
        };
        let filled = match_native(name, args, params, own)?;
        let mut inputs = Vec::new();
        let mut flags = Vec::new();
        for (filled, param) in filled.iter().zip(params) {
            let node = match (filled, param.need) {
                (Filled::Argument(arg), _) => Some(self.expression(&arg.value)?),
                (Filled::Absent, Need::Default(value)) => Some(self.literal(value.scalar(), span)),
                (Filled::Absent, _) => None,
            };
            flags.push(node.is_some());
            inputs.extend(node);
        }
        Ok((inputs, Present::new(flags)))
    }

    /// A statement that is written as a call; it is executed in program order.
    ///
    /// # Errors
    /// As of its arguments.
    pub fn statement_call(&mut self, statement: Statement, call: &Call, span: Span) -> Lowered {
        let (inputs, present) = self.native_arguments(&call.callee, &call.args, statement.params(), span)?;
        let node = self.add(NodeKind::Statement(statement, present), inputs, span);
        self.effect(node);
        Ok(node)
    }

    /// A call of a function of the program; defaults are expressions over the other parameters.
    pub(crate) fn user_call(&mut self, id: tilewright_ir::FunctionId, call: &Call, span: Span) -> Lowered {
        let declaration = self.modules.declaration(id);
        let params = &declaration.ast.params;
        let names: Vec<&str> = params.iter().map(|param| param.name.text.as_str()).collect();
        let signature = || {
            let described = params.iter().map(|param| match &param.default {
                None => param.name.text.clone(),
                Some(default) => format!("{}={default}", param.name.text),
            });
            format!("{}({})", call.callee.text, described.collect::<Vec<_>>().join(", "))
        };
        let needed = |at: usize| params[at].default.is_none();
        let filled = match_arguments(&call.callee, &call.args, &names, &needed, &signature)?;
        let mut nodes: Vec<Option<NodeId>> = Vec::new();
        for filled in &filled {
            nodes.push(match filled {
                Filled::Argument(arg) => Some(self.expression(&arg.value)?),
                Filled::Absent => None,
            });
        }
        for at in 0..nodes.len() {
            if let (None, Some(default)) = (nodes[at], &params[at].default) {
                let known =
                    names.iter().zip(&nodes).filter_map(|(name, node)| Some((name.to_string(), (*node)?)));
                nodes[at] = Some(self.default(default, known.collect(), declaration.module)?);
            }
        }
        let args = nodes.into_iter().flatten().zip(params);
        let inputs = args.map(|(node, param)| self.declared(node, param, span)).collect();
        let node = self.add(NodeKind::Call(id), inputs, span);
        self.effect(node);
        Ok(node)
    }
}

/// Forms of `read` that name the format.
pub const READERS: [(&str, &str); 2] = [("readMM", "mm"), ("read.csv", "csv")];

/// The call as one of `read` with a format.
fn formatted_read(call: &Call, format: &str) -> Call {
    let span = call.callee.span;
    let value = Expr { kind: ExprKind::String(format.into()), span };
    let format = Arg { name: Some(Name { text: "format".into(), span }), value };
    let callee = Name { text: Statement::Read.name().into(), span };
    Call { callee, args: call.args.iter().cloned().chain([format]).collect() }
}

/// Whether a first argument is written as a number or a truth value.
pub(crate) fn is_scalar_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Integer(_) | ExprKind::Double(_) | ExprKind::Boolean(_) => true,
        ExprKind::Unary(_, operand) => is_scalar_literal(operand),
        _ => false,
    }
}
