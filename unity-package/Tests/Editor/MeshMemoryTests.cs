using System.Collections;
using System.Collections.Generic;
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
        IEnumerator ApplyLargeMesh()
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue content = MakeMesh("Large", MakeLargeMesh(), attachments);
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
