using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Makes materials, as users and as the daemon do, in the render pipeline that the project has.</summary>
    public abstract class MaterialHarness : SyncHarness
    {
        protected const string Red = "01920000-0000-7000-8000-0000000000d1";
        protected const string Blue = "01920000-0000-7000-8000-0000000000d2";
        protected const string MeshUuid = "01920000-0000-7000-8000-0000000000e1";
        protected const string BoxA = "01920000-0000-7000-8000-0000000000a1";
        protected const string BoxB = "01920000-0000-7000-8000-0000000000b1";

        /// <summary>The shader of new materials.</summary>
        protected static MaterialShader Names => MaterialSupport.Find().Shader;

        /// <summary>The changes of the last intent.</summary>
        protected List<JsonValue> Changes => GetChanges(Received);

        protected static PbrValues MakePbr(double roughness)
        {
            PbrValues values = PbrValues.Default;
            values.BaseColor = new[] { 0.8, 0.5, 0.18, 1 };
            (values.Roughness, values.Metallic, values.AlphaCutoff) = (roughness, 1 / 3.0, 0.125);
            return values;
        }

        protected static JsonValue MakeMaterial(string name, PbrValues pbr, EmissionComponent emission = null) =>
            MakeName(name).With("pbr", new PbrComponent(pbr).ToJson(null))
                .With("emission", (emission ?? EmissionComponent.None).ToJson(null));

        protected static JsonValue MakePbrChange(string uuid, PbrValues pbr) => MakeChange("update", uuid, null,
            JsonValue.Object().With("pbr", new PbrComponent(pbr).ToJson(null)));

        protected static JsonValue MakeSlots(params string[] uuids) =>
            JsonValue.Object().With("slots", new SlotsComponent(uuids).ToJson(null));

        protected static JsonValue MakeOwn(string json) =>
            JsonValue.Object().With("materials", JsonValue.Object().With("own", JsonReader.Read(json)));

        /// <summary>Has the daemon create two materials, and two objects that show one mesh with these slots.</summary>
        protected Steps ApplyBoxes(long seq, params string[] slots)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeMesh("Box", MakeTriangle(0), attachments).With("slots", new SlotsComponent(slots).ToJson(null));
            return ExpectApplied(Daemon.Apply(seq, "Add boxes", attachments,
                MakeChange("create", Red, "material", MakeMaterial("Red", MakePbr(0.25))),
                MakeChange("create", Blue, "material", MakeMaterial("Blue", MakePbr(0.75))),
                MakeChange("create", MeshUuid, "mesh", mesh), MakeBox(BoxA, "A"), MakeBox(BoxB, "B")));
        }

        protected static JsonValue MakeBox(string uuid, string name) =>
            MakeChange("create", uuid, "object", MakeObject(name, null, MeshUuid, MakeTransform(0, 0, 0)));

        protected static MeshRenderer FindRenderer(string uuid) => FindObject(uuid).GetComponent<MeshRenderer>();

        /// <summary>Returns the only material that an object shows.</summary>
        protected static Material FindShown(string uuid) => FindRenderer(uuid).sharedMaterials.Single();

        /// <summary>Assigns the only material of an object, as a user does.</summary>
        protected static void Assign(string uuid, Material material)
        {
            MeshRenderer renderer = FindRenderer(uuid);
            Undo.RecordObject(renderer, "Assign");
            renderer.sharedMaterials = new[] { material };
        }

        /// <summary>Sets a number of a material, as the inspector does.</summary>
        protected static void Edit(Material material, string property, float value)
        {
            Undo.RecordObject(material, "Edit");
            material.SetFloat(property, value);
        }

        /// <summary>Creates a material asset, as a user does.</summary>
        protected static Material CreateUsers(string name, Shader shader = null)
        {
            Material made = new Material(shader ?? Shader.Find(Names.Name));
            AssetDatabase.CreateAsset(made, Host.AssetFolder + "/" + name + ".mat");
            return made;
        }

        protected static byte[] ReadFile(Material material) =>
            File.ReadAllBytes(Path.Combine(Host.ProjectFolder, AssetDatabase.GetAssetPath(material)));

        /// <summary>Creates an object with a mesh of its own and a material, as a user does.</summary>
        protected static GameObject CreateBox(string name, params Material[] shown)
        {
            GameObject created = GameObject.CreatePrimitive(PrimitiveType.Cube);
            created.name = name;
            Mesh mesh = new Mesh { name = name, vertices = new[] { default, new Vector3(1, 0, 0), new Vector3(0, 1, 0) } };
            mesh.SetTriangles(new[] { 0, 1, 2 }, 0);
            created.GetComponent<MeshFilter>().sharedMesh = mesh;
            created.GetComponent<MeshRenderer>().sharedMaterials = shown;
            Undo.RegisterCreatedObjectUndo(created, "Create");
            return created;
        }

        /// <summary>Accepts the last intent.</summary>
        protected Steps Accept(long seq)
        {
            Daemon.Accept(Received, seq);
            return WaitFor(() => Bridge.Status.Pending == 0);
        }

        /// <summary>Waits for the next intent and accepts it; its changes stay in <see cref="Changes"/>.</summary>
        protected Steps ExpectAccepted(long seq) => Run(ReceiveAndAccept(seq));

        IEnumerator ReceiveAndAccept(long seq)
        {
            yield return Expect("intent");
            Daemon.Accept(Received, seq);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
        }

        /// <summary>Returns the components that the last intent has of an entity; null without it.</summary>
        protected JsonValue Sent(string uuid)
        {
            JsonValue change = Changes.Find(each => each.RequiredString("uuid", "") == uuid);
            return change?.Find("components");
        }

        /// <summary>The components of the state that the last batch read back for a change.</summary>
        protected JsonValue State(int index) => GetComponents(Results[index].Required("state", ""));

        /// <summary>Returns the texts of a list of uuids; "-" for none.</summary>
        protected static string[] ReadSlots(JsonValue components) => components.Required("slots", "").Required("materials", "")
            .AsArray("").Select(item => item.IsNull ? "-" : item.AsString("")).ToArray();

        protected static string ReadOwn(JsonValue components) =>
            JsonWriter.Write(components.Required("materials", "").Required("own", ""));

        protected static PbrValues ReadPbr(JsonValue components) => PbrComponent.Read(components.Required("pbr", ""), "").Values;
    }
}
