using System;
using UnityFakes;

namespace UnityEngine
{
    public enum LightType
    {
        Spot = 0,
        Directional = 1,
        Point = 2,
        Rectangle = 3,
        Disc = 4,
#if UNITY_6000_0_OR_NEWER
        Pyramid = 5,
        Box = 6,
        Tube = 7,
#endif
    }

#if UNITY_6000_0_OR_NEWER
    [Obsolete("use LightType")]
#endif
    public enum LightShape
    {
        Cone = 0,
        Pyramid = 1,
        Box = 2,
    }

    public enum LightShadows
    {
        None = 0,
        Hard = 1,
        Soft = 2,
    }

    /// <summary>A light. Numbers are kept in the ranges that Unity is thought to allow.</summary>
    public sealed class Light : Behaviour
    {
        [SerializeField] LightType lightType = LightType.Point;
        [SerializeField] Color lightColor = new Color(1, 1, 1, 1);
        [SerializeField] float lightIntensity = 1;
        [SerializeField] float lightRange = 10;
        [SerializeField] float outerAngle = 30;
        [SerializeField] float innerAngle = 21.80208f;
        [SerializeField] Vector2 size = new Vector2(1, 1);
        [SerializeField] LightShadows lightShadows;
        [SerializeField] bool hasTemperature;
        [SerializeField] float temperature = 6570;
        [SerializeField] int spotShape;

        public LightType type
        {
            get { Check(); return lightType; }
            set { Check(); lightType = value; }
        }

#if UNITY_6000_0_OR_NEWER
        [Obsolete("use type")]
#endif
        public LightShape shape
        {
            get { Check(); return (LightShape)spotShape; }
            set { Check(); spotShape = (int)value; }
        }

        public Color color
        {
            get { Check(); return lightColor; }
            set { Check(); lightColor = value; }
        }

        public float intensity
        {
            get { Check(); return lightIntensity; }
            set { Check(); lightIntensity = Math.Max(0, value); }
        }

        public float range
        {
            get { Check(); return lightRange; }
            set { Check(); lightRange = Math.Max(0, value); }
        }

        public float spotAngle
        {
            get { Check(); return outerAngle; }
            set { Check(); outerAngle = Mathf.Clamp(value, 1, 179); innerAngle = Math.Min(innerAngle, outerAngle); }
        }

        public float innerSpotAngle
        {
            get { Check(); return innerAngle; }
            set { Check(); innerAngle = Mathf.Clamp(value, 0, outerAngle); }
        }

        public Vector2 areaSize
        {
            get { Check(); return size; }
            set { Check(); size = new Vector2(Math.Max(0, value.x), Math.Max(0, value.y)); }
        }

        public LightShadows shadows
        {
            get { Check(); return lightShadows; }
            set { Check(); lightShadows = value; }
        }

        public bool useColorTemperature
        {
            get { Check(); return hasTemperature; }
            set { Check(); hasTemperature = value; }
        }

        public float colorTemperature
        {
            get { Check(); return temperature; }
            set { Check(); temperature = Mathf.Clamp(value, 1000, 20000); }
        }

        internal override object Capture() => Fields.Capture(this);

        internal override void Restore(object state) => Fields.Restore(this, state);

        internal override object Change(object present, object from, object to) => Fields.Change(present, from, to);

        internal override bool HasSameState(object a, object b) => Fields.AreSame(a, b);
    }
}
