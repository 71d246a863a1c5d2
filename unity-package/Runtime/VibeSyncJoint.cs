using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Marks an object that shows a joint of an armature. The object is no entity, and neither is anything below it. Its place
    /// is the pose of the object that shows the armature; names and order of joints are the armature's. It is saved with the
    /// scene, so that a game and a build have the joints.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncJoint : MonoBehaviour
    {
        [SerializeField] string owner = "";

        [SerializeField] string joint = "";

        /// <summary>The uuid of the object that shows the armature.</summary>
        public string Owner
        {
            get => owner;
            set => owner = value;
        }

        /// <summary>The uuid of the joint within the armature.</summary>
        public string Joint
        {
            get => joint;
            set => joint = value;
        }
    }
}
