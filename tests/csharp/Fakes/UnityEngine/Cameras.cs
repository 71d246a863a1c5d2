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
        [SerializeField] bool isOrthographic;
        [SerializeField] float halfHeight = 5;
        [SerializeField] float angle = 60;
        [SerializeField] float near = 0.3f;
        [SerializeField] float far = 1000;
        [SerializeField] bool isPhysical;
        [SerializeField] float focal = 50;
        [SerializeField] Vector2 sensor = new Vector2(36, 24);
        [SerializeField] Vector2 shift;
        [SerializeField] GateFitMode fit = GateFitMode.Horizontal;

        public enum GateFitMode
        {
            Vertical = 1,
            Horizontal = 2,
            Fill = 3,
            Overscan = 4,
            None = 0,
        }

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

        public bool orthographic
        {
            get => isOrthographic;
            set { Check(); isOrthographic = value; }
        }

        public float orthographicSize
        {
            get => halfHeight;
            set { Check(); halfHeight = value; }
        }

        /// <summary>Follows from the lens in a physical camera, which it changes there.</summary>
        public float fieldOfView
        {
            get => angle;
            set
            {
                Check();
                angle = Mathf.Clamp(value, 0.00001f, 179);
                if (isPhysical) { focal = (float)(sensor.y / 2 / Math.Tan(angle * Math.PI / 360)); }
            }
        }

        public float nearClipPlane
        {
            get => near;
            set
            {
                Check();
                near = isOrthographic ? value : Math.Max(0.01f, value);
                far = Math.Max(far, near + 0.01f);
            }
        }

        public float farClipPlane
        {
            get => far;
            set { Check(); far = Math.Max(value, near + 0.01f); }
        }

        public bool usePhysicalProperties
        {
            get => isPhysical;
            set { Check(); isPhysical = value; FollowLens(); }
        }

        public float focalLength
        {
            get => focal;
            set { Check(); focal = value; FollowLens(); }
        }

        public Vector2 sensorSize
        {
            get => sensor;
            set { Check(); sensor = value; FollowLens(); }
        }

        public Vector2 lensShift
        {
            get => shift;
            set { Check(); shift = value; }
        }

        public GateFitMode gateFit
        {
            get => fit;
            set { Check(); fit = value; }
        }

        void FollowLens()
        {
            if (isPhysical) { angle = (float)(Math.Atan(sensor.y / 2 / focal) * 360 / Math.PI); }
        }

        internal override object Capture() => Fields.Capture(this);

        internal override void Restore(object state) => Fields.Restore(this, state);

        internal override object Change(object present, object from, object to) => Fields.Change(present, from, to);

        internal override bool HasSameState(object a, object b) => Fields.AreSame(a, b);

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

        public Vector3 min => Corner(-1);

        public Vector3 max => Corner(1);

        public void SetMinMax(Vector3 min, Vector3 max)
        {
            center = Combine(min, max, (a, b) => (a + b) / 2);
            extents = Combine(min, max, (a, b) => (b - a) / 2);
        }

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
