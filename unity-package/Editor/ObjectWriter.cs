using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes GameObjects; every change can be undone.</summary>
    public sealed class ObjectWriter
    {
        readonly SceneIndex index;
        readonly MeshStore meshes;

        public ObjectWriter(SceneIndex index, MeshStore meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        public Entity Read(string uuid, GameObject target)
        {
            Transform transform = target.transform;
            Vector3 position = transform.localPosition;
            Quaternion rotation = transform.localRotation;
            Vector3 scale = transform.localScale;
            MeshFilter filter = target.GetComponent<MeshFilter>();
            VibeSyncIdentity parent = transform.parent == null ? null
                : transform.parent.GetComponent<VibeSyncIdentity>();
            Entity entity = new Entity(uuid, Kinds.Object);
            entity.Set(NameComponent.FromEditor(target.name));
            entity.Set(new TransformComponent(
                Doubles(Coordinates.Vector(position.x, position.y, position.z)),
                Doubles(Coordinates.Rotation(rotation.x, rotation.y, rotation.z, rotation.w)),
                Doubles(scale.x, scale.y, scale.z)));
            entity.Set(new VisibilityComponent(target.activeSelf));
            entity.Set(new ReferenceComponent("parent", parent == null ? null : parent.Uuid));
            entity.Set(new ReferenceComponent("data", filter == null ? null : meshes.UuidOf(filter.sharedMesh)));
            return entity;
        }

        /// <summary>Creates an empty GameObject with that identity in the active scene.</summary>
        public GameObject Create(string uuid, string label)
        {
            GameObject created = new GameObject("Object");
            created.AddComponent<VibeSyncIdentity>().Uuid = uuid;
            Undo.RegisterCreatedObjectUndo(created, label);
            index.Add(uuid, created);
            return created;
        }

        /// <summary>Sets the components that <paramref name="content"/> carries.</summary>
        public void Write(GameObject target, Entity content, string label)
        {
            foreach (string key in Core.Scene.Component.Keys)
            {
                if (!content.Components.TryGetValue(key, out Core.Scene.Component component)) { continue; }
                switch (component)
                {
                    case NameComponent name:
                        Undo.RecordObject(target, label);
                        target.name = name.Name;
                        break;
                    case VisibilityComponent visibility:
                        Undo.RecordObject(target, label);
                        target.SetActive(visibility.Visible);
                        break;
                    case TransformComponent transform: WriteTransform(target.transform, transform, label); break;
                    case ReferenceComponent reference when key == "parent":
                        WriteParent(target, reference.Uuid, label);
                        break;
                    case ReferenceComponent reference: WriteData(target, reference.Uuid, label); break;
                    default:
                        throw new SyncException(ErrorCode.ComponentNotAllowed, "not on an object", "components." + key);
                }
            }
        }

        /// <summary>
        /// Deletes a GameObject. Children that the change did not name move up instead of going with it.
        /// </summary>
        public void Delete(GameObject target, string label)
        {
            RefusePrefabPart(target);
            Transform transform = target.transform;
            while (transform.childCount > 0)
            {
                Undo.SetTransformParent(transform.GetChild(transform.childCount - 1), transform.parent, label);
            }
            Undo.DestroyObjectImmediate(target);
        }

        static void WriteTransform(Transform transform, TransformComponent value, string label)
        {
            Undo.RecordObject(transform, label);
            float[] position = Coordinates.Vector(
                (float)value.Translation[0], (float)value.Translation[1], (float)value.Translation[2]);
            float[] rotation = Coordinates.Rotation((float)value.Rotation[0], (float)value.Rotation[1],
                (float)value.Rotation[2], (float)value.Rotation[3]);
            transform.localPosition = new Vector3(position[0], position[1], position[2]);
            transform.localRotation = new Quaternion(rotation[0], rotation[1], rotation[2], rotation[3]);
            transform.localScale = new Vector3((float)value.Scale[0], (float)value.Scale[1], (float)value.Scale[2]);
        }

        void WriteParent(GameObject target, string uuid, string label)
        {
            Transform transform = target.transform;
            GameObject parent = uuid == null ? null : index.Find(uuid);
            if (uuid != null && parent == null)
            {
                throw new SyncException(ErrorCode.UuidUnknown, "no such parent", "components.parent");
            }
            Transform parentTransform = parent == null ? null : parent.transform;
            if (transform.parent == parentTransform) { return; }
            RefusePrefabPart(target);
            for (Transform above = parentTransform; above != null; above = above.parent)
            {
                if (above == transform)
                {
                    throw new SyncException(ErrorCode.ParentCycle, "an object cannot be below itself",
                        "components.parent");
                }
            }
            Vector3 position = transform.localPosition;
            Quaternion rotation = transform.localRotation;
            Vector3 scale = transform.localScale;
            Undo.SetTransformParent(transform, parentTransform, label);
            // Unity keeps the place in the world; the wire's transforms are local and stay as they are.
            Undo.RecordObject(transform, label);
            transform.localPosition = position;
            transform.localRotation = rotation;
            transform.localScale = scale;
        }

        void WriteData(GameObject target, string uuid, string label)
        {
            MeshFilter filter = target.GetComponent<MeshFilter>();
            if (uuid == null)
            {
                if (filter == null) { return; }
                Undo.RecordObject(filter, label);
                filter.sharedMesh = null;
                return;
            }
            MeshIdentity identity = meshes.Find(uuid);
            if (identity == null) { throw new SyncException(ErrorCode.UuidUnknown, "no such mesh", "components.data"); }
            if (filter == null) { filter = Undo.AddComponent<MeshFilter>(target); }
            Undo.RecordObject(filter, label);
            filter.sharedMesh = identity.Mesh;
            MeshRenderer renderer = target.GetComponent<MeshRenderer>();
            if (renderer == null)
            {
                renderer = Undo.AddComponent<MeshRenderer>(target);
                Material[] materials = new Material[Mathf.Max(1, identity.Mesh.subMeshCount)];
                for (int i = 0; i < materials.Length; i++) { materials[i] = UnityCompat.DefaultMaterial(); }
                renderer.sharedMaterials = materials;
            }
        }

        static void RefusePrefabPart(GameObject target)
        {
            if (PrefabUtility.IsPartOfPrefabInstance(target) && !PrefabUtility.IsOutermostPrefabInstanceRoot(target))
            {
                throw new SyncException(ErrorCode.ReadOnlyData,
                    "a part of a prefab instance stays where the prefab has it");
            }
        }

        static double[] Doubles(params float[] values)
        {
            double[] doubles = new double[values.Length];
            for (int i = 0; i < values.Length; i++) { doubles[i] = values[i]; }
            return doubles;
        }
    }
}
