"""Writes archives whose bytes depend on their content alone: tar.gz, zip and deb.

Every entry belongs to root and has one of two modes. All times are that of the commit.
"""

import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime

EARLIEST = 315532800  # 1980-01-01, the first time that a zip can hold


@dataclass(frozen=True)
class Entry:
    """A file of an archive: its name there, with slashes, its content, and whether it is a program."""

    name: str
    content: bytes
    executable: bool = False

    @property
    def mode(self):
        return 0o755 if self.executable else 0o644


def tar(entries, time):
    """Returns a tar with the entries sorted by name, and with the folders that they need."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder in folders(entries):
            archive.addfile(header(folder, time, 0o755, tarfile.DIRTYPE))
        for entry in sorted(entries, key=lambda entry: entry.name):
            info = header(entry.name, time, entry.mode, tarfile.REGTYPE)
            info.size = len(entry.content)
            archive.addfile(info, io.BytesIO(entry.content))
    return packed.getvalue()


def folders(entries):
    """Lists the folders above the entries, the outer ones first."""
    found = set()
    for entry in entries:
        parts = entry.name.split("/")[:-1]
        found |= {"/".join(parts[: depth + 1]) for depth in range(len(parts))}
    return sorted(found - {"", "."})


def header(name, time, mode, kind):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime = kind, mode, time
    info.uname = info.gname = "root"
    return info


def zipped(content, time):
    """Compresses with gzip, without a file name."""
    return gzip.compress(content, compresslevel=9, mtime=time)


def tar_gz(entries, time):
    return zipped(tar(entries, time), time)


def zip_file(entries, time):
    """Returns a zip with the entries sorted by name. Its times are UTC."""
    packed = io.BytesIO()
    stamp = datetime.fromtimestamp(max(time, EARLIEST), UTC).timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for entry in sorted(entries, key=lambda entry: entry.name):
            info = zipfile.ZipInfo(entry.name, stamp)
            info.external_attr = (0o100000 | entry.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, entry.content)
    return packed.getvalue()


def deb(control, entries, time):
    """Returns a Debian package. `control` is the text of its control file, without Installed-Size."""
    size = sum(-(-len(entry.content) // 1024) for entry in entries) + len(folders(entries))
    sums = (f"{hashlib.md5(entry.content).hexdigest()}  {entry.name}\n" for entry in entries)
    about = [
        Entry("./control", f"{control}Installed-Size: {size}\n".encode()),
        Entry("./md5sums", "".join(sorted(sums, key=lambda line: line[34:])).encode()),
    ]
    data = [Entry(f"./{entry.name}", entry.content, entry.executable) for entry in entries]
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", tar_gz(about, time)),
        ("data.tar.xz", lzma.compress(tar(data, time), preset=6)),
    ]
    return b"!<arch>\n" + b"".join(member(name, content, time) for name, content in members)


def member(name, content, time):
    """Returns a member of an `ar` archive, which begins at an even position."""
    head = f"{name:<16}{time:<12}{0:<6}{0:<6}{0o100644:<8o}{len(content):<10}`\n"
    return head.encode() + content + b"\n" * (len(content) % 2)
