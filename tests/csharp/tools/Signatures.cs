// Prints every public signature of the given assemblies of fakes, one a line, in the notation of TypeScript:
// `type | member kind | name(parameters): type`. So the lines can be compared with Unity's published declarations.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

public static class Signatures
{
    const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly Dictionary<string, string> Plain = new Dictionary<string, string>
    {
        ["System.Single"] = "number", ["System.Double"] = "number", ["System.Int32"] = "number",
        ["System.UInt16"] = "number", ["System.Boolean"] = "boolean", ["System.String"] = "string",
        ["System.Object"] = "any", ["System.Void"] = "void",
    };

    public static int Main(string[] assemblies)
    {
        foreach (string path in assemblies)
        {
            foreach (Type type in Assembly.LoadFrom(Path.GetFullPath(path)).GetExportedTypes())
            {
                if (type.Namespace == "UnityFakes") { continue; }
                foreach (string line in Members(type)) { Console.WriteLine(NameOf(type) + " | " + line); }
            }
        }
        return 0;
    }

    static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => "enum | " + name + " = "
                + Convert.ToInt64(Enum.Parse(type, name)));
        }
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return new[] { "delegate | " + Method(type.GetMethod("Invoke")) };
        }
        IEnumerable<string> fields = type.GetFields(Declared)
            .Select(f => Prefix(f.IsStatic) + "value | " + f.Name + ": " + NameOf(f.FieldType));
        IEnumerable<string> properties = type.GetProperties(Declared)
            .Select(p => Prefix(p.GetGetMethod().IsStatic) + "value | " + p.Name + ": " + NameOf(p.PropertyType));
        IEnumerable<string> events = type.GetEvents(Declared)
            .Select(e => "static event | " + e.Name + ": " + NameOf(e.EventHandlerType));
        IEnumerable<string> constructors = type.GetConstructors().Where(c => c.GetParameters().Length > 0)
            .Select(c => "constructor | " + Parameters(c));
        string[] general = { "Equals", "GetHashCode", "ToString" };
        IEnumerable<string> methods = type.GetMethods(Declared)
            .Where(m => !m.IsSpecialName && !general.Contains(m.Name))
            .Select(m => Prefix(m.IsStatic) + "method | " + Method(m));
        return fields.Concat(properties).Concat(events).Concat(constructors).Concat(methods);
    }

    static string Prefix(bool isStatic) => isStatic ? "static " : "";

    static string Method(MethodInfo method)
    {
        string name = method.DeclaringType.IsSubclassOf(typeof(Delegate)) ? "" : method.Name;
        return name + Parameters(method) + ": " + NameOf(method.ReturnType);
    }

    static string Parameters(MethodBase method)
    {
        return "(" + string.Join(", ", method.GetParameters().Select(p => NameOf(p.ParameterType))) + ")";
    }

    static string NameOf(Type type)
    {
        if (type.IsByRef) { return "$Out<" + NameOf(type.GetElementType()) + ">"; }
        if (type.IsArray) { return "System.Array$1<" + NameOf(type.GetElementType()) + ">"; }
        if (type.IsGenericParameter) { return type.Name; }
        if (Plain.TryGetValue(type.FullName ?? "", out string plain)) { return plain; }
        string name = type.IsNested ? NameOf(type.DeclaringType) + "." + type.Name : type.Namespace + "." + type.Name;
        if (!type.IsGenericType) { return name; }
        return name.Replace('`', '$') + "<" + string.Join(", ", type.GetGenericArguments().Select(NameOf)) + ">";
    }
}
