// An assembly of the package as a compilation on Unity's reference sources instead of the fakes.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

public static class PackageAssembly
{
    const string Fakes = "UnityFakes.dll";

    /// <summary>Reads the options that the package is compiled with on the fakes. `bound` holds the assemblies before.</summary>
    public static CSharpCompilation Create(string response, ReferenceSources unity,
        IReadOnlyDictionary<string, MetadataReference> bound)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(response));
        string[] options = File.ReadAllLines(response).Where(line => line.Length > 0).ToArray();
        CSharpCommandLineArguments arguments = CSharpCommandLineParser.Default.Parse(options, folder, null, null);
        List<MetadataReference> references = new List<MetadataReference>();
        foreach (string path in arguments.MetadataReferences.Select(reference => reference.Reference))
        {
            string name = Path.GetFileName(path);
            if (name == Fakes) { references.AddRange(unity.References); }
            else if (bound.TryGetValue(name, out MetadataReference assembly)) { references.Add(assembly); }
            else { references.Add(MetadataReference.CreateFromFile(path)); }
        }
        IEnumerable<SyntaxTree> trees = arguments.SourceFiles.Select(source => CSharpSyntaxTree.ParseText(
            SourceText.From(File.ReadAllText(source.Path), Encoding.UTF8), arguments.ParseOptions, source.Path));
        return CSharpCompilation.Create(Path.GetFileNameWithoutExtension(arguments.OutputFileName), trees, references,
            arguments.CompilationOptions);
    }
}
