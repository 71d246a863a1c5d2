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
        static readonly JsonValue Shared = Golden.Read("status-texts.json");

        /// <summary>The names of the cases of this editor.</summary>
        static IEnumerable<string> Names() =>
            Golden.List(Shared, "cases").Where(IsOurs).Select(item => item.RequiredString("name", ""));

        static bool IsOurs(JsonValue item) =>
            Golden.List(item, "editors").Any(editor => editor.AsString("") == "unity");

        [TestCaseSource(nameof(Names))]
        public void WindowUsesTheSharedWords(string name)
        {
            JsonValue shared = Golden.List(Shared, "cases").Single(item => item.RequiredString("name", "") == name);
            PanelView view = StatusText.MakeView(ReadState(shared.Required("state", "")));
            JsonValue expected = shared.Required("view", "");
            Assert.That(view.Color.ToString().ToLowerInvariant(), Is.EqualTo(Fill(expected, "color")));
            Assert.That(view.Title, Is.EqualTo(Fill(expected, "title")));
            Assert.That(view.Advice, Is.EqualTo(Fill(expected, "advice")));
            Assert.That(view.Counts, Is.EqualTo(FillAll(expected, "counts")));
            Assert.That(view.Buttons.Select(button => button.Label), Is.EqualTo(FillAll(expected, "buttons")));
            Assert.That(view.Problem, Is.EqualTo(FillAll(expected, "problem")));
            Assert.That(view.Joins.Select(button => button.Label), Is.EqualTo(FillAll(expected, "joins")));
            Assert.That(view.CanLeave, Is.EqualTo(expected.Required("can_leave", "").AsBool("")));
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

        static PanelState ReadState(JsonValue given)
        {
            JsonValue usual = Shared.Required("usual", "");
            JsonValue Get(string key) => given.Find(key) ?? usual.Required(key, "");
            string paused = Get("paused").IsNull ? "" : Get("paused").AsString("");
            JsonValue error = Get("error");
            return new PanelState
            {
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

        static string Fill(JsonValue parent, string key) => Fill(parent.RequiredString(key, ""));

        static List<string> FillAll(JsonValue parent, string key) =>
            parent.Required(key, "").AsArray("").Select(item => Fill(item.AsString(""))).ToList();

        static string Fill(string text)
        {
            JsonValue words = Shared.Required("words", "").Required("unity", "");
            return text.Replace("{other}", words.RequiredString("other", ""))
                .Replace("{document}", words.RequiredString("document", ""));
        }
    }
}
