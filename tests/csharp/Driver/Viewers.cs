using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Reads lights and cameras in canonical form from Unity's own fields, and makes a user's edits of them. The conversions are not those
    /// of the package. The saved record of the object has the values for which Unity has no field.
    /// </summary>
    static class Viewers
    {
        const double Candela = 683 * Math.PI;

        /// <summary>Adds a light or camera whose type is named as Unity or the wire names it.</summary>
        internal static void Add(GameObject created, string shape, JsonValue command)
        {
            string type = command.Find("type")?.AsString("type") ?? "";
            if (shape == "camera") { created.AddComponent<Camera>().orthographic = type == "orthographic"; }
            if (shape != "light") { return; }
            string name = type == "sun" ? "Directional" : type == "area" ? "Rectangle" : type.Length == 0 ? "Point" : type;
            created.AddComponent<Light>().type = (LightType)Enum.Parse(typeof(LightType), name, true);
        }

        /// <summary>Sets fields of a component, named as in Unity, as an inspector does.</summary>
        internal static void Edit(Component component, JsonValue command)
        {
            Undo.RecordObject(component, "Edit");
            foreach (KeyValuePair<string, JsonValue> field in command.AsObject(""))
            {
                if (field.Key == "do" || field.Key == "uuid") { continue; }
                PropertyInfo property = component.GetType().GetProperty(field.Key)
                    ?? throw new ArgumentException("no field " + field.Key);
                property.SetValue(component, Convert(property.PropertyType, field.Value));
            }
        }

        /// <summary>Returns the record of the light or camera that an object shows; null if it shows none.</summary>
        internal static DataIdentity Find(GameObject item, Identities identities)
        {
            DataIdentity data = MeshEdits.Find(item) != null ? null : identities.FindData(item);
            Component shown = data == null ? null : data.Kind == "light" ? (Component)item.GetComponent<Light>()
                : item.GetComponent<Camera>();
            return shown == null ? null : data;
        }

        /// <summary>Returns whether an object has the axes of a light or camera: it has one, and no mesh.</summary>
        internal static bool IsViewer(Transform item)
        {
            return MeshEdits.Find(item.gameObject) == null
                && (item.GetComponent<Light>() != null || item.GetComponent<Camera>() != null);
        }

        internal static JsonValue Read(GameObject item, DataIdentity data) => data.Kind == "light"
            ? ReadLight(item.GetComponent<Light>(), data) : ReadCamera(item.GetComponent<Camera>(), data);

        /// <summary>
        /// Returns a place in canonical space: mirrored, and turned about Y by half where the object, or the one above it,
        /// looks along its axis.
        /// </summary>
        internal static JsonValue ReadPlace(Transform place, bool isViewer, bool isBelowViewer)
        {
            double[] half = { 0, 1, 0, 0 };
            Vector3 p = place.localPosition;
            Quaternion r = place.localRotation;
            Vector3 s = place.localScale;
            double[] rotation = { r.x, r.y, r.z, r.w };
            if (isViewer) { rotation = Multiply(rotation, new double[] { 0, -1, 0, 0 }); }
            if (isBelowViewer) { rotation = Multiply(half, rotation); }
            double side = isBelowViewer ? -1 : 1;
            return JsonValue.Object().With("translation", JsonValue.Array(-side * p.x, p.y, side * p.z))
                .With("rotation", JsonValue.Array(rotation[0], -rotation[1], -rotation[2], rotation[3]))
                .With("scale", JsonValue.Array(s.x, s.y, s.z));
        }

        /// <summary>Sets those of a canonical place that are given.</summary>
        internal static void Place(Transform place, float[] translation, float[] rotation, float[] scale, bool isViewer,
            bool isBelowViewer)
        {
            float side = isBelowViewer ? -1 : 1;
            if (translation != null)
            {
                place.localPosition = new Vector3(-side * translation[0], translation[1], side * translation[2]);
            }
            if (rotation != null)
            {
                double[] turn = { rotation[0], -rotation[1], -rotation[2], rotation[3] };
                if (isBelowViewer) { turn = Multiply(new double[] { 0, -1, 0, 0 }, turn); }
                if (isViewer) { turn = Multiply(turn, new double[] { 0, 1, 0, 0 }); }
                place.localRotation = new Quaternion((float)turn[0], (float)turn[1], (float)turn[2], (float)turn[3]);
            }
            if (scale != null) { place.localScale = new Vector3(scale[0], scale[1], scale[2]); }
        }

        static JsonValue ReadLight(Light light, DataIdentity data)
        {
            JsonValue kept = JsonReader.Read(data.Value);
            bool isArea = light.type == LightType.Rectangle || light.type == LightType.Disc;
            bool isSpot = light.type == LightType.Spot;
            Vector2 size = light.areaSize;
            double area = light.type == LightType.Disc ? Math.PI * size.x * size.x : size.x * size.y;
            double[] shown = ReadShown(light);
            double largest = shown.Max();
            double canonical = isArea ? largest * Candela * Math.PI * area : largest * Candela;
            JsonValue color = JsonValue.Array(shown.Select(channel => (JsonValue)(largest > 0 ? channel / largest : 1)).ToArray());
            double derived = Math.Max(10, Math.Min(1000, Math.Sqrt(largest / 0.001)));
            bool isDerived = kept.Required("range", "").IsNull && Math.Abs(light.range - derived) < 1e-4 * derived;
            bool hasRange = isSpot || light.type == LightType.Point;
            double[] keptSize = Floats(kept, "size");
            bool isSameDisc = Math.Abs(Math.Sqrt(keptSize[0] * keptSize[1]) / 2 - size.x) < 1e-5;
            JsonValue shownSize = light.type == LightType.Rectangle ? JsonValue.Array(size.x, size.y)
                : light.type == LightType.Disc && !isSameDisc ? JsonValue.Array(size.x * 2, size.x * 2) : kept.Required("size", "");
            // Unity's spots end at 179 degrees.
            bool isWiderKept = light.spotAngle == 179 && kept.Required("outer", "").AsNumber("") * 360 / Math.PI > 179;
            string type = isArea ? "area" : isSpot ? "spot" : light.type == LightType.Directional ? "sun" : "point";
            return JsonValue.Object().With("type", type).With("color", color).With("intensity", canonical)
                .With("range", !hasRange ? kept.Required("range", "") : isDerived ? JsonValue.Null : (JsonValue)light.range)
                .With("outer", isSpot && !isWiderKept ? light.spotAngle * Math.PI / 360 : kept.Required("outer", ""))
                .With("inner", isSpot ? light.innerSpotAngle * Math.PI / 360 : kept.Required("inner", ""))
                .With("shape", light.type == LightType.Disc ? "disk" : isArea ? "rect" : kept.RequiredString("shape", ""))
                .With("size", shownSize).With("radius", kept.Required("radius", "")).With("angle", kept.Required("angle", ""))
                .With("shadow", light.shadows != LightShadows.None).With("temperature", kept.Required("temperature", ""))
                .With("tint", kept.Required("tint", ""));
        }

        /// <summary>
        /// Reads a camera. The saved record says how the sensor is fitted if Unity shows what follows from that.
        /// </summary>
        static JsonValue ReadCamera(Camera camera, DataIdentity data)
        {
            JsonValue kept = JsonReader.Read(data.Value);
            double[] sensor = Floats(kept, "sensor");
            string fit = kept.RequiredString("fit", "");
            double aspect = kept.Required("aspect", "").AsNumber("");
            bool isAuto = fit == "auto";
            bool isWide = isAuto ? aspect >= 1 : fit != "vertical";
            double focal = kept.Required("focal", "").AsNumber("");
            double[] shift = Floats(kept, "shift");
            if (camera.usePhysicalProperties)
            {
                double[] shown = { camera.sensorSize.x, camera.sensorSize.y };
                bool isShownByAuto = isAuto && Math.Abs(Math.Max(shown[0], shown[1]) - sensor[0]) < 1e-4
                    && Math.Abs(shown[0] / shown[1] - aspect) < 1e-4;
                if (!isShownByAuto)
                {
                    (sensor, fit) = (shown, camera.gateFit.ToString().ToLowerInvariant());
                    isWide = fit != "vertical";
                }
                focal = camera.focalLength;
                double unit = isWide ? shown[0] : shown[1];
                shift = new[] { camera.lensShift.x * shown[0] / unit, camera.lensShift.y * shown[1] / unit };
            }
            else
            {
                double half = (isWide || isAuto ? sensor[0] : sensor[1]) / 2 / (isWide ? aspect : 1);
                double tangent = Math.Tan(camera.fieldOfView * Math.PI / 360);
                focal = half / tangent;
            }
            double near = kept.Required("near", "").AsNumber("");
            bool isNearKept = !camera.orthographic && near < 0.01 && Math.Abs(camera.nearClipPlane - 0.01) < 1e-6;
            double height = camera.orthographicSize * 2;
            return JsonValue.Object().With("projection", camera.orthographic ? "orthographic" : "perspective").With("fit", fit)
                .With("sensor", JsonValue.Array(sensor[0], sensor[1])).With("focal", focal)
                .With("size", isWide ? height * aspect : height).With("shift", JsonValue.Array(shift[0], shift[1]))
                .With("near", isNearKept ? near : camera.nearClipPlane).With("far", camera.farClipPlane)
                .With("aspect", aspect).With("physical", camera.usePhysicalProperties)
                .With("focus", kept.Required("focus", "")).With("fstop", kept.Required("fstop", ""));
        }

        static double[] Floats(JsonValue kept, string key) =>
            kept.Required(key, "").AsArray("").Select(number => number.AsNumber("")).ToArray();

        /// <summary>Returns the linear light that Unity's built-in pipeline shows.</summary>
        static double[] ReadShown(Light light)
        {
            double[] color = { light.color.r, light.color.g, light.color.b };
            return GraphicsSettings.lightsUseLinearIntensity
                ? color.Select(channel => Decode(channel) * light.intensity).ToArray()
                : color.Select(channel => Decode(channel * light.intensity)).ToArray();
        }

        static double Decode(double encoded) =>
            encoded <= 0.04045 ? encoded / 12.92 : Math.Pow((encoded + 0.055) / 1.055, 2.4);

        static double[] Multiply(double[] a, double[] b) => new[]
        {
            a[3] * b[0] + a[0] * b[3] + a[1] * b[2] - a[2] * b[1], a[3] * b[1] - a[0] * b[2] + a[1] * b[3] + a[2] * b[0],
            a[3] * b[2] + a[0] * b[1] - a[1] * b[0] + a[2] * b[3], a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2],
        };

        static object Convert(Type type, JsonValue value)
        {
            if (type == typeof(float)) { return (float)value.AsNumber(""); }
            if (type == typeof(bool)) { return value.AsBool(""); }
            if (type.IsEnum) { return Enum.Parse(type, value.AsString(""), true); }
            float[] numbers = value.AsArray("").Select(number => (float)number.AsNumber("")).ToArray();
            return type == typeof(Color) ? (object)new Color(numbers[0], numbers[1], numbers[2], 1)
                : new Vector2(numbers[0], numbers[1]);
        }
    }
}
