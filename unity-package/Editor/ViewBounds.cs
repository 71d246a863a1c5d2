using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Views;

namespace VibeSync.Editor
{
    /// <summary>Finds the boxes around what can be seen.</summary>
    public static class ViewBounds
    {
        /// <summary>Meters; an object without anything to draw is shown as if it were this large.</summary>
        const float PointSize = 1;

        /// <summary>Meters; a renderer beyond this, as of a broken particle system, would make all else a dot.</summary>
        const float MaxDistance = 1e7f;

        /// <summary>Returns the box around everything that is drawn.</summary>
        public static ViewBox OfAll()
        {
            Bounds? box = null;
            foreach (Renderer renderer in OpenScenes.FindAllShown<Renderer>()) { Add(ref box, renderer); }
            return Convert(box ?? new Bounds(new Vector3(0, 0, 0), new Vector3(PointSize, PointSize, PointSize)));
        }

        /// <summary>Returns the box around these objects and all below them; around everything for none.</summary>
        public static ViewBox OfAny(List<GameObject> objects)
        {
            if (objects.Count == 0) { return OfAll(); }
            Bounds? box = null;
            foreach (GameObject item in objects)
            {
                Bounds? own = null;
                foreach (Renderer renderer in item.GetComponentsInChildren<Renderer>(true)) { Add(ref own, renderer); }
                // An object without anything to draw has a place.
                Vector3 place = item.transform.TransformPoint(new Vector3(0, 0, 0));
                Bounds found = own ?? new Bounds(place, new Vector3(PointSize, PointSize, PointSize));
                Include(ref box, found);
            }
            return Convert(box.Value);
        }

        static void Add(ref Bounds? box, Renderer renderer)
        {
            if (!renderer.enabled || !renderer.gameObject.activeInHierarchy) { return; }
            Bounds bounds = renderer.bounds;
            if (IsUsable(bounds.center) && IsUsable(bounds.extents)) { Include(ref box, bounds); }
        }

        static void Include(ref Bounds? box, Bounds added)
        {
            if (box == null)
            {
                box = added;
                return;
            }
            Bounds known = box.Value;
            known.Encapsulate(added);
            box = known;
        }

        /// <summary>Not a number is in no range.</summary>
        static bool IsUsable(Vector3 value) => IsUsable(value.x) && IsUsable(value.y) && IsUsable(value.z);

        static bool IsUsable(float value) => value >= -MaxDistance && value <= MaxDistance;

        static ViewBox Convert(Bounds box) => new ViewBox(new[] { box.center.x, box.center.y, box.center.z },
            new[] { box.extents.x, box.extents.y, box.extents.z });
    }
}
