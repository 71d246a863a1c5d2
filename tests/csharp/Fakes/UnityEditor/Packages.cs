using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using UnityFakes;

// The calls of Unity that find packages, their assemblies and methods.
namespace UnityEditor.PackageManager
{
    public sealed class PackageInfo
    {
        internal PackageInfo(string name, string resolvedPath)
        {
            this.name = name;
            this.resolvedPath = resolvedPath;
        }

        public string name { get; }

        public string assetPath => "Packages/" + name;

        public string resolvedPath { get; }

        public static PackageInfo[] GetAllRegisteredPackages() => Project.Packages.ToArray();

        public static PackageInfo FindForAssembly(Assembly assembly) => null;
    }

    public class PackageRegistrationEventArgs
    {
        internal PackageRegistrationEventArgs()
        {
        }
    }

    public static class Events
    {
        public static event Action<PackageRegistrationEventArgs> registeredPackages;

        internal static void Raise() => registeredPackages?.Invoke(new PackageRegistrationEventArgs());

        internal static void ClearHandlers() => registeredPackages = null;
    }
}

namespace UnityEditor.Compilation
{
    public static class CompilationPipeline
    {
        public static string GetAssemblyDefinitionFilePathFromAssemblyName(string assemblyName) =>
            Project.Definitions.TryGetValue(assemblyName, out string path) ? path : null;
    }
}

namespace UnityEditor
{
    public class AssetPostprocessor
    {
    }

    public class AssetModificationProcessor
    {
    }

    public static class TypeCache
    {
        public struct MethodCollection
        {
            internal List<MethodInfo> Methods;

            public struct Enumerator
            {
                internal List<MethodInfo>.Enumerator Methods;

                public MethodInfo Current => Methods.Current;

                public bool MoveNext() => Methods.MoveNext();
            }

            public Enumerator GetEnumerator() => new Enumerator { Methods = Methods.GetEnumerator() };
        }

        public static MethodCollection GetMethodsWithAttribute<T>() where T : Attribute
        {
            const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
                | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            return new MethodCollection
            {
                Methods = Project.Assemblies.SelectMany(assembly => assembly.GetTypes())
                    .SelectMany(type => type.GetMethods(All)).Where(method => method.IsDefined(typeof(T), false)).ToList(),
            };
        }
    }
}

namespace UnityFakes
{
    /// <summary>The packages, assemblies and imports of the Unity project, which a test sets.</summary>
    public static class Project
    {
        internal static readonly List<UnityEditor.PackageManager.PackageInfo> Packages =
            new List<UnityEditor.PackageManager.PackageInfo>();

        /// <summary>The path of each assembly definition, by the name of its assembly.</summary>
        public static Dictionary<string, string> Definitions { get; } = new Dictionary<string, string>();

        /// <summary>The assemblies of scripts, beside those of the package.</summary>
        public static List<Assembly> Assemblies { get; } = new List<Assembly>();

        /// <summary>Adds a package of the project.</summary>
        public static void AddPackage(string name, string folder)
        {
            Packages.Add(new UnityEditor.PackageManager.PackageInfo(name, folder));
            UnityEditor.PackageManager.Events.Raise();
        }

        public static void RemovePackage(string name)
        {
            Packages.RemoveAll(package => package.name == name);
            UnityEditor.PackageManager.Events.Raise();
        }

        /// <summary>Imports assets, as Unity does after a change of files.</summary>
        public static void Import(params string[] paths) => Imports.Raise(paths);

        internal static void Reset()
        {
            Packages.Clear();
            Definitions.Clear();
            Assemblies.Clear();
        }
    }
}
