using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Builds actions and changes with them, and reads the clips that show them.</summary>
    public static class ActionBuilder
    {
        public const string Bounce = "01920000-0000-7000-8000-0000000000f1";
        public const string Ball = "01920000-0000-7000-8000-0000000000f3";
        public const string BouncePath = "Assets/VibeSync/Actions/Bounce.asset";
        public const long Slot = 7;

        public static CurveKey[] MakeKeys(params (float Time, float Value)[] points) => points.Select(point => new CurveKey
        {
            Time = point.Time,
            Value = point.Value,
            InTime = point.Time - 2,
            InValue = point.Value - 0.25f,
            OutTime = point.Time + 2,
            OutValue = point.Value + 0.25f,
            Interpolation = Interpolation.Bezier,
        }).ToArray();

        /// <summary>Returns the channels of a moving object: along X to the right in Blender, and along Y.</summary>
        public static ActionChannel[] MakeMove() => new[]
        {
            new ActionChannel("translation", 0, null, MakeKeys((1, 0), (11, 2))),
            new ActionChannel("translation", 1, null, MakeKeys((1, 0), (6, 3), (11, 0))),
        };

        public static ActionComponent MakeAction(params ActionChannel[] channels) => MakeAction(Kinds.Object, channels);

        public static ActionComponent MakeAction(string kind, params ActionChannel[] channels) =>
            new ActionComponent(24, 1, 1, 11, false, new[] { new ActionSlot(Slot, kind, channels) });

        /// <summary>Returns a channel that Blender alone may change.</summary>
        public static ActionChannel MakeLocked(string path, int component, params float[] samples)
        {
            JsonValue json = new ActionComponent(24, 1, 1, 11, false, new[] { new ActionSlot(Slot, Kinds.Object, new[]
            {
                new ActionChannel(path, component, null, MakeKeys((1, 0))),
            }) }).ToJson(new List<byte[]>());
            JsonValue slot = json.Required("slots", "").AsArray("")[0];
            JsonValue channel = slot.Required("channels", "").AsArray("")[0];
            channel.With("locked", true).Required("curve", "").With("count", samples.Length);
            byte[] bytes = LittleEndian.ToBytes(samples);
            json.With("buffers", JsonValue.Object().With("samples", JsonValue.Object().With("attachment", 0).With("bytes", bytes.Length)));
            return ActionReader.Read(json, new[] { bytes }, "").Slots[0].Channels[0];
        }

        public static JsonValue MakeAnimation(string action, double? slot = Slot) => JsonValue.Object().With("animation",
            JsonValue.Object().With("action", action).With("slot", slot == null ? JsonValue.Null : (JsonValue)slot.Value));

        /// <summary>Returns the component as the daemon sends it: each buffer has its hash, too.</summary>
        public static JsonValue ToWire(ActionComponent action, List<byte[]> attachments)
        {
            JsonValue json = action.ToJson(attachments);
            foreach (JsonValue buffer in json.Required("buffers", "").AsObject("").Values)
            {
                buffer.With("blob", new string('a', 64));
            }
            return json;
        }

        /// <summary>Returns the clip of the only slot.</summary>
        public static AnimationClip FindClip(string path = BouncePath) =>
            AssetDatabase.LoadAllAssetsAtPath(path).OfType<AnimationClip>().Single();

        public static Keyframe[] ReadCurve(string property, System.Type type = null) => AnimationUtility.GetEditorCurve(
            FindClip(), EditorCurveBinding.FloatCurve("", type ?? typeof(Transform), property))?.keys;

        public static string[] ReadProperties() =>
            AnimationUtility.GetCurveBindings(FindClip()).Select(binding => binding.propertyName).OrderBy(name => name).ToArray();

        /// <summary>Returns a change that creates the action.</summary>
        public static JsonValue MakeBounce(ActionComponent action, List<byte[]> attachments) => Make("create", Bounce, "action",
            JsonValue.Object().With("name", "Bounce").With("action", ToWire(action, attachments)));

        /// <summary>Returns a change that creates an object that plays the action.</summary>
        public static JsonValue MakeBall()
        {
            JsonValue transform = JsonValue.Object().With("translation", JsonValue.Array(0, 0, 0))
                .With("rotation", JsonValue.Array(0, 0, 0, 1)).With("scale", JsonValue.Array(1, 1, 1));
            JsonValue none = JsonValue.Object().With("uuid", JsonValue.Null);
            return Make("create", Ball, "object", MakeAnimation(Bounce).With("name", "Ball").With("transform", transform)
                .With("visibility", JsonValue.Object().With("visible", true)).With("parent", none).With("data", none));
        }

        /// <summary>Returns a change of the curves.</summary>
        public static JsonValue MakeActionChange(ActionComponent action, List<byte[]> attachments) =>
            Make("update", Bounce, null, JsonValue.Object().With("action", ToWire(action, attachments)));

        static JsonValue Make(string op, string uuid, string kind, JsonValue components)
        {
            JsonValue change = JsonValue.Object().With("op", op).With("uuid", uuid).With("components", components);
            return kind == null ? change : change.With("kind", kind);
        }
    }
}
