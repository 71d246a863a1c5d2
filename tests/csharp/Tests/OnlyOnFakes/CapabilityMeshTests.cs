using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Capabilities;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Meshes that a handler makes and changes.</summary>
    public sealed class CapabilityMeshTests : CapabilityHarness
    {
        GameObject shown;
        Mesh mesh;

        static Mesh MakeMesh(float x)
        {
            Mesh made = new Mesh { name = "Triangle" };
            made.vertices = new[] { new Vector3(x, 0, 0), new Vector3(0, 1, 0), new Vector3(0, 0, 1) };
            made.SetTriangles(new[] { 0, 1, 2 }, 0);
            return made;
        }

        static GameObject Show(Mesh shownMesh)
        {
            GameObject created = CreateWithUndo("Shown");
            created.AddComponent<MeshFilter>().sharedMesh = shownMesh;
            return created;
        }

        void ConnectWithMesh()
        {
            ConnectWithAddon();
            mesh = MakeMesh(1);
            shown = Show(mesh);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            WaitFor(() => GetVersion(shown) == 1);
        }

        void ChangeMesh()
        {
            Undo.RecordObject(mesh, "Edit");
            mesh.vertices = new[] { new Vector3(4, 0, 0), new Vector3(0, 1, 0), new Vector3(0, 0, 1) };
        }

        [Test]
        public void ChangedAndNewMeshesAreInTheIntent()
        {
            ConnectWithMesh();
            CapabilityHandlers.Act = arguments =>
            {
                ChangeMesh();
                Show(MakeMesh(7));
                return null;
            };
            Call("act");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(intent.Header.Required("changes", "").AsArray("")
                .Select(change => change.RequiredString("op", "")), Is.EquivalentTo(new[] { "update", "create", "create" }));
            Daemon.Accept(intent, 2);
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void MeshesOfAFailedCallAreTakenBack()
        {
            ConnectWithMesh();
            CapabilityHandlers.Act = arguments =>
            {
                ChangeMesh();
                Show(MakeMesh(7));
                return AiResult.Error("no");
            };
            Call("act");
            Assert.That(IsTakenBack(ExpectAnswerWithoutIntent()), Is.True);
            Assert.That(mesh.vertices[0].x, Is.EqualTo(1));
            Assert.That(ObjectNames(), Is.EqualTo(new[] { "Shown" }));
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
