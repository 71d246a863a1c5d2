using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the material of a new submesh. Only on the fakes, because a project's render pipeline cannot be changed for
    /// a test.
    /// </summary>
    public sealed class PipelineMaterialTests : BridgeHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";

        List<JsonValue> ApplyMesh(long seq, string op, string uuid, MeshComponent mesh, params JsonValue[] more)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue change = MakeChange(op, uuid, op == "create" ? "mesh" : null,
                MakeMesh("Mesh", mesh, attachments));
            return ExpectApplied(Daemon.Apply(seq, "Mesh", attachments, new[] { change }.Concat(more).ToArray()));
        }

        static JsonValue MakeUser(string uuid)
        {
            return MakeChange("create", uuid, "object", MakeObject("Shower", null, MeshUuid, MakeTransform(0, 0, 0)));
        }

        static MeshFilter GetFilter(string uuid) => FindObject(uuid).GetComponent<MeshFilter>();

        /// <summary>A render pipeline with a default material of this name.</summary>
        sealed class Pipeline : RenderPipelineAsset
        {
            readonly Material material;

            public Pipeline(string name)
            {
                material = new Material(Shader.Find("Standard")) { name = name };
            }

            public override Material defaultMaterial => material;
        }

        [TestCase(false, "Project")]
        [TestCase(true, "Level")]
        public void NewSubmeshGetsTheMaterialOfThePipelineInUse(bool hasLevel, string material)
        {
            GraphicsSettings.defaultRenderPipeline = new Pipeline("Project");
            if (hasLevel) { QualitySettings.renderPipeline = new Pipeline("Level"); }
            Connect();
            ApplyMesh(1, "create", MeshUuid, MakeTriangle(0), MakeUser(ObjectUuid));
            Assert.That(GetFilter(ObjectUuid).GetComponent<MeshRenderer>().sharedMaterials[0].name,
                Is.EqualTo(material));
        }
    }
}
