using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Builds batches with actions, and reads and edits the clips that show them, as the Animation window does.</summary>
    public abstract class ActionHarness : MaterialHarness
    {
        protected const string Bounce = "01920000-0000-7000-8000-0000000000f1";
        protected const string Hop = "01920000-0000-7000-8000-0000000000f2";
        protected const string Ball = "01920000-0000-7000-8000-0000000000f3";
        protected const string BouncePath = "Assets/VibeSync/Actions/Bounce.asset";
        protected const long Slot = 7;

        protected static CurveKey[] MakeKeys(params (float Time, float Value)[] points) => points.Select(point => new CurveKey
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
        protected static ActionChannel[] MakeMove() => new[]
        {
            new ActionChannel("translation", 0, null, MakeKeys((1, 0), (11, 2))),
            new ActionChannel("translation", 1, null, MakeKeys((1, 0), (6, 3), (11, 0))),
        };

        protected static ActionComponent MakeAction(params ActionChannel[] channels) => MakeAction(Kinds.Object, channels);

        protected static ActionComponent MakeAction(string kind, params ActionChannel[] channels) =>
            new ActionComponent(24, 1, 1, 11, false, new[] { new ActionSlot(Slot, kind, channels) });

        /// <summary>Returns a channel that Blender alone may change.</summary>
        protected static ActionChannel MakeLocked(string path, int component, params float[] samples)
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

        protected static JsonValue MakeAnimation(string action, double? slot = Slot) => JsonValue.Object().With("animation",
            JsonValue.Object().With("action", action).With("slot", slot == null ? JsonValue.Null : (JsonValue)slot.Value));

        /// <summary>Has the daemon create an action and an object that plays it.</summary>
        protected Steps ApplyBounce(long seq, ActionComponent action)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue ball = MakeObject("Ball", null, null, MakeTransform(0, 0, 0))
                .With("animation", MakeAnimation(Bounce).Required("animation", ""));
            return ExpectApplied(Daemon.Apply(seq, "Add action", attachments,
                MakeChange("create", Bounce, "action", MakeName("Bounce").With("action", ToWire(action, attachments))),
                MakeChange("create", Ball, "object", ball)));
        }

        protected Steps ApplyAction(long seq, ActionComponent action)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue components = JsonValue.Object().With("action", ToWire(action, attachments));
            return ExpectApplied(Daemon.Apply(seq, "Animate", attachments, MakeChange("update", Bounce, null, components)));
        }

        /// <summary>Returns the component as the daemon sends it: each buffer has its hash, too.</summary>
        static JsonValue ToWire(ActionComponent action, List<byte[]> attachments)
        {
            JsonValue json = action.ToJson(attachments);
            foreach (JsonValue buffer in json.Required("buffers", "").AsObject("").Values)
            {
                buffer.With("blob", new string('a', 64));
            }
            return json;
        }

        /// <summary>Returns the clip of the only slot.</summary>
        protected static AnimationClip FindClip(string path = BouncePath) =>
            AssetDatabase.LoadAllAssetsAtPath(path).OfType<AnimationClip>().Single();

        protected static Keyframe[] ReadCurve(string property, System.Type type = null) => AnimationUtility.GetEditorCurve(
            FindClip(), EditorCurveBinding.FloatCurve("", type ?? typeof(Transform), property))?.keys;

        protected static string[] ReadProperties() =>
            AnimationUtility.GetCurveBindings(FindClip()).Select(binding => binding.propertyName).OrderBy(name => name).ToArray();

        /// <summary>Sets a curve as the Animation window does; null removes it.</summary>
        protected static void EditCurve(string property, params Keyframe[] keys)
        {
            AnimationClip clip = FindClip();
            Undo.RegisterCompleteObjectUndo(clip, "Edit Curve");
            AnimationUtility.SetEditorCurves(clip, new[] { EditorCurveBinding.FloatCurve("", typeof(Transform), property) },
                new[] { keys == null ? null : new AnimationCurve(keys) });
        }

        /// <summary>Returns an action of the wire; its buffers must have travelled.</summary>
        protected ActionComponent ReadSent(JsonValue components) =>
            ActionReader.Read(components.Required("action", ""), Received.Attachments, "action");

        protected static string FullPath(string path) => Path.Combine(Host.ProjectFolder, path);
    }
}
