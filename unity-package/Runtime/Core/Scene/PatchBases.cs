using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Finds the meshes that patches build on.</summary>
    public static class PatchBases
    {
        /// <summary>
        /// Returns the mesh that each change of an `apply` builds on, by uuid; null if one is not remembered, so that the
        /// batch must travel whole.
        /// </summary>
        /// <param name="find">Returns the mesh that was received last for a uuid; null if it is not remembered.</param>
        public static Dictionary<string, MeshComponent> FindBases(JsonValue changes, Func<string, MeshComponent> find)
        {
            Dictionary<string, MeshComponent> bases = new Dictionary<string, MeshComponent>();
            foreach (JsonValue change in changes.AsArray("changes"))
            {
                JsonValue components = change.Find("components");
                JsonValue evaluated = components?.Find(MeshComponent.ShownKey)?.Find("mesh");
                JsonValue mesh = components?.Find("mesh") ?? (evaluated?.IsNull == true ? null : evaluated);
                JsonValue buffers = mesh?.Find("buffers");
                if (buffers == null) { continue; }
                MeshComponent basis = null;
                string uuid = change.RequiredString("uuid", "changes");
                foreach (KeyValuePair<string, JsonValue> buffer in buffers.AsObject("changes"))
                {
                    string address = ReadAddress(buffer.Value);
                    if (address == null) { continue; }
                    basis = basis ?? find(uuid);
                    if (basis == null || !basis.Holds(buffer.Key, address)) { return null; }
                    bases[uuid] = basis;
                }
            }
            return bases;
        }

        /// <summary>Returns the address of the buffer that a wire buffer builds on; null if it came whole.</summary>
        public static string ReadAddress(JsonValue buffer)
        {
            JsonValue found = buffer.Find("base");
            JsonValue attachment = buffer.Find("attachment");
            bool isWhole = (found == null || found.IsNull) && attachment != null && !attachment.IsNull;
            if (isWhole) { return null; }
            JsonValue address = found == null || found.IsNull ? buffer.Find("blob") : found;
            return address == null || address.IsNull ? null : address.AsString("base");
        }

        /// <summary>Returns whether the vertices of corners, the submeshes and the attributes are those of a base.</summary>
        /// <param name="changed">The changed words of each buffer; null for a buffer that came whole.</param>
        public static bool HasSameTopology(MeshComponent mesh, MeshComponent basis,
            Dictionary<string, List<WordRange>> changed)
        {
            bool isSame = mesh.Index == basis.Index && mesh.VertexCount == basis.VertexCount
                && mesh.Submeshes.Count == basis.Submeshes.Count && !changed.ContainsValue(null);
            for (int i = 0; isSame && i < mesh.Submeshes.Count; i++)
            {
                isSame = mesh.Submeshes[i].Equals(basis.Submeshes[i]);
            }
            return isSame && (mesh.Normal == null) == (basis.Normal == null)
                && (mesh.Color == null) == (basis.Color == null)
                && Array.TrueForAll(MeshComponent.UvKeys, key => (mesh.Find(key) == null) == (basis.Find(key) == null));
        }
    }
}
