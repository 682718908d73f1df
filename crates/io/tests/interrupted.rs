//! An interrupted write leaves the old file and nothing else.

#![allow(clippy::unwrap_used)]

mod folder;

use folder::Folder;
use std::fs;
use tilewright_io::output::Draft;
use tilewright_io::remove_temporaries;

fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.as_path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn drafts_vanish_when_given_up_and_when_interrupted() {
    let folder = Folder::new();
    let path = folder.path("a.csv");
    fs::write(&path, "old\n").unwrap();

    let mut given_up = Draft::create(&path).unwrap();
    given_up.append(b"new").unwrap();
    assert_eq!(names(&folder).len(), 2);
    drop(given_up);
    assert_eq!(names(&folder), ["a.csv"]);

    let mut interrupted = Draft::create(&path).unwrap();
    interrupted.append(b"new").unwrap();
    remove_temporaries();
    assert_eq!(names(&folder), ["a.csv"]);
    assert!(interrupted.publish().is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");

    let mut complete = Draft::create(&path).unwrap();
    complete.append(b"new").unwrap();
    complete.publish().unwrap();
    remove_temporaries();
    assert_eq!((names(&folder), fs::read_to_string(&path).unwrap()), (vec!["a.csv".into()], "new".into()));
}
