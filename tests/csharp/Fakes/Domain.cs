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
    /// The scripting domain. A reload clears every static value and handler of the scripts, and then runs their load
    /// methods.
    /// </summary>
    internal static class Domain
    {
        const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

        static readonly string[] Scripts =
            { "VibeSync.Capabilities", "VibeSync.Core", "VibeSync.Runtime", "VibeSync.Editor" };

        /// <summary>Runs the methods that Unity runs when scripts are loaded.</summary>
        internal static void Load()
        {
            foreach (MethodInfo method in GetMethods())
            {
                if (method.GetCustomAttribute<InitializeOnLoadMethodAttribute>() != null) { method.Invoke(null, null); }
            }
        }

        /// <summary>Clears all handlers, and all static values except constants.</summary>
        internal static void Unload()
        {
            EditorApplication.ClearHandlers();
            AssemblyReloadEvents.ClearHandlers();
            ObjectChangeEvents.ClearHandlers();
            EditorSceneManager.ClearHandlers();
            Undo.ClearHandlers();
            SceneView.ClearHandlers();
            UnityEditor.PackageManager.Events.ClearHandlers();
            foreach (FieldInfo field in GetScriptTypes().SelectMany(type => type.GetFields(Static)))
            {
                if (field.IsInitOnly || field.IsLiteral) { continue; }
                field.SetValue(null, field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType) : null);
            }
        }

        /// <summary>Returns every static method of the scripts.</summary>
        internal static IEnumerable<MethodInfo> GetMethods()
        {
            return GetScriptTypes().SelectMany(type => type.GetMethods(Static));
        }

        static IEnumerable<Type> GetScriptTypes()
        {
            string folder = Path.GetDirectoryName(typeof(Domain).Assembly.Location);
            return Scripts.Select(name => Assembly.LoadFrom(Path.Combine(folder, name + ".dll")))
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type => !type.ContainsGenericParameters && !type.Name.StartsWith("<", StringComparison.Ordinal));
        }
    }
}
