using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Unity's number for a living object. It does not outlive the editor's process and so is never stored. From 6000.4
    /// this is an EntityId, before that an instance id.
    /// </summary>
    public readonly struct ObjectKey : IEquatable<ObjectKey>
    {
#if UNITY_6000_4_OR_NEWER
        readonly EntityId id;

        public ObjectKey(EntityId id)
        {
            this.id = id;
        }

        public static ObjectKey Of(Object target) => new ObjectKey(target.GetEntityId());

        /// <summary>The object, or null when it is gone.</summary>
        public Object Resolve() => EditorUtility.EntityIdToObject(id);
#else
        readonly int id;

        public ObjectKey(int id)
        {
            this.id = id;
        }

        public static ObjectKey Of(Object target) => new ObjectKey(target.GetInstanceID());

        /// <summary>The object, or null when it is gone.</summary>
        public Object Resolve() => EditorUtility.InstanceIDToObject(id);
#endif

        public bool Equals(ObjectKey other) => id.Equals(other.id);

        public override bool Equals(object other) => other is ObjectKey key && Equals(key);

        public override int GetHashCode() => id.GetHashCode();
    }

    /// <summary>Everything that differs between the versions of Unity from 2021.3 on, and nothing else.</summary>
    public static class UnityCompat
    {
        /// <summary>
        /// Adds the objects that an event names. False when the event says more than that those objects' properties
        /// changed, so that the scene has to be looked through.
        /// </summary>
        public static bool ReadChange(ref ObjectChangeEventStream stream, int index, ICollection<ObjectKey> changed)
        {
            switch (stream.GetEventType(index))
            {
                case ObjectChangeKind.ChangeGameObjectOrComponentProperties:
                    stream.GetChangeGameObjectOrComponentPropertiesEvent(index,
                        out ChangeGameObjectOrComponentPropertiesEventArgs properties);
                    changed.Add(KeyOf(properties));
                    return true;
                case ObjectChangeKind.ChangeAssetObjectProperties:
                    stream.GetChangeAssetObjectPropertiesEvent(index, out ChangeAssetObjectPropertiesEventArgs asset);
                    changed.Add(KeyOf(asset));
                    return true;
                case ObjectChangeKind.ChangeGameObjectParent:
                    stream.GetChangeGameObjectParentEvent(index, out ChangeGameObjectParentEventArgs parent);
                    changed.Add(KeyOf(parent));
                    return false;
                case ObjectChangeKind.ChangeGameObjectStructure:
                    stream.GetChangeGameObjectStructureEvent(index, out ChangeGameObjectStructureEventArgs structure);
                    changed.Add(KeyOf(structure));
                    return false;
                default:
                    return false;
            }
        }

        /// <summary>The material that a new object gets, of the render pipeline in use.</summary>
        public static Material DefaultMaterial()
        {
            RenderPipelineAsset pipeline = GraphicsSettings.defaultRenderPipeline;
            Material material = pipeline == null ? null : pipeline.defaultMaterial;
            return material != null ? material : AssetDatabase.GetBuiltinExtraResource<Material>("Default-Diffuse.mat");
        }

#if UNITY_6000_4_OR_NEWER
        static ObjectKey KeyOf(ChangeGameObjectOrComponentPropertiesEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeAssetObjectPropertiesEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeGameObjectParentEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeGameObjectStructureEventArgs data) => new ObjectKey(data.entityId);
#else
        static ObjectKey KeyOf(ChangeGameObjectOrComponentPropertiesEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeAssetObjectPropertiesEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeGameObjectParentEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeGameObjectStructureEventArgs data) => new ObjectKey(data.instanceId);
#endif
    }
}
