using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Keeps the armatures of the project: the joints at rest, which objects show and pose.</summary>
    public sealed class ArmatureRecords : KeptEntities
    {
        public override string Kind => Kinds.Armature;

        /// <summary>Returns the joints of an armature; null if there is none, or if its record is damaged.</summary>
        public ArmatureComponent Find(string uuid) =>
            uuid == null ? null : Read(uuid)?.Find<ArmatureComponent>(ArmatureComponent.Name);

        protected override List<KeptEntity> GetList(VibeSyncScene record) => record.Armatures;

        protected override Component Parse(JsonValue json) => ArmatureComponent.Read(json, ArmatureComponent.Name);
    }
}
