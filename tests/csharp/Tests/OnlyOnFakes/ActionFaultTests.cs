using System.Collections;
using System.Linq;
using NUnit.Framework;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests actions in an editor that does not hold curves as they are written.</summary>
    public sealed class ActionFaultTests : ActionHarness
    {
        [UnityTest]
        public IEnumerator CurveThatUnityHoldsOtherwiseIsKept()
        {
            UnityFakes.Faults.DropsWeights = true;
            yield return Connect();
            ActionChannel step = new ActionChannel("scale", 0, null, MakeKeys((1, 1)));
            yield return ApplyBounce(1, MakeAction(MakeMove().Prepend(step).ToArray()));
            Assert.That(GetErrorCode(Results[0]), Is.EqualTo(""));
            Assert.That(ReadProperties(), Is.EqualTo(new[] { "m_LocalScale.x" }), "what Unity shows is what was meant");
            Assert.That(State(0).Required("action", "").Required("slots", "").AsArray("")[0].Required("channels", "").AsArray("").Count,
                Is.EqualTo(3));
            yield return ExpectNone("intent");
        }
    }
}
