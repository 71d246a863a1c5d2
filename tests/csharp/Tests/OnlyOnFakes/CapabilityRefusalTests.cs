using System.IO;
using NUnit.Framework;
using UnityFakes;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Calls that are refused before a handler runs.</summary>
    public sealed class CapabilityRefusalTests : CapabilityHarness
    {
        [Test]
        public void CallWithOtherDigestsIsRefused()
        {
            ConnectWithAddon();
            Call("act", codeDigest: new string('0', 64));
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9105"));
        }

        [Test]
        public void CallIsRefusedIfTheFilesChangedSince()
        {
            ConnectWithAddon();
            File.AppendAllText(Path.Combine(AddonPath, "Tools.cs"), " changed");
            Call("act");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9105"));
        }

        [Test]
        public void CodeThatUnityHasNotLoadedIsRefusedThoughAllowed()
        {
            ConnectWithAddon();
            File.AppendAllText(Path.Combine(AddonPath, "Tools.cs"), " changed");
            Project.Import("Packages/" + Package + "/Tools.cs");
            ExpectCapabilities();
            Call("act");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9105"), "Unity runs the code of before");
            UnityFakes.Editor.ReloadDomain();
            Connect();
            ExpectCapabilities();
            Call("act");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
        }

        [Test]
        public void UnknownAddonAndToolAreRefused()
        {
            ConnectWithAddon();
            Call("no_such_tool");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9102"));
            Project.RemovePackage(Package);
            Daemon.Expect("capabilities", RunFrame);
            Call("act");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9102"));
        }

        [TestCase("missing", "no method")]
        [TestCase("twice", "more than one")]
        [TestCase("other_form", "AiArguments")]
        [TestCase("of_instance", "not static")]
        public void ToolWithoutUsableHandlerIsRefused(string tool, string reason)
        {
            ConnectWithAddon();
            Call(tool);
            JsonValue answer = ExpectAnswer();
            Assert.That(Code(answer), Is.EqualTo("VS-9109"));
            Assert.That(Result(answer).RequiredString("message", ""), Does.Contain(reason));
        }

        [Test]
        public void HandlerOutsideOfTheFolderIsNone()
        {
            Project.Definitions["VibeSync.Tests"] = "Assets/Elsewhere/Tools.asmdef";
            ConnectWithAddon();
            Call("act");
            Assert.That(Code(ExpectAnswer()), Is.EqualTo("VS-9109"));
        }

        [Test]
        public void NothingOfAnAddonRunsBeforeACall()
        {
            ConnectWithAddon();
            Call("no_such_tool");
            ExpectAnswer();
            Assert.That(CapabilityHandlers.Touched, Is.EqualTo(0));
            Call("with_state");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Assert.That(CapabilityHandlers.Touched, Is.EqualTo(1));
        }
    }
}
