"""Runs the benchmarks in `tests/benchmarks/` and writes `build/bench.json` and a table.

A suite is a module `bench_<area>….py` with a function `run()` that returns rows: name, value, unit, limit, better,
holds, p50, p99, peer. Each suite runs in a process of its own, so that none warms or weighs on another.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SUITES = ROOT / "tests" / "benchmarks"
RESULT = ROOT / "build" / "bench.json"
KEPT = ROOT / "docs" / "benchmarks.md"
RUNNER = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); m = __import__(sys.argv[2]); print('\\n' + json.dumps(m.run()))"
)


def main() -> int:
    """Runs the suites asked for; returns 1 when a row does not hold or a suite failed."""
    parser = argparse.ArgumentParser(description="Measure Scumble.")
    parser.add_argument("--only", default="", help="an area, such as canvas or start")
    parser.add_argument("--keep", action="store_true", help="write the table, and its JSON beside it, into docs/")
    options = parser.parse_args()
    only = options.only
    rows: list[dict[str, Any]] = []
    broken: list[str] = []
    for suite in sorted(SUITES.glob(f"bench_{only}*.py")):
        print(f"· {suite.stem} …", flush=True)
        measured = run_suite(suite.stem)
        if measured is None:
            broken.append(suite.stem)
        else:
            rows += measured
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))
    if options.keep:
        KEPT.write_text(f"# Measured\n\nBy `make bench`, {machine()}. Ratios are of one run.\n\n{table(rows)}\n")
        KEPT.with_suffix(".json").write_text(RESULT.read_text())
    for name in broken:
        print(f"{name} failed; see above.", file=sys.stderr)
    return 1 if broken or not all(row["holds"] for row in rows) else 0


def run_suite(name: str) -> list[dict[str, Any]] | None:
    """The rows of one suite; None when it failed."""
    environment = {"QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE", **os.environ}
    command = [sys.executable, "-c", RUNNER, str(SUITES), name]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return None
    measured: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as a table that reads well in a terminal and in Markdown."""
    lines = ["| what | value | limit | unit | p50 | p99 | holds | peer |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        limit = (
            ""
            if row.get("limit") is None
            else f"{'≤' if row.get('better', 'lower') == 'lower' else '≥'} {row['limit']}"
        )
        holds = "yes" if row["holds"] else "NO"
        spread = " | ".join("" if row.get(name) is None else f"{row[name]:.3g}" for name in ("p50", "p99"))
        lines.append(
            f"| {row['name']} | {row['value']:.3g} | {limit} | {row['unit']} | {spread} | {holds} "
            f"| {row.get('peer') or ''} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on."""
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{os.cpu_count()} cores of {processor}, Python {platform.python_version()}, no GPU used"


if __name__ == "__main__":
    sys.exit(main())
