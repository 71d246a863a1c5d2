using System.Collections;
using NUnit.Framework;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that agents ask in the window, and that a button sends the answer.</summary>
    public sealed class AgentTests : SyncHarness
    {
        const string Approval = "01920000-0000-7000-8000-0000000000a1";

        static JsonValue Ask(string kind) => Messages.Create("approvals").With("open", JsonValue.Array(
            JsonValue.Object().With("approval_id", Approval).With("agent", "claude").With("kind", kind)
                .With("sentence", "claude wants to delete a crate").With("asked_at_seq", 1)
                .With("details", JsonValue.Array("Delete Crate")).With("expires_in_ms", 600000)));

        [UnityTest]
        public IEnumerator QuestionIsShownAndItsAnswerSent()
        {
            Daemon.Features = JsonValue.Array("dreams", AgentTracker.Feature);
            yield return Connect();
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("features", "")), Is.EqualTo("[\"agents\"]"));
            Daemon.Send(Ask("delete"));
            yield return WaitFor(() => Bridge.Status.Agents.Questions.Count == 1);
            Assert.That(Host.ReadWindow(), Has.Member("\u25cf An agent waits for your answer"));
            Assert.That(Host.ReadWindow(), Has.Member("None: claude wants to delete a crate\nDelete Crate"));
            Host.Press("Allow Once");
            yield return Expect("decide");
            JsonValue decide = Received.Header;
            Assert.That(decide.RequiredString("approval_id", ""), Is.EqualTo(Approval));
            Assert.That(decide.Required("allow", "").AsBool(""), Is.True);
            Assert.That(decide.RequiredString("remember", ""), Is.EqualTo("once"));
            Assert.That(decide.RequiredString("who", ""), Is.EqualTo(System.Environment.UserName));
            Assert.That(Host.ReadWindow(), Has.Member("\u25cf In sync"));
        }

        [UnityTest]
        public IEnumerator NewAgentIsLimitedToReading()
        {
            Daemon.Features = JsonValue.Array(AgentTracker.Feature);
            yield return Connect();
            Daemon.Send(Ask("work"));
            yield return WaitFor(() => Bridge.Status.Agents.Questions.Count == 1);
            Host.Press("Read Only");
            yield return Expect("set_agent");
            Assert.That(Received.Header.RequiredString("agent", ""), Is.EqualTo("claude"));
            Assert.That(Received.Header.RequiredString("mode", ""), Is.EqualTo("read"));
        }

        [UnityTest]
        public IEnumerator QuestionsAreGoneWithoutAConnection()
        {
            Daemon.Features = JsonValue.Array(AgentTracker.Feature);
            yield return Connect();
            yield return Expect("query");
            Daemon.Send(Ask("work"));
            yield return WaitFor(() => Bridge.Status.Agents.Questions.Count == 1);
            Host.Press("Pause");
            Assert.That(Host.ReadWindow(), Has.No.Member("[Let It Work]"));
        }

        [UnityTest]
        public IEnumerator UndoStaysAboutTheSameTimeOverADomainReload()
        {
            Daemon.Features = JsonValue.Array(AgentTracker.Feature);
            Daemon.HeadSeq = 40;
            yield return Connect();
            yield return Expect("query");
            Daemon.HeadSeq = 70;
            Host.ReloadDomain();
            yield return Sync();
            yield return Expect("query");
            Daemon.Send(Messages.Create("result").With("what", "agents").With("agents", JsonValue.Array(
                JsonValue.Object().With("name", "claude").With("mode", "work").With("connected", true)
                    .With("changes", 3))));
            yield return WaitFor(() => Bridge.Status.Agents.Agents.Count == 1);
            Host.Press("Undo What claude Did");
            yield return Expect("revert");
            Assert.That(Received.Header.RequiredInteger("since_seq", ""), Is.EqualTo(40));
        }

        [UnityTest]
        public IEnumerator ChallengeOfALaterVersionIsAccepted()
        {
            Daemon.Features = JsonValue.Array("dreams");
            Daemon.HasUnknownField = true;
            yield return Connect();
            Assert.That(Daemon.Hello.Find("features"), Is.Null);
            yield return ExpectNone("query");
        }
    }
}
