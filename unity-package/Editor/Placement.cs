using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads and sets position, rotation and scale of an object relative to the one above.</summary>
    public static class Placement
    {
        public static NativeTransform Read(Transform transform, LocalFrame frame)
        {
            Vector3 position = transform.localPosition;
            Quaternion rotation = transform.localRotation;
            Vector3 scale = transform.localScale;
            return new NativeTransform
            {
                X = position.x,
                Y = position.y,
                Z = position.z,
                TurnX = rotation.x,
                TurnY = rotation.y,
                TurnZ = rotation.z,
                TurnW = rotation.w,
                ScaleX = scale.x,
                ScaleY = scale.y,
                ScaleZ = scale.z,
                Frame = frame,
            };
        }

        /// <summary>Sets the values, without an undo step and without a mark that the scene has changed.</summary>
        public static void Write(Transform transform, in NativeTransform place)
        {
            transform.localPosition = new Vector3(place.X, place.Y, place.Z);
            transform.localRotation = new Quaternion(place.TurnX, place.TurnY, place.TurnZ, place.TurnW);
            transform.localScale = new Vector3(place.ScaleX, place.ScaleY, place.ScaleZ);
        }
    }
}
