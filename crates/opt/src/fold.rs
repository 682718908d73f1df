//! Facts of an operator's results, with the value of a scalar whose inputs are all known.

use tilewright_base::Outcome;
use tilewright_ops::{Context, Facts, Kind, Op};
use tilewright_value::Value;

/// What is known of the results of an operator.
///
/// # Errors
/// When its inputs are known not to fit. A scalar that cannot be computed (a division by zero) is left to the run.
pub fn infer(op: &Op, inputs: &[Facts]) -> Outcome<Vec<Facts>> {
    let mut facts = op.infer(inputs)?;
    let unknown = op.results() == 1
        && facts[0].constant.is_none()
        && matches!(facts[0].kind, Kind::Scalar(_) | Kind::Unknown);
    if unknown
        && op.is_pure(inputs)
        && let Some(Value::Scalar(value)) = computed(op, inputs)
    {
        facts = vec![Facts::constant(value)];
    }
    Ok(facts)
}

fn computed(op: &Op, inputs: &[Facts]) -> Option<Value> {
    let values =
        inputs.iter().map(|facts| facts.constant.clone().map(Value::Scalar)).collect::<Option<Vec<_>>>()?;
    op.run(values, &mut Context::new(0)).ok()?.pop()
}
