using System;
using UnityEngine;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>Destroys a component together with those that require it, as render pipelines add to lights.</summary>
    public static class DependentComponents
    {
        public static void Destroy(Component component, Action<Object> destroy)
        {
            if (component == null) { return; }
            foreach (Component other in component.gameObject.GetComponents<Component>())
            {
                // A missing script leaves a null component; one with a type that requires itself does not exist.
                if (other != null && other != component && Requires(other.GetType(), component.GetType()))
                {
                    Destroy(other, destroy);
                }
            }
            destroy(component);
        }

        /// <summary>Returns whether another component of the object requires this one; false for none.</summary>
        public static bool HasAny(Component component)
        {
            if (component == null) { return false; }
            foreach (Component other in component.gameObject.GetComponents<Component>())
            {
                if (other != null && other != component && Requires(other.GetType(), component.GetType())) { return true; }
            }
            return false;
        }

        static bool Requires(Type type, Type required)
        {
            foreach (RequireComponent attribute in type.GetCustomAttributes(typeof(RequireComponent), true))
            {
                if (attribute.m_Type0 == required || attribute.m_Type1 == required || attribute.m_Type2 == required)
                {
                    return true;
                }
            }
            return false;
        }
    }
}
