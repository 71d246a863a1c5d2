using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using static VibeSync.Tests.Adapter.ActionBuilder;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Builds batches with actions, and reads and edits the clips that show them, as the Animation window does.</summary>
    public abstract class ActionHarness : MaterialHarness
    {
        protected const string Hop = "01920000-0000-7000-8000-0000000000f2";

        /// <summary>Has the daemon create an action and an object that plays it.</summary>
        protected Steps ApplyBounce(long seq, ActionComponent action)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue[] changes = { MakeBounce(action, attachments), MakeBall() };
            return ExpectApplied(Daemon.Apply(seq, "Add action", attachments, changes));
        }

        protected Steps ApplyAction(long seq, ActionComponent action)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue change = MakeActionChange(action, attachments);
            return ExpectApplied(Daemon.Apply(seq, "Animate", attachments, change));
        }

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
