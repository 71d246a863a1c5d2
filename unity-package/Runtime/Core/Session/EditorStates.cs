namespace VibeSync.Core.Session
{
    /// <summary>The states that an editor reports; docs/protocol.md, part 5.</summary>
    public static class EditorStates
    {
        public const string Ready = "ready";
        public const string Modal = "modal";
        public const string Edit = "edit";
        public const string Playing = "playing";
        public const string Reloading = "reloading";
        public const string Compiling = "compiling";
        public const string Unfocused = "unfocused";

        /// <summary>Returns whether the user drags or types something.</summary>
        public static bool IsUserEditing(string state) => state == Modal || state == Edit;

        /// <summary>Returns whether the daemon's changes may be applied now.</summary>
        public static bool CanApply(string state) => state == Ready || state == Unfocused;

        /// <summary>Returns whether the scene is the user's; in play mode it is the game's.</summary>
        public static bool CanCapture(string state) => state != Playing && state != Compiling && state != Reloading;
    }
}
