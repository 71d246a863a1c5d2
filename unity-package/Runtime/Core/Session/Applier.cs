using System;
using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Applies a batch of the daemon in one undo step and then reads every entity back from the editor's own data.
    /// </summary>
    public sealed class Applier
    {
        readonly ISceneAdapter scene;
        readonly Shadow shadow;

        public Applier(ISceneAdapter scene, Shadow shadow)
        {
            this.scene = scene;
            this.shadow = shadow;
        }

        /// <summary>Applies an `apply` message and returns the `applied` that answers it.</summary>
        public Frame Apply(Frame batch)
        {
            JsonValue header = batch.Header;
            List<JsonValue> list = header.Required("changes", "").AsArray("changes");
            List<string> uuids = new List<string>();
            List<Change> changes = new List<Change>();
            List<SyncException> errors = new List<SyncException>();
            scene.BeginBatch(header.RequiredString("label", ""));
            try
            {
                for (int i = 0; i < list.Count; i++)
                {
                    string place = "changes[" + i.ToString(System.Globalization.CultureInfo.InvariantCulture) + "]";
                    uuids.Add(Uuid.Check(list[i].RequiredString("uuid", place), place + ".uuid"));
                    changes.Add(null);
                    errors.Add(ApplyOne(() => changes[i] = Change.Read(list[i], batch.Attachments, place), place));
                }
            }
            finally
            {
                scene.EndBatch();
            }
            return Answer(header.RequiredString("batch_id", ""), uuids, changes, errors);
        }

        SyncException ApplyOne(Func<Change> read, string place)
        {
            try
            {
                scene.Apply(read());
                return null;
            }
            catch (SyncException error)
            {
                return error;
            }
            catch (Exception error)
            {
                // Whatever the engine throws belongs to this one change; the others are applied and answered all the
                // same.
                return new SyncException(ErrorCode.NotApplied, error.GetType().Name + ": " + error.Message, place);
            }
        }

        Frame Answer(string batchId, List<string> uuids, List<Change> changes, List<SyncException> errors)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue results = JsonValue.Array();
            for (int i = 0; i < uuids.Count; i++)
            {
                Entity state = scene.Read(uuids[i]);
                if (errors[i] == null) { Remember(changes[i], state); }
                JsonValue result = JsonValue.Object().With("uuid", uuids[i])
                    .With("status", errors[i] == null ? "applied" : "failed")
                    .With("state", state == null ? JsonValue.Null : state.ToJson(attachments));
                if (errors[i] != null) { result.With("error", ErrorJson(errors[i])); }
                results.Add(result);
            }
            return new Frame(Messages.Of("applied").With("batch_id", batchId).With("results", results), attachments);
        }

        /// <summary>
        /// Counts what was read back as known to the daemon, but only for the components that the change carried: the
        /// user may have changed another one in the meantime.
        /// </summary>
        void Remember(Change change, Entity state)
        {
            if (change.Op == ChangeOp.Delete || state == null)
            {
                shadow.Forget(change.Uuid);
                return;
            }
            Entity carried = new Entity(state.Uuid, state.Kind);
            foreach (string key in change.Content.Components.Keys)
            {
                if (state.Components.TryGetValue(key, out Component component)) { carried.Set(component); }
            }
            Store(shadow, scene, carried, change.Version);
        }

        /// <summary>Notes components in the shadow and in the scene's own record.</summary>
        public static void Store(Shadow shadow, ISceneAdapter scene, Entity content, long version)
        {
            SyncRecord record = scene.LoadRecord(content.Uuid);
            if (record == null) { return; }
            record.Version = version;
            Shadow.Note(record, content);
            scene.SaveRecord(content.Uuid, record);
            SyncRecord entry = shadow.Find(content.Uuid);
            if (entry == null)
            {
                shadow.Set(content.Uuid, record.Clone());
                return;
            }
            entry.Version = version;
            Shadow.Note(entry, content);
        }

        static JsonValue ErrorJson(SyncException error)
        {
            return JsonValue.Object().With("code", error.Code).With("message", error.Message).With("place", error.Place)
                .With("help", "");
        }
    }
}
