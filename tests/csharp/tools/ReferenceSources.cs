// Unity's reference sources of one version as compilations, read from the tar stream that `git archive` writes. The
// project files in it say which sources belong to UnityEngine and to UnityEditor, and with which symbols.
// Method bodies are never bound: they may use assemblies that are not published.
using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

public sealed class ReferenceSources
{
    readonly Dictionary<string, byte[]> files = new Dictionary<string, byte[]>();
    readonly IReadOnlyList<MetadataReference> framework;
    readonly HashSet<SyntaxTree> unreadable = new HashSet<SyntaxTree>();

    /// <summary>The compilations, in their order of dependence.</summary>
    public readonly List<CSharpCompilation> Assemblies = new List<CSharpCompilation>();

    public ReferenceSources(Stream tar, IEnumerable<string> framework)
    {
        this.framework = framework.Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)).ToList();
        using (TarReader reader = new TarReader(tar))
        {
            for (TarEntry entry = reader.GetNextEntry(); entry != null; entry = reader.GetNextEntry())
            {
                if (entry.DataStream == null) { continue; }
                MemoryStream content = new MemoryStream();
                entry.DataStream.CopyTo(content);
                files[entry.Name] = content.ToArray();
            }
        }
        foreach (string name in new[] { "UnityEngine", "UnityEditor" }) { Assemblies.Add(Compile(name)); }
        files.Clear();
    }

    public IEnumerable<MetadataReference> References => Assemblies.Select(a => (MetadataReference)a.ToMetadataReference());

    CSharpCompilation Compile(string name)
    {
        string projectFile = "Projects/CSharp/" + name + ".csproj";
        XDocument project = XDocument.Load(new MemoryStream(files[projectFile]));
        string[] symbols = Elements(project, "DefineConstants").SelectMany(e => e.Value.Split(';'))
            .Where(SyntaxFacts.IsValidIdentifier).ToArray();
        CSharpParseOptions options = new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.None,
            SourceCodeKind.Regular, symbols);
        string[] named = Elements(project, "Compile").Select(e => (string)e.Attribute("Include"))
            .Select(path => path.Replace('\\', '/')).Where(path => path.StartsWith("../../"))
            .Select(path => path.Substring("../../".Length)).Distinct().ToArray();
        string[] paths = named.Where(files.ContainsKey).ToArray();
        // A few generated sources are named and not published.
        if (paths.Length == 0 || paths.Length * 10 < named.Length * 9)
        {
            throw new InvalidDataException(projectFile + ": only " + paths.Length + " of " + named.Length + " sources");
        }
        SyntaxTree[] trees = new SyntaxTree[paths.Length];
        Parallel.For(0, paths.Length, i => trees[i] = CSharpSyntaxTree.ParseText(
            SourceText.From(files[paths[i]], files[paths[i]].Length, Encoding.UTF8), options, paths[i]));
        unreadable.UnionWith(trees.AsParallel()
            .Where(tree => tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error)));
        return CSharpCompilation.Create(name, trees, framework.Concat(References),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
    }

    /// <summary>
    /// Returns whether a type is in a source that the parser did not understand: later releases use a newer C# in places.
    /// </summary>
    public bool IsUnreadable(INamedTypeSymbol type)
    {
        return type.DeclaringSyntaxReferences.Any(part => unreadable.Contains(part.SyntaxTree));
    }

    static IEnumerable<XElement> Elements(XDocument project, string name)
    {
        return project.Descendants().Where(element => element.Name.LocalName == name);
    }
}
