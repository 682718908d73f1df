//! Statements of one function to blocks.
//!
//! Straight-line statements gather in one DAG until control flow begins a new block; a variable that a block has
//! assigned is read as the node it was assigned.

use std::collections::{BTreeSet, HashMap};

use tilewright_base::{Code, Diagnostic, Span, nearest};
use tilewright_ir::{Block, Dag, Declared, Function, NodeId, NodeKind, Parallel, Root, VarId, Variable};
use tilewright_ops::statement::Statement;
use tilewright_ops::{Dim, Kind, Op, binary};
use tilewright_syntax::ast::{Expr, ExprKind, Name, Param, Stmt, StmtKind, Target};
use tilewright_value::{Scalar, ScalarType};

use crate::alone;
use crate::expression::unsupported;
use crate::modules::{Declaration, ModuleId, Modules};
use crate::parfor;

/// Lowers one function.
pub struct FunctionLowerer<'m, 'a> {
    /// All files.
    pub modules: &'m mut Modules<'a>,
    /// The file whose names are visible.
    pub module: ModuleId,
    variables: Vec<Variable>,
    by_name: HashMap<String, VarId>,
    /// Variables that may have a value here.
    defined: BTreeSet<String>,
    /// The same in the order in which they came, to take back what one branch has defined before the other begins.
    definitions: Vec<String>,
    blocks: Vec<Block>,
    pub(crate) dag: Dag,
    /// What variables hold inside of the current DAG.
    current: HashMap<VarId, NodeId>,
    /// Parameters while a default of a called function is lowered.
    parameters: Option<HashMap<String, NodeId>>,
    /// Results of the enclosing parallel loop.
    shared: Option<Shared>,
}

/// What iterations of a parallel loop write to.
#[derive(Clone)]
struct Shared {
    scattered: BTreeSet<String>,
    accumulated: BTreeSet<String>,
    read: BTreeSet<String>,
}

type Done = Result<(), Diagnostic>;

impl<'m, 'a> FunctionLowerer<'m, 'a> {
    /// Lowers a declared function; errors go to the diagnostics of `modules`.
    pub fn lower(modules: &'m mut Modules<'a>, declaration: &Declaration) -> Function {
        let ast = &declaration.ast;
        let mut lowerer = FunctionLowerer {
            modules,
            module: declaration.module,
            variables: Vec::new(),
            by_name: HashMap::new(),
            defined: BTreeSet::new(),
            definitions: Vec::new(),
            blocks: Vec::new(),
            dag: Dag::default(),
            current: HashMap::new(),
            parameters: None,
            shared: None,
        };
        let params = ast.params.iter().map(|param| lowerer.define(&param.name.text)).collect();
        lowerer.statements(&ast.body);
        lowerer.finish_block();
        let results = ast.results.iter().map(|result| lowerer.result(&result.name)).collect();
        Function {
            name: ast.name.text.clone(),
            variables: lowerer.variables,
            params,
            declared: ast.params.iter().map(declared).collect(),
            scope: declaration.module.0,
            results,
            body: lowerer.blocks,
            span: ast.span,
            param_facts: Vec::new(),
        }
    }

    fn result(&mut self, name: &Name) -> VarId {
        if !self.defined.contains(&name.text) {
            let message = format!("the result `{}` is never assigned", name.text);
            self.modules.diagnostics.push(Diagnostic::error(Code::Name, name.span, message));
        }
        self.variable_id(&name.text)
    }

    fn variable_id(&mut self, name: &str) -> VarId {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        let id = VarId(self.variables.len() as u32);
        self.variables.push(Variable { name: name.into() });
        self.by_name.insert(name.into(), id);
        id
    }

    fn define(&mut self, name: &str) -> VarId {
        if self.defined.insert(name.into()) {
            self.definitions.push(name.into());
        }
        self.variable_id(name)
    }

    /// A variable of the compiler's own.
    fn hidden(&mut self, what: &str) -> VarId {
        self.variable_id(&format!("%{what}{}", self.variables.len()))
    }

