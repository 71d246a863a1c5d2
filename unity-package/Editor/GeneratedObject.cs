using System;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Makes generated objects, and makes each one look like the object that it shows.</summary>
    public static class GeneratedObject
    {
        /// <summary>The values of a generated object that a person might change.</summary>
        public readonly struct Look : IEquatable<Look>
        {
            readonly (string, Vector3, Quaternion, Vector3, Mesh) values;

            Look(GameObject target)
            {
                Transform place = target.transform;
                values = (target.name, place.localPosition, place.localRotation, place.localScale, MeshHolder.Find(target));
            }

            public static Look Of(GameObject target) => new Look(target);

            public bool Equals(Look other) => values.Equals(other.values);
        }

        /// <summary>Creates an object below another one, without an undo step: it follows from the scene.</summary>
        public static GameObject Create(Transform parent, string source)
        {
            GameObject created = new GameObject("Generated") { hideFlags = HideFlags.NotEditable };
            created.AddComponent<VibeSyncGenerated>().Source = source;
            created.transform.SetParent(parent, false);
            return created;
        }

        /// <summary>Sets what differs from the plan.</summary>
        /// <param name="light">The value of the light of the original, as JSON; null if it shows none.</param>
        public static void Update(GameObject target, InstancePlan plan, string light)
        {
            if (target.name != plan.Name) { target.name = plan.Name; }
            if (!target.activeSelf) { target.SetActive(true); }
            target.hideFlags |= HideFlags.NotEditable;
            Transform from = plan.Original == null ? null : plan.Original.transform;
            Place(target.transform, from == null ? plan.Offset : from.localPosition,
                from == null ? new Quaternion(0, 0, 0, 1) : from.localRotation,
                from == null ? new Vector3(1, 1, 1) : from.localScale);
            ShowMesh(target, plan.IsShown ? plan.Original : null);
            ShowLight(target, plan.IsShown && light != null ? plan.Original.GetComponent<Light>() : null, light);
        }

        static void Place(Transform target, Vector3 position, Quaternion rotation, Vector3 scale)
        {
            // Unity's own operators take close numbers for equal.
            if (!target.localPosition.Equals(position)) { target.localPosition = position; }
            if (!target.localRotation.Equals(rotation)) { target.localRotation = rotation; }
            if (!target.localScale.Equals(scale)) { target.localScale = scale; }
        }

        static void ShowMesh(GameObject target, GameObject original)
        {
            Mesh mesh = original == null ? null : MeshHolder.Find(original);
            Renderer look = original == null ? null : MeshHolder.FindRenderer(original);
            // With the bones of the original it would be at the place of that one, so it shows the mesh as it is at rest.
            bool isSkinned = look is SkinnedMeshRenderer skin && skin.bones.Length == 0;
            Renderer renderer = target.GetComponent<Renderer>();
            MeshFilter filter = target.GetComponent<MeshFilter>();
            bool isShown = mesh != null && look != null;
            if (renderer != null && (!isShown || renderer is SkinnedMeshRenderer != isSkinned))
            {
                UnityEngine.Object.DestroyImmediate(renderer);
                renderer = null;
            }
            if (filter != null && (!isShown || isSkinned)) { UnityEngine.Object.DestroyImmediate(filter); }
            if (!isShown) { return; }
            if (isSkinned) { renderer = ShowSkin(target, renderer as SkinnedMeshRenderer, (SkinnedMeshRenderer)look, mesh); }
            else
            {
                if (filter == null) { filter = target.AddComponent<MeshFilter>(); }
                if (filter.sharedMesh != mesh) { filter.sharedMesh = mesh; }
                if (renderer == null) { renderer = target.AddComponent<MeshRenderer>(); }
            }
            Material[] materials = look.sharedMaterials;
            if (!AreSame(renderer.sharedMaterials, materials)) { renderer.sharedMaterials = materials; }
            if (renderer.enabled != look.enabled) { renderer.enabled = look.enabled; }
        }

        /// <summary>Shows a mesh with the weights of another renderer. Returns the own renderer.</summary>
        static SkinnedMeshRenderer ShowSkin(GameObject target, SkinnedMeshRenderer own, SkinnedMeshRenderer from, Mesh mesh)
        {
            SkinnedMeshRenderer skin = own != null ? own : target.AddComponent<SkinnedMeshRenderer>();
            if (skin.sharedMesh != mesh) { skin.sharedMesh = mesh; }
            skin.localBounds = from.localBounds;
            for (int i = 0; i < mesh.blendShapeCount; i++)
            {
                float weight = from.GetBlendShapeWeight(i);
                if (skin.GetBlendShapeWeight(i) != weight) { skin.SetBlendShapeWeight(i, weight); }
            }
            return skin;
        }

        static bool AreSame(Material[] a, Material[] b)
        {
            if (a.Length != b.Length) { return false; }
            for (int i = 0; i < a.Length; i++)
            {
                if (a[i] != b[i]) { return false; }
            }
            return true;
        }

        static void ShowLight(GameObject target, Light from, string value)
        {
            Light own = target.GetComponent<Light>();
            VibeSyncGenerated marker = target.GetComponent<VibeSyncGenerated>();
            if (from == null)
            {
                if (own != null) { UnityEngine.Object.DestroyImmediate(own); }
                marker.Light = "";
                return;
            }
            if (own != null && marker.Light == value) { return; }
            EditorUtility.CopySerialized(from, own == null ? target.AddComponent<Light>() : own);
            marker.Light = value;
        }
    }
}
