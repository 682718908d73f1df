//! Statements of one function to blocks.
//!
//! Straight-line statements gather in one DAG until control flow begins a new block; a variable that a block has
//! assigned is read as the node it was assigned.

use std::collections::{BTreeSet, HashMap};

use tilewright_base::{Code, Diagnostic, Span, nearest};
use tilewright_ir::{Block, Dag, Function, NodeId, NodeKind, Root, VarId, Variable};
use tilewright_ops::index::Form;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Op, binary};
use tilewright_syntax::ast::{Expr, ExprKind, Infix, Name, Stmt, StmtKind, Target};
use tilewright_value::Scalar;

use crate::alone;
use crate::declared;
use crate::jump::{self, Flags};
use crate::loops::{For, Shared, assigned};
use crate::modules::{Declaration, ModuleId, Modules};

/// Lowers one function.
pub struct FunctionLowerer<'m, 'a> {
    /// All files.
    pub modules: &'m mut Modules<'a>,
    /// The file whose names are visible.
    pub module: ModuleId,
    variables: Vec<Variable>,
    by_name: HashMap<String, VarId>,
    /// Variables that may have a value here.
    pub(crate) defined: BTreeSet<String>,
    /// The same in the order in which they came, to take back what one branch has defined before the other begins.
    definitions: Vec<String>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) dag: Dag,
    /// What variables hold inside of the current DAG.
    current: HashMap<VarId, NodeId>,
    /// Parameters while a default of a called function is lowered.
    parameters: Option<HashMap<String, NodeId>>,
    /// Results of the enclosing parallel loop.
    pub(crate) shared: Option<Shared>,
    /// The flags of the loops around the current place that contain jumps, innermost last.
    pub(crate) loops: Vec<Flags>,
    /// The flag of a function that contains `return` statements.
    pub(crate) returned: Option<Name>,
    /// The names of the function's results.
    pub(crate) results: Vec<String>,
    /// How many names have been made up.
    pub(crate) hidden_names: usize,
}

