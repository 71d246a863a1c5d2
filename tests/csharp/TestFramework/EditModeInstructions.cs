using System;
using System.Collections;
using UnityEditor;

namespace UnityEngine.TestTools
{
    /// <summary>Takes several frames of the editor; a test in edit mode may yield it.</summary>
    public interface IEditModeTestYieldInstruction
    {
        bool ExpectDomainReload { get; }

        bool ExpectedPlaymodeState { get; }

        IEnumerator Perform();
    }

    public class EnterPlayMode : IEditModeTestYieldInstruction
    {
        public EnterPlayMode(bool expectDomainReload = true)
        {
            ExpectDomainReload = expectDomainReload;
        }

        public bool ExpectDomainReload { get; }

        public bool ExpectedPlaymodeState { get; private set; }

        public IEnumerator Perform()
        {
            if (EditorApplication.isPlaying) { throw new Exception("Editor is already in PlayMode"); }
            yield return null;
            ExpectedPlaymodeState = true;
            UnityFakes.Editor.SetPlaying(true, ExpectDomainReload);
            while (!EditorApplication.isPlaying) { yield return null; }
        }
    }

    public class ExitPlayMode : IEditModeTestYieldInstruction
    {
        public bool ExpectDomainReload => false;

        public bool ExpectedPlaymodeState => false;

        public IEnumerator Perform()
        {
            if (!EditorApplication.isPlayingOrWillChangePlaymode)
            {
                throw new Exception("Editor is already in EditMode");
            }
            UnityFakes.Editor.SetPlaying(false);
            while (EditorApplication.isPlaying) { yield return null; }
        }
    }
}
