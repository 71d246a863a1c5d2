// A C# compiler driver on Roslyn's public command-line parser. Each argument is a response file holding the options of
// one compilation; they run in order in this one process, because starting the compiler costs more than compiling.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

public static class Compile
{
    static readonly Dictionary<string, MetadataReference> References = new Dictionary<string, MetadataReference>();

    public static int Main(string[] responseFiles)
    {
        foreach (string file in responseFiles)
        {
            if (!Build(file)) { return 1; }
        }
        return 0;
    }

    static bool Build(string responseFile)
    {
        string folder = Directory.GetCurrentDirectory();
        string[] options = File.ReadAllLines(responseFile).Where(line => line.Length > 0).ToArray();
        CSharpCommandLineArguments arguments = CSharpCommandLineParser.Default.Parse(options, folder, null, null);
        List<Diagnostic> diagnostics = new List<Diagnostic>(arguments.Errors);
        IEnumerable<SyntaxTree> trees = arguments.SourceFiles
            .Select(f => Parse(f.Path, arguments.ParseOptions)).ToList();
        string output = Path.Combine(arguments.OutputDirectory ?? folder, arguments.OutputFileName);
        CSharpCompilation compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(output), trees,
            arguments.MetadataReferences.Select(r => Load(r.Reference)).ToList(), arguments.CompilationOptions);
        using (MemoryStream image = new MemoryStream())
        using (MemoryStream symbols = new MemoryStream())
        {
            var emitted = compilation.Emit(image, symbols, null, null, null, arguments.EmitOptions);
            diagnostics.AddRange(emitted.Diagnostics);
            if (emitted.Success)
            {
                File.WriteAllBytes(output, image.ToArray());
                File.WriteAllBytes(Path.ChangeExtension(output, ".pdb"), symbols.ToArray());
            }
        }
        foreach (Diagnostic diagnostic in diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning
            && !d.IsSuppressed))
        {
            Console.Error.WriteLine(diagnostic.ToString());
        }
        bool failed = diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error);
        if (failed) { Console.Error.WriteLine(responseFile + ": not compiled"); }
        return !failed;
    }

    static SyntaxTree Parse(string path, CSharpParseOptions options)
    {
        using (FileStream stream = File.OpenRead(path))
        {
            return CSharpSyntaxTree.ParseText(SourceText.From(stream, Encoding.UTF8), options, path);
        }
    }

    static MetadataReference Load(string path)
    {
        // An assembly built earlier in this process is a new file each time; those outside are read once.
        string key = path + "|" + File.GetLastWriteTimeUtc(path).Ticks;
        MetadataReference reference;
        if (!References.TryGetValue(key, out reference))
        {
            reference = MetadataReference.CreateFromImage(File.ReadAllBytes(path), default(MetadataReferenceProperties),
                null, path);
            References[key] = reference;
        }
        return reference;
    }
}
