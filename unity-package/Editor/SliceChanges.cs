using System.Collections.Generic;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Collects what objects still have to show of a slice of a batch, and shows it once all its changes are applied.</summary>
    public sealed class SliceChanges
    {
        readonly SceneIndex index;

        public SliceChanges(SceneIndex index)
        {
            this.index = index;
        }

        /// <summary>The materials that the batch deleted and that renderers may still show.</summary>
        public HashSet<Material> TakenOff { get; } = new HashSet<Material>();

        /// <summary>The materials that the batch created.</summary>
        public HashSet<string> Created { get; } = new HashSet<string>();

        /// <summary>The images that the batch created or changed.</summary>
        public HashSet<string> Images { get; } = new HashSet<string>();

        /// <summary>The actions that the batch gave another player.</summary>
        public HashSet<string> Actions { get; } = new HashSet<string>();

        /// <summary>Lets objects show all of it.</summary>
        public void Show(string label)
        {
            if (TakenOff.Count > 0) { index.Slots.TakeOff(TakenOff, label); }
            if (Created.Count > 0) { index.Slots.ShowCreated(Created, label); }
            if (Images.Count > 0) { index.Materials.ShowImages(Images, label); }
            if (index.Rigs.ShowTouched(index.FindUuid, label)) { index.Skins.Touch(); }
            index.Skins.ShowTouched(label);
            foreach (string uuid in Actions) { index.Actions.Settle(uuid, false, label); }
            TakenOff.Clear();
            Created.Clear();
            Images.Clear();
            Actions.Clear();
        }
    }
}
