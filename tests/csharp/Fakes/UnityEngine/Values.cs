using System;

namespace UnityEngine
{
    public struct Vector2
    {
        public float x;
        public float y;

        public Vector2(float x, float y)
        {
            this.x = x;
            this.y = y;
        }
    }

    public struct Vector3
    {
        public float x;
        public float y;
        public float z;

        public Vector3(float x, float y, float z)
        {
            this.x = x;
            this.y = y;
            this.z = z;
        }
    }

    public struct Quaternion
    {
        public float x;
        public float y;
        public float z;
        public float w;

        public Quaternion(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }
    }

    public struct Color32
    {
        public byte r;
        public byte g;
        public byte b;
        public byte a;

        public Color32(byte r, byte g, byte b, byte a)
        {
            (this.r, this.g, this.b, this.a) = (r, g, b, a);
        }
    }

    public struct Color
    {
        public float r;
        public float g;
        public float b;
        public float a;

        public Color(float r, float g, float b, float a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }
    }

    public struct Mathf
    {
        public static int Max(int a, int b) => Math.Max(a, b);

        public static int RoundToInt(float f) => (int)Math.Round(f);

        public static float Clamp(float value, float min, float max) => Math.Max(min, Math.Min(max, value));

        /// <summary>Some warm or cold color of this kind; Unity's formula is not public.</summary>
        public static Color CorrelatedColorTemperatureToRGB(float kelvin) => kelvin < 6600
            ? new Color(1, Clamp(kelvin / 6600, 0, 1), Clamp((kelvin - 1900) / 4700, 0, 1), 1)
            : new Color(Clamp(6600 / kelvin, 0, 1), Clamp(0.5f + 3300 / kelvin, 0, 1), 1, 1);
    }

    /// <summary>Makes the bare name ambiguous where a file uses both namespaces, as in Unity.</summary>
    public static class Random
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RequireComponent : Attribute
    {
        public Type m_Type0;
        public Type m_Type1;
        public Type m_Type2;

        public RequireComponent(Type requiredComponent)
        {
            m_Type0 = requiredComponent;
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menuName)
        {
        }
    }

    public enum RuntimePlatform
    {
        OSXEditor = 0,
        WindowsEditor = 7,
        LinuxEditor = 16,
    }

    public partial class Application
    {
        public static RuntimePlatform platform => RuntimePlatform.LinuxEditor;

        public static bool isBatchMode => UnityFakes.Editor.IsBatchMode;

        public static string unityVersion => "2022.3.0f1-fake";

        public static string dataPath => UnityFakes.Engine.ProjectFolder + "/Assets";
    }

    public sealed partial class SystemInfo
    {
        public static string operatingSystem => "a faked system";
    }

    public class GUIUtility
    {
        public static int hotControl { get; set; }
    }

    public partial class Debug
    {
        public static void Log(object message) => Log(LogType.Log, "info", message);

        public static void LogWarning(object message) => Log(LogType.Warning, "warning", message);

        public static void LogError(object message) => Log(LogType.Error, "error", message);

        public static void LogException(Exception exception) => Log(LogType.Exception, "exception", exception);
    }
}
