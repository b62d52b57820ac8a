"""How fast, how bounded: prints every gate, where the time goes, or what look-ups and reports take.

python -m tests.benchmarks [MEGABYTES] [ROUNDS] [GATE...] [--cache DIR]
python -m tests.benchmarks where [MEGABYTES] [ROUNDS] [--cache DIR]
python -m tests.benchmarks lookups [HOOKS] [COMMITS] [--cache DIR]
"""

from __future__ import annotations

import argparse
import compileall
import math
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.gates import GATES, Verdict, judge
from tests.benchmarks.inputs import Inputs, made
from tests.benchmarks.lookups import looked_up, reports, stores
from tests.benchmarks.measuring import ROOT, Cost
from tests.benchmarks.runs import Bench
from tests.benchmarks.stages import where


def main(arguments: list[str]) -> None:
    """Read the command line and measure, with our modules compiled, as those of an installed package are."""
    compileall.compile_dir(ROOT / "wcsanalytics", quiet=1)
    task = arguments[0] if arguments and arguments[0] in TASKS else "gates"
    with tempfile.TemporaryDirectory(prefix="wcsanalytics-benchmark-") as scratch:
        TASKS[task](arguments[task != "gates" :], Path(scratch))


def _parser(task: str, **numbers: tuple[float, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks{task}")
    for name, (usual, help_text) in numbers.items():
        parser.add_argument(name, nargs="?", type=type(usual), default=usual, help=f"{help_text} ({usual:g})")
    parser.add_argument("--cache", type=Path, help="folder in which inputs are kept from run to run")
    return parser


def _gates(arguments: list[str], scratch: Path) -> None:
    names = [gate.name for gate in GATES]
    parser = _parser("", megabytes=(200.0, "size of the server log"), rounds=(3, "interleaved rounds"))
    parser.add_argument("gates", nargs="*", metavar="GATE", help=f"only these: {', '.join(names)}")
    options = parser.parse_args(arguments)
    if unknown := set(options.gates) - set(names):
        parser.error(f"no gate {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    cache = options.cache or scratch
    inputs = made(cache, options.megabytes)
    bench = Bench(cache, scratch, options.megabytes, inputs)
    gates = tuple(gate for gate in GATES if not options.gates or gate.name in options.gates)
    verdicts, costs = judge(bench, gates, options.rounds)
    print(f"busy day of {inputs.halves} halves of exchanges, medians of {options.rounds} rounds in turn\n")
    _print_verdicts(verdicts)
    _print_costs(inputs, costs)


def _print_verdicts(verdicts: list[Verdict]) -> None:
    print("| gate | measured | asked | in the end | |")
    print("|---|---|---|---|---|")
    for verdict in verdicts:
        gate, shown = verdict.gate, "" if verdict.measured is None else f"{verdict.measured:.4g}"
        print(f"| {gate.title} (`{gate.name}`) | {shown} | {gate.asked} | {gate.in_the_end} | {verdict.word} |")


def _print_costs(inputs: Inputs, costs: Mapping[str, Cost]) -> None:
    print("\n| run | CPU s | CPU µs a half | wall s | peak MB, largest process | peak MB, all processes |")
    print("|---|---|---|---|---|---|")
    for name, one in costs.items():
        a_half = one.cpu_s / inputs.halves * 1e6 / (4 if name.startswith("4 x") else 1)
        figures = (one.cpu_s, a_half, one.wall_s, one.largest_mb, one.all_mb)
        print(f"| {name} | " + " | ".join("" if math.isnan(figure) else f"{figure:.2f}" for figure in figures) + " |")


def _where(arguments: list[str], scratch: Path) -> None:
    parser = _parser(" where", megabytes=(25.0, "size of the server log"), rounds=(3, "rounds; the median counts"))
    options = parser.parse_args(arguments)
    inputs = made(options.cache or scratch, options.megabytes)
    spent = where(inputs.log, inputs.halves, options.rounds)
    print("| stage | CPU µs a half, on a quiet machine |\n|---|---|")
    for name, value in {**spent, "sum": sum(spent.values())}.items():
        print(f"| {name} | {value:.2f} |")


def _lookups(arguments: list[str], scratch: Path) -> None:
    parser = _parser(" lookups", hooks=(10_000_000, "hooks in the store"), commits=(200, "ingests that made it"))
    options = parser.parse_args(arguments)
    both = stores(options.cache or scratch, options.hooks, options.commits)
    many, one = looked_up(both.many), looked_up(both.one)
    print("| look-up | many commits, ms | one part a table, ms | ratio (asked: at most 3) |\n|---|---|---|---|")
    for name, seconds in many.items():
        print(f"| {name} | {seconds * 1e3:.1f} | {one[name] * 1e3:.1f} | {seconds / one[name]:.2f} |")
    costs = reports(both.many)
    scan = costs.pop("full scan")
    print(f"\nfull scan: {scan.cpu_s:.2f} s CPU, {scan.wall_s:.2f} s wall\n")
    print("| report | CPU s | wall s | peak MB | wall / full scan (asked: at most 15) |\n|---|---|---|---|---|")
    for name, spent in costs.items():
        ratio = spent.wall_s / scan.wall_s
        print(f"| {name} | {spent.cpu_s:.2f} | {spent.wall_s:.2f} | {spent.largest_mb:.0f} | {ratio:.1f} |")


TASKS = {"gates": _gates, "where": _where, "lookups": _lookups}


if __name__ == "__main__":
    main(sys.argv[1:])
