using System;
using System.Reflection;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Unity's number of a loaded object: an EntityId from 6000.3 on, an instance id before. It is valid only in one
    /// editor process, so it is never stored.
    /// </summary>
    public readonly struct ObjectKey : IEquatable<ObjectKey>
    {
#if UNITY_6000_3_OR_NEWER
        readonly EntityId id;

        public ObjectKey(EntityId id)
        {
            this.id = id;
        }

        public static ObjectKey Of(Object target) => new ObjectKey(target.GetEntityId());

        /// <summary>Returns the object, or null if it is gone.</summary>
        public Object Resolve() => EditorUtility.EntityIdToObject(id);
#else
        readonly int id;

        public ObjectKey(int id)
        {
            this.id = id;
        }

        public static ObjectKey Of(Object target) => new ObjectKey(target.GetInstanceID());

        /// <summary>Returns the object, or null if it is gone.</summary>
        public Object Resolve() => EditorUtility.InstanceIDToObject(id);
#endif

        public bool Equals(ObjectKey other) => id.Equals(other.id);

        public override bool Equals(object other) => other is ObjectKey key && Equals(key);

        public override int GetHashCode() => id.GetHashCode();
    }

    /// <summary>The set of objects that an event is about.</summary>
    public enum ChangeScope
    {
        /// <summary>No synchronized object.</summary>
        None,

        /// <summary>One object or asset, or one of its components.</summary>
        Object,

        /// <summary>One object and all objects below it.</summary>
        Hierarchy,

        /// <summary>Objects that came or went, without their names.</summary>
        Structure,

        /// <summary>Possibly every object.</summary>
        Scene,
    }

    /// <summary>Hides all differences between the versions of Unity from 2021.3 on; contains nothing else.</summary>
    public static class UnityCompat
    {
        /// <summary>The order of an object's children changed, which is not synchronized. From 2022.3 on.</summary>
        const ObjectChangeKind ChangeChildrenOrder = (ObjectChangeKind)12;

        /// <summary>The order of a scene's top objects changed. From 6000.0 on.</summary>
        const ObjectChangeKind ChangeRootOrder = (ObjectChangeKind)13;

        /// <summary>
        /// Whether parts of a prefab instance can be deleted; the missing object is then an override. From 2022.2 on.
        /// </summary>
#if UNITY_2022_2_OR_NEWER
        public static readonly bool CanDeleteParts = true;
#else
        public static readonly bool CanDeleteParts = false;
#endif

        /// <summary>
        /// Whether the intensity of a light is in physical units in the High Definition pipeline. From 6000.0 on.
        /// </summary>
#if UNITY_6000_0_OR_NEWER
        public static readonly bool HasPhysicalLights = true;
#else
        public static readonly bool HasPhysicalLights = false;
#endif

        static readonly Action SignalTick = FindMethod<Action>(typeof(EditorApplication), "SignalTick");

        static readonly Func<Vector2> MousePosition =
            FindMethod<Func<Vector2>>(typeof(UnityEditor.Editor), "GetCurrentMousePosition");

        /// <summary>Returns the scope of an event, and its object if it names one.</summary>
        public static ChangeScope ReadChange(ref ObjectChangeEventStream stream, int index, out ObjectKey key)
        {
            key = default;
            switch (stream.GetEventType(index))
            {
                case ObjectChangeKind.ChangeGameObjectOrComponentProperties:
                    stream.GetChangeGameObjectOrComponentPropertiesEvent(index,
                        out ChangeGameObjectOrComponentPropertiesEventArgs properties);
                    key = KeyOf(properties);
                    return ChangeScope.Object;
                case ObjectChangeKind.ChangeAssetObjectProperties:
                    stream.GetChangeAssetObjectPropertiesEvent(index, out ChangeAssetObjectPropertiesEventArgs asset);
                    key = KeyOf(asset);
                    return ChangeScope.Object;
                case ObjectChangeKind.ChangeGameObjectParent:
                    stream.GetChangeGameObjectParentEvent(index, out ChangeGameObjectParentEventArgs parent);
                    key = KeyOf(parent);
                    return ChangeScope.Object;
                case ObjectChangeKind.ChangeGameObjectStructure:
                    stream.GetChangeGameObjectStructureEvent(index, out ChangeGameObjectStructureEventArgs structure);
                    key = KeyOf(structure);
                    return ChangeScope.Object;
                case ObjectChangeKind.CreateGameObjectHierarchy:
                    stream.GetCreateGameObjectHierarchyEvent(index, out CreateGameObjectHierarchyEventArgs created);
                    key = KeyOf(created);
                    return ChangeScope.Hierarchy;
                case ObjectChangeKind.ChangeGameObjectStructureHierarchy:
                    stream.GetChangeGameObjectStructureHierarchyEvent(index,
                        out ChangeGameObjectStructureHierarchyEventArgs hierarchy);
                    key = KeyOf(hierarchy);
                    return ChangeScope.Hierarchy;
                case ObjectChangeKind.DestroyGameObjectHierarchy:
                case ObjectChangeKind.DestroyAssetObject:
                    return ChangeScope.Structure;
                case ObjectChangeKind.CreateAssetObject:
                case ObjectChangeKind.None:
                case ChangeChildrenOrder:
                case ChangeRootOrder:
                    return ChangeScope.None;
                default:
                    // ChangeScene, UpdatePrefabInstances, and kinds that later versions add.
                    return ChangeScope.Scene;
            }
        }

        /// <summary>Returns whether a spot light is a cone. Later versions have types of their own for other shapes.</summary>
        public static bool IsRoundSpot(Light light)
        {
#if UNITY_6000_0_OR_NEWER
            return true;
#else
            return light.shape == LightShape.Cone;
#endif
        }

        /// <summary>Returns whether a material is a variant of another one. From 2022.1 on.</summary>
        public static bool IsVariant(Material material)
        {
#if UNITY_2022_3_OR_NEWER
            return material.parent != null;
#else
            return false;
#endif
        }

        /// <summary>Whether this version of Unity can be asked for a tick.</summary>
        public static bool CanRequestTick => SignalTick != null;

        /// <summary>
        /// Asks for a tick, from any thread. Unity has only an internal method for this outside the main thread; it is
        /// used if it exists.
        /// </summary>
        public static void RequestTick() => SignalTick?.Invoke();

        /// <summary>Whether this version of Unity tells where the mouse is.</summary>
        public static bool CanReadMouse => MousePosition != null;

        /// <summary>
        /// Returns where the mouse is on the screen. Outside of the drawing of windows, Unity has only an internal method for
        /// this; it is used if it exists.
        /// </summary>
        public static Vector2 ReadMouse() => MousePosition?.Invoke() ?? default;

        /// <summary>
        /// Returns the default material of the render pipeline in use, which a quality level may set.
        /// </summary>
        public static Material DefaultMaterial()
        {
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            Material material = pipeline == null ? null : pipeline.defaultMaterial;
            return material != null ? material : AssetDatabase.GetBuiltinExtraResource<Material>("Default-Diffuse.mat");
        }

        /// <summary>Returns a static method without parameters that Unity does not publish; null if it is not there.</summary>
        static T FindMethod<T>(Type owner, string name) where T : Delegate
        {
            MethodInfo method = owner.GetMethod(name,
                BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public, null, Type.EmptyTypes, null);
            return method == null ? null : (T)Delegate.CreateDelegate(typeof(T), method, false);
        }

#if UNITY_6000_4_OR_NEWER
        static ObjectKey KeyOf(ChangeGameObjectOrComponentPropertiesEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeAssetObjectPropertiesEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeGameObjectParentEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeGameObjectStructureEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(CreateGameObjectHierarchyEventArgs data) => new ObjectKey(data.entityId);

        static ObjectKey KeyOf(ChangeGameObjectStructureHierarchyEventArgs data) => new ObjectKey(data.entityId);
#else
        static ObjectKey KeyOf(ChangeGameObjectOrComponentPropertiesEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeAssetObjectPropertiesEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeGameObjectParentEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeGameObjectStructureEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(CreateGameObjectHierarchyEventArgs data) => new ObjectKey(data.instanceId);

        static ObjectKey KeyOf(ChangeGameObjectStructureHierarchyEventArgs data) => new ObjectKey(data.instanceId);
#endif
    }
}
