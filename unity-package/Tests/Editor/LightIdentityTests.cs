using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that lights keep their identity, and what Unity has no field for, wherever their objects go.</summary>
    public sealed class LightIdentityTests : LightHarness
    {
        LightValues values;

        string ScenePath => Host.GetScenePath("Main.unity");

        IEnumerator ConnectWithSharedLamp()
        {
            yield return Connect();
            values = MakeValues(LightValues.Point, 2);
            (values.Radius, values.Temperature) = (0.5, 3000);
            yield return ApplySharedLamp(1, values);
        }

        /// <summary>Edits the light of an object, and checks that only its intensity changes.</summary>
        IEnumerator EditAndCheck(string lamp, float intensity)
        {
            Light light = FindLight(lamp);
            Undo.RecordObject(light, "Edit");
            light.intensity = intensity;
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { LightUuid }));
            Assert.That(SentLight(0).Required("intensity", "").AsNumber(""), Is.EqualTo(intensity * One).Within(1e-2));
            Assert.That(SentLight(0).Required("radius", "").AsNumber(""), Is.EqualTo(0.5));
            Assert.That(SentLight(0).Required("temperature", "").AsNumber(""), Is.EqualTo(3000));
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(FindLight(LampB).intensity));
        }

        [UnityTest]
        public IEnumerator ReopenedSceneStillSharesTheLight()
        {
            yield return Run(ConnectWithSharedLamp());
            Host.SaveScene(ScenePath);
            Host.OpenScene(ScenePath);
            yield return Connect();
            Dictionary<string, long> versions = Received.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
            Assert.That(versions, Is.EqualTo(new Dictionary<string, long> { [LightUuid] = 1, [LampA] = 1, [LampB] = 1 }));
            yield return ExpectNone("intent");
            yield return Run(EditAndCheck(LampB, 5));
        }

        [UnityTest]
        public IEnumerator EditWithoutTheBridgeIsFoundLater()
        {
            yield return Run(ConnectWithSharedLamp());
            Bridge.IsEnabled = false;
            FindLight(LampB).intensity = 5;
            Host.SaveScene(ScenePath);
            Host.OpenScene(ScenePath);
            Bridge.IsEnabled = true;
            yield return Connect();
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { LightUuid }));
            Assert.That(SentLight(0).Required("intensity", "").AsNumber(""), Is.EqualTo(5 * One).Within(1e-2));
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(5));
        }

        [UnityTest]
        public IEnumerator UnusedLightIsSavedWithTheScene()
        {
            yield return Connect();
            yield return ExpectApplied(Daemon.Apply(1, "Add light", null,
                MakeChange("create", LightUuid, "light", MakeLight("Glow", MakeValues(LightValues.Point, 2)))));
            Host.SaveScene(ScenePath);
            Host.OpenScene(ScenePath);
            yield return Connect();
            Assert.That(Received.Header.Required("entities", "").AsArray("").ConvertAll(entity =>
                entity.RequiredString("uuid", "")), Is.EqualTo(new[] { LightUuid }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DomainReloadKeepsTheLight()
        {
            yield return Run(ConnectWithSharedLamp());
            Host.ReloadDomain();
            yield return Connect();
            yield return ExpectNone("intent");
            yield return Run(EditAndCheck(LampA, 7));
        }

        [UnityTest]
        public IEnumerator PartOfAPrefabKeepsTheLightOnlyInItsInstance()
        {
            yield return Run(ConnectWithSharedLamp());
            string path = Host.AssetFolder + "/Lamp.prefab";
            GameObject asset = PrefabUtility.SaveAsPrefabAssetAndConnect(FindObject(LampA), path, InteractionMode.UserAction);
            yield return AcceptPrefabs(1);
            yield return ExpectNone("intent");
            GameObject second = (GameObject)PrefabUtility.InstantiatePrefab(asset);
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("kind", "")), Is.EqualTo(new[] { "light", "object" }));
            Assert.That(Changes[0].RequiredString("uuid", ""), Is.Not.EqualTo(LightUuid));
            yield return Accept(2);
            yield return Run(EditAndCheck(LampB, 5));
            Assert.That(Host.HasRecordedOverrides(FindLight(LampA)), "written as an override");
            Assert.That(second.GetComponent<Light>().intensity, Is.EqualTo(2).Within(1e-6));
            Assert.That(PrefabUtility.GetAddedComponents(second), Is.Empty);
            yield return Accept(3);
            PrefabUtility.UnpackPrefabInstance(FindObject(LampA), PrefabUnpackMode.Completely, InteractionMode.UserAction);
            yield return AcceptPrefabs(4);
            yield return ExpectNone("intent");
            yield return Run(EditAndCheck(LampA, 6));
        }

        [UnityTest]
        public IEnumerator RefusedUuidIsRenewedForAllUsers()
        {
            yield return Run(ConnectWithSharedLamp());
            Light light = FindLight(LampA);
            Undo.RecordObject(light, "Edit");
            light.intensity = 3;
            yield return Expect("intent");
            Daemon.Refuse(Received, "VS-3006", "changes[0]");
            yield return Expect("intent");
            JsonValue created = Changes[0];
            string renewed = created.RequiredString("uuid", "");
            Assert.That((created.RequiredString("op", ""), renewed == LightUuid), Is.EqualTo(("create", false)));
            foreach (string lamp in new[] { LampA, LampB })
            {
                JsonValue change = Changes.Find(each => each.RequiredString("uuid", "") == lamp);
                Assert.That(GetComponents(change).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(renewed));
            }
        }

        [UnityTest]
        public IEnumerator DamagedRecordIsReplacedByWhatUnityShows()
        {
            yield return Run(ConnectWithSharedLamp());
            foreach (string lamp in new[] { LampA, LampB })
            {
                VibeSyncIdentity identity = FindObject(lamp).GetComponent<VibeSyncIdentity>();
                identity.Data.Value = "{\"type\":\"point\"";
            }
            Host.ReloadDomain();
            yield return Connect();
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { LightUuid }));
            Assert.That(SentLight(0).Required("intensity", "").AsNumber(""), Is.EqualTo(2 * One).Within(1e-2));
            Assert.That(SentLight(0).Required("radius", "").AsNumber(""), Is.EqualTo(0), "it is lost");
        }

        [UnityTest]
        public IEnumerator PlayModeRestoresTheLight()
        {
            yield return Run(ConnectWithSharedLamp());
            yield return Run(Host.EnterPlayMode(false));
            FindLight(LampA).intensity = 9;
            yield return Run(Host.ExitPlayMode());
            yield return Connect();
            yield return ExpectNone("intent");
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(2).Within(1e-6));
        }
    }
}
