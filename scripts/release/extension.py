"""The extension that Blender installs.

Blender's own tool only validates the archive, because the archives that it packs differ from run to run.
"""

import fnmatch
import subprocess
import sys
from pathlib import Path

import archive
import tree
from archive import Entry

ROOT = Path(__file__).resolve().parents[2]
TOOL = ".tools/blender-*/lib/**/blender_ext.py"


def files(folder, manifest):
    """Lists the files of the archive as (name in the archive, path), sorted."""
    excluded = manifest["build"]["paths_exclude_pattern"]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        parts = [f"{parent.name}/" for parent in Path(name).parents] + [path.name]
        if path.is_file() and not any(fnmatch.fnmatch(part, pattern) for part in parts for pattern in excluded):
            yield name, path


def build(source):
    """Returns the name and content of the archive."""
    manifest = tree.extension_manifest(source)
    entries = [Entry(name, path.read_bytes()) for name, path in files(source / "addons" / "vibesync", manifest)]
    # Always the same time: the archive is the same in two commits that do not change it.
    return f"{manifest['id']}-{manifest['version']}.zip", archive.zip_file(entries, archive.EARLIEST)


def validate(path):
    """Validates an archive with the tool of a Blender below .tools/; installs one if there is none."""
    tools = sorted(ROOT.glob(TOOL))
    if not tools:
        subprocess.run([ROOT / "scripts" / "setup-blender"], check=True, stdout=sys.stderr)
        tools = sorted(ROOT.glob(TOOL))
    subprocess.run([sys.executable, tools[0], "validate", path], check=True, stdout=sys.stderr)
