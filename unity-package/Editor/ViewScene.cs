using System.Collections.Generic;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Previews;
using VibeSync.Core.Views;

namespace VibeSync.Editor
{
    /// <summary>Draws the open scenes for the daemon, and selects objects.</summary>
    public sealed class ViewScene : IViewScene
    {
        /// <summary>Characters of a camera's name.</summary>
        const int MaxName = 200;

        /// <summary>Ratios of width to height beyond this, as of a very narrow view, are cut.</summary>
        const float MaxAspect = 4;

        readonly SceneIndex index;
        readonly ShownPreviews previews;

        public ViewScene(SceneIndex index, ShownPreviews previews)
        {
            this.index = index;
            this.previews = previews;
        }

        // A picture is of the scene itself: what a user is about to do may never be done.
        public Picture Draw(ViewRequest request) => previews.Without(() => DrawScene(request));

        Picture DrawScene(ViewRequest request)
        {
            List<GameObject> framed = FindAll(request);
            if (SystemInfo.graphicsDeviceType == GraphicsDeviceType.Null)
            {
                throw Unable("this editor has no graphics device, so it cannot draw");
            }
            if (PrefabStageUtility.GetCurrentPrefabStage() != null)
            {
                throw Unable("a prefab is open in isolation, so the scene cannot be seen");
            }
            Camera source = FindSource(request.Look);
            using (ViewCamera camera = new ViewCamera(source))
            {
                float aspect = source == null ? 1 : Mathf.Clamp(source.aspect, 1 / MaxAspect, MaxAspect);
                float[] rotation = Looks.FindRotation(request.Look);
                if (rotation != null)
                {
                    ViewBox box = ViewBounds.OfAny(framed);
                    aspect = (float)ViewFit.SuitableAspect(rotation, box);
                    camera.PlaceOrthographic(rotation, box, ViewBounds.OfAll(), aspect);
                }
                else if (request.Look == Looks.View && framed.Count > 0)
                {
                    camera.Frame(ViewBounds.OfAny(framed), ViewBounds.OfAll(), aspect);
                }
                string name = request.Look == Looks.Camera ? ShortText.Cut(source.gameObject.name, MaxName) : "";
                return camera.Draw(request.Size, aspect, name);
            }
        }

        public List<string> Select(ViewRequest request)
        {
            List<GameObject> found = FindAll(request);
            // Unity keeps the selection in its undo history. A step of its own leaves the user's last one alone.
            Undo.IncrementCurrentGroup();
            Undo.SetCurrentGroupName("Select");
            Selection.objects = found.ToArray();
            Undo.IncrementCurrentGroup();
            List<string> selected = new List<string>();
            foreach (Object item in Selection.objects)
            {
                string uuid = item is GameObject ? index.FindUuid(ObjectKey.Of(item)) : null;
                if (uuid != null) { selected.Add(uuid); }
            }
            return selected;
        }

        /// <summary>Returns the camera whose settings the picture has; null for a look that has settings of its own.</summary>
        static Camera FindSource(string look)
        {
            if (look == Looks.View)
            {
                SceneView view = SceneView.lastActiveSceneView;
                return view != null && view.camera != null ? view.camera
                    : throw Unable("no Scene view was opened in this editor");
            }
            if (look != Looks.Camera) { return null; }
            Camera main = Camera.main;
            return main != null ? main
                : throw Unable("the scene has no main camera: none that is active has the tag MainCamera");
        }

        List<GameObject> FindAll(ViewRequest request)
        {
            List<GameObject> found = new List<GameObject>();
            foreach (string uuid in request.Uuids)
            {
                GameObject item = index.Find(uuid);
                if (item == null)
                {
                    throw new SyncException(ErrorCode.UuidUnknown, "the scene of Unity has no object " + uuid,
                        request.UuidField + "[" + found.Count + "]");
                }
                found.Add(item);
            }
            return found;
        }

        static SyncException Unable(string message) => new SyncException(ErrorCode.EditorUnable, message);
    }
}
