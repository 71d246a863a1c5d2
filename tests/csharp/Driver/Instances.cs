using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Space;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>Reads what instances of collections show.</summary>
    public static class Instances
    {
        /// <summary>Returns the source of each generated object with a mesh, and its place in the world, in canonical space.</summary>
        public static JsonValue Read()
        {
            JsonValue shown = JsonValue.Array();
            foreach (VibeSyncGenerated each in OpenScenes.FindAllShown<VibeSyncGenerated>())
            {
                GameObject item = each.gameObject;
                if (item.GetComponent<MeshFilter>() == null) { continue; }
                Vector3 at = item.transform.TransformPoint(default);
                float[] place = Coordinates.Vector(at.x, at.y, at.z);
                shown.Add(JsonValue.Object().With("source", each.Source).With("at", JsonValue.Array(place[0], place[1], place[2])));
            }
            return JsonValue.Object().With("shown", shown);
        }
    }
}
