using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using UnityEditor;
using UnityEditor.SceneManagement;

namespace UnityFakes
{
    /// <summary>
    /// The scripting domain: what a reload takes away, which is every static value and handler of scripts, and what it
    /// starts again.
    /// </summary>
    internal static class Domain
    {
        const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

        static readonly string[] Scripts = { "VibeSync.Core", "VibeSync.Runtime", "VibeSync.Editor" };

        /// <summary>Runs what asks to be run when scripts are loaded.</summary>
        internal static void Load()
        {
            foreach (MethodInfo method in Methods())
            {
                if (method.GetCustomAttribute<InitializeOnLoadMethodAttribute>() != null) { method.Invoke(null, null); }
            }
        }

        /// <summary>Forgets all handlers, and all static values but constants.</summary>
        internal static void Unload()
        {
            EditorApplication.ForgetHandlers();
            AssemblyReloadEvents.ForgetHandlers();
            ObjectChangeEvents.ForgetHandlers();
            EditorSceneManager.ForgetHandlers();
            Undo.ForgetHandlers();
            foreach (FieldInfo field in Types().SelectMany(type => type.GetFields(Static)))
            {
                if (field.IsInitOnly || field.IsLiteral) { continue; }
                field.SetValue(null, field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType) : null);
            }
        }

        /// <summary>Every static method of the scripts.</summary>
        internal static IEnumerable<MethodInfo> Methods() => Types().SelectMany(type => type.GetMethods(Static));

        static IEnumerable<Type> Types()
        {
            string folder = Path.GetDirectoryName(typeof(Domain).Assembly.Location);
            return Scripts.Select(name => Assembly.LoadFrom(Path.Combine(folder, name + ".dll")))
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type => !type.ContainsGenericParameters && !type.Name.StartsWith("<", StringComparison.Ordinal));
        }
    }
}
