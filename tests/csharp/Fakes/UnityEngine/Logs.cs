namespace UnityEngine
{
    public enum LogType
    {
        Error = 0,
        Assert = 1,
        Warning = 2,
        Log = 3,
        Exception = 4,
    }

    public partial class Application
    {
        public delegate void LogCallback(string condition, string stackTrace, LogType type);

        public static event LogCallback logMessageReceived;

        internal static void RaiseMessage(string text, LogType type) => logMessageReceived?.Invoke(text, "", type);
    }

    public partial class Debug
    {
        static void Log(LogType type, string severity, object message)
        {
            UnityFakes.Engine.Log.Add(severity + " " + message);
            Application.RaiseMessage(message.ToString(), type);
        }
    }
}
