using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that a large mesh, whose canonical form is remembered, is read as any other.</summary>
    public sealed class MeshMemoryTests : SyncHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";

        /// <summary>Large enough to be remembered.</summary>
        const int Corners = 9000;

        static MeshComponent MakeLargeMesh()
        {
            System.Random random = new System.Random(5);
            float[] MakeNumbers(int count)
            {
                float[] numbers = new float[count];
                for (int i = 0; i < count; i++) { numbers[i] = (float)random.NextDouble(); }
                return numbers;
            }
            MeshComponent mesh = new MeshComponent { Position = MakeNumbers(Corners * 3), Index = new int[Corners] };
            for (int i = 0; i < Corners; i++) { mesh.Index[i] = i; }
            mesh.Normal = MakeNumbers(Corners * 3);
            mesh.Uv[0] = MakeNumbers(Corners * 2);
            mesh.Submeshes.Add(new Submesh(0, 0, Corners));
            return mesh;
        }

        /// <summary>Applies the large mesh, with hashes as those of the daemon.</summary>
        IEnumerator ApplyLargeMesh() => ApplyMesh(MakeLargeMesh());

        IEnumerator ApplyMesh(MeshComponent mesh)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue content = MakeMesh("Large", mesh, attachments);
            int number = 0;
            foreach (JsonValue buffer in content.Required("mesh", "").Required("buffers", "").AsObject("").Values)
            {
                buffer.With("blob", (number++).ToString("x64"));
            }
            JsonValue shower = MakeChange("create", ObjectUuid, "object",
                MakeObject("Shower", null, MeshUuid, MakeTransform(0, 0, 0)));
            yield return ExpectApplied(Daemon.Apply(1, "Large", attachments,
                MakeChange("create", MeshUuid, "mesh", content), shower));
            yield return ExpectNone("intent");
        }

        /// <summary>Returns the mesh of an intent, and checks that all its buffers have their bytes.</summary>
        static MeshComponent ReadSent(Frame intent)
        {
            JsonValue change = GetChanges(intent)[0];
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(MeshUuid));
            return MeshReader.Read(GetComponents(change).Required("mesh", ""), intent.Attachments, "");
        }

        [UnityTest]
        public IEnumerator SmallEditOfARememberedMeshIsSent([Values("position", "normal", "uv", "triangles")] string part)
        {
            yield return Connect();
            yield return Run(ApplyLargeMesh());
            Mesh mesh = new MeshRecords().Find(MeshUuid).Mesh;
            MeshComponent expected = MakeLargeMesh();
            Undo.RecordObject(mesh, "Edit");
            Edit(mesh, expected, part);
            yield return Expect("intent");
            Assert.That(ReadSent(Received).Digest(), Is.EqualTo(expected.Digest()));
        }

        /// <summary>Changes the last value of one attribute of both forms. Corner and vertex have the same number.</summary>
        static void Edit(Mesh mesh, MeshComponent expected, string part)
        {
            const float Changed = 0.0625f;
            int last = Corners - 1;
            Vector3[] vertices = mesh.vertices;
            Vector3[] normals = mesh.normals;
            List<Vector2> uvs = new List<Vector2>();
            mesh.GetUVs(0, uvs);
            switch (part)
            {
                case "position":
                    vertices[last] = new Vector3(vertices[last].x, vertices[last].y, Changed);
                    expected.Position[last * 3 + 2] = Changed;
                    mesh.vertices = vertices;
                    break;
                case "normal":
                    normals[last] = new Vector3(normals[last].x, normals[last].y, Changed);
                    expected.Normal[last * 3 + 2] = Changed;
                    mesh.normals = normals;
                    break;
                case "uv":
                    uvs[last] = new Vector2(uvs[last].x, Changed);
                    expected.Uv[0][last * 2 + 1] = Changed;
                    mesh.SetUVs(0, uvs);
                    break;
                default:
                    int[] triangles = mesh.GetTriangles(0);
                    triangles[last] = triangles[0];
                    mesh.SetTriangles(triangles, 0);
                    // Unity's second and third corner are swapped.
                    int corner = last - 1;
                    expected.Index[corner] = expected.Index[0];
                    for (int i = 0; i < 3; i++) { expected.Normal[corner * 3 + i] = expected.Normal[i]; }
                    for (int i = 0; i < 2; i++) { expected.Uv[0][corner * 2 + i] = expected.Uv[0][i]; }
                    break;
            }
        }

        /// <summary>Sends a mesh as patches of some buffers. The other buffers stay those of the base.</summary>
        /// <param name="changes">The number of the first changed word, and the words, by the key of a buffer.</param>
        string ApplyPatch(MeshComponent mesh, Dictionary<string, (int First, float[] Words)> changes)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue content = MakeMesh("Large", mesh, new List<byte[]>());
            int number = 0;
            foreach (KeyValuePair<string, JsonValue> buffer in
                content.Required("mesh", "").Required("buffers", "").AsObject(""))
            {
                string known = (number++).ToString("x64");
                bool isPatch = changes.TryGetValue(buffer.Key, out (int First, float[] Words) change);
                buffer.Value.With("blob", isPatch ? "9" + known.Substring(1) : known).With("attachment", JsonValue.Null);
                if (!isPatch) { continue; }
                buffer.Value.With("base", known).With("attachment", attachments.Count);
                byte[] table = LittleEndian.ToBytes(new[] { 1, change.First, change.Words.Length });
                byte[] words = LittleEndian.ToBytes(change.Words);
                attachments.Add(table.Concat(words).ToArray());
            }
            return Daemon.Apply(2, "Patch", attachments, MakeChange("update", MeshUuid, null, content));
        }

        static MeshComponent ReadMesh()
        {
            return MeshArrays.ReadFrom(new MeshRecords().Find(MeshUuid).Mesh).ToCanonical();
        }

        /// <summary>Checks that the last answer names all buffers, so that each corner came back exactly.</summary>
        void AssertIsExact()
        {
            JsonValue mesh = GetComponents(Results[0].Required("state", "")).Required("mesh", "");
            foreach (JsonValue buffer in mesh.Required("buffers", "").AsObject("").Values)
            {
                Assert.That(buffer.Find("blob"), Is.Not.Null);
            }
        }

        [UnityTest]
        public IEnumerator PatchOfARememberedMeshIsApplied([Values("position", "normal", "uv0")] string key)
        {
            yield return Connect();
            yield return Run(ApplyLargeMesh());
            MeshComponent expected = MakeLargeMesh();
            float[] values = (float[])expected.Find(key);
            float[] words = { 0.5f, 0.25f };
            System.Array.Copy(words, 0, values, 12, 2);
            yield return ExpectApplied(ApplyPatch(expected, new Dictionary<string, (int, float[])>
            {
                [key] = (12, words),
            }));
            AssertIsExact();
            Assert.That(ReadMesh().Digest(), Is.EqualTo(expected.Digest()));
            yield return ExpectNone("intent");
        }

        /// <summary>The corners of a vertex agree no more, so that the mesh needs another vertex.</summary>
        [UnityTest]
        public IEnumerator PatchThatSplitsAVertexIsApplied()
        {
            MeshComponent mesh = MakeLargeMesh();
            for (int i = 0; i < 3; i++) { mesh.Normal[9 + i] = mesh.Normal[i]; }
            for (int i = 0; i < 2; i++) { mesh.Uv[0][6 + i] = mesh.Uv[0][i]; }
            mesh.Index[3] = 0;
            yield return Connect();
            yield return Run(ApplyMesh(mesh));
            int vertices = new MeshRecords().Find(MeshUuid).Mesh.vertexCount;
            // Corner 0 is the one that the shared vertex was made for.
            mesh.Normal[0] = 0.5f;
            yield return ExpectApplied(ApplyPatch(mesh, new Dictionary<string, (int, float[])>
            {
                ["normal"] = (0, new[] { 0.5f }),
            }));
            AssertIsExact();
            Assert.That(ReadMesh().Digest(), Is.EqualTo(mesh.Digest()));
            Assert.That(new MeshRecords().Find(MeshUuid).Mesh.vertexCount, Is.EqualTo(vertices + 1));
        }

        [UnityTest]
        public IEnumerator MeshThatWasForgottenOrEditedIsAskedForWhole([Values] bool isEdited)
        {
            yield return Connect();
            if (isEdited)
            {
                yield return Run(ApplyLargeMesh());
                Mesh mesh = new MeshRecords().Find(MeshUuid).Mesh;
                Undo.RecordObject(mesh, "Edit");
                Edit(mesh, MakeLargeMesh(), "position");
                yield return Expect("intent");
            }
            string batch = ApplyPatch(MakeLargeMesh(), new Dictionary<string, (int, float[])>
            {
                ["position"] = (0, new[] { 0.5f }),
            });
            yield return Expect("whole");
            Assert.That(Received.Header.RequiredString("batch_id", ""), Is.EqualTo(batch));
            yield return ExpectNone("applied");
        }

        [UnityTest]
        public IEnumerator RememberedMeshThatTheDaemonLostIsSentWithItsBytes()
        {
            yield return Connect();
            yield return Run(ApplyLargeMesh());
            Daemon.Send(Messages.Create("want").With("uuids", JsonValue.Array(MeshUuid)));
            yield return Expect("intent");
            Assert.That(ReadSent(Received).Digest(), Is.EqualTo(MakeLargeMesh().Digest()));
        }
    }
}
