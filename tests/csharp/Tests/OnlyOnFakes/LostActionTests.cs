using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using static VibeSync.Tests.Adapter.ActionBuilder;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests actions whose curves an editor does not hold as they are written, or whose files are lost. Only on the fakes, because a test
    /// cannot kill the editor that runs it.
    /// </summary>
    public sealed class LostActionTests : BridgeHarness
    {
        static string FullPath => Path.Combine(Engine.ProjectFolder, BouncePath);

        string ScenePath => Path.Combine(Folder, "scene.unity");

        List<JsonValue> ApplyBounce(long seq, ActionComponent action)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue[] changes = { MakeBounce(action, attachments), MakeBall() };
            List<JsonValue> results = ExpectApplied(Daemon.Apply(seq, "Add action", attachments, changes));
            Assert.That(results.ConvertAll(GetErrorCode), Has.All.EqualTo(""));
            return results;
        }

        void ApplyAction(long seq, ActionComponent action)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue change = MakeActionChange(action, attachments);
            ExpectApplied(Daemon.Apply(seq, "Animate", attachments, change));
        }

        /// <summary>Saves the scene, ends the editor without a further save, and opens the scene in a new one.</summary>
        /// <returns>The versions in the inventory.</returns>
        Dictionary<string, long> Restart(Action between)
        {
            UnityFakes.Editor.SaveScene(ScenePath);
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            between();
            UnityFakes.Editor.OpenScene(ScenePath);
            UnityFakes.Editor.Start();
            return Daemon.Sync(RunFrame).Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        [Test]
        public void CurveThatUnityHoldsOtherwiseIsKept()
        {
            Faults.DropsWeights = true;
            Connect();
            ActionChannel step = new ActionChannel("scale", 0, null, MakeKeys((1, 1)));
            JsonValue state = GetComponents(ApplyBounce(1, MakeAction(MakeMove().Prepend(step).ToArray()))[0].Required("state", ""));
            Assert.That(ReadProperties(), Is.EqualTo(new[] { "m_LocalScale.x" }), "what Unity shows is what was meant");
            JsonValue slot = state.Required("action", "").Required("slots", "").AsArray("")[0];
            Assert.That(slot.Required("channels", "").AsArray("").Count, Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void FileThatIsGoneWhenTheSceneOpensIsNoDelete()
        {
            Connect();
            ApplyBounce(1, MakeAction(MakeMove()));
            Assert.That(Restart(() => File.Delete(FullPath)).Keys, Is.EquivalentTo(new[] { Ball }), "the daemon sends the action again");
            Daemon.ExpectNone("intent", RunFrame);
            ApplyBounce(2, MakeAction(MakeMove()));
            Assert.That(ReadCurve("m_LocalPosition.y").Length, Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void FileThatIsOlderThanTheSceneIsNoEdit()
        {
            Connect();
            ApplyBounce(1, MakeAction(MakeMove()));
            UnityFakes.Editor.SaveScene(ScenePath);
            byte[] earlier = File.ReadAllBytes(FullPath);
            ApplyAction(2, MakeAction(MakeMove().Take(1).ToArray()));
            Assert.That(Restart(() => File.WriteAllBytes(FullPath, earlier))[Bounce], Is.EqualTo(0), "the daemon sends it again");
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void ActionOfASavedSceneSurvivesACrash()
        {
            Connect();
            ApplyBounce(1, MakeAction(MakeMove()));
            ApplyAction(2, MakeAction(MakeMove().Take(1).ToArray()));
            Assert.That(Restart(() => { })[Bounce], Is.EqualTo(2));
            Assert.That(ReadCurve("m_LocalPosition.x").Length, Is.EqualTo(2));
            Assert.That(ReadCurve("m_LocalPosition.y"), Is.Null);
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
