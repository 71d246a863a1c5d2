"""The scratch copy of the work tree to which breaks are applied. It and its builds stay, so that runs are incremental.

The copy is below the folder of build products. The work tree is only read.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import diffs

OWN_TOOLS = ("driver", "test-csharp")  # folders below .tools that tests write products of the sources to
LISTED = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]


class Scratch:
    """A copy of the work tree, with products of its own."""

    def __init__(self, root):
        self.root = root
        self.products = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
        self.folder = self.products / "claims"
        self.tree = self.folder / "tree"
        self.target = self.folder / "target"

    @contextlib.contextmanager
    def opened(self):
        """Holds the copy for one run, equal to the work tree."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("waits for another run of scripts/claims", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            self.copy_sources()
            self.link_tools()
            self.copy_products()
            yield self

    def copy_sources(self):
        """Makes the copy equal; a file with the right content keeps its time, so that nothing is built again."""
        listed = subprocess.run(LISTED, cwd=self.root, check=True, capture_output=True, text=True).stdout.split("\0")
        wanted = {name for name in listed if name and (self.root / name).is_file()}
        for name in wanted:
            source, copy = self.root / name, self.tree / name
            if copy.is_file() and copy.read_bytes() == source.read_bytes():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)
        for path in self.tree.rglob("*"):
            below = path.relative_to(self.tree)
            if below.parts[0] != ".tools" and path.is_file() and below.as_posix() not in wanted:
                path.unlink()

    def link_tools(self):
        """Shares the installed tools, but not the products of C# sources."""
        tools = self.root / ".tools"
        for path in tools.iterdir() if tools.is_dir() else ():
            link = self.tree / ".tools" / path.name
            link.parent.mkdir(parents=True, exist_ok=True)
            if path.name not in OWN_TOOLS and not link.is_symlink():
                link.symlink_to(path.resolve())

    def copy_products(self):
        """Takes over the compiled dependencies, which no break changes. Copies: cargo writes into some of them."""
        if self.target.exists() or not (self.products / "debug").is_dir():
            return
        for part in (".fingerprint", "build", "deps"):
            (self.target / "debug" / part).mkdir(parents=True)
            for path in (self.products / "debug" / part).glob("*"):
                if "vibesync" in path.name or path.name.startswith("it-"):
                    continue
                copy = self.target / "debug" / part / path.name
                with contextlib.suppress(FileNotFoundError):  # another build may go on
                    (shutil.copytree if path.is_dir() else shutil.copy2)(path, copy)

    @contextlib.contextmanager
    def broken(self, broken):
        """Applies a break for as long as the context lasts."""
        before = {path: (self.tree / path).read_text("utf-8") for path in broken.files}
        try:
            for path, hunks in broken.files.items():
                (self.tree / path).write_text(diffs.apply(before[path], hunks), "utf-8")
            yield
        finally:
            for path, text in before.items():
                (self.tree / path).write_text(text, "utf-8")

    def python(self, tool="python"):
        """Returns an installed Python; that of this process if there is none, as in a repository made by a test."""
        installed = self.tree / ".tools" / tool / "bin" / "python"
        return str(installed) if installed.exists() else sys.executable
