using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests what the window shows of agents, and what a person's decisions send.</summary>
    public sealed class AgentTextTests
    {
        readonly List<JsonValue> sent = new List<JsonValue>();
        SessionStatus status;
        AgentTracker agents;

        static List<JsonValue> Cases => Golden.List(Golden.Read("agent-texts.json"), "cases");

        [SetUp]
        public void Connect()
        {
            sent.Clear();
            status = new SessionStatus();
            agents = new AgentTracker(status, frame => sent.Add(frame.Header));
            agents.Begin(true);
        }

        void Receive(JsonValue item)
        {
            agents.TryHandle("approvals", Messages.Create("approvals").With("open", item.Required("approvals", "")));
            agents.TryHandle("result", Messages.Create("result").With("what", "agents")
                .With("agents", item.Required("agents", "")));
            if (item.Find("revert") is JsonValue undone) { agents.TryHandle("result", undone.With("what", "revert")); }
        }

        List<JsonValue> SentOf(string type) => sent.FindAll(header => header.RequiredString("type", "") == type);

        static JsonValue Write(AgentSection section) => JsonValue.Object()
            .With("waiting", JsonValue.Array(section.Waiting.Select(name => (JsonValue)name).ToArray()))
            .With("questions", JsonValue.Array(section.Questions.Select(Write).ToArray()))
            .With("agents", JsonValue.Array(section.Agents.Select(Write).ToArray()))
            .With("more", section.More).With("undone", section.Undone);

        static JsonValue Write(AgentEntry entry) => JsonValue.Object()
            .With("lines", JsonValue.Array(entry.Lines.Select(line => (JsonValue)line).ToArray()))
            .With("buttons", JsonValue.Array(entry.Buttons.Select(Write).ToArray()));

        static JsonValue Write(PanelButton button)
        {
            JsonValue written = JsonValue.Object().With("label", button.Label);
            AgentDecision decision = button.Decision;
            if (decision.IsUndo) { return written.With("undo", decision.Agent); }
            return decision.Mode.Length > 0
                ? written.With("set", JsonValue.Array(decision.Agent, decision.Mode))
                : written.With("decide", JsonValue.Array(decision.ApprovalId, decision.IsAllowed, decision.Remember));
        }

        [Test]
        public void SectionUsesTheSharedWords()
        {
            Assert.That(Cases.Count, Is.GreaterThan(5));
            foreach (JsonValue item in Cases)
            {
                Connect();
                Receive(item);
                string name = item.RequiredString("name", "");
                string expected = JsonWriter.Write(item.Required("view", ""));
                Assert.That(JsonWriter.Write(Write(status.Agents)), Is.EqualTo(expected), name);
                Assert.That(status.Agents.IsEmpty, Is.EqualTo(name == "nobody is known"));
            }
        }

        [Test]
        public void QuestionIsAnsweredOnce()
        {
            Receive(Cases[1]);
            PanelButton button = status.Agents.Questions[0].Buttons[0];
            agents.Decide(button.Decision, "Ada");
            Assert.That(status.Agents.Waiting, Is.Empty);
            Assert.That(status.Agents.Questions, Is.Empty);
            agents.Decide(button.Decision, "Ada");
            agents.Decide(AgentDecision.Answer("01920000-0000-7000-8000-0000000000ff", true, "once"), "Ada");
            JsonValue decide = SentOf("decide").Single();
            string shown = Golden.List(Cases[1], "approvals")[0].RequiredString("approval_id", "");
            Assert.That(decide.RequiredString("approval_id", ""), Is.EqualTo(shown));
            Assert.That(decide.Required("allow", "").AsBool(""), Is.True);
            Assert.That(decide.RequiredString("remember", ""), Is.EqualTo("project"));
            Assert.That(decide.RequiredString("who", ""), Is.EqualTo("Ada"));
        }

        [Test]
        public void ModeIsSetForShownAgentsOnly()
        {
            Receive(Cases[1]);
            agents.Decide(AgentDecision.SetMode("claude", "read"), "Ada");
            agents.Decide(AgentDecision.SetMode("other", "work"), "Ada");
            JsonValue set = SentOf("set_agent").Single();
            Assert.That(set.RequiredString("agent", ""), Is.EqualTo("claude"));
            Assert.That(set.RequiredString("mode", ""), Is.EqualTo("read"));
            Assert.That(set.RequiredString("why", ""), Is.Not.Empty);
        }

        [Test]
        public void UndoIsAboutTheTimeSinceTheSceneWasOpened()
        {
            Receive(Cases[2]);
            status.HeadSeq = 40;
            agents.Run(0);
            status.HeadSeq = 70;
            agents.Begin(true);
            Receive(Cases[2]);
            agents.Run(1);
            agents.Decide(status.Agents.Agents[0].Buttons.Last().Decision, "Ada");
            agents.Decide(AgentDecision.Undo("other"), "Ada");
            JsonValue undo = SentOf("revert").Single();
            Assert.That(undo.RequiredString("agent", ""), Is.EqualTo("claude"));
            Assert.That(undo.RequiredInteger("since_seq", ""), Is.EqualTo(40));
            Assert.That(undo.Required("dry_run", "").AsBool(""), Is.False);
            Assert.That(undo.RequiredString("who", ""), Is.EqualTo("Ada"));
        }

        [Test]
        public void QuestionsEndWithTheConnection()
        {
            Receive(Cases[1]);
            AgentDecision decision = status.Agents.Questions[0].Buttons[0].Decision;
            agents.Begin(true);
            Assert.That(status.Agents.IsEmpty, Is.True);
            agents.Decide(decision, "Ada");
            Assert.That(SentOf("decide"), Is.Empty);
        }

        [Test]
        public void AgentsAreAskedForAgainAfterNews()
        {
            agents.Run(100);
            agents.Run(104.9);
            Assert.That(SentOf("query").Count, Is.EqualTo(1));
            agents.Run(105);
            Assert.That(SentOf("query").Count, Is.EqualTo(2));
            agents.TryHandle("result", Messages.Create("result").With("what", "decide").With("seq", 7));
            agents.Run(105.1);
            Assert.That(SentOf("query").Count, Is.EqualTo(3));
        }

        [Test]
        public void DaemonWithoutTheFeatureIsNotAsked()
        {
            agents.Begin(false);
            agents.Run(0);
            Assert.That(agents.TryHandle("approvals", Messages.Create("approvals")), Is.False);
            Assert.That(sent, Is.Empty);
        }

        [Test]
        public void MalformedQuestionsAreRefused()
        {
            JsonValue wrong = JsonValue.Object().With("approval_id", "x").With("agent", "a").With("kind", "work")
                .With("sentence", "s").With("details", JsonValue.Array());
            JsonValue[] lists = { JsonValue.Null, JsonValue.Array(7), JsonValue.Array(wrong) };
            foreach (JsonValue open in lists)
            {
                SyncException error = Assert.Throws<SyncException>(() =>
                    agents.TryHandle("approvals", Messages.Create("approvals").With("open", open)));
                Assert.That(error.Code, Is.EqualTo(ErrorCode.MessageMalformed));
            }
            JsonValue many = JsonValue.Array(Enumerable.Repeat(wrong, 33).ToArray());
            Assert.Throws<SyncException>(() =>
                agents.TryHandle("approvals", Messages.Create("approvals").With("open", many)));
        }
    }
}
