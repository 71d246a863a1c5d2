"""Mono, whose runtime is close to the one of Unity's editor, and its reference assemblies of .NET Framework 4.8.

Unity compiles editor assemblies against that profile where a project chooses it. scripts/setup-mono installs both.
"""
import shutil
from pathlib import Path

REFERENCES = Path("/usr/lib/mono/4.8-api")

# The assemblies that Unity's own project files name. Others would offer what a Unity project does not have.
NAMED = ["mscorlib", "System", "System.Core", "System.Runtime.Serialization", "System.Xml", "System.Xml.Linq",
         "System.Numerics", "System.Numerics.Vectors", "System.Net.Http", "Microsoft.CSharp", "System.Data"]


def is_installed():
    return shutil.which("mono") is not None and (REFERENCES / "mscorlib.dll").exists()


def libraries():
    """Returns what to compile against: the named assemblies, and those that only forward types to them."""
    return [REFERENCES / f"{name}.dll" for name in NAMED] + sorted((REFERENCES / "Facades").glob("*.dll"))
