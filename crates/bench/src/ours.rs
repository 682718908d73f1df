//! Our side of a kernel: a script that runs in a thread of its own and is held between its repetitions.

use std::thread::JoinHandle;

use tilewright_engine::ops::Precision;
use tilewright_engine::{Options, Session};

use crate::case::{Kernel, Setup};
use crate::gate::{Gate, Keeper, gate};
use crate::kernel::Side;

/// The running script.
pub struct Ours {
    keeper: Keeper,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Ours {
    /// Starts the script and waits until its data is there.
    ///
    /// # Errors
    /// When it does not compile or fails.
    pub fn start(
        case: &Kernel,
        setup: Option<&Setup>,
        options: Options,
        repetitions: usize,
    ) -> Result<Ours, String> {
        let (name, script) = (case.name.clone(), script(case, setup, repetitions));
        let precision = if case.single { Precision::Single } else { Precision::Double };
        let options = Options { precision, ..options };
        let (held, keeper) = gate();
        let thread = std::thread::spawn(move || run(&name, &script, options, held));
        let mut ours = Ours { keeper, thread: Some(thread) };
        ours.line()?;
        Ok(ours)
    }

    fn line(&mut self) -> Result<String, String> {
        match self.keeper.line() {
            Some(line) => Ok(line),
            None => Err(self.failure()),
        }
    }

    /// Why the script ended.
    fn failure(&mut self) -> String {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Err(reason))) => reason,
            Some(Err(_)) => "the script panicked".into(),
            _ => "the script ended early".into(),
        }
    }
}

impl Side for Ours {
    fn turn(&mut self) -> Result<String, String> {
        self.keeper.open();
        self.line()
    }
}

/// The script. The clock is read in blocks of its own, so that the compiler cannot move work across a reading.
pub fn script(case: &Kernel, setup: Option<&Setup>, repetitions: usize) -> String {
    let (data, touch) = setup.map_or(("", ""), |setup| (&setup.ours, &setup.touch));
    let body = &case.ours;
    format!(
        "{data}
result = matrix(0, rows=1, cols=1)
check = 0.0
print(\"ready\")
for (r in 1:{repetitions}) {{
  {touch}
  start = time()
  if (start >= 0) {{
    {body}
  }}
  end = time()
  if (end >= start) {{
    check = check + sum(result)
    print(\"ns \" + (end - start))
  }}
}}
print(\"check \" + check)
"
    )
}

fn run(name: &str, script: &str, options: Options, stream: Gate) -> Result<(), String> {
    let mut session = Session::new(options);
    let compiled = session.compile(name, script).map_err(|diagnostics| {
        diagnostics.iter().map(|diagnostic| session.render(diagnostic, false)).collect::<Vec<_>>().join("\n")
    })?;
    let (done, ..) = session.run(&compiled, stream);
    done.map_err(|diagnostic| session.render(&diagnostic, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(ours: &str) -> Kernel {
        toml::from_str(&format!("name = 'k'\nwhat = ''\nours = '{ours}'")).unwrap()
    }

    #[test]
    fn a_turn_is_one_repetition() {
        let mut ours =
            Ours::start(&kernel("result = matrix(r, rows=2, cols=2)"), None, Options::default(), 2).unwrap();
        assert!(ours.turn().unwrap().starts_with("ns "));
        assert!(ours.turn().unwrap().starts_with("ns "));
        assert_eq!(ours.turn().unwrap(), "check 12.0");
        assert_eq!(ours.turn().unwrap_err(), "the script ended early");
    }

    #[test]
    fn a_failure_is_told() {
        let failed = Ours::start(&kernel("result = undefined"), None, Options::default(), 1).err().unwrap();
        assert!(failed.contains("undefined"), "{failed}");
    }
}
