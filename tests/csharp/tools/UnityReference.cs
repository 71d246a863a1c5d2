// Reads the fakes' and Unity's own declarations, and binds the package against Unity's reference sources.
// usage: UnityReference fakes FRAMEWORK INTERNALS LABEL=ASSEMBLY...
//        UnityReference declarations FRAMEWORK INTERNALS < TAR
//        UnityReference bind FRAMEWORK RESPONSE... < TAR
// FRAMEWORK: a folder of assemblies. INTERNALS: names of internal members to print, with commas.
// RESPONSE: the compiler's options for an assembly of the package.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

public static class UnityReference
{
    public static int Main(string[] arguments)
    {
        string[] framework = Directory.GetFiles(arguments[1], "*.dll");
        string[] rest = arguments.Skip(2).ToArray();
        switch (arguments[0])
        {
            case "fakes": return PrintFakes(framework, rest);
            case "declarations": return PrintDeclarations(framework, rest);
            case "bind": return Bind(framework, rest);
            default: throw new ArgumentException(arguments[0]);
        }
    }

    static int PrintFakes(string[] framework, string[] arguments)
    {
        foreach (string argument in arguments.Skip(1))
        {
            string[] parts = argument.Split('=', 2);
            MetadataReference fakes = MetadataReference.CreateFromFile(parts[1]);
            CSharpCompilation compilation = CSharpCompilation.Create("fakes", null,
                framework.Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)).Append(fakes),
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
                    .WithMetadataImportOptions(MetadataImportOptions.Internal));
            IAssemblySymbol assembly = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(fakes);
            IEnumerable<INamedTypeSymbol> types = SignatureNotation.Types(assembly.GlobalNamespace)
                .Where(type => !SignatureNotation.NameOf(type).StartsWith("UnityFakes."));
            Print(types, arguments[0], parts[0] + "\t");
        }
        return 0;
    }

    static int PrintDeclarations(string[] framework, string[] arguments)
    {
        ReferenceSources sources = new ReferenceSources(Console.OpenStandardInput(), framework);
        foreach (CSharpCompilation compilation in sources.Assemblies)
        {
            List<INamedTypeSymbol> types = SignatureNotation.Types(compilation.Assembly.GlobalNamespace).ToList();
            Print(types, arguments[0], "");
            foreach (INamedTypeSymbol type in types.Where(sources.IsUnreadable))
            {
                Console.WriteLine(SignatureNotation.NameOf(type) + "\tunreadable\t");
            }
        }
        return 0;
    }

    static void Print(IEnumerable<INamedTypeSymbol> types, string internals, string prefix)
    {
        HashSet<string> wanted = new HashSet<string>(internals.Split(','));
        foreach (INamedTypeSymbol type in types)
        {
            foreach (string line in SignatureNotation.Lines(type, wanted)) { Console.WriteLine(prefix + line); }
        }
    }

    static int Bind(string[] framework, string[] responses)
    {
        ReferenceSources sources = new ReferenceSources(Console.OpenStandardInput(), framework);
        Dictionary<string, MetadataReference> bound = new Dictionary<string, MetadataReference>();
        int problems = 0;
        foreach (string response in responses)
        {
            CSharpCompilation compilation = PackageAssembly.Create(response, sources, bound);
            IEnumerable<Diagnostic> found = compilation.GetDiagnostics()
                .Where(d => d.Severity >= DiagnosticSeverity.Warning && !d.IsSuppressed);
            // The fake of Unity's test runner stands on the other fakes, so only its declarations count.
            if (!compilation.AssemblyName.StartsWith("VibeSync.")) { found = Array.Empty<Diagnostic>(); }
            foreach (Diagnostic diagnostic in found)
            {
                Console.WriteLine("  " + diagnostic);
                problems++;
            }
            bound[compilation.AssemblyName + ".dll"] = compilation.ToMetadataReference();
        }
        return problems == 0 ? 0 : 1;
    }
}
