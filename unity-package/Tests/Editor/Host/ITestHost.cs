using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Performs actions of a user and of Unity itself. Everything else a test does through Unity's public API, which is
    /// the same in a real editor and on the fakes.
    /// </summary>
    public interface ITestHost
    {
        /// <summary>The folder of the Unity project.</summary>
        string ProjectFolder { get; }

        /// <summary>The state that the client reports while nobody does anything: "ready", or "unfocused".</summary>
        string IdleState { get; }

        /// <summary>The lines of the console since the test began: severity (info, warning, error, exception) and text.</summary>
        List<string> Log { get; }

        /// <summary>The number of undo steps that the user sees.</summary>
        int UndoSteps { get; }

        /// <summary>The name of the last undo step.</summary>
        string LastUndoName { get; }

        /// <summary>Opens an empty scene in which the bridge does not run, and forgets all that an earlier test left.</summary>
        /// <param name="folder">A temporary folder of the test.</param>
        void Open(string folder);

        /// <summary>Starts the bridge, as the start of the editor does.</summary>
        void StartEditor();

        /// <summary>Stops the bridge, as the end of the editor does.</summary>
        void QuitEditor();

        /// <summary>Removes all that the test made, and restores the state from before it.</summary>
        void Close();

        /// <summary>Ends the session and starts the next one, as a domain reload does.</summary>
        /// <param name="between">Runs while no script is loaded.</param>
        void ReloadDomain(Action between = null);

        /// <summary>Waits until the editor is in play mode.</summary>
        IEnumerator EnterPlayMode(bool reloadsDomain = true);

        /// <summary>Waits until the editor is out of play mode.</summary>
        IEnumerator ExitPlayMode();

        /// <summary>Returns the path of a scene file of the test.</summary>
        string GetScenePath(string name);

        /// <summary>Saves the open scene.</summary>
        void SaveScene(string path);

        /// <summary>Closes the open scene without saving it, and opens another.</summary>
        void OpenScene(string path);

        /// <summary>Duplicates an object, as Ctrl+D does.</summary>
        GameObject Duplicate(GameObject original);

        /// <summary>Makes a GameObject and all objects below it an instance of a new prefab.</summary>
        void MakePrefabInstance(GameObject root);

        /// <summary>Returns whether an object's overrides of its prefab were recorded, so that a save keeps them.</summary>
        bool HasRecordedOverrides(UnityEngine.Object target);

        /// <summary>Opens the prefab of an instance in isolation.</summary>
        void OpenPrefab(GameObject instance);

        /// <summary>Closes the isolated view of a prefab.</summary>
        void ClosePrefab();

        /// <summary>Returns whether a mesh has tangents.</summary>
        bool HasTangents(Mesh mesh);

        /// <summary>Forbids to read the data of a mesh, as the import of a model may do.</summary>
        void MakeUnreadable(Mesh mesh);

        /// <summary>Returns the texts that the window shows; those of buttons in brackets.</summary>
        List<string> ReadWindow();

        /// <summary>Returns the tooltip of a button of the window.</summary>
        string ReadTooltip(string button);

        /// <summary>Does what the window's button with that text does.</summary>
        void Press(string button);

        void Select(params Transform[] transforms);

        /// <summary>Presses or releases the mouse, as at the begin and the end of a drag.</summary>
        void HoldMouse(bool isHeld);

        /// <summary>Reverses the order of top objects, as dragging them in the hierarchy does.</summary>
        void ReverseOrder(params GameObject[] objects);
    }
}
