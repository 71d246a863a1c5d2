using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Samples;

namespace VibeSync.Tests.Adapter
{
    /// <summary>The sample of a capability add-on, and the page that shows its code.</summary>
    public sealed class CapabilitySampleTests : CapabilityHarness
    {
        const string SampleFolder = "unity-package/Samples~/StairsMaker";

        static string Root => Environment.GetEnvironmentVariable("VIBESYNC_ROOT");

        [SetUp]
        public void ImportSample()
        {
            Project.RemovePackage(Package);
            Project.Assemblies.Add(typeof(StairsMaker).Assembly);
            Project.Definitions["VibeSync.Samples.StairsMaker"] =
                "Packages/com.example.stairs/VibeSync.Samples.StairsMaker.asmdef";
            Project.AddPackage("com.example.stairs", Path.Combine(Root, SampleFolder));
        }

        [Test]
        public void EachToolOfTheManifestHasAHandler()
        {
            ConnectWithAddon();
            AddonManifest manifest = AddonManifest.Read(Addons.Single().RequiredString("manifest", ""));
            Assert.That(Addons[0].Required("problem", "").IsNull, Is.True);
            Assert.That(Addons[0].Required("declared", "").AsArray("").Select(each => each.AsString("")),
                Is.EquivalentTo(manifest.Tools));
        }

        [Test]
        public void StairsAreBuiltInOneStepAndMeasured()
        {
            ConnectWithAddon();
            GameObject floor = CreateAccepted("Floor", 1);
            JsonValue resolved = JsonValue.Object().With("under", GetUuid(floor));
            Call("build_stairs", "{\"steps\": 3, \"under\": \"Floor\"}", resolved: resolved);
            Frame intent = Daemon.Expect("intent", RunFrame);
            // Four objects, and Unity's cube that the steps show.
            Assert.That(intent.Header.Required("changes", "").AsArray("").Count, Is.EqualTo(5));
            Daemon.Accept(intent, 2);
            Assert.That(Result(ExpectAnswer()).Required("data", "").RequiredInteger("steps", ""), Is.EqualTo(3));
            SendEnd(true);
            resolved = JsonValue.Object().With("target", GetUuid(floor));
            Call("measure_object", "{\"target\": \"Floor\"}", resolved: resolved);
            Assert.That(JsonWriter.Write(Result(ExpectAnswerWithoutIntent()).Required("data", "")),
                Is.EqualTo("{\"name\":\"Floor\",\"position\":[0,0,0],\"children\":1}"));
        }

        [Test]
        public void PageShowsTheCodeOfTheSample()
        {
            string page = File.ReadAllText(Path.Combine(Root, "docs", "capabilities.md")).Replace("\r\n", "\n");
            List<string> shown = new List<string>();
            string[] parts = page.Split(new[] { "```csharp\n" }, StringSplitOptions.None);
            for (int i = 1; i < parts.Length; i++) { shown.Add(parts[i].Substring(0, parts[i].IndexOf("```"))); }
            string code = File.ReadAllText(Path.Combine(Root, SampleFolder, "StairsMaker.cs")).Replace("\r\n", "\n");
            Assert.That(shown, Is.Not.Empty);
            foreach (string part in shown) { Assert.That(code, Does.Contain(part)); }
        }
    }
}
