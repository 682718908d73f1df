//! The `tilewright` command line.
//!
//! - [`arguments`]: what may be given; [`words`]: the script and its arguments
//! - [`run`]: one file per command; [`compile`]: what they share
//! - [`report`]: diagnostics and exit codes
//! - [`machine`]: the memory budget

mod arguments;
mod compile;
mod machine;
mod report;
mod run;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Command, CommandLine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    report::quiet_panics();
    let done = match CommandLine::parse().command {
        Command::Run(arguments) => run::run(&arguments),
    };
    done.unwrap_or_else(|fault| report::fault(fault, report::USAGE))
}
