"""Makes the packages of a source tree, as files in a folder, with their checksums."""

import hashlib
import subprocess
import tempfile
from pathlib import Path

import bundle
import extension
import layout
import licenses
import programs
import tree

ALL = ("linux", "windows", "blender", "unity", "mcpb")
SUMS = "SHA256SUMS"
RUNTIME = "mingw-w64-licenses.txt"


def make(source, wanted, commit, built=None):
    """Returns the content of each file by its name. `built` is a folder with programs, instead of a build."""
    parts = layout.Parts(source, tree.version(source), commit, extension.build(source), layout.unity(source, commit))
    made = {}
    if "blender" in wanted:
        made.update([parts.extension])
    if "unity" in wanted:
        made.update([parts.unity])
    split = {}
    for system in (programs.LINUX, programs.WINDOWS):
        if system.name in wanted or "mcpb" in wanted:
            folder = built or build(system, parts)
            split[system], packages = of_system(system, parts, folder)
            made |= packages if system.name in wanted else {}
    if "mcpb" in wanted:
        name, content = bundle.bundle(parts, split)
        made |= dict([(name, content), bundle.server_json(parts.version, name, content)])
    return made


def build(system, parts):
    """Builds the programs of a system and returns their folder."""
    builder = programs.build_linux if system is programs.LINUX else programs.build_windows
    return builder(parts.source, parts.commit)


def of_system(system, parts, folder):
    """Returns the stripped programs with the licenses of their crates, and the packages with the debug files."""
    with tempfile.TemporaryDirectory() as work:
        split = programs.split(system, folder, Path(work))
        needs = layout.depends(Path(work) / "vibesync") if system is programs.LINUX else ""
    texts = licenses.third_party(parts.source, system.target, runtime(system, parts.source))
    if system is programs.LINUX:
        packages = [layout.linux_tarball(parts, split, texts), layout.debian(parts, split, texts, needs)]
    else:
        packages = [layout.windows_zip(parts, split, texts)]
    debug = {f"debug-{system.name}-x86_64/{it.name}.debug": it.debug for it in split}
    return (split, texts), {**dict(packages), **debug}


def runtime(system, source):
    """Returns the parts of a program besides crates: for Windows, the C runtime that is linked into it."""
    if system is programs.LINUX:
        return []
    text = (source / "scripts" / "release" / "windows" / RUNTIME).read_text("utf-8")
    title = "The C runtime of mingw-w64, and libgcc (GPL-3.0 with the GCC Runtime Library Exception 3.1)"
    return [(title, [(RUNTIME, text)])]


def write(folder, made):
    """Writes the files, and a line for each in SHA256SUMS. Lines of other files stay as long as they are right."""
    sums = {name: digest for name, digest in read_sums(folder).items() if digest == digest_of(folder / name)}
    for name, content in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sums[name] = hashlib.sha256(content).hexdigest()
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (folder / SUMS).write_text(lines, "utf-8")


def read_sums(folder):
    path = folder / SUMS
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def copy(source, folder):
    """Copies the sources without their history, with the times of the files. Files of an earlier copy are removed."""
    wanted = set(tree.files(source))
    for path in tree.files(folder) if folder.exists() else ():
        if path not in wanted:
            (folder / path).unlink()
    folder.mkdir(parents=True, exist_ok=True)
    names = "\0".join(map(str, sorted(wanted)))
    packed = subprocess.run(
        ["tar", "-c", "--null", "-T", "-"], cwd=source, input=names.encode(), check=True, stdout=subprocess.PIPE
    )
    subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
