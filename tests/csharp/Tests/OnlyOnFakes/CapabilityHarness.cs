using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Capabilities;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Holds an editor with one capability add-on, whose handlers are <see cref="CapabilityHandlers"/>, and a daemon that
    /// wants the messages about add-ons. Only on the fakes, because the packages and assemblies of a real project cannot
    /// be added in a test.
    /// </summary>
    public abstract class CapabilityHarness : BridgeHarness
    {
        protected const string Package = "com.example.tools";

        const string Tools = "act twice other_form with_state of_instance missing";

        /// <summary>The folder of the add-on.</summary>
        protected string AddonPath => Path.Combine(Folder, "addon");

        /// <summary>The add-ons of the last `capabilities`.</summary>
        protected List<JsonValue> Addons { get; private set; }

        /// <summary>The id of the last call.</summary>
        protected string RequestId { get; private set; }

        [SetUp]
        public void AddAddon()
        {
            CapabilityHandlers.Act = arguments => AiResult.Success("done");
            CapabilityHandlers.Touched = 0;
            Daemon.Features = JsonValue.Array("dreams", CapabilityMessages.Feature);
            WriteAddon(AddonPath, CapabilityHandlers.Addon, "");
            Project.Assemblies.Add(typeof(CapabilityHandlers).Assembly);
            Project.Definitions["VibeSync.Tests"] = "Packages/" + Package + "/Tools.asmdef";
            Project.AddPackage(Package, AddonPath);
        }

        /// <param name="parameters">The parameters of the tool `act`, as JSON.</param>
        protected static void WriteAddon(string folder, string id, string parameters)
        {
            Directory.CreateDirectory(folder);
            string tools = string.Join(",", Tools.Split(' ').Select(name => "{\"name\": \"" + name
                + "\", \"parameters\": [" + (name == "act" ? parameters : "") + "]}"));
            File.WriteAllText(Path.Combine(folder, AddonFolder.ManifestName), "{\"addon_info\": {\"id\": \"" + id
                + "\"}, \"ai_integration\": {\"tools\": [" + tools + "]}}");
            File.WriteAllText(Path.Combine(folder, "Tools.asmdef"), "{}");
            File.WriteAllText(Path.Combine(folder, "Tools.cs"), "// the handlers");
        }

        /// <summary>Connects, and waits until the daemon has the list of add-ons.</summary>
        protected void ConnectWithAddon()
        {
            Connect();
            ExpectCapabilities();
        }

        protected void ExpectCapabilities()
        {
            Addons = Daemon.Expect("capabilities", RunFrame).Header.Required("addons", "").AsArray("");
        }

        /// <summary>Calls a tool of the first add-on, with the digests of the last list.</summary>
        protected void Call(string tool, string parameters = "{}", long milliseconds = 10000, string codeDigest = null,
            JsonValue resolved = null)
        {
            RequestId = Guid.NewGuid().ToString();
            JsonValue manifest = JsonReader.Read(Addons[0].RequiredString("manifest", ""));
            Daemon.Send(Messages.Create("addon_command").With("request_id", RequestId)
                .With("addon_id", manifest.Required("addon_info", "").RequiredString("id", "")).With("command", tool)
                .With("params", JsonReader.Read(parameters)).With("username", "claude")
                .With("label", "claude: test_tools." + tool).With("deadline_ms", milliseconds)
                .With("manifest_sha256", Addons[0].RequiredString("manifest_sha256", ""))
                .With("code_sha256", codeDigest ?? Addons[0].RequiredString("code_sha256", ""))
                .With("resolved", resolved ?? JsonValue.Object()));
        }

        protected void SendEnd(bool isKept)
        {
            Daemon.Send(Messages.Create("command_end").With("request_id", RequestId).With("keep", isKept));
        }

        /// <summary>Waits for the answer to the last call.</summary>
        protected JsonValue ExpectAnswer()
        {
            JsonValue answer = Daemon.Expect("command_response", RunFrame).Header;
            Assert.That(answer.RequiredString("request_id", ""), Is.EqualTo(RequestId));
            return answer;
        }

        /// <summary>Waits for the answer to a call that must change nothing; fails if an intent comes before it.</summary>
        protected JsonValue ExpectAnswerWithoutIntent()
        {
            DateTime end = DateTime.UtcNow.AddSeconds(10);
            while (DateTime.UtcNow < end)
            {
                RunFrame();
                if (!Daemon.TryReceive(out Frame frame, 5)) { continue; }
                Assert.That(frame.Type, Is.Not.EqualTo("intent"), JsonWriter.Write(frame.Header));
                if (frame.Type == "command_response") { return frame.Header; }
            }
            throw new AssertionException("no answer arrived");
        }

        protected static string Code(JsonValue answer) =>
            answer.Required("code", "").IsNull ? null : answer.RequiredString("code", "");

        protected static JsonValue Result(JsonValue answer) => answer.Required("result", "");

        protected static string Status(JsonValue answer) => Result(answer).RequiredString("status", "");

        protected static bool IsTakenBack(JsonValue answer) => answer.Required("taken_back", "").AsBool("");

        /// <summary>Creates an object as a careful handler does.</summary>
        protected static GameObject CreateWithUndo(string name)
        {
            GameObject created = new GameObject(name);
            Undo.RegisterCreatedObjectUndo(created, "Create");
            return created;
        }

        protected static void MoveWithUndo(GameObject target, float x)
        {
            Undo.RecordObject(target.transform, "Move");
            target.transform.localPosition = new Vector3(x, 0, 0);
        }

        /// <summary>Returns the names of the scene's objects that can be seen in the hierarchy.</summary>
        protected static List<string> ObjectNames() => UnityEngine.SceneManagement.SceneManager.GetActiveScene()
            .GetRootGameObjects().Where(root => root.hideFlags == HideFlags.None).Select(root => root.name).ToList();
    }
}
