using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    public sealed class SkinTests
    {
        static WeightsComponent Make(float weight = 0.25f, int[] group = null, int[] vertex = null, int[] offset = null) =>
            new WeightsComponent(new[] { "Hip", "Leg" }, vertex ?? new[] { 0, 1, 1 }, offset ?? new[] { 0, 2, 3 },
                group ?? new[] { 0, 1, 1 }, new[] { weight, 0.5f, 1f });

        static WeightsComponent Read(WeightsComponent weights, Action<JsonValue> edit = null)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue json = weights.ToJson(attachments);
            edit?.Invoke(json);
            return WeightsComponent.Read(json, attachments, "weights");
        }

        [Test]
        public void WeightsAreReadAsWritten()
        {
            WeightsComponent read = Read(Make());
            Assert.That((read.Digest(), read.Matches(Make()), read.IsDefault), Is.EqualTo((Make().Digest(), true, false)));
            Assert.That(WeightsComponent.FromText(Make().ToText()).Digest(), Is.EqualTo(Make().Digest()));
            Assert.That((WeightsComponent.FromText("damaged").IsDefault, WeightsComponent.None.ToText()), Is.EqualTo((true, "")));
            Assert.That(Read(WeightsComponent.None).IsDefault);
        }

        [Test]
        public void FaultsOfWeightsAreRefused()
        {
            void Check(string code, string location, WeightsComponent weights, Action<JsonValue> edit = null)
            {
                SyncException error = Assert.Throws<SyncException>(() => Read(weights, edit), location);
                Assert.That((error.Code, error.Location), Is.EqualTo((code, "weights." + location)));
            }
            Check(ErrorCode.MeshInvalid, "buffers.vertex", Make(vertex: new[] { 0, 1, 2 }));
            Check(ErrorCode.MeshInvalid, "buffers.offset", Make(offset: new[] { 0, 4, 3 }));
            Check(ErrorCode.MeshInvalid, "buffers.offset", Make(offset: new[] { 0, 2, 2 }));
            Check(ErrorCode.MeshInvalid, "buffers.group", Make(group: new[] { 1, 0, 1 }));
            Check(ErrorCode.MeshInvalid, "buffers.group", Make(group: new[] { 0, 1, 2 }));
            Check(ErrorCode.NumberInvalid, "buffers.weight", Make(1.5f));
            Check(ErrorCode.NumberInvalid, "buffers.weight", Make(float.NaN));
            Check(ErrorCode.MeshInvalid, "buffers.vertex", Make(), json => json.With("corner_count", 4));
            Check(ErrorCode.MeshInvalid, "buffers", Make(), json => json.With("buffers", JsonValue.Object()));
            Check(ErrorCode.ComponentInvalid, "groups", Make(), json => json.With("groups", JsonValue.Array("Hip", "Hip")));
            Check(ErrorCode.ComponentInvalid, "groups", Make(), json => json.With("groups", JsonValue.Array("", "Leg")));
            Check(ErrorCode.BlobUnknown, "buffers.group", Make(),
                json => json.Required("buffers", "").Required("group", "").With("attachment", JsonValue.Null));
        }

        [Test]
        public void WeightsAreComparedCornerByCorner()
        {
            // The same corners, with a vertex each.
            WeightsComponent split = new WeightsComponent(new[] { "Hip", "Leg" }, new[] { 2, 0, 1 }, new[] { 0, 1, 2, 4 },
                new[] { 1, 1, 0, 1 }, new[] { 1f, 1f, 0.25f, 0.5f });
            Assert.That((split.Matches(Make()), split.Digest()), Is.EqualTo((true, Make().Digest())));
            Assert.That(Make(0.250005f).Matches(Make()));
            foreach (WeightsComponent other in new[] { Make(0.3f), Make(group: new[] { 0, 1, 0 }), WeightsComponent.None })
            {
                Assert.That((Make().Matches(other), Make().Digest() == other.Digest()), Is.EqualTo((false, false)));
            }
        }

        [Test]
        public void WeightsOfDeformingGroupsDescendAndAddUpToOne()
        {
            WeightsComponent weights = new WeightsComponent(new[] { "Still", "A", "B" }, new[] { 0, 1, 2 }, new[] { 0, 3, 5, 5 },
                new[] { 0, 1, 2, 1, 2 }, new[] { 0.25f, 0.25f, 0.5f, 0.0001f, 0.5f });
            NativeSkin skin = NativeSkin.FromCanonical(weights, new[] { -1, 0, 1 }, 2, new[] { 0, 1, 2 }, 4);
            Assert.That(skin.Counts, Is.EqualTo(new byte[] { 2, 1, 1, 1 }));
            Assert.That(skin.Bones, Is.EqualTo(new[] { 1, 0, 1, 2, 2 }), "a tiny weight is none; a vertex without one stays");
            Assert.That(skin.Weights, Is.EqualTo(new[] { 2f / 3, 1f / 3, 1, 1, 1 }).Within(1e-6));
        }

        [Test]
        public void InverseUndoesAMap()
        {
            Affine map = Affine.Of(new NativeTransform { X = 1, Y = 2, Z = 3, TurnX = 0.6f, TurnW = 0.8f, ScaleX = 1, ScaleY = 2, ScaleZ = -3 });
            Affine other = Affine.Of(new NativeTransform { X = 4, TurnY = 0.6f, TurnW = 0.8f, ScaleX = 2, ScaleY = 1, ScaleZ = 1 });
            Assert.That(map.Map(1, 0, 0), Is.EqualTo(new double[] { 2, 2, 3 }).Within(1e-6));
            Assert.That(map.Map(0, 1, 0), Is.EqualTo(new[] { 1, 2 + 2 * 0.28, 3 + 2 * 0.96 }).Within(1e-6), "scaled, turned about X, moved");
            double[] first = other.Map(1, 2, 3);
            Assert.That(map.After(other).Map(1, 2, 3), Is.EqualTo(map.Map(first[0], first[1], first[2])).Within(1e-9));
            Assert.That(map.Inverse().After(map).IsClose(Affine.Identity) && map.After(map.Inverse()).IsClose(Affine.Identity));
            Assert.That(Affine.Of(new NativeTransform { TurnW = 1, ScaleX = 1, ScaleY = 0, ScaleZ = 1 }).Inverse(), Is.Null);
        }

        [Test]
        public void SkinNamesAnObject()
        {
            const string rig = "01920000-0000-7000-8000-0000000000d2";
            SkinComponent skin = SkinComponent.Read(new SkinComponent(rig).ToJson(null), "skin");
            Assert.That((skin.Armature, skin.References.Single(), skin.IsDefault), Is.EqualTo((rig, rig, false)));
            Assert.That(SkinComponent.Read(SkinComponent.None.ToJson(null), "skin").IsDefault);
            Assert.Throws<SyncException>(() => SkinComponent.Read(JsonValue.Object().With("armature", "Rig"), "skin"));
        }
    }
}
