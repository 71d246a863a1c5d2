using System;
using UnityFakes;

namespace UnityEngine
{
    public enum CameraType
    {
        Game = 1,
        SceneView = 2,
    }

    public enum CameraClearFlags
    {
        Skybox = 1,
        SolidColor = 2,
    }

    /// <summary>A camera that draws as <see cref="Canvas"/> does.</summary>
    public sealed class Camera : Behaviour
    {
        static readonly Rect Whole = new Rect(0, 0, 1, 1);

        float ownAspect;

        /// <summary>The first active camera with the tag MainCamera.</summary>
        public static Camera main
        {
            get
            {
                foreach (GameObject root in Engine.ActiveScene.Roots)
                {
                    foreach (Camera found in root.GetComponentsInChildren<Camera>(false))
                    {
                        if (found.enabled && found.gameObject.tag == "MainCamera") { return found; }
                    }
                }
                return null;
            }
        }

        public CameraType cameraType { get; set; } = CameraType.Game;

        public CameraClearFlags clearFlags { get; set; } = CameraClearFlags.Skybox;

        public Color backgroundColor { get; set; } = new Color(0.19f, 0.3f, 0.47f, 0);

        public bool orthographic { get; set; }

        public float orthographicSize { get; set; } = 5;

        public float fieldOfView { get; set; } = 60;

        public float nearClipPlane { get; set; } = 0.3f;

        public float farClipPlane { get; set; } = 1000;

        public RenderTexture targetTexture { get; set; }

        public Rect rect { get; set; } = Whole;

        /// <summary>That of the target, unless it was set.</summary>
        public float aspect
        {
            get => ownAspect > 0 ? ownAspect : targetTexture == null ? 1.6f
                : targetTexture.Width / (float)targetTexture.Height;
            set => ownAspect = value;
        }

        /// <summary>Whether the projection was set as a matrix, which overrules the settings.</summary>
        internal bool HasOwnMatrix { get; set; }

        public void ResetProjectionMatrix() => HasOwnMatrix = false;

        public void ResetWorldToCameraMatrix()
        {
        }

        /// <summary>Copies every setting, the target, and the place in the world.</summary>
        public void CopyFrom(Camera other)
        {
            (clearFlags, backgroundColor, rect) = (other.clearFlags, other.backgroundColor, other.rect);
            (orthographic, orthographicSize, fieldOfView) = (other.orthographic, other.orthographicSize, other.fieldOfView);
            (nearClipPlane, farClipPlane, ownAspect) = (other.nearClipPlane, other.farClipPlane, other.ownAspect);
            (targetTexture, enabled, HasOwnMatrix) = (other.targetTexture, other.enabled, other.HasOwnMatrix);
            transform.localPosition = other.transform.TransformPoint(default);
            transform.localRotation = other.transform.WorldRotation;
        }

        public void Render()
        {
            if (Faults.BreaksDrawing) { throw new InvalidOperationException("the pipeline is broken"); }
            if (HasOwnMatrix) { throw new NotSupportedException("a matrix of its own"); }
            Canvas.Draw(this, targetTexture);
        }
    }

    public struct Bounds
    {
        public Bounds(Vector3 center, Vector3 size)
        {
            this.center = center;
            extents = new Vector3(size.x / 2, size.y / 2, size.z / 2);
        }

        public Vector3 center { get; set; }

        public Vector3 extents { get; set; }

        public void Encapsulate(Bounds bounds)
        {
            Vector3 low = Combine(Corner(-1), bounds.Corner(-1), Math.Min);
            Vector3 high = Combine(Corner(1), bounds.Corner(1), Math.Max);
            center = Combine(low, high, (a, b) => (a + b) / 2);
            extents = Combine(low, high, (a, b) => (b - a) / 2);
        }

        Vector3 Corner(float sign) =>
            new Vector3(center.x + sign * extents.x, center.y + sign * extents.y, center.z + sign * extents.z);

        static Vector3 Combine(Vector3 a, Vector3 b, Func<float, float, float> with) =>
            new Vector3(with(a.x, b.x), with(a.y, b.y), with(a.z, b.z));
    }
}
