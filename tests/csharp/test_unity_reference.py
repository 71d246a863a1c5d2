"""Reading Unity's sources and binding the package against them, on a repository of a few lines in the same form."""
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
import build  # noqa: E402  (found through the path set above)
import reference  # noqa: E402

RELEASE = "6000.5.2f1"
ENGINE = """
namespace UnityEngine
{
    public class Object
    {
        public string name { get; set; }
#if ENABLE_NEW
        public int added;
#else
        public int removed;
#endif
        [System.Obsolete("old")] public void Old() => Unpublished.Call();
        [System.Obsolete("older", true)] public void Older() { }
        internal void Hidden() { }
    }
}
"""
EDITOR = """
namespace UnityEditor
{
    public sealed class EditorApplication
    {
        public static event System.Action quitting;
        internal static extern void SignalTick();
        public static T Load<T>(string path, params int[] rest) where T : UnityEngine.Object => null;
    }
}
"""
UNREADABLE = "namespace UnityEngine { public class Later(int number) { } }"


@pytest.fixture(scope="module")
def tool(tmp_path_factory):
    builder = build.Builder(tmp_path_factory.mktemp("tool"))
    tool = reference.add_tool(builder)
    builder.run()
    return tool


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "ROOT", tmp_path / "kept")
    root = tmp_path / "reference"
    for name, content in {"Runtime/Object.cs": ENGINE, "Runtime/Later.cs": UNREADABLE, "Editor/App.cs": EDITOR}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    projects = {"UnityEngine": ["Runtime/Object.cs", "Runtime/Later.cs"], "UnityEditor": ["Editor/App.cs"]}
    for project, files in projects.items():
        items = "".join(f'<Compile Include="..\\..\\{name.replace("/", chr(92))}" />' for name in files)
        path = root / "Projects" / "CSharp" / f"{project}.csproj"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<Project><DefineConstants>$(X);ENABLE_NEW</DefineConstants>{items}</Project>")
    identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "sources"], ["tag", RELEASE]):
        subprocess.run(["git", "-C", root, *arguments], check=True)
    return root


def bind(tool, repository, tmp_path, body):
    source = tmp_path / "Package.cs"
    source.write_text("static class Package { static void Use(UnityEngine.Object item) { " + body + " } }")
    builder = build.Builder(tmp_path / "package")
    builder.add("VibeSync.Package", [source], [tmp_path / "UnityFakes.dll"])
    return reference.bind(tool, repository, RELEASE, builder.responses)


def test_declarations_are_read_as_the_project_compiles_them(tool, repository):
    types = {"UnityEngine.Object", "UnityEditor.EditorApplication"}
    assert reference.read_declarations(tool, repository, RELEASE, types) == {
        ("UnityEngine.Object", "class : object"): "",
        ("UnityEngine.Object", "Object()"): "",
        ("UnityEngine.Object", "string name { get; }"): "",
        ("UnityEngine.Object", "string name { set; }"): "",
        ("UnityEngine.Object", "int added"): "",
        ("UnityEngine.Object", "void Old()"): "warning",
        ("UnityEngine.Object", "void Older()"): "error",
        ("UnityEditor.EditorApplication", "sealed class : object"): "",
        ("UnityEditor.EditorApplication", "EditorApplication()"): "",
        ("UnityEditor.EditorApplication", "static event System.Action quitting"): "",
        ("UnityEditor.EditorApplication", "internal static void SignalTick()"): "",
        ("UnityEditor.EditorApplication",
         "static T Load<T>(string, params int[]) where T : UnityEngine.Object"): "",
    }


def test_type_in_a_newer_language_is_refused(tool, repository):
    with pytest.raises(ValueError, match="UnityEngine.Later"):
        reference.read_declarations(tool, repository, RELEASE, {"UnityEngine.Later"})


def test_package_that_uses_what_unity_has_binds(tool, repository, tmp_path):
    assert bind(tool, repository, tmp_path, "item.name = item.added.ToString();") == []


def test_package_that_uses_anything_else_does_not_bind(tool, repository, tmp_path):
    uses = {"item.Missing();": "CS1061", "item.removed = 1;": "CS1061", "item.Hidden();": "CS0122",
            "item.name = 1;": "CS0029", "item.Old();": "CS0618", "item.Older();": "CS0619"}
    found = bind(tool, repository, tmp_path, "".join(uses))
    assert sorted(line.split("error ")[1][:6] for line in found) == sorted(uses.values())


def test_project_without_its_sources_is_refused(tool, repository):
    subprocess.run(["git", "-C", repository, "rm", "-q", "Runtime/Object.cs"], check=True)
    subprocess.run(["git", "-C", repository, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "less"],
                   check=True)
    subprocess.run(["git", "-C", repository, "tag", "-f", RELEASE], check=True, stdout=subprocess.DEVNULL)
    with pytest.raises(subprocess.CalledProcessError):
        reference.read_declarations(tool, repository, RELEASE, {"UnityEngine.Object"})
