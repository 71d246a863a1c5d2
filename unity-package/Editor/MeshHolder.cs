using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Finds and sets the mesh of an object. A mesh with blend shapes, and one that joints deform, needs a skinned renderer, which
    /// has the mesh itself; any other one is in a filter beside a plain renderer. A skinned renderer with the user's bones is not
    /// synchronized.
    /// </summary>
    public static class MeshHolder
    {
        /// <summary>Returns the mesh of an object; null for none.</summary>
        public static Mesh Find(GameObject target)
        {
            SkinnedMeshRenderer skin = FindSkin(target);
            if (skin != null && skin.sharedMesh != null) { return skin.sharedMesh; }
            MeshFilter filter = target.GetComponent<MeshFilter>();
            return filter == null ? null : filter.sharedMesh;
        }

        /// <summary>Returns the skinned renderer of an object that is synchronized; null for none.</summary>
        public static SkinnedMeshRenderer FindSkin(GameObject target)
        {
            SkinnedMeshRenderer skin = target.GetComponent<SkinnedMeshRenderer>();
            return skin == null || !HasOwnBones(skin.bones) ? null : skin;
        }

        /// <summary>
        /// Returns whether bones are joints of armatures, as far as they exist. The last one is the object with the armature,
        /// which stays when somebody removes its joints.
        /// </summary>
        static bool HasOwnBones(Transform[] bones)
        {
            bool hasBone = false;
            foreach (Transform bone in bones)
            {
                if (bone == null) { continue; }
                if (OpenScenes.IsJoint(bone.gameObject)) { return true; }
                hasBone = true;
            }
            Transform last = hasBone ? bones[bones.Length - 1] : null;
            VibeSyncIdentity identity = last == null ? null : last.GetComponent<VibeSyncIdentity>();
            return !hasBone || (identity != null && identity.Kept.Armature.Length > 0);
        }

        /// <summary>Returns the renderer that shows the mesh of an object; null for none.</summary>
        public static Renderer FindRenderer(GameObject target)
        {
            MeshRenderer plain = target.GetComponent<MeshRenderer>();
            return plain != null ? plain : (Renderer)FindSkin(target);
        }

        /// <summary>Returns the renderers of the open scenes that show meshes.</summary>
        public static IEnumerable<Renderer> FindRenderers()
        {
            foreach (Renderer renderer in OpenScenes.FindAll<Renderer>())
            {
                if (FindRenderer(renderer.gameObject) == renderer) { yield return renderer; }
            }
        }

        /// <summary>Returns the objects of the open scenes that have a mesh.</summary>
        public static List<GameObject> FindUsers(Mesh mesh)
        {
            List<GameObject> users = new List<GameObject>();
            foreach (MeshFilter filter in OpenScenes.FindAll<MeshFilter>())
            {
                if (Find(filter.gameObject) == mesh) { users.Add(filter.gameObject); }
            }
            foreach (SkinnedMeshRenderer skin in OpenScenes.FindAll<SkinnedMeshRenderer>())
            {
                bool isUser = skin.GetComponent<MeshFilter>() == null && Find(skin.gameObject) == mesh;
                if (isUser) { users.Add(skin.gameObject); }
            }
            return users;
        }

        /// <summary>Removes the mesh of an object; its renderer stays.</summary>
        public static void Clear(GameObject target, string label)
        {
            foreach (Object holder in new Object[] { FindSkin(target), target.GetComponent<MeshFilter>() })
            {
                if (holder != null) { Assign(holder, null, label); }
            }
        }

        /// <summary>
        /// Gives an object a mesh, in the components that the mesh needs. The former renderer's materials and settings go to
        /// the one that takes its place.
        /// </summary>
        /// <param name="box">See <see cref="BlendShapes.FindBounds"/>; null to compute it.</param>
        public static void Show(GameObject target, Mesh mesh, string label, Bounds? box = null)
        {
            SkinnedMeshRenderer skin = FindSkin(target);
            bool hasBones = skin != null && skin.bones.Length > 0;
            Show(target, mesh, mesh.blendShapeCount > 0 || hasBones, label, box);
        }

        /// <summary>Gives an object a mesh that joints deform. The caller sets the bones.</summary>
        public static void ShowSkinned(GameObject target, Mesh mesh, string label) => Show(target, mesh, true, label, null);

        static void Show(GameObject target, Mesh mesh, bool isSkinned, string label, Bounds? box)
        {
            SkinnedMeshRenderer skin = FindSkin(target);
            if (isSkinned && skin == null && CanBecomeSkinned(target))
            {
                Renderer before = target.GetComponent<Renderer>();
                RendererSettings settings = new RendererSettings(before);
                if (before != null) { Undo.DestroyObjectImmediate(before); }
                MeshFilter filter = target.GetComponent<MeshFilter>();
                if (filter != null) { Undo.DestroyObjectImmediate(filter); }
                skin = Undo.AddComponent<SkinnedMeshRenderer>(target);
                settings.WriteTo(skin);
            }
            else if (!isSkinned && skin != null && !DependentComponents.HasAny(skin))
            {
                RendererSettings settings = new RendererSettings(skin);
                Undo.DestroyObjectImmediate(skin);
                skin = null;
                settings.WriteTo(Undo.AddComponent<MeshRenderer>(target));
            }
            if (skin != null)
            {
                Assign(skin, mesh, label, box);
                return;
            }
            MeshFilter holder = target.GetComponent<MeshFilter>();
            Assign(holder != null ? holder : Undo.AddComponent<MeshFilter>(target), mesh, label);
            // Unity allows one renderer an object: beside another kind it adds none, and returns null.
            if (target.GetComponent<Renderer>() == null)
            {
                Undo.AddComponent<MeshRenderer>(target).sharedMaterials = new Material[0];
            }
        }

        /// <summary>
        /// Returns whether an object may get a skinned renderer: no other component needs the ones that it replaces, and no
        /// other kind of renderer is there.
        /// </summary>
        static bool CanBecomeSkinned(GameObject target)
        {
            Renderer renderer = target.GetComponent<Renderer>();
            bool isPlain = renderer == null || renderer is MeshRenderer;
            return isPlain && !DependentComponents.HasAny(renderer) && !DependentComponents.HasAny(target.GetComponent<MeshFilter>());
        }

        static void Assign(Object holder, Mesh mesh, string label, Bounds? box = null)
        {
            Undo.RecordObject(holder, label);
            if (holder is SkinnedMeshRenderer skin)
            {
                skin.sharedMesh = mesh;
                if (mesh != null) { skin.localBounds = box ?? BlendShapes.FindBounds(mesh); }
            }
            else { ((MeshFilter)holder).sharedMesh = mesh; }
            PrefabOverrides.Record(holder);
        }
    }
}
