using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;

namespace UnityFakes
{
    /// <summary>
    /// Draws each object that has a renderer and a mesh as a rectangle of one color: the box around its corners in the
    /// picture. A nearer object covers a farther one.
    /// </summary>
    public static class Canvas
    {
        static readonly Dictionary<GameObject, Color> Paints = new Dictionary<GameObject, Color>();
        static readonly HashSet<GameObject> Hidden = new HashSet<GameObject>();

        public static GraphicsDeviceType Device { get; set; } = GraphicsDeviceType.Vulkan;

        /// <summary>Whether the project computes light linearly; else in the values of the picture.</summary>
        public static bool IsLinear { get; set; } = true;

        /// <summary>Whether each pixel is random, which no file format can make small.</summary>
        public static bool IsNoise { get; set; }

        /// <summary>The number of pictures that were drawn.</summary>
        public static int Drawn { get; private set; }

        /// <summary>Runs while a picture is drawn.</summary>
        public static Action Drawing { get; set; }

        /// <summary>The number of targets that nobody released.</summary>
        public static int Borrowed => RenderTexture.Borrowed.Count;

        /// <summary>Sets the lit color of an object, as the renderer computes it: linear in a linear project.</summary>
        public static void Paint(GameObject target, Color lit) => Paints[target] = lit;

        /// <summary>Hides an object in scene views, as the eye in the hierarchy does.</summary>
        public static void HideInSceneViews(GameObject target) => Hidden.Add(target);

        internal static void Reset()
        {
            Paints.Clear();
            Hidden.Clear();
            Drawing = null;
            (Device, IsLinear, IsNoise, Drawn) = (GraphicsDeviceType.Vulkan, true, false, 0);
        }

        internal static void Draw(Camera camera, RenderTexture target)
        {
            Drawn++;
            Drawing?.Invoke();
            if (target == null) { return; }
            Fill(target, camera.backgroundColor, isLit: false, 0, 0, target.Width, target.Height);
            foreach (Renderer renderer in Visible(camera).OrderByDescending(item => Depth(camera, item))) { Draw(camera, target, renderer); }
            if (IsNoise) { new System.Random(3).NextBytes(target.Pixels); }
        }

        static IEnumerable<Renderer> Visible(Camera camera)
        {
            foreach (SceneData scene in Engine.OtherScenes.Append(Engine.ActiveScene))
            {
                foreach (Renderer item in scene.Roots.SelectMany(root => root.GetComponentsInChildren<Renderer>(false)))
                {
                    bool isHidden = camera.cameraType == CameraType.SceneView && Hidden.Contains(item.gameObject);
                    float depth = Depth(camera, item);
                    bool isInRange = depth >= camera.nearClipPlane && depth <= camera.farClipPlane;
                    if (item.enabled && !isHidden && isInRange && item.Corners().Any()) { yield return item; }
                }
            }
        }

        static void Draw(Camera camera, RenderTexture target, Renderer renderer)
        {
            List<Vector3> corners = renderer.Corners().Select(corner => Project(camera, corner)).ToList();
            float left = camera.rect.x, low = camera.rect.y;
            int Column(float x) => Pixel(left + camera.rect.width * (x + 1) / 2, target.Width);
            int Row(float y) => Pixel(low + camera.rect.height * (y + 1) / 2, target.Height);
            Color lit = Paints.TryGetValue(renderer.gameObject, out Color paint) ? paint : new Color(1, 1, 1, 1);
            Fill(target, lit, isLit: true, Column(corners.Min(at => at.x)), Row(corners.Min(at => at.y)),
                Column(corners.Max(at => at.x)), Row(corners.Max(at => at.y)));
        }

        static int Pixel(float ratio, int size) => (int)Math.Round(Math.Max(0, Math.Min(1, ratio)) * size);

        static float Depth(Camera camera, Renderer renderer) => InCamera(camera, renderer.bounds.center).z;

        /// <summary>Returns the place of a point in the picture, from -1 to 1, and its distance.</summary>
        static Vector3 Project(Camera camera, Vector3 point)
        {
            Vector3 at = InCamera(camera, point);
            float height = camera.orthographic ? camera.orthographicSize
                : at.z * (float)Math.Tan(camera.fieldOfView * Math.PI / 360);
            return new Vector3(at.x / (height * camera.aspect), at.y / height, at.z);
        }

        static Vector3 InCamera(Camera camera, Vector3 point)
        {
            Vector3 eye = camera.transform.TransformPoint(default);
            Quaternion turn = camera.transform.WorldRotation;
            Quaternion back = new Quaternion(-turn.x, -turn.y, -turn.z, turn.w);
            return Transform.Turn(back, new Vector3(point.x - eye.x, point.y - eye.y, point.z - eye.z));
        }

        static void Fill(RenderTexture target, Color color, bool isLit, int left, int low, int right, int top)
        {
            byte[] bytes = { Store(color.r, isLit, target), Store(color.g, isLit, target), Store(color.b, isLit, target) };
            for (int y = low; y < top; y++)
            {
                for (int x = left; x < right; x++) { Array.Copy(bytes, 0, target.Pixels, (y * target.Width + x) * 3, 3); }
            }
        }

        /// <summary>Returns the byte of a channel. A color of a setting is in sRGB, and becomes linear with the project.</summary>
        static byte Store(float value, bool isLit, RenderTexture target)
        {
            double linear = !isLit && IsLinear ? Math.Pow(value, 2.2) : value;
            return (byte)Math.Round(255 * (target.IsSrgb ? Math.Pow(linear, 1 / 2.2) : linear));
        }
    }
}
