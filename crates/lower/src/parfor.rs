//! Whether the iterations of a parallel loop are independent, and how their results come together.
//!
//! Invariant: a loop passes only if its iterations give the same result in any order. What cannot be shown is
//! an error, and users who know better switch the test off. The names `nrow`, `min`, ... are taken for the
//! built-in functions, and the loop is taken to run over whole numbers.
//!
//! - `accesses`: what the body reads and writes, in the order of execution
//! - `linear`: index functions
//! - `overlap`: whether two accesses can meet in different iterations

mod accesses;
mod linear;
mod overlap;

use std::collections::BTreeSet;

use tilewright_base::{Code, Diagnostic};
use tilewright_syntax::ast::{Name, Stmt};

use accesses::{Access, Kind};
use overlap::{Part, Ranges};

/// How a parallel loop's iterations come together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Independence {
    /// Variables that existed before the loop and of which iterations write disjoint parts.
    pub scattered: Vec<String>,
    /// Variables that existed before the loop and to which iterations add matrices (`R += ...`).
    pub accumulated: Vec<String>,
    /// Those among `scattered` of which the body also reads parts.
    pub read: BTreeSet<String>,
}

/// Checks that the iterations of a loop over `variable` do not depend on one another.
///
/// `existed` tells which variables have a value before the loop, `constant` the values of those known to be
/// integers there. A variable that every iteration assigns before it uses it belongs to the iteration, and
/// keeps its value from before after the loop.
///
/// # Errors
/// One per variable through which iterations depend on one another, one per call of `stop`, and one per `return`,
/// by place.
pub fn check(
    variable: &Name,
    body: &[Stmt],
    existed: &dyn Fn(&str) -> bool,
    constant: &dyn Fn(&str) -> Option<i64>,
) -> Result<Independence, Vec<Diagnostic>> {
    let found = accesses::collect(variable, body, constant);
    let mut independence = Independence::default();
    let stop = |span| {
        Diagnostic::error(Code::Parallel, span, "`stop` in a parallel loop")
            .hint("check before the loop, or use `for`")
    };
    let returned = |span| {
        Diagnostic::error(Code::Parallel, span, "`return` in a parallel loop")
            .hint("all iterations run: return after the loop, or use `for`")
    };
    let mut errors: Vec<Diagnostic> = found.stops.iter().copied().map(stop).collect();
    errors.extend(found.returns.iter().copied().map(returned));
    for (name, accesses) in found.by_variable.iter().filter(|(name, _)| existed(name)) {
        let checked = Variable { name, iteration: &variable.text, accesses, ranges: &found.ranges }.check();
        match checked {
            Ok(Role::Untouched) => {}
            Ok(Role::Accumulated) => independence.accumulated.push(name.clone()),
            Ok(Role::Scattered) => {
                independence.scattered.push(name.clone());
                if accesses.iter().any(|access| matches!(access.kind, Kind::ReadPart(_))) {
                    independence.read.insert(name.clone());
                }
            }
            Err(error) => errors.push(error.hint("`check=0` switches this test off when you know better")),
        }
    }
    errors.sort_by_key(|error| error.span);
    if errors.is_empty() { Ok(independence) } else { Err(errors) }
}

/// What the loop does with a variable.
enum Role {
    /// It is only read, or belongs to the iteration.
    Untouched,
    Scattered,
    Accumulated,
}

/// A variable from before the loop and what the body does with it.
struct Variable<'a> {
    name: &'a str,
    /// The name of the loop's variable.
    iteration: &'a str,
    accesses: &'a [Access],
    ranges: &'a Ranges,
}

impl<'a> Variable<'a> {
    fn check(&self) -> Result<Role, Diagnostic> {
        if let Some(assigned) = self.find(|kind| *kind == Kind::Assign) {
            let carried = self.accesses.iter().find(|access| !access.own && access.kind != Kind::Assign);
            return carried.map_or(Ok(Role::Untouched), |access| Err(self.carried(access, assigned)));
        }
        if let Some(accumulated) = self.find(|kind| *kind == Kind::Accumulate) {
            let other = self.find(|kind| *kind != Kind::Accumulate);
            return other.map_or(Ok(Role::Accumulated), |access| Err(self.mixed(access, accumulated)));
        }
        let Some(written) = self.find(|kind| matches!(kind, Kind::WritePart(_))) else {
            return Ok(Role::Untouched);
        };
        if let Some(read) = self.find(|kind| *kind == Kind::Read) {
            return Err(self.whole_read(read, written));
        }
        self.parts()?;
        Ok(Role::Scattered)
    }

