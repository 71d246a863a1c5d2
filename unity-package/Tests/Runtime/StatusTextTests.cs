using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that the window uses the words that both editors share.</summary>
    public sealed class StatusTextTests
    {
        JsonValue shared;

        [Test]
        public void WindowUsesTheSharedWords()
        {
            shared = Golden.Read("status-texts.json");
            List<JsonValue> ours = Golden.List(shared, "cases").FindAll(IsOurs);
            Assert.That(ours.Count, Is.GreaterThan(20));
            foreach (JsonValue item in ours) { Check(item, item.RequiredString("name", "")); }
        }

        static bool IsOurs(JsonValue item) =>
            Golden.List(item, "editors").Exists(editor => editor.AsString("") == "unity");

        void Check(JsonValue item, string name)
        {
            PanelView view = StatusText.MakeView(ReadState(item.Required("state", "")));
            JsonValue expected = item.Required("view", "");
            Assert.That(view.Color.ToString().ToLowerInvariant(), Is.EqualTo(Fill(expected, "color")), name);
            Assert.That(view.Title, Is.EqualTo(Fill(expected, "title")), name);
            Assert.That(view.Advice, Is.EqualTo(Fill(expected, "advice")), name);
            Assert.That(view.Counts, Is.EqualTo(FillAll(expected, "counts")), name);
            Assert.That(view.Buttons.Select(button => button.Label), Is.EqualTo(FillAll(expected, "buttons")), name);
            Assert.That(view.Problem, Is.EqualTo(FillAll(expected, "problem")), name);
            Assert.That(view.Joins.Select(button => button.Label), Is.EqualTo(FillAll(expected, "joins")), name);
            Assert.That(view.CanLeave, Is.EqualTo(expected.Required("can_leave", "").AsBool("")), name);
        }

        [Test]
        public void ProgressIsHiddenWhileAnErrorNeedsTheUser()
        {
            PanelState state = new PanelState { State = "connected", Task = "receiving 9 changes", Progress = 0.5 };
            Assert.That(StatusText.MakeView(state).Task, Is.EqualTo("receiving 9 changes"));
            state.Pause = PauseReason.Error;
            Assert.That(StatusText.MakeView(state).Task, Is.Empty);
        }

        [Test]
        public void EachErrorCodeHasARemedy()
        {
            List<string> codes = typeof(ErrorCode).GetFields().Select(field => (string)field.GetValue(null)).ToList();
            Assert.That(codes.Count, Is.GreaterThan(50));
            foreach (string code in codes) { Assert.That(ErrorHelp.Find(code), Does.EndWith("."), code); }
            Assert.That(ErrorHelp.Find("VS-9999"), Is.Empty);
        }

        PanelState ReadState(JsonValue given)
        {
            AgentSection agents = new AgentSection();
            JsonValue usual = shared.Required("usual", "");
            JsonValue Get(string key) => given.Find(key) ?? usual.Required(key, "");
            string paused = Get("paused").IsNull ? "" : Get("paused").AsString("");
            JsonValue error = Get("error");
            agents.Waiting.AddRange(Get("waiting").AsArray("").Select(name => name.AsString("")));
            return new PanelState
            {
                Agents = agents,
                Pause = paused == "user" ? PauseReason.User : paused == "error" ? PauseReason.Error
                    : paused == "self-test" ? PauseReason.SelfTest : PauseReason.None,
                State = Get("state").AsString(""),
                Activity = Get("activity").AsString(""),
                Error = error.IsNull ? null
                    : new SyncException(error.RequiredString("code", ""), error.RequiredString("message", "")),
                SafeMode = Get("safe_mode").IsNull ? null : Get("safe_mode").AsString(""),
                IsStarting = Get("is_starting").AsBool(""),
                Unanswered = (int)Get("unanswered").AsInteger(""),
                HasWaitingBatch = Get("has_waiting_batch").AsBool(""),
                Sent = (int)Get("sent").AsInteger(""),
                Applied = (int)Get("applied").AsInteger(""),
                Offers = Get("offers").AsArray("").Select(Announce).ToList(),
                CanLeave = Get("can_leave").AsBool(""),
            };
        }

        static DiscoveryFile Announce(JsonValue offer)
        {
            string id = "01920000-0000-7000-8000-00000000000" + offer.RequiredString("id", "");
            JsonValue file = JsonValue.Object().With("schema_version", 1).With("project_id", id)
                .With("project_root", offer.RequiredString("folder", "")).With("host", "127.0.0.1").With("port", 1)
                .With("token_path", "/token").With("pid", 1).With("daemon_version", "0");
            return DiscoveryFile.Parse(JsonWriter.Write(file));
        }

        string Fill(JsonValue parent, string key) => Fill(parent.RequiredString(key, ""));

        List<string> FillAll(JsonValue parent, string key) =>
            parent.Required(key, "").AsArray("").Select(item => Fill(item.AsString(""))).ToList();

        string Fill(string text)
        {
            JsonValue words = shared.Required("words", "").Required("unity", "");
            return text.Replace("{other}", words.RequiredString("other", ""))
                .Replace("{document}", words.RequiredString("document", ""));
        }
    }
}
