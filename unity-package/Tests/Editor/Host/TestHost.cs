namespace VibeSync.Tests.Adapter
{
    /// <summary>Holds the host that runs the tests: a real editor, unless something else was set before them.</summary>
    public static class TestHost
    {
        static ITestHost current;

        public static ITestHost Current
        {
            get => current ?? (current = new RealEditorHost());
            set => current = value;
        }
    }
}
