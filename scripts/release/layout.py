"""The content of each package."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import archive
import programs
import tree
from archive import Entry

OWN_LICENSES = ("LICENSE-APACHE", "LICENSE-MIT")
HOME = "https://github.com/vibesync/vibesync"
# Debian's package of each library that a program may need.
DEBIAN = {
    "ld-linux-x86-64.so.2": "libc6",
    "libc.so.6": "libc6",
    "libgcc_s.so.1": "libgcc-s1",
    "libm.so.6": "libc6",
    "libz.so.1": "zlib1g",
}


@dataclass(frozen=True)
class Parts:
    """The parts that more than one package contains."""

    source: Path
    version: str
    commit: tree.Commit
    extension: tuple
    unity: tuple

    def common(self):
        """Returns the licenses and the packages for both editors."""
        own = [Entry(name, read(self.source / name)) for name in OWN_LICENSES]
        return [*own, Entry(*self.extension), Entry(*self.unity)]

    def text(self, name):
        """Reads a text of scripts/release/, and fills in version and commit."""
        text = (self.source / "scripts" / "release" / name).read_text("utf-8")
        about = f"{self.version} ({self.commit.name} {self.commit.date})"
        values = {"@VERSION@": self.version, "@UNITY@": self.unity[0], "@ABOUT@": about}
        for name, value in values.items():
            text = text.replace(name, value)
        return text


def read(path):
    return path.read_bytes()


def unity(source, commit):
    """Returns the name and content of the package for Unity's package manager, which wants a folder `package`.

    Its tests read the golden vectors from `Golden~`, a folder that Unity does not import.
    """
    manifest = tree.unity_manifest(source)
    inner = [path.relative_to("unity-package") for path in tree.files(source, "unity-package")]
    entries = [Entry(f"package/{path.as_posix()}", read(source / "unity-package" / path)) for path in inner]
    vectors = tree.files(source, "tests/golden")
    entries += [Entry(f"package/Golden~/{path.name}", read(source / path)) for path in vectors]
    return f"{manifest['name']}-{manifest['version']}.tgz", archive.tar_gz(entries, commit.time)


def linux_tarball(parts, built, licenses):
    """Returns the name and content of the archive for any Linux."""
    name = f"vibesync-{parts.version}-linux-x86_64"
    entries = [
        *(Entry(program.name, program.content, executable=True) for program in built),
        *parts.common(),
        Entry("README.txt", parts.text("linux/README.txt").encode()),
        Entry("CHANGELOG.md", read(parts.source / "CHANGELOG.md")),
        Entry("THIRD-PARTY-LICENSES", licenses.encode()),
    ]
    entries = [Entry(f"{name}/{entry.name}", entry.content, entry.executable) for entry in entries]
    return f"{name}.tar.gz", archive.tar_gz(entries, parts.commit.time)


def debian(parts, built, licenses, needs):
    """Returns the name and content of the package for Debian and Ubuntu. `needs` is its field Depends."""
    documents, time = "usr/share/doc/vibesync", parts.commit.time
    entries = [
        *(Entry(f"usr/bin/{program.name}", program.content, executable=True) for program in built),
        Entry(f"{documents}/copyright", parts.text("linux/copyright").encode()),
        Entry(f"{documents}/changelog.gz", archive.zipped(read(parts.source / "CHANGELOG.md"), time)),
        Entry(f"{documents}/THIRD-PARTY-LICENSES.gz", archive.zipped(licenses.encode(), time)),
        *(Entry(f"usr/share/vibesync/{entry.name}", entry.content) for entry in parts.common()),
    ]
    control = parts.text("linux/control").replace("@DEPENDS@", needs)
    return f"vibesync_{parts.version}_amd64.deb", archive.deb(control, entries, time)


def windows_zip(parts, built, licenses):
    """Returns the name and content of the archive for Windows. Its texts have Windows' ends of lines."""
    scripts = ("install.cmd", "uninstall.cmd", "add-project.cmd", "README.txt")
    entries = [
        *(Entry(program.name, program.content, executable=True) for program in built),
        *parts.common(),
        *(Entry(name, crlf(parts.text(f"windows/{name}"))) for name in scripts),
        Entry("THIRD-PARTY-LICENSES.txt", crlf(licenses)),
    ]
    licenses_as_text = {name: f"{name}.txt" for name in OWN_LICENSES}
    entries = [
        Entry(licenses_as_text[entry.name], crlf(entry.content.decode())) if entry.name in licenses_as_text else entry
        for entry in entries
    ]
    return f"vibesync-{parts.version}-windows-x86_64.zip", archive.zip_file(entries, parts.commit.time)


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def depends(program):
    """Returns Debian's packages that a program needs, with the version of the C library that its symbols ask for."""
    needed = set(re.findall(r"NEEDED\s+(\S+)", objdump("-p", program)))
    unknown = sorted(needed - DEBIAN.keys())
    if unknown:
        raise programs.BuildError(f"no package of Debian is known for {', '.join(unknown)}")
    symbols = re.findall(r"\bGLIBC_([\d.]+)\b", objdump("-T", program))
    newest = max((tuple(map(int, version.split("."))) for version in symbols), default=(2, 17))
    packages = sorted({DEBIAN[name] for name in needed})
    versions = {"libc6": f" (>= {'.'.join(map(str, newest))})"}
    return ", ".join(package + versions.get(package, "") for package in packages)


def objdump(option, program):
    return subprocess.run(["objdump", option, program], check=True, stdout=subprocess.PIPE, text=True).stdout
