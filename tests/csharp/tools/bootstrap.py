"""Compiles the compiler driver (Compile.cs) with Roslyn, started from Python: there is no compiler yet to do it.

Arguments: the .NET folder, the runtime's version, Roslyn's folder, the source file, the assembly to write.
"""
import json
import sys
from pathlib import Path

dotnet, version, roslyn, source, output = sys.argv[1:6]
framework = Path(dotnet) / "shared" / "Microsoft.NETCore.App" / version
config = {"runtimeOptions": {
    "tfm": "net9.0",
    "framework": {"name": "Microsoft.NETCore.App", "version": version},
    "configProperties": {"System.Globalization.Invariant": True}}}
config_path = Path(output).with_suffix(".runtimeconfig.json")
config_path.write_text(json.dumps(config))

from clr_loader import get_coreclr  # noqa: E402  (the runtime is configured first)
from pythonnet import set_runtime  # noqa: E402

set_runtime(get_coreclr(runtime_config=str(config_path), dotnet_root=dotnet))
import clr  # noqa: E402,F401
import System  # noqa: E402
from System.Reflection import Assembly, AssemblyName  # noqa: E402

for name in ("Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp"):
    Assembly.LoadFrom(str(Path(roslyn) / f"{name}.dll"))
from Microsoft.CodeAnalysis import MetadataReference, OutputKind, SyntaxTree  # noqa: E402
from Microsoft.CodeAnalysis.CSharp import (  # noqa: E402
    CSharpCompilation, CSharpCompilationOptions, CSharpSyntaxTree)

references = System.Collections.Generic.List[MetadataReference]()
for library in sorted(framework.glob("*.dll")) + sorted(Path(roslyn).glob("Microsoft.*.dll")):
    try:
        AssemblyName.GetAssemblyName(str(library))
    except System.BadImageFormatException:
        continue  # a native library
    references.Add(MetadataReference.CreateFromFile(str(library)))
trees = System.Collections.Generic.List[SyntaxTree]()
trees.Add(CSharpSyntaxTree.ParseText(Path(source).read_text(encoding="utf-8")))
options = CSharpCompilationOptions(OutputKind.ConsoleApplication)
compilation = CSharpCompilation.Create("Compile").WithOptions(options).AddReferences(references).AddSyntaxTrees(trees)
image = System.IO.MemoryStream()
result = compilation.Emit(image)
for diagnostic in result.Diagnostics:
    if "error" in str(diagnostic):
        print(diagnostic, file=sys.stderr)
if not result.Success:
    sys.exit(1)
System.IO.File.WriteAllBytes(output, image.ToArray())
