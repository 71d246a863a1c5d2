using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>Reads and edits clips as the Animation window does.</summary>
    public static class Clips
    {
        /// <summary>Reads, edits or deletes the clip that an object plays.</summary>
        public static JsonValue Run(GameObject player, JsonValue command)
        {
            switch (command.RequiredString("act", ""))
            {
                case "edit": Edit(player, command); break;
                case "add": Add(player, command); break;
                case "delete": AssetDatabase.DeleteAsset(AssetDatabase.GetAssetPath(Find(player))); break;
                default: break;
            }
            return Read(player);
        }

        /// <summary>Returns the curves by property: the numbers of each key.</summary>
        static JsonValue Read(GameObject player)
        {
            JsonValue curves = JsonValue.Object();
            AnimationClip clip = Find(player);
            if (clip == null) { return JsonValue.Object().With("curves", curves); }
            foreach (EditorCurveBinding binding in AnimationUtility.GetCurveBindings(clip))
            {
                Keyframe[] keys = AnimationUtility.GetEditorCurve(clip, binding).keys;
                curves.With(binding.path + binding.propertyName, JsonValue.Array(keys.Select(key => JsonValue.Array(key.time, key.value,
                    Finite(key.inTangent), Finite(key.outTangent), key.inWeight, key.outWeight)).ToArray()));
            }
            return JsonValue.Object().With("curves", curves).With("rate", clip.frameRate).With("name", clip.name);
        }

        /// <summary>Adds a curve through keys, each a time and a value, with level tangents.</summary>
        static void Add(GameObject player, JsonValue command)
        {
            float[][] keys = command.Required("keys", "").AsArray("").ConvertAll(key =>
                key.AsArray("").ConvertAll(number => (float)number.AsNumber("")).ToArray()).ToArray();
            SetCurve(Find(player), command.RequiredString("property", ""),
                new AnimationCurve(keys.Select(key => new Keyframe(key[0], key[1])).ToArray()));
        }

        /// <summary>Moves a key of a curve up or down.</summary>
        static void Edit(GameObject player, JsonValue command)
        {
            AnimationClip clip = Find(player);
            string property = command.RequiredString("property", "");
            EditorCurveBinding binding = EditorCurveBinding.FloatCurve("", typeof(Transform), property);
            AnimationCurve curve = AnimationUtility.GetEditorCurve(clip, binding);
            int index = (int)command.RequiredInteger("key", "");
            Keyframe key = curve.keys[index];
            key.value = (float)command.Required("value", "").AsNumber("");
            curve.MoveKey(index, key);
            SetCurve(clip, property, curve);
        }

        static void SetCurve(AnimationClip clip, string property, AnimationCurve curve)
        {
            Undo.RegisterCompleteObjectUndo(clip, "Edit Curve");
            EditorCurveBinding binding = EditorCurveBinding.FloatCurve("", typeof(Transform), property);
            AnimationUtility.SetEditorCurves(clip, new[] { binding }, new[] { curve });
        }

        /// <summary>Returns the clip that an object plays, or its light or mesh; null for none.</summary>
        static AnimationClip Find(GameObject player)
        {
            Identities identities = new Identities();
            Mesh mesh = MeshEdits.Find(player);
            string text = new[]
            {
                identities.FindKept(player).Animation, Viewers.Find(player, identities)?.Animation,
                MeshRecords.GetSceneRecord(false)?.Meshes.Find(each => mesh != null && each.Mesh == mesh)?.Animation,
            }.FirstOrDefault(each => !string.IsNullOrEmpty(each)) ?? "";
            AnimationComponent played = text.Length == 0 ? AnimationComponent.None : AnimationComponent.Read(JsonReader.Read(text), "");
            ActionIdentity action = MeshRecords.GetSceneRecord(false)?.Actions.Find(each => each.Uuid == played.Action);
            return action == null || action.File == null ? null : action.File.Clips.Find(each => each.Slot == played.Slot)?.Clip;
        }

        static double Finite(float tangent) => float.IsInfinity(tangent) ? 1e9 : tangent;
    }
}
