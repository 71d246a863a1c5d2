using System.Linq;
using System.Reflection;

namespace UnityFakes
{
    /// <summary>Tells the scripts of imported, deleted and moved files, and of those that are about to be saved.</summary>
    internal static class Imports
    {
        static MethodInfo[] listeners;
        static MethodInfo[] savers;

        internal static void RaiseWillSave(string path)
        {
            savers = savers ?? Domain.GetMethods().Where(method => method.Name == "OnWillSaveAssets"
                && typeof(UnityEditor.AssetModificationProcessor).IsAssignableFrom(method.DeclaringType)).ToArray();
            foreach (MethodInfo saver in savers) { saver.Invoke(null, new object[] { new[] { path } }); }
        }

        internal static void Raise(string imported = null, string deleted = null, string moved = null, string movedFrom = null)
        {
            Raise(imported == null ? new string[0] : new[] { imported }, deleted, moved, movedFrom);
        }

        internal static void Raise(string[] imported, string deleted = null, string moved = null, string movedFrom = null)
        {
            listeners = listeners ?? Domain.GetMethods().Where(method => method.Name == "OnPostprocessAllAssets"
                && typeof(UnityEditor.AssetPostprocessor).IsAssignableFrom(method.DeclaringType)).ToArray();
            object[] others = new[] { deleted, moved, movedFrom }
                .Select(path => (object)(path == null ? new string[0] : new[] { path })).ToArray();
            foreach (MethodInfo listener in listeners) { listener.Invoke(null, others.Prepend(imported).ToArray()); }
        }
    }
}
