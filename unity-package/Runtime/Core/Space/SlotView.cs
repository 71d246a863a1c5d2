using System;
using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The properties by which a clip shows the channels of a slot. They depend on what plays the slot: on the axes of an
    /// object, the units of a light, the sensor of a camera. A channel without a property of Unity is not shown.
    /// </summary>
    public sealed class SlotView
    {
        const string Shape = "shape";
        const string ShapeProperty = "blendShape.";
        const double FullWeight = 100;
        const double HalfAngleToDegrees = 360 / Math.PI;
        const double RadiansToDegrees = 180 / Math.PI;
        const int RotationNumbers = 4;
        const double ColorTolerance = 1e-6;

        static readonly string[] Axes = { "x", "y", "z", "w" };

        readonly List<ShownChannel> channels = new List<ShownChannel>();
        readonly string kind;

        SlotView(string kind)
        {
            this.kind = kind;
        }

        /// <summary>A text that is the same for views that show all channels alike.</summary>
        public string Text
        {
            get
            {
                List<string> parts = new List<string> { kind };
                foreach (ShownChannel each in channels)
                {
                    parts.Add(string.Join(":", each.Path, each.Component.ToString(CultureInfo.InvariantCulture), each.Target,
                        each.Property, each.Factor.ToString("R", CultureInfo.InvariantCulture), each.IsEncoded));
                }
                return string.Join(";", parts);
            }
        }

        /// <summary>Reads <see cref="Text"/>, and leaves out damaged parts.</summary>
        public static SlotView Parse(string text)
        {
            string[] parts = text.Split(';');
            SlotView view = new SlotView(parts[0]);
            foreach (string part in parts)
            {
                string[] fields = part.Split(':');
                if (fields.Length != 6) { continue; }
                bool isRight = int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int component)
                    & Enum.TryParse(fields[2], out ClipTarget target)
                    & double.TryParse(fields[4], NumberStyles.Float, CultureInfo.InvariantCulture, out double factor)
                    & bool.TryParse(fields[5], out bool isEncoded);
                if (isRight && factor != 0) { view.Add(fields[0], component, target, fields[3], factor, isEncoded); }
            }
            return view;
        }

        /// <summary>Returns the view of a slot for objects.</summary>
        public static SlotView ForObject(LocalFrame frame)
        {
            SlotView view = new SlotView(Kinds.Object);
            for (int i = 0; i < 3; i++)
            {
                float[] moved = { i == 0 ? -1 : 0, i == 1 ? 1 : 0, i == 2 ? 1 : 0 };
                frame.Turn(moved, new float[] { 0, 0, 0, 1 });
                view.AddMoved("translation", i, "m_LocalPosition.", moved);
                view.Add("scale", i, ClipTarget.Transform, "m_LocalScale." + Axes[i], 1);
            }
            for (int i = 0; i < RotationNumbers; i++)
            {
                float[] turned = Coordinates.Rotation(i == 0 ? 1 : 0, i == 1 ? 1 : 0, i == 2 ? 1 : 0, i == 3 ? 1 : 0);
                frame.Turn(new float[3], turned);
                view.AddMoved("rotation", i, "m_LocalRotation.", turned);
            }
            // The turn of a viewer mixes the angles.
            for (int i = 0; i < 3 && !frame.IsViewer && !frame.IsBelowViewer; i++)
            {
                double factor = i == 0 ? RadiansToDegrees : -RadiansToDegrees;
                view.Add("euler", i, ClipTarget.Transform, "localEulerAnglesRaw." + Axes[i], factor);
            }
            view.Add("visible", 0, ClipTarget.GameObject, "m_IsActive", 1);
            return view;
        }

        /// <summary>Returns the view of a slot for lights.</summary>
        /// <param name="light">A light that plays it; null for none.</param>
        /// <param name="units">The units of Unity's intensities; null if they are not known.</param>
        public static SlotView ForLight(LightComponent light, LightUnits units)
        {
            SlotView view = new SlotView(Kinds.Light);
            double factor = light == null || units == null ? 0 : units.Factor(light.Values);
            double brightest = light == null ? 0 : Math.Max(light.Values.Color[0], Math.Max(light.Values.Color[1], light.Values.Color[2]));
            bool isGamma = factor > 0 && units.IsGamma;
            // Unity's intensity is the brightness of a color that ends at 1.
            bool isPlain = factor > 0 && !isGamma && brightest <= 1 + ColorTolerance;
            if (isPlain) { view.Add("intensity", 0, ClipTarget.Light, "m_Intensity", factor); }
            if (isGamma && brightest > 0) { view.Add("intensity", 0, ClipTarget.Light, "m_Intensity", factor * brightest, true); }
            string[] colors = { "r", "g", "b" };
            for (int i = 0; i < 3 && isPlain; i++) { view.Add("color", i, ClipTarget.Light, "m_Color." + colors[i], 1, true); }
            view.Add("range", 0, ClipTarget.Light, "m_Range", 1);
            view.Add("outer", 0, ClipTarget.Light, "m_SpotAngle", HalfAngleToDegrees);
            return view;
        }

        /// <summary>Returns the view of a slot for cameras.</summary>
        /// <param name="camera">A camera that plays it; null for none.</param>
        public static SlotView ForCamera(CameraComponent camera)
        {
            SlotView view = new SlotView(Kinds.Camera);
            view.Add("near", 0, ClipTarget.Camera, "near clip plane", 1);
            view.Add("far", 0, ClipTarget.Camera, "far clip plane", 1);
            if (camera == null) { return view; }
            CameraValues values = camera.Values;
            NativeCamera native = NativeCamera.From(camera);
            if (values.IsPhysical) { view.Add("focal", 0, ClipTarget.Camera, "m_FocalLength", 1); }
            if (values.Size > 0) { view.Add("size", 0, ClipTarget.Camera, "orthographic size", native.Size / values.Size); }
            double fit = values.FitsWidth ? native.SensorWidth : native.SensorHeight;
            for (int i = 0; i < 2 && values.IsPhysical; i++)
            {
                double side = i == 0 ? native.SensorWidth : native.SensorHeight;
                if (side > 0 && fit > 0) { view.Add("shift", i, ClipTarget.Camera, "m_LensShift." + Axes[i], fit / side); }
            }
            return view;
        }

        /// <summary>Returns the view of a slot for meshes: each weight has a property of its own.</summary>
        public static SlotView ForMesh() => new SlotView(Kinds.Mesh);

        /// <summary>Returns how a channel of a slot is shown; null if it is not.</summary>
        public ShownChannel? Find(ActionChannel channel, ActionSlot slot)
        {
            if (channel.Joint != null) { return null; }
            if (kind == Kinds.Mesh) { return ForKey(channel.Key); }
            // Unity has rotations as a whole.
            if (channel.Path == "rotation" && CountOf(slot, "rotation") < RotationNumbers) { return null; }
            foreach (ShownChannel each in channels)
            {
                if (each.Path == channel.Path && each.Component == channel.Component) { return each; }
            }
            return null;
        }

        /// <summary>Returns the channel that a property of Unity shows; null for none.</summary>
        public ShownChannel? Find(ClipTarget target, string property)
        {
            if (kind == Kinds.Mesh)
            {
                bool isWeight = target == ClipTarget.SkinnedMeshRenderer && property.StartsWith(ShapeProperty, StringComparison.Ordinal);
                string key = isWeight ? property.Substring(ShapeProperty.Length) : "";
                return ActionReader.IsKey(key) ? ForKey(key) : (ShownChannel?)null;
            }
            foreach (ShownChannel each in channels)
            {
                if (each.Target == target && each.Property == property) { return each; }
            }
            return null;
        }

        static int CountOf(ActionSlot slot, string path)
        {
            int count = 0;
            foreach (ActionChannel each in slot.Channels) { count += each.Path == path && each.Joint == null ? 1 : 0; }
            return count;
        }

        static ShownChannel ForKey(string key) =>
            new ShownChannel(Shape, 0, ClipTarget.SkinnedMeshRenderer, ShapeProperty + key, FullWeight, key);

        void Add(string path, int component, ClipTarget target, string property, double factor, bool isEncoded = false) =>
            channels.Add(new ShownChannel(path, component, target, property, factor, null, isEncoded));

        /// <summary>Adds a channel that is, up to its sign, one number of Unity's.</summary>
        void AddMoved(string path, int component, string property, float[] moved)
        {
            int at = Array.FindIndex(moved, number => number != 0);
            Add(path, component, ClipTarget.Transform, property + Axes[at], moved[at]);
        }
    }
}
