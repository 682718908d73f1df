//! What operators say that they need in memory, against what is allocated while they run: every row of every operator
//! table and every form of product and index, on dense and sparse operands of some megabytes, on one and two threads.
//!
//! Memory is counted where it comes from: the allocator of the process and the pages of large blocks. Of a run the most
//! that is held at once counts, without what was held before and what the result holds.

#![allow(unsafe_code)]

#[path = "scratch/cases.rs"]
mod cases;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

use tilewright_engine::ops::product::Product;
use tilewright_engine::ops::{Context, Facts, Op};
use tilewright_matrix::pages;
use tilewright_value::{Block, Value};

/// Counts what is held.
struct Counter;

static HEAP: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

/// Bytes that are held now.
fn held() -> isize {
    HEAP.load(Ordering::Relaxed) + pages::bytes_in_use() as isize
}

fn look() {
    PEAK.fetch_max(held(), Ordering::Relaxed);
}

fn count(bytes: isize) {
    HEAP.fetch_add(bytes, Ordering::Relaxed);
    look();
}

// SAFETY: all is done by the allocator of the system; counting allocates nothing.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as of the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as of the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        HEAP.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: as of the caller.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as of the caller.
        unsafe { System.realloc(start, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counter = Counter;

/// What is not counted by kernels: lists of chunks, tasks of the pool.
const SLACK: f64 = 262_144.0;

/// A recycled piece of memory is up to a quarter larger than what was asked for.
const RECYCLED: f64 = 1.25;

/// How much larger than what was held a statement may be, where it is not the most over all data.
const GENEROUS: f64 = 4.0;

/// Operators that do not tell what they need, or have no matrices as operands.
const SILENT: &[&str] = &[
    "applySchema",
    "as.double",
    "as.frame",
    "as.integer",
    "as.list",
    "as.logical",
    "as.matrix",
    "as.scalar",
    "colnames",
    "declared type",
    "detectSchema",
    "dropInvalidLength",
    "dropInvalidType",
    "einsum",
    "frame",
    "freplicate",
    "getCategoricalMask",
    "grepl",
    "gsub",
    "list",
    "map",
    "nchar",
    "remove",
    "sprintf",
    "strsplit",
    "substr",
    "time",
    "tokenize",
    "tolower",
    "toupper",
    "transformcolmap",
    "transformdecode",
    "trim",
    "typeof",
    "valueSwap",
];

/// Why a statement holds for the worst data of a size, where the data at hand needs less.
fn is_worst_case(op: &Op, inputs: &[Value]) -> Option<&'static str> {
    let is_sparse = |value: &Value| match value {
        Value::Matrix(matrix) => matches!(*matrix.pin(), Block::Sparse(_)),
        _ => true,
    };
    let sparse = inputs.iter().all(is_sparse);
    Some(match op {
        Op::Unary(_) | Op::Binary(_) if sparse => {
            "stored cells that become zero are dropped in a second pass"
        }
        Op::Product(_) if sparse => "as if all stored cells met",
        Op::Product(Product::Chain | Product::WeightedChain) => "a NaN has it computed again",
        Op::Index(_) => "a result with few cells that are not zero becomes sparse",
        Op::Function(row, _) => match row.name {
            "rexpand" => "rows without a code are assembled, all others are written at once",
            "replace" => "a result with few cells that are not zero becomes sparse",
            "transformencode" => "bins of a column of few distinct texts are found among few numbers",
            "median" | "quantile" | "interQuartileMean" => "all values may be the one that is looked for",
            _ => return None,
        },
        _ => return None,
    })
}

/// The most that is held beside inputs and result, in bytes; nothing when the operator fails.
fn measured(op: &Op, inputs: &[Value]) -> Option<f64> {
    // The first run sets up what stays: tables of the library, queues of the pool.
    op.run(inputs.to_vec(), &mut Context::new(7)).ok()?;
    PEAK.store(held(), Ordering::Relaxed);
    let results = op.run(inputs.to_vec(), &mut Context::new(7)).ok()?;
    let peak = PEAK.load(Ordering::Relaxed);
    let after = held();
    drop(results);
    Some((peak - after).max(0) as f64)
}

fn check(name: &str, op: &Op, inputs: &[Value]) -> Result<Option<bool>, String> {
    let facts: Vec<Facts> = inputs.iter().map(Facts::of).collect();
    let Ok(results) = op.infer(&facts) else { return Ok(None) };
    let Some(measured) = measured(op, inputs) else { return Ok(None) };
    let Some(stated) = op.scratch(&facts, &results[0]) else { return Ok(Some(false)) };
    let shown = |bytes: f64| format!("{:.2}", bytes / 1e6);
    println!(
        "{name:24} stated {:>9} MB, held {:>9} MB  of {}",
        shown(stated),
        shown(measured),
        cases::describe(inputs)
    );
    if measured > stated * RECYCLED + SLACK {
        return Err(format!("held {} MB, stated {} MB", shown(measured), shown(stated)));
    }
    if is_worst_case(op, inputs).is_none() && stated > GENEROUS * measured + 4.0 * SLACK {
        return Err(format!("states {} MB, held {} MB", shown(stated), shown(measured)));
    }
    Ok(Some(true))
}

#[test]
fn operators_hold_what_they_say() {
    pages::observe(look);
    let mut problems = Vec::new();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        for (name, cases) in cases::all() {
            let mut told = 0;
            for (op, inputs) in cases {
                match pool.install(|| check(name, &op, &inputs)) {
                    Ok(Some(true)) => told += 1,
                    Ok(_) => {}
                    Err(problem) => problems.push(format!(
                        "`{name}` on {threads} threads: {problem} of {}",
                        cases::describe(&inputs)
                    )),
                }
            }
            if told == 0 && !SILENT.contains(&name) {
                problems.push(format!("`{name}` tells nothing of any case"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
