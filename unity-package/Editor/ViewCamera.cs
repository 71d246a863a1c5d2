using System;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Views;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// A camera of its own for one picture. It is in no scene and is not saved, so neither a scene nor a view of the user
    /// changes.
    /// </summary>
    public sealed class ViewCamera : IDisposable
    {
        const int DepthBits = 24;

        /// <summary>The gray of the background of a look without a source, in sRGB.</summary>
        const float Background = 0.25f;

        readonly GameObject holder;
        readonly Camera camera;

        /// <param name="source">The camera whose settings and place it takes; may be null.</param>
        public ViewCamera(Camera source)
        {
            holder = EditorUtility.CreateGameObjectWithHideFlags("VibeSync view", HideFlags.HideAndDontSave,
                typeof(Camera));
            camera = holder.GetComponent<Camera>();
            // It draws when asked to, not with the windows of the editor.
            camera.enabled = false;
            if (source == null)
            {
                camera.clearFlags = CameraClearFlags.SolidColor;
                camera.backgroundColor = new Color(Background, Background, Background, 1);
                return;
            }
            camera.CopyFrom(source);
            camera.enabled = false;
            camera.targetTexture = null;
            // A scene view hides what the user hides in the hierarchy; only a camera of its type does so.
            camera.cameraType = source.cameraType;
            // The main camera may be for a part of the screen.
            camera.rect = new Rect(0, 0, 1, 1);
        }

        /// <summary>Places the camera without perspective so that it shows a box whole.</summary>
        public void PlaceOrthographic(float[] rotation, ViewBox framed, ViewBox all, float aspect)
        {
            camera.orthographic = true;
            camera.transform.localRotation = new Quaternion(rotation[0], rotation[1], rotation[2], rotation[3]);
            Place(ViewFit.Orthographic(rotation, framed, all, aspect));
        }

        /// <summary>Moves the camera so that it shows a box whole, and keeps its direction and its kind.</summary>
        public void Frame(ViewBox framed, ViewBox all, float aspect)
        {
            Quaternion turn = camera.transform.localRotation;
            float[] rotation = { turn.x, turn.y, turn.z, turn.w };
            Place(camera.orthographic ? ViewFit.Orthographic(rotation, framed, all, aspect)
                : ViewFit.Perspective(rotation, framed, all, aspect, camera.fieldOfView));
        }

        /// <summary>Draws; the picture is smaller than asked for if it would have too many bytes.</summary>
        /// <param name="size">Pixels of the longer side.</param>
        /// <param name="aspect">The ratio of width to height.</param>
        public Picture Draw(int size, float aspect, string name)
        {
            camera.aspect = aspect;
            for (; ; size = size * 3 / 4)
            {
                int width = Mathf.Max(1, (int)(aspect >= 1 ? size : size * aspect));
                int height = Mathf.Max(1, (int)(aspect >= 1 ? size / aspect : size));
                byte[] png = DrawPng(width, height);
                if (png.Length <= Picture.MaxBytes) { return new Picture(png, width, height, name); }
            }
        }

        public void Dispose() => Object.DestroyImmediate(holder);

        void Place(ViewFit fit)
        {
            camera.transform.localPosition = new Vector3(fit.Position[0], fit.Position[1], fit.Position[2]);
            if (camera.orthographic) { camera.orthographicSize = fit.OrthographicSize; }
            camera.nearClipPlane = fit.Near;
            camera.farClipPlane = fit.Far;
            // The source may have matrices of its own, which would overrule the settings above.
            camera.ResetWorldToCameraMatrix();
            camera.ResetProjectionMatrix();
        }

        byte[] DrawPng(int width, int height)
        {
            RenderTexture before = RenderTexture.active;
            RenderTexture target = null;
            Texture2D pixels = null;
            try
            {
                // Pixels are to be in sRGB. In a linear project this target converts; in a gamma project they are so.
                target = RenderTexture.GetTemporary(width, height, DepthBits, RenderTextureFormat.ARGB32,
                    RenderTextureReadWrite.sRGB);
                // Without alpha: an empty background must not be transparent.
                pixels = new Texture2D(width, height, TextureFormat.RGB24, false) { hideFlags = HideFlags.HideAndDontSave };
                camera.targetTexture = target;
                camera.Render();
                RenderTexture.active = target;
                pixels.ReadPixels(new Rect(0, 0, width, height), 0, 0, false);
                return pixels.EncodeToPNG();
            }
            catch (Exception error)
            {
                // Render pipelines of a project are code of others.
                throw new SyncException(ErrorCode.EditorUnable, "Unity could not draw: " + error.Message);
            }
            finally
            {
                camera.targetTexture = null;
                RenderTexture.active = before;
                if (target != null) { RenderTexture.ReleaseTemporary(target); }
                if (pixels != null) { Object.DestroyImmediate(pixels); }
            }
        }
    }
}
