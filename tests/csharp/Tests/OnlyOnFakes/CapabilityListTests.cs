using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityFakes;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Adapter
{
    /// <summary>The list of add-ons that the editor sends.</summary>
    public sealed class CapabilityListTests : CapabilityHarness
    {
        [Test]
        public void AddonOfAPackageIsListedWithItsHandlers()
        {
            ConnectWithAddon();
            Assert.That(Daemon.Hello.Required("features", "").AsArray("").Select(each => each.AsString("")),
                Is.EqualTo(new[] { "capabilities" }));
            JsonValue addon = Addons.Single();
            Assert.That(addon.RequiredString("module", ""), Is.EqualTo(Package));
            Assert.That(addon.RequiredString("folder", ""), Is.EqualTo(AddonPath));
            Assert.That(addon.RequiredString("manifest", ""),
                Is.EqualTo(File.ReadAllText(Path.Combine(AddonPath, AddonFolder.ManifestName))));
            Assert.That(addon.RequiredInteger("files", ""), Is.EqualTo(3));
            Assert.That(addon.Required("problem", "").IsNull, Is.True);
            Assert.That(addon.Required("declared", "").AsArray("").Select(each => each.AsString("")),
                Is.EqualTo(new[] { "act", "with_state" }));
        }

        [Test]
        public void NothingIsSentToADaemonThatDoesNotOfferIt()
        {
            Daemon.Features = JsonValue.Array("dreams");
            Connect();
            Daemon.ExpectNone("capabilities", RunFrame);
            Assert.That(Daemon.Hello.Find("features"), Is.Null);
            Daemon.Send(VibeSync.Core.Wire.Messages.Create("command_cancel").With("request_id", "x"));
            WaitFor(() => Engine.Log.Exists(line => line.Contains("VS-1005")));
        }

        [Test]
        public void ListIsSentAgainOnlyWhenItDiffers()
        {
            ConnectWithAddon();
            Project.Import("Assets/Other/texture.png");
            Project.Import("Packages/" + Package + "/Tools.cs");
            Daemon.ExpectNone("capabilities", RunFrame);
            File.AppendAllText(Path.Combine(AddonPath, "Tools.cs"), " changed");
            Project.Import("Packages/" + Package + "/Tools.cs");
            string before = Addons[0].RequiredString("code_sha256", "");
            ExpectCapabilities();
            Assert.That(Addons[0].RequiredString("code_sha256", ""), Is.Not.EqualTo(before));
            Project.RemovePackage(Package);
            ExpectCapabilities();
            Assert.That(Addons, Is.Empty);
        }

        [Test]
        public void AddonInTheAssetsFolderAppearsWithItsImport()
        {
            Project.RemovePackage(Package);
            ConnectWithAddon();
            Assert.That(Addons, Is.Empty);
            WriteAddon(Path.Combine(Engine.ProjectFolder, "Assets", "Tools"), CapabilityHandlers.Addon, "");
            Project.Definitions["VibeSync.Tests"] = "Assets/Tools/Tools.asmdef";
            Project.Import("Assets/Tools/" + AddonFolder.ManifestName);
            ExpectCapabilities();
            Assert.That(Addons.Single().RequiredString("module", ""), Is.EqualTo("Assets/Tools"));
            Call("act");
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
        }

        [Test]
        public void DamagedAddonIsListedWithItsProblemAlone()
        {
            string damaged = Path.Combine(Folder, "damaged");
            Directory.CreateDirectory(damaged);
            File.WriteAllBytes(Path.Combine(damaged, AddonFolder.ManifestName), new byte[] { 0xff, 0xfe });
            Project.AddPackage("com.example.damaged", damaged);
            ConnectWithAddon();
            Assert.That(Addons.Count, Is.EqualTo(2));
            JsonValue problem = Addons[0].Required("problem", "");
            Assert.That(problem.RequiredString("code", ""), Is.EqualTo("VS-9101"));
            Assert.That(Addons[0].Required("manifest", "").IsNull, Is.True);
            Assert.That(Addons[1].Required("problem", "").IsNull, Is.True);
        }
    }
}
