"""Archives: the same content gives the same bytes, and the tools of the system read them."""

import io
import os
import shutil
import subprocess
import tarfile
import time
import zipfile

import archive
import pytest
from archive import Entry

TIME = 1_795_000_000  # 2026-11-18
ENTRIES = [Entry("b/program", b"run", executable=True), Entry("b/a", b"text"), Entry("c", b"")]
WRITERS = [archive.tar_gz, archive.zip_file, lambda entries, stamp: archive.deb("Package: x\n", entries, stamp)]


@pytest.mark.parametrize("write", WRITERS)
def test_order_zone_and_clock_do_not_change_the_bytes(write, monkeypatch):
    first = write(ENTRIES, TIME)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    monkeypatch.setattr(time, "time", lambda: TIME + 1e6)
    old = os.umask(0)
    try:
        assert write(ENTRIES[::-1], TIME) == first
    finally:
        os.umask(old)
        monkeypatch.undo()
        time.tzset()


def test_entries_of_a_tar_belong_to_root_and_have_the_time():
    with tarfile.open(fileobj=io.BytesIO(archive.tar_gz(ENTRIES, TIME))) as read:
        members = {member.name: member for member in read}
    assert list(members) == ["b", "b/a", "b/program", "c"]
    assert {(it.uid, it.gid, it.uname, it.mtime) for it in members.values()} == {(0, 0, "root", TIME)}
    assert (members["b"].isdir(), members["b/program"].mode, members["b/a"].mode) == (True, 0o755, 0o644)


def test_zip_holds_content_times_and_modes():
    with zipfile.ZipFile(io.BytesIO(archive.zip_file(ENTRIES, 0))) as read:
        assert {it.filename: read.read(it) for it in read.infolist()} == {it.name: it.content for it in ENTRIES}
        assert {it.date_time for it in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert read.getinfo("b/program").external_attr >> 16 == 0o100755


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="dpkg-deb is a program of Debian")
def test_dpkg_reads_the_package(tmp_path):
    control = "Package: x\nVersion: 1\nArchitecture: amd64\nMaintainer: A <a@example.com>\nDescription: x\n"
    (tmp_path / "x.deb").write_bytes(archive.deb(control, ENTRIES, TIME))
    subprocess.run(["dpkg-deb", "--extract", tmp_path / "x.deb", tmp_path / "root"], check=True)
    assert (tmp_path / "root" / "b" / "a").read_bytes() == b"text"
    assert os.access(tmp_path / "root" / "b" / "program", os.X_OK)
    subprocess.run(["dpkg-deb", "--control", tmp_path / "x.deb", tmp_path / "about"], check=True)
    subprocess.run(["md5sum", "--quiet", "--check", tmp_path / "about" / "md5sums"], cwd=tmp_path / "root", check=True)


@pytest.mark.parametrize("content", [b"", b"1", b"12"])
def test_members_of_a_package_begin_at_even_positions(content):
    assert len(archive.member("name", content, TIME)) % 2 == 0