/// Done, or the first thing that is wrong.
pub type Done = Result<(), Diagnostic>;

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
            loops: Vec::new(),
            returned: None,
            results: ast.results.iter().map(|result| result.name.text.clone()).collect(),
            hidden_names: 0,
        };
        let params = ast.params.iter().map(|param| lowerer.define(&param.name.text)).collect();
        lowerer.check_shapes(&ast.params);
        if jump::returns(&ast.body) {
            let returned = lowerer.fresh("returned", ast.name.span);
            lowerer.set_flag(&returned, false);
            lowerer.returned = Some(returned);
        }
        lowerer.statements(&ast.body);
        lowerer.check_shapes(&ast.results);
        lowerer.declared_results(&ast.results);
        lowerer.finish_block();
        let results = ast.results.iter().map(|result| lowerer.result(&result.name)).collect();
        Function {
            name: ast.name.text.clone(),
            variables: lowerer.variables,
            params,
            declared: ast.params.iter().map(declared::of).collect(),
            scope: declaration.module.0,
            results,
            body: lowerer.blocks,
            span: ast.span,
            param_facts: Vec::new(),
            measured: tilewright_ir::Live::new(),
        }
    }

    fn result(&mut self, name: &Name) -> VarId {
        if !self.defined.contains(&name.text) {
            let message = format!("the result `{}` is never assigned", name.text);
            self.modules.diagnostics.push(Diagnostic::error(Code::Name, name.span, message));
        }
        self.variable_id(&name.text)
    }

    pub(crate) fn variable_id(&mut self, name: &str) -> VarId {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        let id = VarId(self.variables.len() as u32);
        self.variables.push(Variable { name: name.into() });
        self.by_name.insert(name.into(), id);
        id
    }

    pub(crate) fn define(&mut self, name: &str) -> VarId {
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

    pub(crate) fn assign(&mut self, name: &str, node: NodeId) {
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

    pub(crate) fn statements(&mut self, statements: &[Stmt]) {
        for (at, statement) in statements.iter().enumerate() {
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
            if !self.goes_on(statement, &statements[at + 1..]) {
                return;
            }
        }
    }

    pub(crate) fn statement(&mut self, statement: &Stmt) -> Done {
        if let Some((before, eager)) = self.without_lazy(statement) {
            before.iter().try_for_each(|statement| self.statement(statement))?;
            return self.statement(&eager);
        }
        match &statement.kind {
            StmtKind::Assign { target, update, value } => {
                self.assignment(target, *update, value, statement.span)
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
            StmtKind::Break => {
                self.break_loop();
                Ok(())
            }
            StmtKind::Continue => {
                self.continue_loop();
                Ok(())
            }
            StmtKind::Return(args) => self.return_results(args, statement.span),
            StmtKind::If { condition, then, otherwise } => self.branch(condition, then, otherwise),
            StmtKind::While { condition, body } => self.while_loop(condition, body),
            StmtKind::For { variable, range, parallel, options, body } => {
                let (parallel, span) = (*parallel, statement.span);
                self.for_loop(For { variable, range, parallel, options, body, span })
            }
        }
    }

    fn assignment(&mut self, target: &Target, update: Option<Infix>, value: &Expr, span: Span) -> Done {
        let node = self.expression(value)?;
        let Some(operator) = update else { return self.assign_target(target, node) };
        let name = &target.name;
        if target.indices.is_empty()
            && operator == Infix::Add
            && self.shared.as_ref().is_some_and(|s| s.accumulated.contains(&name.text))
        {
            let result = self.variable_id(&name.text);
            let node = self.add(NodeKind::Accumulate(result), vec![node], span);
            self.effect(node);
            return Ok(());
        }
        let mut old = self.variable(&name.text, name.span)?;
        if !target.indices.is_empty() {
            let (form, scalars) = self.target_index(target, old)?;
            let inputs = std::iter::once(old).chain(scalars).collect();
            old = self.add(NodeKind::Op(Op::Index(form)), inputs, target.span);
        }
        let op = binary::find(operator.symbol()).expect("invariant: the operators of updates are rows");
        let new = self.add(NodeKind::Op(Op::Binary(op)), vec![old, node], span);
        self.assign_target(target, new)
    }

    fn assign_target(&mut self, target: &Target, value: NodeId) -> Done {
        let name = &target.name.text;
        if target.indices.is_empty() {
            self.assign(name, value);
            return Ok(());
        }
        let matrix = self.variable(name, target.name.span)?;
        let (form, scalars) = self.target_index(target, matrix)?;
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

    /// The form of a target's index and its index values.
    fn target_index(&mut self, target: &Target, of: NodeId) -> Result<(Form, Vec<NodeId>), Diagnostic> {
        let (form, indices) = self.index(&target.indices, of)?;
        Ok(if target.is_element { (Form::ELEMENT, indices) } else { (form, indices) })
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
    pub(crate) fn head(&mut self, what: &str, exprs: &[&Expr]) -> Result<(Dag, Vec<VarId>), Diagnostic> {
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
    pub(crate) fn nested(&mut self, body: impl FnOnce(&mut Self)) -> Vec<Block> {
        let outer = std::mem::take(&mut self.blocks);
        body(self);
        self.finish_block();
        std::mem::replace(&mut self.blocks, outer)
    }

    pub(crate) fn branch(&mut self, condition: &Expr, then: &[Stmt], otherwise: &[Stmt]) -> Done {
        let head = self.head("if", &[condition]);
        let before = self.definitions.len();
        let then = self.nested(|inner| inner.statements(then));
        let after_then = self.definitions.split_off(before);
        after_then.iter().for_each(|name| _ = self.defined.remove(name));
        let otherwise = self.nested(|inner| inner.statements(otherwise));
        after_then.iter().for_each(|name| _ = self.define(name));
        let (head, held) = head?;
        self.blocks.push(Block::If { head, condition: held[0], then, otherwise, span: condition.span });
        Ok(())
    }
}
