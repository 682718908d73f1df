"""A peer's side of one kernel: makes its data, then measures one repetition per line of standard input."""

import json
import os
import sys
import textwrap
import time
import warnings

import numpy

case = json.loads(sys.argv[1])
kind = case["kind"]
if kind == "jax" and case["threads"] and hasattr(os, "sched_setaffinity"):
    # JAX has no number of threads; it takes as many as it may run on.
    os.sched_setaffinity(0, range(case["threads"]))
names = {"np": numpy}
exec(case["setup"], names)
body = case["body"].strip()
if "return" not in body:
    body = "return " + body


def function(arguments):
    """The body as a function of some of the data."""
    exec(f"def body({', '.join(arguments)}):\n" + textwrap.indent(body, "    "), names)
    return names["body"]


used = [name for name in function([]).__code__.co_names if isinstance(names.get(name), numpy.ndarray)]
if kind == "jax":
    import jax

    jax.config.update("jax_enable_x64", True)
    data = [jax.numpy.asarray(names.pop(name)) for name in used]
    names |= {"np": jax.numpy, "jax": jax}
    compiled = jax.jit(function(used))

    def call():
        return jax.block_until_ready(compiled(*data))

elif kind == "numba":
    import numba

    warnings.simplefilter("ignore")
    data = [names[name] for name in used]
    names["prange"] = numba.prange
    compiled = numba.njit(parallel=True, fastmath=True)(function(used))

    def call():
        return compiled(*data)

else:
    call = function([])

result = None
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter_ns()
    result = call()
    end = time.perf_counter_ns()
    print("ns", end - start, flush=True)
