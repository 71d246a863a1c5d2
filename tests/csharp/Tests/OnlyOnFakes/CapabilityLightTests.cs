using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests calls of add-ons that change lights, with and without undo.</summary>
    public sealed class CapabilityLightTests : CapabilityHarness
    {
        Light light;
        string uuid;

        void ConnectWithLamp()
        {
            ConnectWithAddon();
            light = new GameObject("Lamp").AddComponent<Light>();
            Undo.RegisterCreatedObjectUndo(light.gameObject, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            Daemon.Accept(intent, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
        }

        [Test]
        public void LightThatACallChangesIsOneOfItsChanges()
        {
            ConnectWithLamp();
            CapabilityHandlers.Act = arguments =>
            {
                light.intensity = 3;
                return AiResult.Success("done");
            };
            Call("act");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(intent).ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { uuid }));
            Assert.That(intent.Header.RequiredString("request_id", ""), Is.EqualTo(RequestId));
        }

        [Test]
        public void FailedCallRestoresALightThatItChangedWithoutUndo()
        {
            ConnectWithLamp();
            CapabilityHandlers.Act = arguments =>
            {
                light.intensity = 3;
                return AiResult.Error("no");
            };
            Call("act");
            JsonValue answer = ExpectAnswerWithoutIntent();
            Assert.That(light.intensity, Is.EqualTo(1).Within(1e-6));
            Assert.That(IsTakenBack(answer));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void FailedCallRestoresALightThatItRemovedOrAdded()
        {
            ConnectWithLamp();
            GameObject plain = CreateAccepted("Plain", 2);
            string lampUuid = GetUuid(light.gameObject);
            CapabilityHandlers.Act = arguments =>
            {
                Object.DestroyImmediate(light);
                plain.AddComponent<Light>();
                return AiResult.Error("no");
            };
            Call("act");
            ExpectAnswerWithoutIntent();
            Assert.That(FindObject(GetUuid(plain)).GetComponent<Light>() == null);
            GameObject lamp = FindObject(lampUuid);
            Assert.That(lamp.GetComponent<Light>().intensity, Is.EqualTo(1).Within(1e-6));
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
