"""Builds the programs of a system, and splits their debug information off.

The bytes must not depend on where the sources or cargo's home are. So the compilers write other paths in their place.
"""

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "scripts" / "setup-windows"
ENTER = ROOT / "tests" / "windows" / "enter"
TREE_INSIDE = Path("/vibesync")  # where tests/windows/enter shows this tree
UNSET = ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CFLAGS", "RUSTC_WRAPPER", "CARGO_BUILD_RUSTFLAGS")


@dataclass(frozen=True)
class System:
    """A system that the programs are built for."""

    name: str
    target: str
    programs: tuple


LINUX = System("linux", "x86_64-unknown-linux-gnu", ("vibesync",))
WINDOWS = System("windows", "x86_64-pc-windows-gnu", ("vibesync.exe", "vibesync-service.exe"))
CARGO = ("cargo", "build", "--release", "--locked", "--quiet", "-p", "vibesync", "--target")


class BuildError(Exception):
    """The build cannot be done, or did not make what the package needs."""


@dataclass(frozen=True)
class Program:
    """A stripped program and the file with its debug information."""

    name: str
    content: bytes
    debug: bytes


def settings(source, cargo_home, commit):
    """Returns the variables that make a build independent of its place. `source` is its path for the compiler."""
    places = {source: "/vibesync", cargo_home: "/cargo", "/usr/lib/rustlib/src/rust": "/rustc"}
    rust = [f"--remap-path-prefix={path}={name}" for path, name in places.items()]
    c = [f"-ffile-prefix-map={path}={name}" for path, name in places.items()]
    values = {
        "CARGO_INCREMENTAL": "0",
        "CARGO_TARGET_DIR": f"{source}/target/package",
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(rust),
        "CFLAGS": shlex.join(c),
        "CC_SHELL_ESCAPED_FLAGS": "1",
        # The program must not depend on the zlib of the machine that it was built on.
        "LIBZ_SYS_STATIC": "1",
        "SOURCE_DATE_EPOCH": str(commit.time),
        "VIBESYNC_COMMIT": commit.name,
        "VIBESYNC_COMMIT_DATE": commit.date,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    return {name: value for name, value in values.items() if value}


def build_linux(source, commit):
    """Builds for this machine and returns the folder of the programs."""
    cargo_home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")).resolve()
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    environment |= settings(source, cargo_home, commit)
    # With a target, the flags do not reach build scripts, which run here and are not shipped.
    command = [*CARGO, LINUX.target, "--bin", "vibesync"]
    subprocess.run(command, cwd=source, env=environment, check=True)
    return source / "target" / "package" / LINUX.target / "release"


def build_windows(source, commit):
    """Builds inside of the root that scripts/setup-windows makes, and returns the folder of the programs."""
    inside = TREE_INSIDE / source.relative_to(ROOT)
    values = settings(inside, "/root/.cargo", commit)
    # Without this the linker writes the time of the build into the program.
    values["CARGO_ENCODED_RUSTFLAGS"] += "\x1f-Clink-arg=-Wl,--no-insert-timestamp"
    variables = [f"{name}={value}" for name, value in values.items()]
    command = [*CARGO, WINDOWS.target, "--bins"]
    standard_library = "-Zbuild-std=std,panic_abort,proc_macro"
    subprocess.run(
        [ENTER, "--inside", "env", "-C", inside, *variables, *command, standard_library], cwd=ROOT, check=True
    )
    return source / "target" / "package" / WINDOWS.target / "release"


def prepare_windows():
    """Makes the root for Windows if it is missing."""
    for path in (SETUP, ENTER):
        if not path.exists():
            raise BuildError(f"{path.relative_to(ROOT)} is missing: the programs for Windows are built through it")
    subprocess.run([SETUP], check=True)


def split(system, folder, work):
    """Strips the programs of a folder. Each names its debug file, so that a debugger finds it beside."""
    return [split_one(folder / name, work) for name in system.programs]


def split_one(path, work):
    """Needs an objcopy that knows the format of the program; Debian's knows that of Windows too."""
    if not path.is_file():
        raise BuildError(f"{path} is missing: the build did not make it")
    debug, stripped = work / f"{path.name}.debug", work / path.name
    objcopy("--only-keep-debug", *debug_options(path), path, debug)
    objcopy("--strip-all", path, stripped)
    # The link has the name and a checksum of the debug file.
    objcopy(f"--add-gnu-debuglink={debug.name}", stripped, cwd=work)
    return Program(path.name, stripped.read_bytes(), debug.read_bytes())


def debug_options(path):
    if path.suffix == ".exe":
        # Symbols that are named after a folder which the compiler makes for each run.
        return ["--wildcard", "--strip-symbol=*_dll_imports_lib*"]
    return ["--compress-debug-sections=zlib"]  # only debuggers of Linux read those


def objcopy(*arguments, cwd=None):
    # Otherwise it writes the time of the day into programs of Windows.
    subprocess.run(["objcopy", "--preserve-dates", *arguments], cwd=cwd, check=True)
