"""The content of the packages, with programs that the tests make."""

import io
import itertools
import json
import subprocess
import tarfile
import zipfile
from pathlib import Path

import layout
import packages
import programs
import pytest
import tree

BUILT = [programs.Program(name, b"MZ", b"debug") for name in programs.WINDOWS.programs]


@pytest.fixture(scope="module")
def windows(parts):
    """The files of the zip for Windows, by name."""
    name, content = layout.windows_zip(parts, BUILT, "licenses\n")
    assert name == f"vibesync-{parts.version}-windows-x86_64.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_zip_for_windows_has_all_that_an_artist_needs(windows, parts):
    programs_and_scripts = {"vibesync.exe", "vibesync-service.exe", "install.cmd", "uninstall.cmd", "add-project.cmd"}
    texts = {"README.txt", "LICENSE-MIT.txt", "LICENSE-APACHE.txt", "THIRD-PARTY-LICENSES.txt"}
    assert set(windows) == programs_and_scripts | texts | {parts.extension[0], parts.unity[0]}
    assert windows[parts.extension[0]] == parts.extension[1]


def test_scripts_for_windows_are_ascii_with_its_ends_of_lines(windows):
    for name in [name for name in windows if name.endswith((".cmd", ".txt"))]:
        text = windows[name].decode("utf-8")
        assert text.count("\n") == text.count("\r\n") > 0, name
        if not name.startswith("THIRD"):
            assert text.isascii(), name


def test_installer_copies_and_uninstaller_removes_every_file(windows):
    install, uninstall = windows["install.cmd"].decode(), windows["uninstall.cmd"].decode()
    copied = install.split("for %%F in (")[1].split(")")[0].split()
    assert set(copied) == set(windows) - {"install.cmd"}
    patterns = uninstall.replace("com.vibesync.*.tgz", layout.unity.__name__)
    for name in copied:
        assert name in patterns or name.endswith((".zip", ".tgz")), name


@pytest.mark.parametrize("name", ["install.cmd", "uninstall.cmd", "add-project.cmd"])
def test_jumps_of_a_script_have_a_label(windows, name):
    lines = windows[name].decode().splitlines()
    labels = {line[1:].strip() for line in lines if line.startswith(":")}
    words = [word for line in lines for word in line.replace("&", " ").split()]
    jumps = {after.lstrip(":") for word, after in itertools.pairwise(words) if word == "goto"}
    assert jumps and jumps <= labels | {"2>nul"}
    assert not [line for line in lines if "@" in line and not line.startswith("@echo off")], "a name is not filled in"


def test_package_for_unity_is_one_that_its_manager_reads(parts):
    name, content = parts.unity
    assert name == f"com.vibesync.bridge-{parts.version}.tgz"
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        names = [member.name for member in archive if member.isfile()]
        manifest = json.load(archive.extractfile("package/package.json"))
    assert manifest["version"] == parts.version
    assert all(name.startswith("package/") for name in names)
    written = set(names)
    assert not [name for name in names if name.endswith(".cs") and f"{name}.meta" not in written]


def test_package_for_unity_has_its_tests_and_the_golden_vectors(parts):
    with tarfile.open(fileobj=io.BytesIO(parts.unity[1])) as archive:
        files = [member for member in archive if member.isfile() and "/Golden~/" in member.name]
        found = {member.name: archive.extractfile(member).read() for member in files}
        definition = json.load(archive.extractfile("package/Tests/Editor/VibeSync.Editor.Tests.asmdef"))
    golden = parts.source / "tests" / "golden"
    assert found == {f"package/Golden~/{path.name}": path.read_bytes() for path in golden.iterdir()}
    assert definition["defineConstraints"] == ["UNITY_INCLUDE_TESTS"]
    assert definition["autoReferenced"] is False


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A folder with a small program that stands for the real one."""
    folder = tmp_path_factory.mktemp("built")
    source = '#include <stdio.h>\nint main(void) { puts("vibesync 0.1.0 (abc)"); return 0; }\n'
    command = ["cc", "-g", "-x", "c", "-", "-o", folder / "vibesync"]
    subprocess.run(command, input=source, text=True, check=True)
    return folder


def test_debug_file_is_split_off_and_named(compiled, tmp_path):
    (program,) = programs.split(programs.LINUX, compiled, tmp_path)
    sections = subprocess.run(["objdump", "-h", tmp_path / "vibesync"], capture_output=True, text=True).stdout
    assert ".gnu_debuglink" in sections and ".debug_info" not in sections
    assert b"vibesync.debug" in program.content and program.debug.startswith(b"\x7fELF")
    assert len(program.content) < len((compiled / "vibesync").read_bytes())


def test_missing_program_is_named(compiled, tmp_path):
    with pytest.raises(programs.BuildError, match=r"vibesync\.exe is missing"):
        programs.split(programs.WINDOWS, compiled, tmp_path)


def test_package_for_debian_asks_for_the_c_library_of_its_symbols(compiled):
    assert layout.depends(compiled / "vibesync").startswith("libc6 (>= 2.")


def test_packages_for_linux_run_where_they_are_installed(compiled, root, tmp_path):
    installed = pytest.importorskip("installed")
    commit = tree.Commit("abc", "", 1_795_000_000)
    made = packages.make(root, ["linux"], commit, compiled)
    packages.write(tmp_path, made)
    assert len(list(installed.check(tmp_path, made, tree.version(root)))) == 2
    with pytest.raises(installed.Failed, match="--version"):
        list(installed.check(tmp_path, made, "9.9"))


def test_sums_keep_lines_of_other_files_that_are_right(tmp_path):
    packages.write(tmp_path, {"a": b"1", "debug/b": b"2"})
    packages.write(tmp_path, {"c": b"3"})
    subprocess.run(["sha256sum", "--quiet", "--check", packages.SUMS], cwd=tmp_path, check=True)
    (tmp_path / "a").write_bytes(b"other")
    packages.write(tmp_path, {"c": b"4"})
    assert set(packages.read_sums(tmp_path)) == {"c", "debug/b"}


def test_copy_of_the_sources_is_equal_and_forgets_removed_files(root, tmp_path):
    folder = tmp_path / "a folder"
    packages.copy(root, folder)
    (folder / "removed").touch()
    packages.copy(root, folder)
    assert tree.files(folder) == tree.files(root)
    assert not (folder / ".git").exists() and not (folder / "target").exists()


def test_compilers_write_another_path_for_the_sources():
    commit = tree.Commit("0123456789ab", "2026-11-22", 7)
    values = programs.settings(Path("/a b/source"), Path("/home/ada/.cargo"), commit)
    assert "--remap-path-prefix=/a b/source=/vibesync" in values["CARGO_ENCODED_RUSTFLAGS"].split("\x1f")
    assert "'-ffile-prefix-map=/a b/source=/vibesync'" in values["CFLAGS"]
    assert values["SOURCE_DATE_EPOCH"] == "7"
