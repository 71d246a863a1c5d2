using System;
using System.Collections.Generic;
using System.Reflection;
using UnityEditor;
using UnityEditor.Compilation;
using VibeSync.Capabilities;
using VibeSync.Core.Capabilities;

namespace VibeSync.Editor
{
    /// <summary>
    /// Finds handlers by their attribute. Unity has the list since the scripts were loaded: no code of an add-on runs, no
    /// object of it is made, before a call.
    /// </summary>
    public sealed class AddonHandlers
    {
        readonly List<(AiCommandAttribute Command, MethodInfo Method, string Definition)> methods =
            new List<(AiCommandAttribute, MethodInfo, string)>();

        public AddonHandlers()
        {
            foreach (MethodInfo method in TypeCache.GetMethodsWithAttribute<AiCommandAttribute>())
            {
                string definition = CompilationPipeline.GetAssemblyDefinitionFilePathFromAssemblyName(
                    method.Module.Assembly.GetName().Name);
                methods.Add((method.GetCustomAttribute<AiCommandAttribute>(), method, definition ?? ""));
            }
        }

        /// <summary>Returns the names of the tools that have exactly one usable handler in the add-on's folder.</summary>
        public IReadOnlyList<string> List(KnownAddon addon)
        {
            SortedSet<string> names = new SortedSet<string>(StringComparer.Ordinal);
            foreach ((AiCommandAttribute command, MethodInfo method, string definition) in methods)
            {
                bool isOwn = command.Addon == addon.Manifest?.Id && IsInside(definition, addon);
                if (isOwn && Find(addon, command.Tool, out _) != null) { names.Add(command.Tool); }
            }
            return new List<string>(names);
        }

        /// <summary>Returns the handler of a tool; null with the reason if it has none.</summary>
        public Func<AiArguments, object> Find(KnownAddon addon, string tool, out string problem)
        {
            List<MethodInfo> found = new List<MethodInfo>();
            foreach ((AiCommandAttribute command, MethodInfo method, string definition) in methods)
            {
                bool isNamed = command.Addon == addon.Manifest?.Id && command.Tool == tool;
                if (isNamed && IsInside(definition, addon)) { found.Add(method); }
            }
            problem = found.Count == 0 ? "no method of the add-on's assemblies has [AiCommand] with this tool"
                : found.Count > 1 ? "more than one method has [AiCommand] with this tool" : CheckForm(found[0]);
            if (problem != null) { return null; }
            MethodInfo handler = found[0];
            bool hasArguments = handler.GetParameters().Length == 1;
            return arguments => handler.Invoke(null, hasArguments ? new object[] { arguments } : null);
        }

        /// <summary>Returns whether the assembly definition lies in the folder of the manifest, or below it.</summary>
        static bool IsInside(string definition, KnownAddon addon) =>
            definition.StartsWith(addon.AssetPath + "/", StringComparison.Ordinal);

        static string CheckForm(MethodInfo method)
        {
            ParameterInfo[] parameters = method.GetParameters();
            bool takesArguments = parameters.Length == 0
                || (parameters.Length == 1 && parameters[0].ParameterType == typeof(AiArguments));
            if (!method.IsStatic || method.ContainsGenericParameters)
            {
                return "the handler " + method.Name + " is not static, or is generic";
            }
            return takesArguments ? null : "the handler " + method.Name + " does not take one AiArguments, or nothing";
        }
    }
}
