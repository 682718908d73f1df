//! Bodies of loops over `i`, and what the check says about them.

use tilewright_base::{Diagnostic, FileId, SourceMap};
use tilewright_syntax::ast::StmtKind;

use super::{Independence, check};

/// `Ok` with the scattered and the accumulated variables, or `Err` with a part of the message.
type Expected = Result<(&'static [&'static str], &'static [&'static str]), &'static str>;

/// Before the loop there are `R`, `S`, `x`, `s`, `k`, `n` and the integer `four`.
fn check_body(body: &str) -> (SourceMap, Result<Independence, Vec<Diagnostic>>) {
    let text = format!("parfor (i in 1:n) {{\n{body}\n}}\n");
    let map = SourceMap::default();
    let file = map.add("loop.dml", text.as_str());
    let (script, diagnostics) = tilewright_syntax::parse(file, &text);
    assert!(diagnostics.is_empty(), "{body}: {diagnostics:?}");
    let StmtKind::For { variable, body, .. } = &script.body[0].kind else { panic!("not a loop") };
    let existed = |name: &str| ["R", "S", "x", "s", "k", "n", "four"].contains(&name);
    let checked = check(variable, body, &existed, &|name| (name == "four").then_some(4));
    (map, checked)
}

fn assert_table(table: &[(&str, Expected)]) {
    for (body, expected) in table {
        match (check_body(body).1, expected) {
            (Ok(found), Ok((scattered, accumulated))) => {
                assert_eq!(
                    (&found.scattered[..], &found.accumulated[..]),
                    (&owned(scattered)[..], &owned(accumulated)[..]),
                    "{body}"
                );
            }
            (Err(errors), Err(message)) => {
                assert_eq!(errors.len(), 1, "{body}: {errors:?}");
                assert!(errors[0].message.contains(message), "{body}: {}", errors[0].message);
            }
            (found, _) => panic!("{body}: {found:?}"),
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

const NOTHING: Expected = Ok((&[], &[]));
const R: Expected = Ok((&["R"], &[]));
const COMMON_WRITE: Expected = Err("may write the same part of `R`");
const COMMON_READ: Expected = Err("may read a part of `R` that another one writes");
const CARRIED: Expected = Err("`x` is read before the iteration has assigned it");

#[test]
fn whole_variables() {
    assert_table(&[
        ("y = x + i", NOTHING),
        ("x = i; y = x", NOTHING),
        ("x = x + 1", CARRIED),
        ("y = x; x = i", CARRIED),
        ("y = nrow(x); x = matrix(0, i, 1)", CARRIED),
        ("if (i > 2) { x = 1 }; y = x", CARRIED),
        ("if (i > 2) { x = 1 } else { x = 2 }; y = x", NOTHING),
        ("while (s > i) { x = i }; y = x", CARRIED),
        ("for (j in 1:k) { x = j }; y = x", NOTHING),
        ("for (j in seq(1, k)) { x = j }; y = x", CARRIED),
        ("parfor (j in 1:k) { x = j }; y = x", CARRIED),
        ("for (j in 1:3) { y = x; x = j }", CARRIED),
        ("[x, y] = eigen(S); z = x", NOTHING),
        ("z = x; [y, x] = eigen(S)", CARRIED),
        ("x = ifdef($a, x)", CARRIED),
        ("x += i; x = 0", Err("`x` is changed before")),
        ("x = 0; x += i; y = x", NOTHING),
        ("x -= i", CARRIED),
        ("x = 1; x *= i; y = x", NOTHING),
        ("y = y + 1", NOTHING),
        ("for (x in 1:3) { y = x }", NOTHING),
        ("i = i + 1; y = i", NOTHING),
        ("print(i); stop(\"no\")", Err("`stop` in a parallel loop")),
        ("if (i == 3) { y = f(stop(\"no\")) }", Err("`stop` in a parallel loop")),
    ]);
}

#[test]
fn jumps_leave_out_what_follows() {
    assert_table(&[
        ("if (i > 2) { x = 1 } else { continue }; y = x", NOTHING),
        ("if (i > 2) { continue }; y = x; x = 1", CARRIED),
        ("if (i > 2) { continue } else { x = 1 }; y = x", NOTHING),
        ("for (j in 1:k) { if (s > j) { continue }; x = j }; y = x", CARRIED),
        ("for (j in 1:k) { x = j; if (s > j) { break } }; y = x", NOTHING),
        ("for (j in 1:k) { if (s > j) { x = 1; break }; x = j }; y = x", NOTHING),
        ("for (j in 1:k) { while (a) { break }; x = j }; y = x", NOTHING),
        ("for (j in 1:k) { if (a) { break } else { continue }; x = j }; y = x", CARRIED),
        ("j = i; if (s > 1) { j = 2; continue }; R[j, ] = x", R),
        ("j = i; for (l in 1:3) { if (s > l) { j = 2; break } }; R[j, ] = x", COMMON_WRITE),
    ]);
}

#[test]
fn a_function_cannot_be_left() {
    let text = "f = function() { parfor (i in 1:3) { if (i == 2) { return() } } }";
    let (script, diagnostics) = tilewright_syntax::parse(FileId(0), text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let StmtKind::For { variable, body, .. } = &script.functions[0].body[0].kind else {
        panic!("not a loop")
    };
    let errors = check(variable, body, &|_| true, &|_| None).expect_err("a return");
    assert_eq!(errors[0].message, "`return` in a parallel loop");
    assert_eq!(errors[0].span.map(|span| span.start), Some(51));
}

#[test]
fn accumulators() {
    assert_table(&[
        ("R += S", Ok((&[], &["R"]))),
        ("for (j in 1:k) { R += S[j, ] }; S += R2", Err("all iterations add to `S`")),
        ("R += i * x; S += x", Ok((&[], &["R", "S"]))),
        ("R += S; y = sum(R)", Err("all iterations add to `R`")),
        ("R -= S", Err("`R` is read before")),
        ("R += R %*% S", Err("all iterations add to `R`")),
        ("R += S; R[i, ] = x", Err("all iterations add to `R`")),
        ("R += x; S[i, ] = x", Ok((&["S"], &["R"]))),
    ]);
}

#[test]
fn writes_to_one_matrix() {
    assert_table(&[
        ("R[i, ] = x", R),
        ("R[i] = x", R),
        ("R[, i] = x", R),
        ("R[i, i] = 1", R),
        ("R[2, 3] = i", COMMON_WRITE),
        ("R[, ] = x", COMMON_WRITE),
        ("R[k, ] = x", COMMON_WRITE),
        ("R[\"a\"] = x", COMMON_WRITE),
        ("R[[i]] = x", R),
        ("R[[1]] = x", COMMON_WRITE),
        ("R[[\"a\"]] = x", COMMON_WRITE),
        ("R[i, 2:] = x", R),
        ("R[:, i] = x", R),
        ("R[i:, ] = x", COMMON_WRITE),
        ("R[:i, ] = x", COMMON_WRITE),
        ("j = 2 * i; j -= 1; R[j, ] = x; R[2 * i, ] = x", R),
        ("j = i; j *= 2; R[j, ] = x; R[2 * i + 1, ] = x", R),
        ("j = i; j /= 2; R[j, ] = x", COMMON_WRITE),
        ("R[as.scalar(S[i, 1]), ] = x", COMMON_WRITE),
        ("R[i * i, ] = x", COMMON_WRITE),
        ("R[i %/% 2, ] = x", COMMON_WRITE),
        ("R[n - i + 1, ] = x", R),
        ("R[2 * i + k, ] = x", R),
        ("R[i, ] = x; R[i, 1] = 2", R),
        ("R[i, ] = x; R[i + 1, ] = x", COMMON_WRITE),
        ("R[2 * i, ] = x; R[2 * i + 1, ] = x", R),
        ("R[2 * i, ] = x; R[2 * i + 2, ] = x", COMMON_WRITE),
        ("R[2 * i, ] = x; R[4 * i + 1, ] = x", R),
        ("R[i, ] = x; R[2 * i, ] = x", COMMON_WRITE),
        ("R[i, 1:k] = x; R[i + 1, k + 1:n] = x", R),
        ("R[i, 1] = 1; R[i + 1, 2] = 2", R),
        ("R = S; R[2, ] = x; y = sum(R)", NOTHING),
        ("if (i > 1) { R = S }; R[i, ] = x", Err("`R` is changed before")),
        ("R[i, ] = x; R = S", Err("`R` is changed before")),
        ("[y, R[i, ]] = eigen(S)", R),
        ("[y, R[1, ]] = eigen(S)", COMMON_WRITE),
        ("Q[1, ] = x", NOTHING),
        ("i = 3; R[i, ] = x", COMMON_WRITE),
        ("i = i + k; R[i, ] = x", R),
        ("parfor (j in 1:k) { R[i, j] = x }", R),
        ("j = i; if (s > 1) { j = 2 }; R[j, ] = x", COMMON_WRITE),
        ("j = i; if (s > 1) { j = i }; R[j, ] = x", R),
        ("j = i; while (s > j) { R[j, ] = x; j = j + 1 }", COMMON_WRITE),
    ]);
}

#[test]
fn ranges_and_inner_loops() {
    assert_table(&[
        ("R[(i - 1) * k + 1 : i * k, ] = x", R),
        ("R[(i - 1) * k : i * k, ] = x", COMMON_WRITE),
        ("R[, (i - 1) * nrow(S) + 1 : i * nrow(S)] = x", R),
        ("R[3 * i - 2 : 3 * i, ] = x", R),
        ("R[3 * i - 2 : 3 * i + 1, ] = x", COMMON_WRITE),
        ("R[1 : i, ] = x", COMMON_WRITE),
        ("a = (i - 1) * k + 1; b = min(n, i * k); R[a:b, ] = x", R),
        ("a = (i - 1) * k + 1; b = min(n, i * k); R[a:b + 1, ] = x", COMMON_WRITE),
        ("R[(i - 1) * four + 1 : i * four, ] = x; R[four * i - 1, 2] = 1", R),
        ("for (j in 1:k) { R[i, j] = j }", R),
        ("for (j in 1:k) { R[j, ] = x }", COMMON_WRITE),
        ("for (j in 1:4) { R[4 * i + j, ] = x }", R),
        ("for (j in 4:1) { R[i * four - j, ] = x }", R),
        ("for (j in 1:5) { R[4 * i + j, ] = x }", COMMON_WRITE),
        ("for (j in 1:2) { for (l in j:2) { R[2 * j + l + 9 * i, ] = x } }", COMMON_WRITE),
        ("for (j in 0:1) { for (l in 1:2) { R[2 * j + l + 4 * i, ] = x } }", R),
        ("for (j in i:i + 2) { R[j, ] = x }", COMMON_WRITE),
        ("for (j in 3 * i:3 * i + 2) { R[j, ] = x }", R),
        ("for (j in seq(1, 7, 2)) { R[8 * i + j, ] = x }", R),
        ("for (j in 1:k) { R[2 * j, i] = x; S[2 * j, ] = x }", Err("the same part of `S`")),
        ("j = 1; for (l in 1:3) { R[j, ] = x; j = j + i }", COMMON_WRITE),
        ("for (j in 1:3) { for (j in 1:4) { S2 = j }; R[4 * i + j, ] = x }", COMMON_WRITE),
        ("parfor (j in 1:k) { parfor (i in 1:k) { R[i, j] = x } }", COMMON_WRITE),
    ]);
}

#[test]
fn reads_beside_writes() {
    assert_table(&[
        ("R[i, ] = R[i, ] + x", R),
        ("R[i, ] += x", R),
        ("R[1, ] += x", COMMON_WRITE),
        ("R[i, ] /= x", R),
        ("R[1, ] -= x", COMMON_WRITE),
        ("R[[i]] = R[[i]] + x", R),
        ("R[[i]] = R[[i - 1]][1, ]", COMMON_READ),
        ("R[i, 1:k] = R[i - 1, k + 1:]", R),
        ("R[i, 2:] = R[i - 1, :1]", R),
        ("R[i, 2:] = R[i - 1, :2]", COMMON_READ),
        ("R[i, 1] = R[i, 2] + sum(R[i, ])", R),
        ("R[i, ] = R[i - 1, ]", COMMON_READ),
        ("R[i, ] = R[i - k, ]", COMMON_READ),
        ("R[i, ] = R[1, ]", COMMON_READ),
        ("R[i, ] = S[i - 1, ] + S[1, ]", R),
        ("R[2 * i, ] = R[2 * i - 1, ]", R),
        ("R[i, 2:3] = R[i - 1, 1]", R),
        ("R[i, 1:k] = R[i - 1, k + 1]", R),
        ("R[i, ] = R[, i]", COMMON_READ),
        ("R[i, ] = x; y = sum(R)", Err("all of `R` is read")),
        ("R[i, ] = x; y = f(a=R)", Err("all of `R` is read")),
        ("R[i, ] = matrix(0, 1, ncol(R))", R),
        ("for (j in 2:k) { R[i, j] = R[i, j - 1] }", R),
        ("for (j in 1:k) { R[2 * j, ] = R[2 * j + 1, ] }", COMMON_WRITE),
        ("R[3 * i, ] = x; for (j in 1:k) { y = R[3 * j + 1, ] }", R),
        ("R[3 * i, ] = x; for (j in 1:k) { y = R[3 * j + 1 : 3 * j + 3, ] }", COMMON_READ),
        ("R[R[1, 1], ] = x", COMMON_WRITE),
    ]);
}

#[test]
fn only_variables_that_are_read_in_parts_count_as_read() {
    let found = check_body("R[i, ] = S[i, ]; S[i, 1] = nrow(R)").1.expect("independent iterations");
    assert_eq!(found.scattered, ["R", "S"]);
    assert_eq!(found.read.into_iter().collect::<Vec<_>>(), ["S"]);
}

#[test]
fn errors_tell_both_places_and_the_distance() {
    let (map, found) = check_body("y = R[i-1, ]\nR[i, ] = y\nx = x + 1");
    let errors = found.unwrap_err();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0].span.map(|span| map.text(span)), Some("R[i-1, ]"));
    assert_eq!(map.text(errors[0].labels[0].span), "R[i, ]");
    assert_eq!(errors[0].labels[0].text, "iteration i+1 reads what iteration i writes here");
    assert_eq!(errors[1].span.map(|span| map.place(span)), Some("loop.dml:4:5".into()));
    assert_eq!(map.text(errors[1].labels[0].span), "x = x + 1");
    assert!(errors.iter().all(|error| error.hints.iter().any(|hint| hint.contains("check=0"))));
}

/// Index functions `a*i + b*j + c` for small numbers: what passes has no two iterations at one row.
#[test]
fn no_overlap_of_linear_functions_is_missed() {
    let numbers = [-3_i64, 1, 0, 4];
    let mut passed = 0;
    for (a, b, c) in triples(&numbers) {
        for (d, e, f) in triples(&[-3, 2, 4]) {
            let body = format!(
                "for (j in 1:3) {{ R[100 + {a} * i + {b} * j + {c}, ] = R[100 + {d} * i + {e} * j + {f}, ] }}"
            );
            if check_body(&body).1.is_err() {
                continue;
            }
            passed += 1;
            for (i, other) in (1..8).flat_map(|i| (1..8).map(move |other| (i, other))).filter(|(i, o)| i != o)
            {
                for (j, l) in (1..4).flat_map(|j| (1..4).map(move |l| (j, l))) {
                    let row = a * i + b * j + c;
                    assert_ne!(row, a * other + b * l + c, "{body}: {i}, {other}");
                    assert_ne!(row, d * other + e * l + f, "{body}: {i}, {other}");
                }
            }
        }
    }
    assert!(passed > 20, "{passed}");
}

fn triples(numbers: &[i64]) -> impl Iterator<Item = (i64, i64, i64)> {
    numbers
        .iter()
        .flat_map(move |a| numbers.iter().flat_map(move |b| numbers.iter().map(move |c| (*a, *b, *c))))
}
