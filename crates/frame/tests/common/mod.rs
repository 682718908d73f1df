//! What several tests need.

/// Runs `check` in pools of 1, 2, 3 and 7 threads.
pub fn in_pools(check: impl Fn() + Send + Sync) {
    for threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(&check);
    }
}
