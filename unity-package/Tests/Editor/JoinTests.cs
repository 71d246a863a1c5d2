using System;
using System.Collections.Generic;
using NUnit.Framework;
using VibeSync.Core.Discovery;
using VibeSync.Core.Net;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that a session joins a project at any moment, with links that answer when the test says.</summary>
    public sealed class JoinTests : SyncHarness
    {
        readonly List<SlowLink> links = new List<SlowLink>();

        [Test]
        public void ClickOnJoinCountsWhileTheSessionLooks()
        {
            links.Clear();
            Bridge.Stop();
            using SceneEvents events = new SceneEvents();
            UnitySceneAdapter scene = new UnitySceneAdapter(events);
            Session session = new Session(scene, Link, new SessionOptions { InstanceId = "a" });
            session.Tick(0);
            links[0].Answer = new LinkEvent(Array.Empty<DiscoveryFile>());
            session.Tick(0.1);
            Assert.That(session.Status.State, Is.EqualTo("unjoined"));
            session.Tick(5);
            Assert.That(links.Count, Is.EqualTo(2), "it looks again");
            session.Join(FakeDaemon.ProjectId);
            session.Tick(5.1);
            Assert.That(links.Count, Is.EqualTo(3));
            Assert.That(links[1].IsDisposed, "the look for projects ends");
            Assert.That(links[2].ProjectId, Is.EqualTo(FakeDaemon.ProjectId));
            Assert.That(scene.ProjectId, Is.EqualTo(FakeDaemon.ProjectId));
            session.Join("01920000-0000-7000-8000-000000000002");
            Assert.That(scene.ProjectId, Is.EqualTo(FakeDaemon.ProjectId), "a scene of a project joins no other one");
        }

        ILink Link(string projectId, string openPath)
        {
            links.Add(new SlowLink { ProjectId = projectId });
            return links[links.Count - 1];
        }

        sealed class SlowLink : ILink
        {
            public string ProjectId;
            public LinkEvent Answer;
            public bool IsDisposed;

            public bool TryTake(out LinkEvent received)
            {
                received = Answer;
                Answer = null;
                return received != null;
            }

            public bool IsIdle => true;

            public bool TrySend(byte[] frame) => true;

            public void FinishHandshake(Limits limits)
            {
            }

            public void CloseAndWait() => Dispose();

            public void Dispose() => IsDisposed = true;
        }
    }
}
