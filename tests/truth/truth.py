"""Compares our verdicts on random graphs with those of a real Blender: see scripts/truth."""

import argparse
import copy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from catalogue import load
from faults import FAULTS
from graphs import valid_graph
from smallest import reduce_case

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIXABLE = ("incompatible", "second_link", "other_name")  # faults that `fix` can correct in some graphs
CORRECTED = "corrected"
MAX_REDUCED = 3  # differences that are reduced, which takes some seconds each
# Errors that depend on the evaluated geometry, and not on the graph.
DATA_ERRORS = re.compile(
    "An input was not manifold|Unknown Boolean error|The (source|target) mesh must have faces"
    "|must contain a mesh or a point cloud|Geometry cannot be retrieved from the modifier object"
    "|Input grid is not a valid level set|Conversion not supported when (separating bundle|evaluating closure)"
    "|Value not found in bundle|Closure does not have"
    # Blender 5.0 reports a grid before an output of a type without grids only in some graphs.
    "|Grid type not supported"
)


def graph_pairs(version, count, seed):
    """Yields pairs of graphs: a valid one, and the same with a fault."""
    catalogue = load(version)
    for number in range(seed, seed + count):
        source = random.Random(f"{version} {number}")
        graph = valid_graph(source, catalogue)
        document = graph.document()
        yield {"seed": number, "fault": None, "graph": document}
        for fault in source.sample(FAULTS, len(FAULTS)):
            broken = copy.deepcopy(document)
            if fault(graph, broken) is not False:
                yield {"seed": number, "fault": fault.__name__, "graph": broken}
                break


def blender_verdicts(version, cases, folder):
    """Returns Blender's verdict on each case: {"ok": bool, "why": text}. Ignores errors that depend on data."""
    source, target = folder / "graphs.jsonl", folder / "blender.jsonl"
    source.write_text("".join(json.dumps(case) + "\n" for case in cases))
    target.write_text("")
    python = ROOT / ".tools" / f"blender-{version}" / "bin" / "python"
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    for _ in cases:  # after a crash Blender continues with the next graph
        done = subprocess.run([python, HERE / "in_blender.py", source, target], env=environment, check=False)
        if done.returncode == 0:
            break
        with target.open("a") as file:
            file.write(json.dumps({"ok": False, "why": f"Blender ended with {done.returncode}"}) + "\n")
    verdicts = [json.loads(line) for line in target.read_text().splitlines()]
    for verdict in verdicts:
        verdict["ok"] |= "errors" in verdict and all(map(DATA_ERRORS.search, verdict["errors"]))
    return verdicts


def our_verdicts(version, cases, program):
    """Returns our verdict on each case as it is, without fixes."""
    command = [program, "graph", "check", "--json", "--batch", "--blender", ".".join(version.split(".")[:2])]
    lines = "".join(json.dumps(case["graph"]) + "\n" for case in cases)
    done = subprocess.run(command, input=lines, text=True, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return [{"ok": one["status"] == "GRAPH_OK", "why": one["errors"]} for one in reports]


def fixed_cases(version, cases, program):
    """Yields the cases with faults that `fix` corrects completely."""
    for case in cases:
        if case["fault"] in FIXABLE:
            command = [program, "graph", "fix", "--json", "--blender", ".".join(version.split(".")[:2])]
            text = json.dumps(case["graph"])
            done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
            report = json.loads(done.stdout)
            if report["status"] == "GRAPH_OK":
                yield {"seed": case["seed"], "fault": None, "graph": report["graph_json"]}


def show(case, our, their):
    """Prints a difference: the seed, both verdicts, and the graph."""
    print(f"seed {case['seed']}, {case['fault'] or 'valid'}")
    print(f"  Blender: {'ok' if their['ok'] else their.get('why')} {their.get('errors', '')}")
    print(f"  ours: {'ok' if our['ok'] else json.dumps(our['why'])[:600]}")
    print(f"  graph: {json.dumps(case['graph'])}")


def show_reduced(case, options, folder):
    """Prints a smaller graph with the same difference."""

    def verdicts(cases):
        return our_verdicts(options.blender, cases, options.program), blender_verdicts(options.blender, cases, folder)

    print(f"  smallest: {json.dumps(reduce_case(case, verdicts)['graph'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blender", default="4.5.15")
    parser.add_argument("--graphs", type=int, default=100, help="pairs of a valid graph and one with a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="a folder for graphs and verdicts")
    options = parser.parse_args()
    cases = list(graph_pairs(options.blender, options.graphs, options.seed))
    found = our_verdicts(options.blender, cases, options.program)
    fixed = list(fixed_cases(options.blender, cases, options.program))
    cases += fixed
    found += [{"ok": True, "why": CORRECTED}] * len(fixed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        theirs = blender_verdicts(options.blender, cases, folder)
        differences, unplanned = 0, 0
        for case, our, their in zip(cases, found, theirs, strict=True):
            has_fault = case["fault"] is not None
            if our["ok"] != their["ok"]:
                differences += 1
                show(case, our, their)
                if differences <= MAX_REDUCED and our["why"] != CORRECTED:
                    show_reduced(case, options, folder)
            elif (
                their["ok"] == has_fault
            ):  # both agree, but the fault is missing or the graph was invalid from the start
                unplanned += 1
                show(case, our, their)
    faults = Counter(case["fault"] for case in cases if case["fault"])
    print(", ".join(f"{name} {count}" for name, count in sorted(faults.items())))
    print(
        f"Blender {options.blender}: {len(cases)} graphs from seed {options.seed}, {len(fixed)} of them corrected, "
        f"{differences} verdicts differ, {unplanned} graphs not as planned"
    )
    sys.exit(bool(differences or unplanned))


if __name__ == "__main__":
    main()
