"""How fast, how bounded: prints every gate, where the time goes, or what look-ups and reports take.

python -m tests.benchmarks [MEGABYTES] [ROUNDS] [GATE...] [--cache DIR]
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.gates import GATES, Verdict, judge
from tests.benchmarks.inputs import Inputs, made
from tests.benchmarks.measuring import Cost
from tests.benchmarks.runs import Bench


def main(arguments: list[str]) -> None:
    """Read the command line and measure."""
    names = [gate.name for gate in GATES]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Print the gates of speed.")
    parser.add_argument("megabytes", nargs="?", type=float, default=200, help="size of the server log (200)")
    parser.add_argument("rounds", nargs="?", type=int, default=3, help="interleaved rounds; the median counts (3)")
    parser.add_argument("gates", nargs="*", metavar="GATE", help=f"only these: {', '.join(names)}")
    parser.add_argument("--cache", type=Path, help="folder in which inputs are kept from run to run")
    options = parser.parse_args(arguments)
    if unknown := set(options.gates) - set(names):
        parser.error(f"no gate {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    with tempfile.TemporaryDirectory(prefix="wcsanalytics-benchmark-") as scratch:
        cache = options.cache or Path(scratch)
        inputs = made(cache, options.megabytes)
        bench = Bench(cache, Path(scratch), options.megabytes, inputs)
        gates = tuple(gate for gate in GATES if not options.gates or gate.name in options.gates)
        verdicts, costs = judge(bench, gates, options.rounds)
    _print(inputs, options.rounds, verdicts, costs)


def _print(inputs: Inputs, rounds: int, verdicts: list[Verdict], costs: dict[str, Cost]) -> None:
    print(f"busy day of {inputs.halves} halves of exchanges, medians of {rounds} rounds in turn\n")
    print("| gate | measured | asked | in the end | |")
    print("|---|---|---|---|---|")
    for gate, measured, _ in verdicts:
        word = Verdict(gate, measured, _).word
        shown = "" if measured is None else f"{measured:.4g}"
        print(f"| {gate.title} (`{gate.name}`) | {shown} | {gate.asked} | {gate.in_the_end} | {word} |")
    print("\n| run | CPU s | CPU µs a half | wall s | peak MB, largest process | peak MB, all processes |")
    print("|---|---|---|---|---|---|")
    for name, one in costs.items():
        a_half = one.cpu_s / inputs.halves * 1e6 / (4 if name.startswith("4 x") else 1)
        figures = (one.cpu_s, a_half, one.wall_s, one.largest_mb, one.all_mb)
        print(f"| {name} | " + " | ".join("" if math.isnan(figure) else f"{figure:.2f}" for figure in figures) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
