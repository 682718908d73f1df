//! One test per section of the files below `tests/suite`.

use libtest_mimic::{Arguments, Trial};
use tilewright_suite::{root, run, section, update};

fn main() {
    let arguments = Arguments::from_args();
    std::env::set_current_dir(root()).expect("the root of the repository");
    std::fs::create_dir_all("target/suite").expect("a folder for files that scripts write");
    let files = section::files("tests/suite".as_ref()).expect("test files");
    if std::env::var_os("UPDATE").is_some() {
        for file in &files {
            let changed = update::update(file).expect("a readable test file");
            changed.iter().for_each(|title| eprintln!("updated {title}"));
        }
    }
    let mut trials = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a readable test file");
        let sections = section::parse(file, &text).unwrap_or_else(|fault| panic!("{fault}"));
        trials.extend(sections.into_iter().map(|section| {
            let place = format!("{}:{}", section.file.display(), section.line);
            Trial::test(section.title(), move || {
                run::check(&section).map_err(|problem| format!("{place}\n{problem}").into())
            })
        }));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
