using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the synchronized values of objects for which Unity has no field.</summary>
    public sealed class KeptRecords
    {
        readonly Identities identities;
        readonly List<Action> reverts = new List<Action>();

        public KeptRecords(Identities identities)
        {
            this.identities = identities;
        }

        /// <summary>Returns the materials that an object is known to show instead of those of its mesh.</summary>
        public MaterialsComponent GetMaterials(GameObject target)
        {
            string text = identities.FindKept(target).Materials;
            return text.Length == 0 ? MaterialsComponent.None
                : MaterialsComponent.Read(JsonReader.Read(text), MaterialsComponent.Name);
        }

        public void SetMaterials(GameObject target, MaterialsComponent own) => Set(target,
            kept => kept.Materials = own.IsDefault ? "" : JsonWriter.Write(own.ToJson(null)));

        /// <summary>Returns the fields of an object that an editor shows and cannot write.</summary>
        public LocksComponent GetLocks(GameObject target) => ParseLocks(identities.FindKept(target).Locks);

        public void SetLocks(GameObject target, LocksComponent locks) => Set(target, kept => kept.Locks = WriteLocks(locks));

        public static LocksComponent ParseLocks(string text) => text.Length == 0 ? LocksComponent.None
            : LocksComponent.Read(JsonReader.Read(text), LocksComponent.Name);

        public static string WriteLocks(LocksComponent locks) => locks.IsDefault ? "" : JsonWriter.Write(locks.ToJson(null));

        public void BeginBatch() => reverts.Clear();

        /// <summary>Reverts what the batch has written.</summary>
        public void RevertBatch()
        {
            for (int i = reverts.Count - 1; i >= 0; i--) { reverts[i](); }
            reverts.Clear();
        }

        void Set(GameObject target, Action<KeptValues> change)
        {
            KeptValues before = identities.FindKept(target).Clone();
            KeptValues after = before.Clone();
            change(after);
            if (after.Materials == before.Materials && after.Locks == before.Locks) { return; }
            identities.SetKept(target, after);
            reverts.Add(() =>
            {
                if (target != null) { identities.SetKept(target, before); }
            });
        }
    }
}
