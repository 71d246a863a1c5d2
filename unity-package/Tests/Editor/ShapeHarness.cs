using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Builds batches with a triangle that has shape keys, and reads what objects show of them.</summary>
    public abstract class ShapeHarness : SyncHarness
    {
        protected const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        protected const string OneUuid = "01920000-0000-7000-8000-00000000000a";
        protected const string OtherUuid = "01920000-0000-7000-8000-00000000000b";

        /// <summary>The mesh that the daemon created.</summary>
        protected static Mesh Shown => new MeshRecords().Find(MeshUuid).Mesh;

        protected static SkinnedMeshRenderer FindSkin(string uuid) => FindObject(uuid).GetComponent<SkinnedMeshRenderer>();

        /// <summary>A moves the first vertex along Z by 1. B is relative to A, and moves the second one by 2.</summary>
        protected static ShapesComponent MakeTwoKeys() => new ShapesComponent(
            new[] { new ShapeKey("A", null, 0, 10), new ShapeKey("B", "A") }, 3, new[] { 0, 1, 2 },
            new[] { new float[] { 0, 0, 1, 0, 0, 0, 0, 0, 0 }, new float[] { 0, 0, -1, 0, 0, 2, 0, 0, 0 } });

        protected static ShapeValuesComponent MakeValues(double a, double b) =>
            new ShapeValuesComponent(new Dictionary<string, double> { ["A"] = a, ["B"] = b });

        /// <summary>Creates the mesh with keys, and two objects that show it.</summary>
        protected Steps ApplyShapes(ShapesComponent shapes, ShapeValuesComponent values)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeMesh("Face", MakeTriangle(0), attachments);
            if (shapes != null) { mesh.With("shapes", shapes.ToJson(attachments)); }
            if (values != null) { mesh.With("shape_values", values.ToJson(attachments)); }
            return ExpectApplied(Daemon.Apply(1, "Face", attachments, MakeChange("create", MeshUuid, "mesh", mesh),
                MakeChange("create", OneUuid, "object", MakeObject("One", null, MeshUuid, MakeTransform(0, 0, 0))),
                MakeChange("create", OtherUuid, "object", MakeObject("Other", null, MeshUuid, MakeTransform(1, 0, 0)))));
        }

        protected Steps Update(long seq, params Core.Scene.Component[] components)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue content = JsonValue.Object();
            foreach (Core.Scene.Component component in components) { content.With(component.Key, component.ToJson(attachments)); }
            return ExpectApplied(Daemon.Apply(seq, "Update", attachments, MakeChange("update", MeshUuid, null, content)));
        }

        /// <summary>Returns the keys of the mesh in an answer or an intent.</summary>
        protected ShapesComponent ReadKeys(JsonValue components) =>
            ShapesComponent.Read(components.Required("shapes", ""), Received.Attachments, "");

        protected static ShapeValuesComponent ReadValues(JsonValue components) =>
            ShapeValuesComponent.Read(components.Required("shape_values", ""), "");

        /// <summary>Returns the components of a result of the last answer.</summary>
        protected JsonValue State(int result) => GetComponents(Results[result].Required("state", ""));

        /// <summary>Returns the weights that objects show: of A and B each.</summary>
        protected static float[] ReadWeights(params string[] uuids) => uuids.SelectMany(uuid =>
            Enumerable.Range(0, 2).Select(shape => FindSkin(uuid).GetBlendShapeWeight(shape))).ToArray();

        /// <summary>Returns how far along Z an object shows the three vertices.</summary>
        protected static float[] ReadHeights(string uuid)
        {
            SkinnedMeshRenderer skin = FindSkin(uuid);
            float[] heights = skin.sharedMesh.vertices.Select(vertex => vertex.z).ToArray();
            for (int shape = 0; shape < skin.sharedMesh.blendShapeCount; shape++)
            {
                float part = skin.GetBlendShapeWeight(shape) / 100;
                Vector3[] moves = ReadMoves(skin.sharedMesh, shape);
                for (int i = 0; i < heights.Length; i++) { heights[i] += part * moves[i].z; }
            }
            return heights;
        }

        protected static Vector3[] ReadMoves(Mesh mesh, int shape)
        {
            Vector3[] moves = new Vector3[mesh.vertexCount];
            mesh.GetBlendShapeFrameVertices(shape, 0, moves, null, null);
            return moves;
        }
    }
}
