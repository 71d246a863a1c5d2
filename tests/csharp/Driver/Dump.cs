using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Reads the scene in canonical space from the editor's objects. It does not use the package's own code to read and
    /// convert, so that an error in that code shows as a difference.
    /// </summary>
    public static class Dump
    {
        public static JsonValue ReadScene()
        {
            JsonValue entities = JsonValue.Object();
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            if (record != null)
            {
                foreach (MeshIdentity identity in record.Meshes)
                {
                    if (identity.Mesh != null) { entities.With(identity.Uuid, ReadMesh(identity)); }
                }
                foreach (MaterialIdentity identity in record.Materials)
                {
                    if (identity.Material == null) { continue; }
                    entities.With(identity.Uuid, MakeEntity("material", Materials.Read(identity)));
                }
            }
            Identities identities = new Identities();
            foreach (Transform item in OpenScenes.FindAll<Transform>())
            {
                string uuid = identities.Find(item.gameObject);
                if (uuid != null) { entities.With(uuid, ReadObject(item.gameObject, record, identities)); }
                DataIdentity data = Viewers.Find(item.gameObject, identities);
                if (data != null) { entities.With(data.Uuid, ReadData(item.gameObject, data)); }
            }
            return JsonValue.Object().With("entities", entities);
        }

        /// <summary>Returns the evaluated meshes that objects show now, by the uuid of the object.</summary>
        public static JsonValue ReadShown()
        {
            JsonValue shown = JsonValue.Object();
            Identities identities = new Identities();
            foreach (ShownIdentity identity in MeshRecords.GetSceneRecord(false)?.Shown ?? new List<ShownIdentity>())
            {
                foreach (MeshFilter filter in OpenScenes.FindAll<MeshFilter>())
                {
                    bool isShown = filter.sharedMesh == identity.Mesh && identities.Find(filter.gameObject) == identity.Uuid;
                    if (isShown) { shown.With(identity.Uuid, ReadCorners(identity.Mesh)); }
                }
            }
            return JsonValue.Object().With("shown", shown);
        }

        static JsonValue ReadData(GameObject item, DataIdentity data) => MakeEntity(data.Kind,
            JsonValue.Object().With("name", data.Name).With(data.Kind, Viewers.Read(item, data)));

        static JsonValue ReadObject(GameObject item, VibeSyncScene record, Identities identities)
        {
            Transform above = item.transform.parent;
            Mesh shown = MeshEdits.Find(item);
            JsonValue transform = Viewers.ReadPlace(item.transform, Viewers.IsViewer(item.transform),
                above != null && Viewers.IsViewer(above));
            string parent = above == null ? null : identities.Find(above.gameObject);
            ShownIdentity evaluated = shown == null ? null : record?.Shown.Find(each => each.Mesh == shown);
            MeshIdentity mesh = shown == null ? null
                : record?.Meshes.Find(each => evaluated == null ? each.Mesh == shown : each.Uuid == evaluated.Data);
            string data = mesh?.Uuid ?? Viewers.Find(item, identities)?.Uuid;
            JsonValue components = JsonValue.Object().With("name", item.name).With("transform", transform)
                .With("visibility", JsonValue.Object().With("visible", item.activeSelf))
                .With("parent", JsonValue.Object().With("uuid", parent))
                .With("data", JsonValue.Object().With("uuid", data));
            JsonValue own = record == null ? null : Materials.ReadOwn(item, mesh, record, identities);
            return MakeEntity("object", own == null ? components : components.With("materials", own));
        }

        static JsonValue ReadMesh(MeshIdentity identity)
        {
            JsonValue components = JsonValue.Object().With("name", identity.Mesh.name)
                .With("mesh", ReadCorners(identity.Mesh));
            JsonValue slots = Materials.ReadSlots(identity);
            return MakeEntity("mesh", slots == null ? components : components.With("slots", slots));
        }

        /// <summary>
        /// Returns the mesh by corners, submesh after submesh. `corners` are positions; normals, UV sets and colors are
        /// present if the mesh has them. A missing UV set below another one is zeros.
        /// </summary>
        static JsonValue ReadCorners(Mesh mesh)
        {
            List<int> order = new List<int>();
            JsonValue submeshes = JsonValue.Array();
            for (int slot = 0; slot < mesh.subMeshCount; slot++)
            {
                int[] triangles = mesh.GetTriangles(slot);
                if (triangles.Length == 0) { continue; }
                submeshes.Add(JsonValue.Object().With("slot", slot).With("start", order.Count)
                    .With("count", triangles.Length));
                for (int i = 0; i < triangles.Length; i += 3)
                {
                    order.AddRange(new[] { triangles[i], triangles[i + 2], triangles[i + 1] });
                }
            }
            JsonValue shown = JsonValue.Object().With("submeshes", submeshes).With("corners", JsonValue.Array());
            Put(shown, "corners", order, mesh.vertices, v => JsonValue.Array(-v.x, v.y, v.z));
            Put(shown, "normals", order, mesh.normals, v => JsonValue.Array(-v.x, v.y, v.z));
            Put(shown, "colors", order, mesh.colors, c => JsonValue.Array(c.r, c.g, c.b, c.a));
            List<Vector2> uvs = new List<Vector2>();
            bool[] hasHigherSet = new bool[8];
            for (int set = 7; set > 0; set--)
            {
                mesh.GetUVs(set, uvs);
                hasHigherSet[set - 1] = hasHigherSet[set] || uvs.Count > 0;
            }
            for (int set = 0; set < 8; set++)
            {
                mesh.GetUVs(set, uvs);
                if (uvs.Count == 0 && hasHigherSet[set]) { uvs.AddRange(new Vector2[mesh.vertexCount]); }
                Put(shown, "uv" + set, order, uvs, uv => JsonValue.Array(uv.x, uv.y));
            }
            return shown;
        }

        static void Put<T>(JsonValue shown, string key, List<int> order, IReadOnlyList<T> values,
            Func<T, JsonValue> write)
        {
            if (values.Count == 0) { return; }
            shown.With(key, JsonValue.Array(order.ConvertAll(i => write(values[i])).ToArray()));
        }

        static JsonValue MakeEntity(string kind, JsonValue components)
        {
            return JsonValue.Object().With("kind", kind).With("components", components);
        }
    }
}
