//! The value: inputs with roles, steps, results.

use tilewright_base::{Outcome, Span, bail};
use tilewright_ops::aggregate::Over;
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::{Context, Facts, Op};
use tilewright_value::{Scalar, Value};

use crate::functions;

/// What an input is to the rows of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The same number for all cells.
    Scalar,
    /// A matrix of one row, repeated along all rows.
    Row,
    /// A driver: its rows are those of the pipeline.
    Panel,
    /// The right side of a product.
    Whole,
}

impl Role {
    /// The word in the printed form.
    pub fn word(self) -> &'static str {
        match self {
            Role::Scalar => "scalar",
            Role::Row => "row",
            Role::Panel => "panel",
            Role::Whole => "whole",
        }
    }

    /// All roles.
    pub const ALL: [Role; 4] = [Role::Scalar, Role::Row, Role::Panel, Role::Whole];
}

/// What a step reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// An input.
    Input(usize),
    /// What an earlier step made.
    Step(usize),
    /// A number.
    Number(f64),
}

impl Source {
    /// The step that it is.
    pub fn step(self) -> Option<usize> {
        match self {
            Source::Step(at) => Some(at),
            Source::Input(_) | Source::Number(_) => None,
        }
    }
}

/// An operator on registers.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The operator.
    pub op: Op,
    /// Its operands in order.
    pub args: Vec<Source>,
    /// The source it came from.
    pub span: Span,
}

/// What a step makes of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Made {
    /// Rows, which later steps can read.
    Panel,
    /// A part of what all rows add up to.
    Partial,
}

/// Operators over the rows of shared drivers.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// The roles of the inputs.
    pub inputs: Vec<Role>,
    /// The steps, operands first.
    pub steps: Vec<Step>,
    /// The steps whose values are results, in order.
    pub results: Vec<usize>,
}

/// What an operator makes in a pipeline of operands with these roles, where a step's value is a panel; `None` if it cannot
/// be part of one.
pub fn made(op: &Op, args: &[Role]) -> Option<Made> {
    use Role::{Panel, Scalar, Whole};
    match op {
        Op::Unary(_) | Op::Binary(_) | Op::Select => {
            (args.contains(&Panel) && !args.contains(&Whole)).then_some(Made::Panel)
        }
        Op::Aggregate(row, over) => {
            let made = if *over == Over::Rows { Made::Panel } else { Made::Partial };
            (row.panel().is_some() && args == [Panel]).then_some(made)
        }
        Op::Product(Product::Plain | Product::TransposedRight) => {
            (args == [Panel, Whole]).then_some(Made::Panel)
        }
        Op::Product(Product::TransposedLeft) => (args == [Panel, Panel]).then_some(Made::Partial),
        Op::Product(Product::Gram) => (args == [Panel]).then_some(Made::Partial),
        Op::Index(Form { rows: Side::All, cols: Side::One | Side::Range }) => {
            let by_numbers = args[1..].iter().all(|role| *role == Scalar);
            (args[0] == Panel && by_numbers).then_some(Made::Panel)
        }
        Op::Cumulative(row) => (row.panel().is_some() && args == [Panel]).then_some(Made::Panel),
        Op::Function(..) => {
            functions::kind(op).is_some_and(|kind| functions::takes(kind, args)).then_some(Made::Panel)
        }
        _ => None,
    }
}

