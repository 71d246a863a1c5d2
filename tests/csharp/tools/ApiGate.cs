// Reports framework types that .NET Standard 2.1 lacks, and engine types in the assembly that must not use the engine.
// Arguments: netstandard.dll, the engine-free assemblies joined by commas, then every assembly to check.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

public static class ApiGate
{
    public static int Main(string[] arguments)
    {
        HashSet<string> standard = Standard(arguments[0]);
        if (standard.Count < 2000) { throw new InvalidDataException("netstandard.dll lists too few types"); }
        string[] engineFree = arguments[1].Split(',');
        int problems = 0;
        int references = 0;
        foreach (string path in arguments.Skip(2))
        {
            foreach ((string assembly, string type) in References(path))
            {
                references++;
                bool isFramework = assembly == "mscorlib" || assembly == "netstandard" || assembly.StartsWith("System");
                bool isEngineFree = engineFree.Any(each => Path.GetFileNameWithoutExtension(each) == assembly);
                bool isForbidden = isFramework ? !standard.Contains(type) : engineFree.Contains(path) && !isEngineFree;
                if (!isForbidden) { continue; }
                Console.WriteLine("  " + Path.GetFileName(path) + " must not use " + type + " of " + assembly);
                problems++;
            }
        }
        if (references == 0) { throw new InvalidDataException("no references found"); }
        return problems == 0 ? 0 : 1;
    }

    static HashSet<string> Standard(string path)
    {
        using (PEReader file = new PEReader(File.OpenRead(path)))
        {
            MetadataReader reader = file.GetMetadataReader();
            return new HashSet<string>(reader.ExportedTypes.Select(reader.GetExportedType)
                .Select(type => reader.GetString(type.Namespace) + "." + reader.GetString(type.Name)));
        }
    }

    static List<(string Assembly, string Type)> References(string path)
    {
        List<(string, string)> found = new List<(string, string)>();
        using (PEReader file = new PEReader(File.OpenRead(path)))
        {
            MetadataReader reader = file.GetMetadataReader();
            foreach (TypeReferenceHandle handle in reader.TypeReferences)
            {
                TypeReference type = reader.GetTypeReference(handle);
                if (type.ResolutionScope.Kind != HandleKind.AssemblyReference) { continue; }
                AssemblyReference assembly = reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
                found.Add((reader.GetString(assembly.Name), reader.GetString(type.Namespace) + "."
                    + reader.GetString(type.Name)));
            }
        }
        return found;
    }
}