    /// Adds a node to the current DAG.
    pub fn add(&mut self, kind: NodeKind, inputs: Vec<NodeId>, span: Span) -> NodeId {
        self.dag.add(kind, inputs, span)
    }

    /// Marks a node to be executed in program order.
    pub fn effect(&mut self, node: NodeId) {
        self.dag.roots.push(Root::Effect(node));
    }

    /// The node of a variable's value.
    ///
    /// # Errors
    /// When nothing has assigned it.
    pub fn variable(&mut self, name: &str, span: Span) -> Result<NodeId, Diagnostic> {
        if let Some(parameters) = &self.parameters {
            if let Some(node) = parameters.get(name) {
                return Ok(*node);
            }
        } else if self.defined.contains(name) {
            let id = self.variable_id(name);
            if let Some(node) = self.current.get(&id) {
                return Ok(*node);
            }
            let node = self.add(NodeKind::Variable(id), Vec::new(), span);
            self.current.insert(id, node);
            return Ok(node);
        }
        let constant = match name {
            "NaN" => f64::NAN,
            "Inf" => f64::INFINITY,
            "pi" => std::f64::consts::PI,
            _ => return Err(self.unknown_variable(name, span)),
        };
        Ok(self.add(NodeKind::Literal(Scalar::Double(constant)), Vec::new(), span))
    }

    /// A variable that may have a value here.
    pub(crate) fn possible(&mut self, name: &str) -> Option<VarId> {
        self.defined.contains(name).then(|| self.variable_id(name))
    }

    fn unknown_variable(&self, name: &str, span: Span) -> Diagnostic {
        let error = Diagnostic::error(Code::Name, span, format!("unknown variable `{name}`"));
        let constants = ["NaN", "Inf", "pi", "TRUE", "FALSE"];
        let known = self.defined.iter().map(String::as_str).chain(constants);
        match nearest(name, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if self.modules.arguments.contains_key(name) => {
                error.hint(format!("the script argument is `${name}`"))
            }
            None => error.hint("assign it first"),
        }
    }

    /// A default expression of a called function, over its other parameters.
    ///
    /// # Errors
    /// As of the expression.
    pub fn default(
        &mut self,
        expr: &Expr,
        known: HashMap<String, NodeId>,
        module: ModuleId,
    ) -> Result<NodeId, Diagnostic> {
        let outer = (self.parameters.replace(known), std::mem::replace(&mut self.module, module));
        let node = self.expression(expr);
        (self.parameters, self.module) = outer;
        node
    }

    fn assign(&mut self, name: &str, node: NodeId) {
        let id = self.define(name);
        self.current.insert(id, node);
        self.dag.assign(id, node);
    }

    fn finish_block(&mut self) {
        let mut dag = std::mem::take(&mut self.dag);
        dag.settle();
        self.current.clear();
        if !dag.roots.is_empty() {
            self.blocks.push(Block::Basic(dag));
        }
    }

    fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            let alone = alone::stands_alone(statement);
            if alone {
                self.finish_block();
            }
            let done = self.statement(statement);
            if alone {
                self.finish_block();
            }
            if let Err(diagnostic) = done {
                self.modules.diagnostics.push(diagnostic);
                for name in assigned(std::slice::from_ref(statement)) {
                    self.define(&name);
                }
            }
        }
    }

    fn statement(&mut self, statement: &Stmt) -> Done {
        match &statement.kind {
            StmtKind::Assign { target, accumulate, value } => {
                self.assignment(target, *accumulate, value, statement.span)
            }
            StmtKind::MultiAssign { targets, call } => self.multi_assignment(targets, call),
            StmtKind::IfDef { target, argument, default } => {
                let value = match self.modules.arguments.get(&argument.text) {
                    Some(value) => self.add(NodeKind::Literal(value.clone()), Vec::new(), argument.span),
                    None => self.expression(default)?,
                };
                self.assign_target(target, value)
            }
            StmtKind::Call(call) => self.call_statement(call),
            StmtKind::If { condition, then, otherwise } => self.branch(condition, then, otherwise),
            StmtKind::While { condition, body } => self.while_loop(condition, body),
            StmtKind::For { variable, range, parallel, options, body } => {
                let inner = self.shared.is_some();
                let together = if *parallel {
                    self.independence(variable, body, options, statement.span)?
                } else {
                    None
                };
                let parallel = together.filter(|_| !inner);
                self.for_loop(variable, range, parallel, options, body, statement.span)
            }
        }
    }

    fn assignment(&mut self, target: &Target, accumulate: bool, value: &Expr, span: Span) -> Done {
        let node = self.expression(value)?;
        if !accumulate {
            return self.assign_target(target, node);
        }
        let name = &target.name;
        if target.indices.is_empty()
            && self.shared.as_ref().is_some_and(|s| s.accumulated.contains(&name.text))
        {
            let result = self.variable_id(&name.text);
            let node = self.add(NodeKind::Accumulate(result), vec![node], span);
            self.effect(node);
            return Ok(());
        }
        let mut old = self.variable(&name.text, name.span)?;
        if !target.indices.is_empty() {
            let (form, scalars) = self.index(&target.indices)?;
            let inputs = std::iter::once(old).chain(scalars).collect();
            old = self.add(NodeKind::Op(Op::Index(form)), inputs, target.span);
        }
        let plus = binary::find("+").expect("invariant: `+` is a row");
        let sum = self.add(NodeKind::Op(Op::Binary(plus)), vec![old, node], span);
        self.assign_target(target, sum)
    }

    fn assign_target(&mut self, target: &Target, value: NodeId) -> Done {
        let name = &target.name.text;
        if target.indices.is_empty() {
            self.assign(name, value);
            return Ok(());
        }
        let matrix = self.variable(name, target.name.span)?;
        let (form, scalars) = self.index(&target.indices)?;
        let inputs: Vec<NodeId> = [matrix, value].into_iter().chain(scalars).collect();
        if let Some(shared) = self.shared.clone().filter(|shared| shared.scattered.contains(name)) {
            let result = self.variable_id(name);
            let node = self.add(NodeKind::Scatter(result, form), inputs.clone(), target.span);
            self.effect(node);
            if !shared.read.contains(name) {
                return Ok(());
            }
        }
        let node = self.add(NodeKind::Op(Op::Assign(form)), inputs, target.span);
        self.assign(name, node);
        Ok(())
    }

    fn multi_assignment(&mut self, targets: &[Target], call: &Expr) -> Done {
        let node = self.expression(call)?;
        let results = match &self.dag.node(node).kind {
            NodeKind::Op(op) => op.results(),
            NodeKind::Call(id) => self.modules.declaration(*id).ast.results.len(),
            _ => 1,
        };
        if targets.len() > results {
            let wanted = tilewright_base::number::count(results, "result");
            let message = format!("the call has {wanted}, {} are assigned", targets.len());
            return Err(Diagnostic::error(Code::Argument, call.span, message));
        }
        for (at, target) in targets.iter().enumerate() {
            let value = if at == 0 { node } else { self.add(NodeKind::Result(at), vec![node], call.span) };
            self.assign_target(target, value)?;
        }
        Ok(())
    }

    fn call_statement(&mut self, expr: &Expr) -> Done {
        let ExprKind::Call(call) = &expr.kind else {
            return Err(Diagnostic::error(Code::Syntax, expr.span, "an expression alone does nothing")
                .hint("print it: `print(...)`, or assign it: `x = ...`"));
        };
        match Statement::find(&call.callee.text) {
            Some(Statement::Read | Statement::Eval | Statement::EvalList) | None => {
                let node = self.call(call, expr.span)?;
                let pure = matches!(self.dag.node(node).kind, NodeKind::Op(_));
                if pure {
                    self.modules.diagnostics.push(
                        Diagnostic::warning(
                            Code::Lint,
                            expr.span,
                            format!("the result of `{}` is not used", call.callee.text),
                        )
                        .hint("assign it: `x = ...`"),
                    );
                }
            }
            Some(statement) => {
                self.statement_call(statement, call, expr.span)?;
            }
        }
        Ok(())
    }

    /// Computes scalars in a DAG of their own, held by hidden variables.
    fn head(&mut self, what: &str, exprs: &[&Expr]) -> Result<(Dag, Vec<VarId>), Diagnostic> {
        self.finish_block();
        let mut held = Vec::new();
        for expr in exprs {
            let node = match self.expression(expr) {
                Ok(node) => node,
                Err(diagnostic) => {
                    self.dag = Dag::default();
                    self.current.clear();
                    return Err(diagnostic);
                }
            };
            let id = self.hidden(what);
            self.dag.assign(id, node);
            held.push(id);
        }
        self.current.clear();
        Ok((std::mem::take(&mut self.dag), held))
    }

    /// Statements as blocks of their own.
    fn nested(&mut self, body: &[Stmt]) -> Vec<Block> {
        let outer = std::mem::take(&mut self.blocks);
        self.statements(body);
        self.finish_block();
        std::mem::replace(&mut self.blocks, outer)
    }

    fn branch(&mut self, condition: &Expr, then: &[Stmt], otherwise: &[Stmt]) -> Done {
        let head = self.head("if", &[condition]);
        let before = self.definitions.len();
        let then = self.nested(then);
        let after_then = self.definitions.split_off(before);
        after_then.iter().for_each(|name| _ = self.defined.remove(name));
        let otherwise = self.nested(otherwise);
        after_then.iter().for_each(|name| _ = self.define(name));
        let (head, held) = head?;
        self.blocks.push(Block::If { head, condition: held[0], then, otherwise, span: condition.span });
        Ok(())
    }

    fn while_loop(&mut self, condition: &Expr, body: &[Stmt]) -> Done {
        let head = self.head("while", &[condition]);
        self.define_all(body);
        let body = self.nested(body);
        let (head, held) = head?;
        self.blocks.push(Block::While { head, condition: held[0], body, leave: None, span: condition.span });
        Ok(())
    }

    /// A variable assigned later in a loop's body may have a value at its start.
    fn define_all(&mut self, body: &[Stmt]) {
        for name in assigned(body) {
            self.define(&name);
        }
    }

    fn for_loop(
        &mut self,
        variable: &Name,
        range: &Expr,
        parallel: Option<Shared>,
        options: &[(Name, Expr)],
        body: &[Stmt],
        span: Span,
    ) -> Done {
        let bounds = loop_bounds(range)?;
        let degree = options.iter().find(|(name, _)| name.text == "par").map(|(_, value)| value);
        let exprs: Vec<&Expr> = bounds.iter().copied().chain(degree.filter(|_| parallel.is_some())).collect();
        let head = self.head("for", &exprs);
        let id = self.define(&variable.text);
        self.define_all(body);
        let together = parallel.as_ref().map(|shared| {
            let names = shared.scattered.iter().chain(&shared.accumulated);
            names.map(|name| self.variable_id(name)).collect::<Vec<_>>()
        });
        let outer = if parallel.is_some() {
            std::mem::replace(&mut self.shared, parallel)
        } else {
            self.shared.clone()
        };
        let body = self.nested(body);
        self.shared = outer;
        let (head, held) = head?;
        let parallel = together.map(|results| Parallel { results, degree: degree.and(held.last().copied()) });
        let increment = (bounds.len() == 3).then(|| held[2]);
        let bounds = (held[0], held[1], increment);
        self.blocks.push(Block::For { head, variable: id, bounds, body, parallel, leave: None, span });
        Ok(())
    }

    /// How the iterations of a parallel loop come together, checked unless `check=0`.
    fn independence(
        &mut self,
        variable: &Name,
        body: &[Stmt],
        options: &[(Name, Expr)],
        span: Span,
    ) -> Result<Option<Shared>, Diagnostic> {
        const OPTIONS: &str =
            "check par mode taskpartitioner tasksize datapartitioner resultmerge opt log profile";
        let known = |name: &str| OPTIONS.split(' ').any(|option| option == name);
        if let Some((name, _)) = options.iter().find(|(name, _)| !known(&name.text)) {
            let error = Diagnostic::error(
                Code::Argument,
                name.span,
                format!("`parfor` has no option `{}`", name.text),
            );
            return Err(match nearest(&name.text, OPTIONS.split(' ')) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("options are {}", OPTIONS.replace(' ', ", "))),
            });
        }
        let unchecked = options.iter().any(|(name, value)| {
            name.text == "check" && matches!(value.kind, ExprKind::Integer(0) | ExprKind::Boolean(false))
        });
        let defined = &self.defined;
        match parfor::check(variable, body, &|name| defined.contains(name), &|_| None) {
            Ok(found) => Ok(Some(Shared {
                scattered: found.scattered.into_iter().collect(),
                accumulated: found.accumulated.into_iter().collect(),
                read: found.read,
            })),
            Err(_) if unchecked => Ok(Some(unchecked_results(body, defined))),
            Err(mut diagnostics) => {
                let first = diagnostics.remove(0);
                self.modules.diagnostics.extend(diagnostics);
                Err(first.label(span, "in this parallel loop"))
            }
        }
    }
}