impl Pipeline {
    /// What it is called in plans and statistics: its operators in order.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.steps.iter().map(|step| step.op.name()).collect();
        format!("pipeline({})", names.join(" "))
    }

    /// The role of what a step reads.
    pub fn role(&self, source: Source) -> Role {
        match source {
            Source::Input(at) => self.inputs[at],
            Source::Step(_) => Role::Panel,
            Source::Number(_) => Role::Scalar,
        }
    }

    /// What a step makes.
    ///
    /// # Panics
    /// When the pipeline is not [valid](Pipeline::verify).
    pub fn made(&self, step: usize) -> Made {
        self.checked(step).expect("invariant: pipelines are verified")
    }

    fn checked(&self, step: usize) -> Option<Made> {
        let Step { op, args, .. } = &self.steps[step];
        let roles: Vec<Role> = args.iter().map(|arg| self.role(*arg)).collect();
        made(op, &roles)
    }

    /// Checks that operands stand before their uses, that operators can be steps, that something is a result, and that
    /// there is a driver.
    ///
    /// # Errors
    /// What is wrong.
    pub fn verify(&self) -> Outcome<()> {
        for (at, step) in self.steps.iter().enumerate() {
            let name = step.op.name();
            for arg in &step.args {
                match arg {
                    Source::Input(input) if *input >= self.inputs.len() => {
                        bail!(
                            Internal,
                            "step {at} of a pipeline, `{name}`, reads input {input}, which is not there"
                        )
                    }
                    Source::Step(earlier) if *earlier >= at => {
                        bail!(
                            Internal,
                            "step {at} of a pipeline, `{name}`, reads step {earlier} before it is made"
                        )
                    }
                    Source::Step(earlier) if self.checked(*earlier) == Some(Made::Partial) => {
                        bail!(
                            Internal,
                            "step {at} of a pipeline, `{name}`, reads what step {earlier} adds up"
                        )
                    }
                    _ => {}
                }
            }
            if self.checked(at).is_none() {
                bail!(Internal, "`{name}` of these operands cannot be step {at} of a pipeline");
            }
        }
        if self.results.is_empty() || self.results.iter().any(|step| *step >= self.steps.len()) {
            bail!(Internal, "the results of a pipeline are some of its steps");
        }
        if !self.inputs.contains(&Role::Panel) {
            bail!(Internal, "a pipeline has a driver");
        }
        Ok(())
    }

    /// What is known of each step.
    ///
    /// # Errors
    /// When inputs are known not to fit, at the place of the step.
    pub fn infer(&self, inputs: &[Facts]) -> Result<Vec<Facts>, (tilewright_base::Fault, Span)> {
        let mut facts: Vec<Facts> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let of = |arg: &Source| match arg {
                Source::Input(at) => inputs[*at].clone(),
                Source::Step(at) => facts[*at].clone(),
                Source::Number(number) => Facts::constant(Scalar::Double(*number)),
            };
            let args: Vec<Facts> = step.args.iter().map(of).collect();
            let made = step.op.infer(&args).map_err(|fault| (fault, step.span))?;
            facts.extend(made.into_iter().next());
        }
        Ok(facts)
    }

    /// The results by the definition: one operator after the other on whole matrices.
    ///
    /// # Errors
    /// Whatever an operator fails of.
    pub fn reference(&self, inputs: &[Value], context: &mut Context) -> Outcome<Vec<Value>> {
        self.by_steps(inputs, |op, args| op.reference(&args, context))
    }

    /// The results by the kernels of single operators.
    ///
    /// # Errors
    /// Whatever an operator fails of.
    pub fn unfused(&self, inputs: &[Value], context: &mut Context) -> Outcome<Vec<Value>> {
        self.by_steps(inputs, |op, args| op.run(args, context))
    }

    fn by_steps(
        &self,
        inputs: &[Value],
        mut run: impl FnMut(&Op, Vec<Value>) -> Outcome<Vec<Value>>,
    ) -> Outcome<Vec<Value>> {
        let mut values: Vec<Value> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let of = |arg: &Source| match arg {
                Source::Input(at) => inputs[*at].clone(),
                Source::Step(at) => values[*at].clone(),
                Source::Number(number) => (*number).into(),
            };
            let args = step.args.iter().map(of).collect();
            values.extend(run(&step.op, args)?.into_iter().next());
        }
        Ok(self.results.iter().map(|step| values[*step].clone()).collect())
    }
}
