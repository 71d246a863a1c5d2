using System;
using System.Collections.Generic;
using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Stores the identities of the objects of one scene that are parts of prefab instances. A component on them would
    /// be an override of the prefab, and would come into the prefab with *Apply All*. It sits on one hidden GameObject
    /// and is saved with the scene.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncParts : MonoBehaviour
    {
        [SerializeField] List<PartIdentity> parts = new List<PartIdentity>();

        [SerializeField] List<GameObject> humanOnly = new List<GameObject>();

        public List<PartIdentity> Parts => parts;

        /// <summary>The parts that people keep from agents.</summary>
        public List<GameObject> HumanOnly => humanOnly;
    }

    /// <summary>Stores the identity of a part of a prefab instance.</summary>
    [Serializable]
    public sealed class PartIdentity
    {
        public string Uuid = "";
        public GameObject Object;

        /// <summary>The light or camera that the part shows.</summary>
        public DataIdentity Data = new DataIdentity();

        /// <summary>The values of the part for which Unity has no field.</summary>
        public KeptValues Kept = new KeptValues();
    }
}