    fn find(&self, wanted: impl Fn(&Kind) -> bool) -> Option<&'a Access> {
        self.accesses.iter().find(|access| wanted(&access.kind))
    }

    /// Compares every write with itself, the other writes and the reads.
    fn parts(&self) -> Result<(), Diagnostic> {
        let writes = self.distinct(|kind| if let Kind::WritePart(part) = kind { Some(part) } else { None });
        let reads = self.distinct(|kind| if let Kind::ReadPart(part) = kind { Some(part) } else { None });
        for (at, (write, part)) in writes.iter().enumerate() {
            for (other, other_part) in &writes[..=at] {
                if !overlap::disjoint(part, other_part, self.ranges) {
                    return Err(self.common_write(write, other));
                }
            }
        }
        for (read, part) in &reads {
            for (write, written) in &writes {
                if !overlap::disjoint(written, part, self.ranges) {
                    return Err(self.common_read((read, part), (write, written)));
                }
            }
        }
        Ok(())
    }

    /// The first access to each of the parts that are accessed in one way.
    fn distinct(&self, part: impl Fn(&'a Kind) -> Option<&'a Part>) -> Vec<(&'a Access, &'a Part)> {
        let mut list: Vec<(&Access, &Part)> = Vec::new();
        for access in self.accesses {
            if let Some(part) = part(&access.kind)
                && !list.iter().any(|(_, known)| *known == part)
            {
                list.push((access, part));
            }
        }
        list
    }
}

/// Messages.
impl Variable<'_> {
    fn error(&self, access: &Access, message: String) -> Diagnostic {
        Diagnostic::error(Code::Parallel, access.span, message)
    }

    fn carried(&self, access: &Access, assigned: &Access) -> Diagnostic {
        let (name, i) = (self.name, self.iteration);
        let verb = match access.kind {
            Kind::Read | Kind::ReadPart(_) | Kind::Dimensions => "read",
            _ => "changed",
        };
        self.error(access, format!("`{name}` is {verb} before the iteration has assigned it"))
            .label(assigned.span, format!("iteration {i}+1 uses what iteration {i} assigns here"))
            .hint(format!(
                "use `for`, add matrices with `{name} += ...`, or write a row each with `{name}[{i}, ] = ...`"
            ))
    }

    fn mixed(&self, access: &Access, accumulated: &Access) -> Diagnostic {
        let name = self.name;
        self.error(access, format!("all iterations add to `{name}`, it has no value inside of the loop"))
            .label(accumulated.span, "added to here")
            .hint(format!("compute in another variable, and add that with `{name} += ...`"))
    }

    fn whole_read(&self, read: &Access, written: &Access) -> Diagnostic {
        let name = self.name;
        self.error(read, format!("all of `{name}` is read while iterations write parts of it"))
            .label(written.span, "a part is written here")
            .hint(format!(
                "read only what the same iteration writes, or a copy made before the loop: `Old = {name}`"
            ))
    }

    fn common_write(&self, write: &Access, other: &Access) -> Diagnostic {
        let (name, i) = (self.name, self.iteration);
        let error =
            self.error(write, format!("different iterations may write the same part of `{name}`")).hint(
                format!("write a row or a column of its own in every iteration, like `{name}[{i}, ] = ...`"),
            );
        if write.span == other.span {
            return error;
        }
        error.label(other.span, "another iteration may write the same part here")
    }

    fn common_read(&self, read: (&Access, &Part), write: (&Access, &Part)) -> Diagnostic {
        let (name, i) = (self.name, self.iteration);
        let label = match overlap::distance(write.1, read.1) {
            Some(steps) => format!("iteration {i}{steps:+} reads what iteration {i} writes here"),
            None => "another iteration may write the same part here".into(),
        };
        self.error(read.0, format!("an iteration may read a part of `{name}` that another one writes"))
            .label(write.0.span, label)
            .hint(format!("read a copy made before the loop (`Old = {name}`), or use `for`"))
    }
}

#[cfg(test)]
mod tests;
