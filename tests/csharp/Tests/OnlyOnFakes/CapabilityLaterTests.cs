using System;
using NUnit.Framework;
using UnityEngine;
using VibeSync.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Handlers whose work goes on after they returned.</summary>
    public sealed class CapabilityLaterTests : CapabilityHarness
    {
        [Test]
        public void LastPollMakesTheChanges()
        {
            ConnectWithAddon();
            int polls = 0;
            CapabilityHandlers.Act = arguments => AiResult.Later(() =>
            {
                if (++polls < 3) { return null; }
                CreateWithUndo("Table");
                return AiResult.Warning("made late");
            });
            Call("act");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(polls, Is.EqualTo(3));
            Assert.That(intent.Header.RequiredString("request_id", ""), Is.EqualTo(RequestId));
            Daemon.Accept(intent, 1);
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("warning"));
        }

        [Test]
        public void PersonsChangesBetweenPollsAreTheirs()
        {
            ConnectWithAddon();
            GameObject chair = CreateAccepted("Chair", 1);
            bool isDone = false;
            CapabilityHandlers.Act = arguments => AiResult.Later(() => isDone ? AiResult.Success("") : null);
            Call("act");
            Daemon.Expect("command_progress", RunFrame);
            MoveWithUndo(chair, 2);
            Frame own = Daemon.Expect("intent", RunFrame);
            Assert.That(own.Header.Find("request_id"), Is.Null);
            Daemon.Accept(own, 2);
            isDone = true;
            Assert.That(Status(ExpectAnswerWithoutIntent()), Is.EqualTo("success"));
        }

        [TestCase(true)]
        [TestCase(false)]
        public void ChangesBeforeTheResultAreForbidden(bool isInPoll)
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments =>
            {
                if (!isInPoll) { CreateWithUndo("Table"); }
                return AiResult.Later(() =>
                {
                    CreateWithUndo("Table");
                    return null;
                });
            };
            Call("act");
            JsonValue answer = ExpectAnswerWithoutIntent();
            Assert.That(Code(answer), Is.EqualTo("VS-9110"));
            Assert.That(ObjectNames(), Is.Empty);
        }

        [Test]
        public void HandlerLearnsThatItIsCanceled()
        {
            ConnectWithAddon();
            bool hasPolled = false;
            CapabilityHandlers.Act = arguments => AiResult.Later(() =>
            {
                hasPolled = true;
                return arguments.IsCanceled ? AiResult.Error("canceled", "CANCELED") : null;
            });
            Call("act");
            WaitFor(() => hasPolled);
            Daemon.Send(Messages.Create("command_cancel").With("request_id", RequestId));
            Assert.That(Result(ExpectAnswer()).RequiredString("error_code", ""), Is.EqualTo("CANCELED"));
        }

        [Test]
        public void CallThatWaitsIsCanceledAtOnce()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments => throw new AssertionException("it ran");
            GUIUtility.hotControl = 7;
            Call("act");
            Daemon.Expect("command_progress", RunFrame);
            Daemon.Send(Messages.Create("command_cancel").With("request_id", RequestId));
            Assert.That(Result(ExpectAnswer()).RequiredString("message", ""), Does.Contain("before it ran"));
        }

        [Test]
        public void HandlerThatIsNeverReadyEndsAtItsDeadline()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments => AiResult.Later(() => null);
            Call("act", milliseconds: 400);
            JsonValue answer = ExpectAnswer();
            Assert.That(Code(answer), Is.EqualTo("VS-9107"));
            Assert.That(Result(answer).RequiredString("error_code", ""), Is.EqualTo("DEFERRED_TIMEOUT"));
        }

        [Test]
        public void ExceptionInAPollIsAnAnswer()
        {
            ConnectWithAddon();
            CapabilityHandlers.Act = arguments => AiResult.Later(() =>
            {
                new GameObject("Table");
                throw new InvalidOperationException("late");
            });
            Call("act");
            Assert.That(Code(ExpectAnswerWithoutIntent()), Is.EqualTo("VS-9106"));
            Assert.That(ObjectNames(), Is.Empty);
        }
    }
}
