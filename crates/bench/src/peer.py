"""The peer's side of one kernel: makes its data, then measures one repetition per line of standard input."""

import json
import sys
import time

case = json.loads(sys.argv[1])
names = {}
exec(case["setup"], names)
touch = compile(case["touch"], "touch", "exec")
body = compile(case["body"], "body", "exec")
print("ready", flush=True)
for repetition, _ in enumerate(sys.stdin, start=1):
    names["r"] = repetition
    exec(touch, names)
    start = time.perf_counter_ns()
    exec(body, names)
    end = time.perf_counter_ns()
    print("ns", end - start, flush=True)
