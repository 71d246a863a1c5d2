using System.Linq;
using System.Reflection;

namespace UnityFakes
{
    /// <summary>Tells the scripts of imported, deleted and moved files.</summary>
    internal static class Imports
    {
        static MethodInfo[] listeners;

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
