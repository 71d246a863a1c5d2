using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using UnityEngine;
using UnityFakes;
using VibeSync.Capabilities;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Arguments of calls: checked again, and resolved to what the editor and the disk have now.</summary>
    public sealed class CapabilityArgumentCallTests : CapabilityHarness
    {
        const string Declared = "{\"name\": \"count\", \"type\": \"integer\", \"max\": 9, \"required\": true},"
            + "{\"name\": \"size\", \"type\": \"vector3\", \"default\": [1, 2, 3]},"
            + "{\"name\": \"target\", \"type\": \"object_name\"}, {\"name\": \"file\", \"type\": \"file_path\"},"
            + "{\"name\": \"stone\", \"type\": \"material_name\"}, {\"name\": \"group\", \"type\": \"collection_name\"},"
            + "{\"name\": \"more\", \"type\": \"dict\"}";

        AiArguments given;

        [SetUp]
        public void DeclareParameters()
        {
            WriteAddon(AddonPath, CapabilityHandlers.Addon, Declared);
            given = null;
            CapabilityHandlers.Act = arguments =>
            {
                given = arguments;
                return null;
            };
        }

        [Test]
        public void ArgumentsHaveTheirTypesAndDefaults()
        {
            ConnectWithAddon();
            Call("act", "{\"count\": 3.0, \"more\": {\"a\": [1, \"b\"], \"c\": null}}");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Assert.That(given.GetInteger("count"), Is.EqualTo(3));
            Assert.That(given.GetNumbers("size"), Is.EqualTo(new[] { 1.0, 2.0, 3.0 }));
            Assert.That(given.GetDictionary("more")["a"], Is.EqualTo(new List<object> { 1.0, "b" }));
            Assert.That(given.Has("target"), Is.False);
            Assert.Throws<InvalidCastException>(() => given.GetText("count"));
            Assert.Throws<KeyNotFoundException>(() => given.GetText("file"));
        }

        [Test]
        public void AllMistakesAreToldAndNothingRuns()
        {
            ConnectWithAddon();
            Call("act", "{\"other\": 1, \"size\": [1, 2], \"group\": \"Rocks\"}");
            JsonValue answer = ExpectAnswer();
            Assert.That(Code(answer), Is.EqualTo("VS-9103"));
            Assert.That(Result(answer).RequiredString("error_code", ""), Is.EqualTo("INVALID_PARAMETERS"));
            Assert.That(Result(answer).RequiredString("message", ""), Is.EqualTo("params[\"other\"]: unknown_parameter, "
                + "params.count: missing_parameter, params.size: value_type, params.group: Unity has no collections"));
            Assert.That(given, Is.Null);
        }

        [Test]
        public void DamagedParameterIsAnAnswerAndTheConnectionStays()
        {
            WriteAddon(AddonPath, CapabilityHandlers.Addon, "{\"name\": \"count\", \"type\": 3}");
            ConnectWithAddon();
            Call("act", "{\"count\": 1}");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9101"));
            Assert.That(VibeSync.Editor.Bridge.Status.State, Is.EqualTo("connected"));
        }

        [Test]
        public void ObjectIsLookedUpByItsUuid()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            CreateAccepted("Chair", 2);
            string uuid = GetUuid(chair);
            Call("act", "{\"count\": 1, \"target\": \"Chair\"}", resolved: JsonValue.Object().With("target", uuid));
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Assert.That(given.GetTarget<GameObject>("target"), Is.SameAs(chair));
            Assert.That(given.GetText("target"), Is.EqualTo("Chair"));
            Call("act", "{\"count\": 1, \"target\": \"Chair\"}");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9103"), "without a uuid");
        }

        [Test]
        public void MaterialIsTheOnlyFileOfItsName()
        {
            string assets = Path.Combine(Engine.ProjectFolder, "Assets");
            Directory.CreateDirectory(Path.Combine(assets, "Old"));
            UnityEditor.AssetDatabase.CreateAsset(new Material(Shader.Find("Standard")), "Assets/Stone.mat");
            ConnectWithAddon();
            Call("act", "{\"count\": 1, \"stone\": \"Stone\"}");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Assert.That(given.GetTarget<Material>("stone").name, Is.EqualTo("Stone"));
            File.Copy(Path.Combine(assets, "Stone.mat"), Path.Combine(assets, "Old", "Stone.mat"));
            Call("act", "{\"count\": 1, \"stone\": \"Stone\"}");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9103"));
        }

        [Test]
        public void PathIsBelowTheProjectsFolder()
        {
            ConnectWithAddon();
            Call("act", "{\"count\": 1, \"file\": \"textures/stone.png\"}");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Assert.That(given.GetText("file"), Is.EqualTo(Path.Combine(Daemon.Root, "textures", "stone.png")));
            Call("act", "{\"count\": 1, \"file\": \"../stone.png\"}");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9103"));
            Call("act", "{\"count\": 1, \"file\": \"//stone.png\"}");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9103"), "the scene has no file");
        }
    }
}
