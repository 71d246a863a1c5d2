using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// The scene in canonical space, read from the editor's objects without the package's own reading or conversion, so
    /// that an error there does not hide itself.
    /// </summary>
    public static class Dump
    {
        public static JsonValue Scene()
        {
            JsonValue entities = JsonValue.Object();
            VibeSyncScene record = MeshStore.SceneRecord(false);
            if (record != null)
            {
                foreach (MeshIdentity identity in record.Meshes)
                {
                    if (identity.Mesh != null) { entities.With(identity.Uuid, MeshEntity(identity.Mesh)); }
                }
            }
            foreach (GameObject item in SceneIndex.AllGameObjects())
            {
                VibeSyncIdentity identity = item.GetComponent<VibeSyncIdentity>();
                if (identity != null) { entities.With(identity.Uuid, ObjectEntity(item, record)); }
            }
            return JsonValue.Object().With("entities", entities);
        }

        static JsonValue ObjectEntity(GameObject item, VibeSyncScene record)
        {
            Vector3 position = item.transform.localPosition;
            Quaternion rotation = item.transform.localRotation;
            Vector3 scale = item.transform.localScale;
            Transform above = item.transform.parent;
            MeshFilter filter = item.GetComponent<MeshFilter>();
            Mesh shown = filter == null ? null : filter.sharedMesh;
            JsonValue transform = JsonValue.Object()
                .With("translation", JsonValue.Array(-position.x, position.y, position.z))
                .With("rotation", JsonValue.Array(rotation.x, -rotation.y, -rotation.z, rotation.w))
                .With("scale", JsonValue.Array(scale.x, scale.y, scale.z));
            string parent = above == null ? null : above.GetComponent<VibeSyncIdentity>()?.Uuid;
            string data = shown == null ? null : record?.Meshes.Find(mesh => mesh.Mesh == shown)?.Uuid;
            return Entity("object", JsonValue.Object().With("name", item.name).With("transform", transform)
                .With("visibility", JsonValue.Object().With("visible", item.activeSelf))
                .With("parent", JsonValue.Object().With("uuid", parent))
                .With("data", JsonValue.Object().With("uuid", data)));
        }

        static JsonValue MeshEntity(Mesh mesh)
        {
            Vector3[] vertices = mesh.vertices;
            JsonValue corners = JsonValue.Array();
            JsonValue submeshes = JsonValue.Array();
            int start = 0;
            for (int slot = 0; slot < mesh.subMeshCount; slot++)
            {
                int[] triangles = mesh.GetTriangles(slot);
                if (triangles.Length == 0) { continue; }
                for (int i = 0; i < triangles.Length; i += 3)
                {
                    foreach (int vertex in new[] { triangles[i], triangles[i + 2], triangles[i + 1] })
                    {
                        Vector3 place = vertices[vertex];
                        corners.Add(JsonValue.Array(-place.x, place.y, place.z));
                    }
                }
                submeshes.Add(JsonValue.Object().With("slot", slot).With("start", start)
                    .With("count", triangles.Length));
                start += triangles.Length;
            }
            return Entity("mesh", JsonValue.Object().With("name", mesh.name)
                .With("mesh", JsonValue.Object().With("corners", corners).With("submeshes", submeshes)));
        }

        static JsonValue Entity(string kind, JsonValue components)
        {
            return JsonValue.Object().With("kind", kind).With("components", components);
        }
    }
}