fn declared(param: &Param) -> Declared {
    use tilewright_syntax::ast::Kind as Written;
    let kind = match param.kind {
        Written::Matrix => Kind::Matrix { rows: Dim::Unknown, cols: Dim::Unknown },
        Written::List => Kind::List,
        Written::Double => Kind::Scalar(Some(ScalarType::Double)),
        Written::Integer => Kind::Scalar(Some(ScalarType::Integer)),
        Written::Boolean => Kind::Scalar(Some(ScalarType::Boolean)),
        Written::String => Kind::Scalar(Some(ScalarType::String)),
        Written::Frame | Written::Unknown => Kind::Unknown,
    };
    Declared { kind, optional: param.default.is_some() }
}

/// With `check=0` every left-indexed variable from before the loop is a result, and every `+=` an accumulation.
fn unchecked_results(body: &[Stmt], defined: &BTreeSet<String>) -> Shared {
    let mut shared =
        Shared { scattered: BTreeSet::new(), accumulated: BTreeSet::new(), read: BTreeSet::new() };
    visit(body, &mut |statement| {
        if let StmtKind::Assign { target, accumulate, .. } = &statement.kind {
            let name = &target.name.text;
            if defined.contains(name) && !target.indices.is_empty() {
                shared.scattered.insert(name.clone());
                shared.read.insert(name.clone());
            } else if defined.contains(name) && *accumulate {
                shared.accumulated.insert(name.clone());
            }
        }
    });
    shared
}

