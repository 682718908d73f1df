//! `tilewright fmt` from outside: what is written, printed and left alone.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const UGLY: &str = "x=1 # one\nif(x>0)print(x)";
const NEAT: &str = "x = 1  # one\nif (x > 0) {\n  print(x)\n}\n";

/// A folder of its own for one test, deleted at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("tilewright-fmt-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("ugly.dml"), UGLY).unwrap();
        fs::write(path.join("neat.dml"), NEAT).unwrap();
        fs::write(path.join("wrong.dml"), "x = = 1").unwrap();
        Folder(path)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Exit code, standard output and standard error of `tilewright fmt`.
    fn fmt(&self, words: &[&str], input: &str) -> (Option<i32>, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tilewright"))
            .arg("fmt")
            .args(words)
            .current_dir(&self.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read its input may be gone before all is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_rewritten_if_they_change() {
    let folder = Folder::new("rewrites");
    let time = || fs::metadata(folder.0.join("neat.dml")).unwrap().modified().unwrap();
    let before = time();
    assert_eq!(folder.fmt(&["ugly.dml", "neat.dml"], ""), (Some(0), String::new(), String::new()));
    assert_eq!((folder.read("ugly.dml").as_str(), folder.read("neat.dml").as_str()), (NEAT, NEAT));
    assert_eq!(time(), before);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3, "no file is left behind");
}

#[test]
fn check_names_what_would_change() {
    let folder = Folder::new("check");
    let words = ["--check", "neat.dml", "ugly.dml"];
    assert_eq!(folder.fmt(&words, ""), (Some(1), "ugly.dml\n".into(), String::new()));
    assert_eq!(folder.read("ugly.dml"), UGLY);
    assert_eq!(folder.fmt(&["--check", "neat.dml"], ""), (Some(0), String::new(), String::new()));
    assert_eq!(folder.fmt(&["--check", "-"], UGLY), (Some(1), "<stdin>\n".into(), String::new()));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new("stdin");
    assert_eq!(folder.fmt(&["-"], UGLY), (Some(0), NEAT.into(), String::new()));
    assert_eq!(folder.fmt(&["-"], ""), (Some(0), String::new(), String::new()));
    let (code, output, errors) = folder.fmt(&["-"], "x = )");
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert!(errors.contains("error[syntax]") && errors.contains("<stdin>:1:5"), "{errors}");
}

#[test]
fn a_file_with_errors_is_left_alone_and_others_are_not() {
    let folder = Folder::new("errors");
    let (code, output, errors) = folder.fmt(&["wrong.dml", "ugly.dml"], "");
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert!(errors.contains("wrong.dml:1:5"), "{errors}");
    assert_eq!((folder.read("wrong.dml").as_str(), folder.read("ugly.dml").as_str()), ("x = = 1", NEAT));
}

#[test]
fn a_file_that_is_missing_stops_before_anything_is_written() {
    let folder = Folder::new("missing");
    let (code, _, errors) = folder.fmt(&["ugly.dml", "nope.dml"], "");
    assert_eq!(code, Some(2));
    assert!(errors.contains("there is no script nope.dml"), "{errors}");
    assert_eq!(folder.read("ugly.dml"), UGLY);
    assert_eq!(folder.fmt(&[], "").0, Some(2));
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("links");
    let path = folder.0.join("ugly.dml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    symlink("ugly.dml", folder.0.join("link.dml")).unwrap();
    assert_eq!(folder.fmt(&["link.dml"], "").0, Some(0));
    assert_eq!(folder.read("ugly.dml"), NEAT);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
    assert!(fs::symlink_metadata(folder.0.join("link.dml")).unwrap().is_symlink());

    fs::write(&path, UGLY).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    let (code, _, errors) = folder.fmt(&["ugly.dml"], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains("read-only"), "{errors}");
    assert_eq!(folder.read("ugly.dml"), UGLY);
}
