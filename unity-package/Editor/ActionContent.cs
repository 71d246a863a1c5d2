using System;
using System.Collections.Generic;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the action that is kept in its file, and remembers the one of each text.</summary>
    public sealed class ActionContent
    {
        readonly Dictionary<string, (string Text, ActionComponent Action)> parsed =
            new Dictionary<string, (string, ActionComponent)>();

        /// <summary>Returns the action that the clips were made of; null if the file is damaged.</summary>
        public ActionComponent Read(VibeSyncActionAsset asset)
        {
            string text = asset.Content;
            if (parsed.TryGetValue(asset.Uuid, out (string Text, ActionComponent Action) known) && known.Text == text)
            {
                return known.Action;
            }
            ActionComponent action = null;
            try
            {
                JsonValue json = JsonReader.Read(text);
                List<byte[]> buffers = json.Required("attachments", "").AsArray("")
                    .ConvertAll(item => Convert.FromBase64String(item.AsString("")));
                action = ActionReader.Read(json.Required(ActionComponent.Name, ""), buffers, ActionComponent.Name);
            }
            catch (Exception error) when (error is SyncException || error is FormatException)
            {
                // Somebody damaged the file: the daemon has the action.
            }
            parsed[asset.Uuid] = (text, action);
            return action;
        }

        public void Write(VibeSyncActionAsset asset, ActionComponent action)
        {
            action = action.WithoutBlobs();
            List<byte[]> buffers = new List<byte[]>();
            JsonValue json = action.ToJson(buffers);
            JsonValue attachments = JsonValue.Array();
            foreach (byte[] buffer in buffers) { attachments.Add(Convert.ToBase64String(buffer)); }
            asset.Content = JsonWriter.Write(JsonValue.Object().With(ActionComponent.Name, json).With("attachments", attachments));
            parsed[asset.Uuid] = (asset.Content, action);
        }

        /// <summary>Forgets an action that is gone.</summary>
        public void Forget(string uuid) => parsed.Remove(uuid);
    }
}
