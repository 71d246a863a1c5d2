"""Holds our verdicts on random graphs against those of a real Blender: see scripts/truth."""

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
from graphs import valid
from smallest import smallest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIXABLE = ("incompatible", "second_link", "other_name")  # faults of which some are corrected
CORRECTED = "corrected"
SMALLEST = 3  # differences that are made small: it takes Blender some seconds each
# What an evaluation finds in the geometry that it happens to get says nothing about the graph.
OF_THE_DATA = re.compile(
    "An input was not manifold|Unknown Boolean error|The (source|target) mesh must have faces"
    "|must contain a mesh or a point cloud|Geometry cannot be retrieved from the modifier object"
    "|Input grid is not a valid level set|Conversion not supported when (separating bundle|evaluating closure)"
    "|Value not found in bundle|Closure does not have"
    # Of a grid that goes where an output is of a type that grids cannot have, 5.0 says so of one graph and not of
    # seven others that are linked in the same way.
    "|Grid type not supported"
)


def graphs(version, count, seed):
    """Graphs in pairs: one that is valid, the same one with a fault."""
    catalogue = load(version)
    for number in range(seed, seed + count):
        source = random.Random(f"{version} {number}")
        graph = valid(source, catalogue)
        document = graph.document()
        yield {"seed": number, "fault": None, "graph": document}
        for fault in source.sample(FAULTS, len(FAULTS)):
            broken = copy.deepcopy(document)
            if fault(graph, broken) is not False:
                yield {"seed": number, "fault": fault.__name__, "graph": broken}
                break


def blenders(version, cases, folder):
    """Blender's verdict on each: {"ok": bool, "why": text}. Errors that come from the data count as none."""
    source, target = folder / "graphs.jsonl", folder / "blender.jsonl"
    source.write_text("".join(json.dumps(case) + "\n" for case in cases))
    target.write_text("")
    python = ROOT / ".tools" / f"blender-{version}" / "bin" / "python"
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    for _ in cases:  # a crash costs its graph, and Blender goes on with the next
        done = subprocess.run([python, HERE / "in_blender.py", source, target], env=environment, check=False)
        if done.returncode == 0:
            break
        with target.open("a") as file:
            file.write(json.dumps({"ok": False, "why": f"Blender ended with {done.returncode}"}) + "\n")
    verdicts = [json.loads(line) for line in target.read_text().splitlines()]
    for verdict in verdicts:
        verdict["ok"] |= "errors" in verdict and all(map(OF_THE_DATA.search, verdict["errors"]))
    return verdicts


def ours(version, cases, program):
    """Our verdict on each, of what was asked for: a graph that was changed to make it valid was not."""
    command = [program, "graph", "check", "--json", "--batch", "--blender", ".".join(version.split(".")[:2])]
    lines = "".join(json.dumps(case["graph"]) + "\n" for case in cases)
    done = subprocess.run(command, input=lines, text=True, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return [{"ok": one["status"] == "GRAPH_OK", "why": one["errors"]} for one in reports]


def corrected(version, cases, program):
    """The graphs that `fix` makes of those with faults, as far as it says that all is well then."""
    for case in cases:
        if case["fault"] in FIXABLE:
            command = [program, "graph", "fix", "--json", "--blender", ".".join(version.split(".")[:2])]
            text = json.dumps(case["graph"])
            done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
            report = json.loads(done.stdout)
            if report["status"] == "GRAPH_OK":
                yield {"seed": case["seed"], "fault": None, "graph": report["graph_json"]}


def show(case, our, their):
    """One difference: how to make it again, and what either side says."""
    print(f"seed {case['seed']}, {case['fault'] or 'valid'}")
    print(f"  Blender: {'ok' if their['ok'] else their.get('why')} {their.get('errors', '')}")
    print(f"  ours: {'ok' if our['ok'] else json.dumps(our['why'])[:600]}")
    print(f"  graph: {json.dumps(case['graph'])}")


def reduce(case, options, folder):
    """Print the smallest graph of one difference."""

    def verdicts(cases):
        return ours(options.blender, cases, options.program), blenders(options.blender, cases, folder)

    print(f"  smallest: {json.dumps(smallest(case, verdicts)['graph'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blender", default="4.5.15")
    parser.add_argument("--graphs", type=int, default=100, help="pairs of a valid graph and one with a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="a folder for graphs and verdicts")
    options = parser.parse_args()
    cases = list(graphs(options.blender, options.graphs, options.seed))
    found = ours(options.blender, cases, options.program)
    fixed = list(corrected(options.blender, cases, options.program))
    cases += fixed
    found += [{"ok": True, "why": CORRECTED}] * len(fixed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        theirs = blenders(options.blender, cases, folder)
        differences, unplanted = 0, 0
        for case, our, their in zip(cases, found, theirs, strict=True):
            planted = case["fault"] is not None
            if our["ok"] != their["ok"]:
                differences += 1
                show(case, our, their)
                if differences <= SMALLEST and our["why"] != CORRECTED:
                    reduce(case, options, folder)
            elif their["ok"] == planted:  # both agree, but the graph is not what it was meant to be
                unplanted += 1
                show(case, our, their)
    faults = Counter(case["fault"] for case in cases if case["fault"])
    print(", ".join(f"{name} {count}" for name, count in sorted(faults.items())))
    print(
        f"Blender {options.blender}: {len(cases)} graphs from seed {options.seed}, {len(fixed)} of them corrected, "
        f"{differences} verdicts differ, {unplanted} graphs not as meant"
    )
    sys.exit(bool(differences or unplanted))


if __name__ == "__main__":
    main()
