using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that the daemon's meshes become assets, and that the user's assets and materials stay.</summary>
    public sealed class MeshAssetTests : SyncHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";
        const string OtherUuid = "01920000-0000-7000-8000-00000000000b";

        IEnumerator ApplyMesh(long seq, string op, string uuid, MeshComponent mesh, params JsonValue[] more)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue change = MakeChange(op, uuid, op == "create" ? "mesh" : null,
                MakeMesh("Mesh", mesh, attachments));
            yield return ExpectApplied(Daemon.Apply(seq, "Mesh", attachments, new[] { change }.Concat(more).ToArray()));
        }

        static JsonValue MakeUser(string uuid)
        {
            return MakeChange("create", uuid, "object", MakeObject("Shower", null, MeshUuid, MakeTransform(0, 0, 0)));
        }

        static MeshFilter GetFilter(string uuid) => FindObject(uuid).GetComponent<MeshFilter>();

        /// <summary>Returns a mesh with all attributes of the protocol.</summary>
        static MeshComponent MakeFullMesh()
        {
            System.Random random = new System.Random(11);
            float[] Numbers(int count) => Enumerable.Range(0, count).Select(_ => (float)random.NextDouble()).ToArray();
            MeshComponent mesh = new MeshComponent { Position = Numbers(12), Index = new[] { 0, 1, 2, 2, 1, 3 } };
            mesh.Normal = Numbers(18);
            mesh.Color = Numbers(24);
            for (int i = 0; i < MeshComponent.UvSets; i++) { mesh.Uv[i] = Numbers(12); }
            mesh.Submeshes.Add(new Submesh(0, 0, 3));
            mesh.Submeshes.Add(new Submesh(2, 3, 3));
            return mesh;
        }

        [UnityTest]
        public IEnumerator FullMeshIsReadBackUnchanged()
        {
            yield return Connect();
            List<byte[]> attachments = new List<byte[]>();
            JsonValue create = MakeChange("create", MeshUuid, "mesh", MakeMesh("Full", MakeFullMesh(), attachments));
            Daemon.Apply(1, "Mesh", attachments, create);
            yield return Expect("applied");
            Frame answer = Received;
            JsonValue state = answer.Header.Required("results", "").AsArray("")[0].Required("state", "");
            JsonValue back = state.Required("components", "").Required("mesh", "");
            MeshComponent read = MeshReader.Read(back, answer.Attachments, "");
            Assert.That(read.Digest(), Is.EqualTo(MakeFullMesh().Digest()), "all attributes and submeshes");
            Mesh mesh = new MeshRecords().Find(MeshUuid).Mesh;
            Assert.That(mesh.subMeshCount, Is.EqualTo(3));
            Assert.That(mesh.GetTriangles(1), Is.Empty, "an unused material slot keeps its place");
            Assert.That(Host.HasTangents(mesh), "computed, since they are not synchronized");
        }

        /// <summary>Gives each buffer of a change's mesh a hash, as the daemon does.</summary>
        static JsonValue NameBuffers(JsonValue change)
        {
            JsonValue mesh = change.Required("components", "").Required("mesh", "");
            int number = 0;
            foreach (JsonValue buffer in mesh.Required("buffers", "").AsObject("").Values)
            {
                buffer.With("blob", (number++).ToString("x64"));
            }
            return change;
        }

        [UnityTest]
        public IEnumerator EqualMeshIsReadBackByItsHashes()
        {
            yield return Connect();
            List<byte[]> attachments = new List<byte[]>();
            JsonValue create = NameBuffers(MakeChange("create", MeshUuid, "mesh",
                MakeMesh("Full", MakeFullMesh(), attachments)));
            Daemon.Apply(1, "Mesh", attachments, create);
            yield return Expect("applied");
            JsonValue state = Received.Header.Required("results", "").AsArray("")[0].Required("state", "");
            JsonValue back = state.Required("components", "").Required("mesh", "");
            Assert.That(Received.Attachments, Is.Empty);
            foreach (KeyValuePair<string, JsonValue> sent in create.Required("components", "").Required("mesh", "")
                .Required("buffers", "").AsObject(""))
            {
                JsonValue held = back.Required("buffers", "").Required(sent.Key, "");
                Assert.That(held.RequiredString("blob", ""), Is.EqualTo(sent.Value.RequiredString("blob", "")));
                Assert.That(held.Find("attachment"), Is.Null);
            }
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator MeshThatUnityCompletesIsReadBackWithItsBytes()
        {
            yield return Connect();
            MeshComponent bare = MakeFullMesh();
            bare.Normal = null;
            List<byte[]> attachments = new List<byte[]>();
            Daemon.Apply(1, "Mesh", attachments, NameBuffers(MakeChange("create", MeshUuid, "mesh",
                MakeMesh("Full", bare, attachments))));
            yield return Expect("applied");
            JsonValue state = Received.Header.Required("results", "").AsArray("")[0].Required("state", "");
            JsonValue back = state.Required("components", "").Required("mesh", "");
            MeshComponent read = MeshReader.Read(back, Received.Attachments, "");
            Assert.That(read.Normal, Is.Not.Null, "Unity computed them");
            Assert.That(bare.Matches(read));
        }

        [UnityTest]
        public IEnumerator RemovedAttributesAreNotReadBack()
        {
            yield return Connect();
            yield return Run(ApplyMesh(1, "create", MeshUuid, MakeFullMesh()));
            MeshComponent bare = MakeFullMesh();
            bare.Color = null;
            for (int i = 0; i < MeshComponent.UvSets; i++) { bare.Uv[i] = null; }
            List<byte[]> attachments = new List<byte[]>();
            Daemon.Apply(2, "Mesh", attachments, MakeChange("update", MeshUuid, null,
                MakeMesh("Full", bare, attachments)));
            yield return Expect("applied");
            Frame answer = Received;
            JsonValue state = answer.Header.Required("results", "").AsArray("")[0].Required("state", "");
            JsonValue back = state.Required("components", "").Required("mesh", "");
            Assert.That(MeshReader.Read(back, answer.Attachments, "").Digest(), Is.EqualTo(bare.Digest()));
            Mesh mesh = new MeshRecords().Find(MeshUuid).Mesh;
            Assert.That(mesh.colors, Is.Empty);
            Assert.That(Host.HasTangents(mesh), Is.False, "there is no UV set to compute them from");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator RendererOfAnotherKindStays()
        {
            yield return Connect();
            yield return CreateAccepted("Skinned", 1);
            GameObject item = Created;
            item.AddComponent<SkinnedMeshRenderer>().bones = new[] { item.transform };
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeChange("create", MeshUuid, "mesh", MakeMesh("Mesh", MakeTriangle(0), attachments));
            JsonValue shown = MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("data", JsonValue.Object().With("uuid", MeshUuid)));
            yield return ExpectApplied(Daemon.Apply(2, "Show", attachments, mesh, shown));
            List<JsonValue> results = Results;
            Assert.That(GetErrorCode(results[1]), Is.Empty);
            Assert.That(item.GetComponent<MeshRenderer>() == null && item.GetComponent<MeshFilter>() != null);
        }

        [UnityTest]
        public IEnumerator IndexFormatFollowsTheVertexCount([Values(65535, 65538)] int vertices)
        {
            IndexFormat format = vertices == 65535 ? IndexFormat.UInt16 : IndexFormat.UInt32;
            yield return Connect();
            MeshComponent mesh = new MeshComponent { Position = new float[vertices * 3], Index = new int[vertices] };
            for (int i = 0; i < vertices; i++)
            {
                mesh.Position[i * 3] = i;
                mesh.Index[i] = i;
            }
            mesh.Submeshes.Add(new Submesh(0, 0, vertices));
            yield return Run(ApplyMesh(1, "create", MeshUuid, mesh));
            Mesh made = new MeshRecords().Find(MeshUuid).Mesh;
            Assert.That(made.vertexCount, Is.EqualTo(vertices));
            Assert.That(made.indexFormat, Is.EqualTo(format));
        }

        [UnityTest]
        public IEnumerator SharedMeshIsWrittenInPlace()
        {
            yield return Connect();
            yield return Run(ApplyMesh(1, "create", MeshUuid, MakeTriangle(0), MakeUser(ObjectUuid),
                MakeUser(OtherUuid)));
            Mesh before = GetFilter(ObjectUuid).sharedMesh;
            yield return Run(ApplyMesh(2, "update", MeshUuid, MakeTriangle(5)));
            Assert.That(ReferenceEquals(GetFilter(ObjectUuid).sharedMesh, before), "written in place");
            Assert.That(ReferenceEquals(GetFilter(OtherUuid).sharedMesh, before));
            Assert.That(before.vertices[0].x, Is.EqualTo(-5f));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator UserAssetIsCopiedNotWritten()
        {
            yield return Connect();
            Mesh own = new Mesh { name = "Mine", vertices = new[] { new Vector3(1, 2, 3) } };
            AssetDatabase.CreateAsset(own, Host.AssetFolder + "/Mine.asset");
            GameObject item = new GameObject("A");
            item.AddComponent<MeshFilter>().sharedMesh = own;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            Frame intent = Received;
            Daemon.Accept(intent, 1);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            yield return Run(ApplyMesh(2, "update", uuid, MakeTriangle(0)));
            Assert.That(own.vertices, Is.EqualTo(new[] { new Vector3(1, 2, 3) }));
            Mesh shown = item.GetComponent<MeshFilter>().sharedMesh;
            Assert.That(AssetDatabase.GetAssetPath(shown), Is.EqualTo("Assets/VibeSync/" + uuid + ".asset"));
        }

        [UnityTest]
        public IEnumerator ExistingAssetOfTheUuidIsReused()
        {
            Mesh existing = new Mesh { name = "Left" };
            AssetDatabase.CreateFolder("Assets", "VibeSync");
            AssetDatabase.CreateAsset(existing, "Assets/VibeSync/" + MeshUuid + ".asset");
            yield return Connect();
            yield return Run(ApplyMesh(1, "create", MeshUuid, MakeTriangle(0)));
            Assert.That(ReferenceEquals(new MeshRecords().Find(MeshUuid).Mesh, existing));
            Assert.That(existing.vertexCount, Is.EqualTo(3));
        }

        [UnityTest]
        public IEnumerator UserMaterialsStayAndNewSlotsAreFilled()
        {
            yield return Connect();
            yield return Run(ApplyMesh(1, "create", MeshUuid, MakeTriangle(0), MakeUser(ObjectUuid)));
            MeshRenderer renderer = FindObject(ObjectUuid).GetComponent<MeshRenderer>();
            Material mine = new Material(Shader.Find("Standard")) { name = "Mine" };
            renderer.sharedMaterials = new[] { mine };
            yield return Run(ApplyMesh(2, "update", MeshUuid, MakeFullMesh()));
            Assert.That(renderer.sharedMaterials.Length, Is.EqualTo(3));
            Assert.That(ReferenceEquals(renderer.sharedMaterials[0], mine));
            Assert.That(renderer.sharedMaterials[2] != null);
            yield return Run(ApplyMesh(3, "update", MeshUuid, MakeTriangle(1)));
            Assert.That(renderer.sharedMaterials.Length, Is.EqualTo(3), "nothing is taken away");
        }

        [UnityTest]
        public IEnumerator UndoRevivesADeletedMeshUnderItsUuid()
        {
            yield return Connect();
            yield return Run(ApplyMesh(1, "create", MeshUuid, MakeTriangle(0), MakeUser(ObjectUuid)));
            Mesh mesh = GetFilter(ObjectUuid).sharedMesh;
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", ObjectUuid),
                MakeChange("delete", MeshUuid)));
            Assert.That(new MeshRecords().Find(MeshUuid), Is.Null);
            yield return ExpectNone("intent");
            Undo.PerformUndo();
            yield return Expect("intent");
            List<JsonValue> changes = GetChanges(Received);
            Assert.That(changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { MeshUuid, ObjectUuid }));
            Assert.That(ReferenceEquals(GetFilter(ObjectUuid).sharedMesh, mesh));
        }
    }
}