/// From, to and increment of a loop's range.
fn loop_bounds(range: &Expr) -> Result<Vec<&Expr>, Diagnostic> {
    match &range.kind {
        ExprKind::Range(from, to) => Ok(vec![from, to]),
        ExprKind::Call(call) if call.callee.text == "seq" && matches!(call.args.len(), 2 | 3) => {
            Ok(call.args.iter().map(|arg| &arg.value).collect())
        }
        _ => Err(unsupported(range.span, "loops over the elements of a value")
            .hint("loop over positions: `for (i in 1:n)`")),
    }
}

fn visit<'s>(body: &'s [Stmt], f: &mut impl FnMut(&'s Stmt)) {
    for statement in body {
        f(statement);
        match &statement.kind {
            StmtKind::If { then, otherwise, .. } => {
                visit(then, f);
                visit(otherwise, f);
            }
            StmtKind::While { body, .. } | StmtKind::For { body, .. } => visit(body, f),
            _ => {}
        }
    }
}

/// The names of all variables that statements assign.
fn assigned(body: &[Stmt]) -> Vec<String> {
    let mut names = Vec::new();
    visit(body, &mut |statement| match &statement.kind {
        StmtKind::Assign { target, .. } | StmtKind::IfDef { target, .. } => {
            names.push(target.name.text.clone())
        }
        StmtKind::MultiAssign { targets, .. } => {
            names.extend(targets.iter().map(|target| target.name.text.clone()))
        }
        StmtKind::For { variable, .. } => names.push(variable.text.clone()),
        _ => {}
    });
    names
}
