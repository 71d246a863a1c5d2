using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Core
{
    public sealed class GoldenTests
    {
        [Test]
        public void ValidFramesAreReadInAnyPieces([Values(1, 3, 4096)] int piece)
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("frames.json"), "valid"))
            {
                string name = vector.RequiredString("name", "");
                byte[] bytes = Hex.Read(vector.RequiredString("frame", ""));
                List<Frame> frames = new List<Frame>();
                FrameDecoder decoder = new FrameDecoder { IsHandshakeDone = true };
                for (int at = 0; at < bytes.Length; at += piece)
                {
                    decoder.Push(bytes, at, Math.Min(piece, bytes.Length - at), frames);
                }
                Assert.That(frames.Count, Is.EqualTo(1), name);
                Assert.That(decoder.IsAtBoundary, name);
                string[] attachments = vector.Required("attachments", "").AsArray("").Select(item => item.AsString(""))
                    .ToArray();
                Assert.That(frames[0].Attachments.Select(Hex.Write), Is.EqualTo(attachments), name);
                string header = vector.RequiredString("header", "");
                Assert.That(Flat(frames[0].Header), Is.EqualTo(Flat(JsonReader.Read(header))), name);
            }
        }

        [Test]
        public void WrittenFramesEqualTheVectors()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("frames.json"), "valid"))
            {
                JsonValue header = JsonReader.Read(vector.RequiredString("header", ""));
                byte[][] attachments = vector.Required("attachments", "").AsArray("")
                    .Select(item => Hex.Read(item.AsString(""))).ToArray();
                byte[] written = new Frame(header, attachments).Encode();
                byte[] golden = Hex.Read(vector.RequiredString("frame", ""));
                bool isSameText = JsonWriter.Write(header) == vector.RequiredString("header", "");
                if (isSameText) { Assert.That(written, Is.EqualTo(golden), vector.RequiredString("name", "")); }
                int tail = attachments.Sum(attachment => attachment.Length);
                Assert.That(written.Skip(written.Length - tail), Is.EqualTo(golden.Skip(golden.Length - tail)));
            }
        }

        [Test]
        public void InvalidFramesAreRefusedWithTheirCode()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("frames.json"), "invalid"))
            {
                byte[] bytes = Hex.Read(vector.RequiredString("frame", ""));
                FrameDecoder decoder = new FrameDecoder { IsHandshakeDone =
                    vector.RequiredString("limits", "") == "session" };
                SyncException error = Assert.Throws<SyncException>(
                    () => decoder.Push(bytes, 0, bytes.Length, new List<Frame>()), vector.RequiredString("name", ""));
                Assert.That(error.Code, Is.EqualTo(vector.RequiredString("code", "")),
                    vector.RequiredString("name", ""));
            }
        }

        [Test]
        public void PatchesLeadToTheVectors()
        {
            JsonValue golden = Golden.Read("patches.json");
            foreach (JsonValue vector in Golden.List(golden, "patches"))
            {
                string name = vector.RequiredString("name", "");
                byte[] patch = Hex.Read(vector.RequiredString("patch", ""));
                int[] words = LittleEndian.ToInts(Hex.Read(golden.RequiredString("base", "")));
                JsonValue result = vector.Required("result", "");
                if (result.IsNull)
                {
                    SyncException error = Assert.Throws<SyncException>(() => MeshPatch.Apply(patch, words, ""), name);
                    Assert.That(error.Code, Is.EqualTo(ErrorCode.MeshInvalid), name);
                    continue;
                }
                MeshPatch.Apply(patch, words, "");
                Assert.That(Hex.Write(LittleEndian.ToBytes(words)), Is.EqualTo(result.AsString("")), name);
            }
        }

        [Test]
        public void ProofsEqualTheVectors()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("digests.json"), "auth"))
            {
                byte[] token = Hex.Read(vector.RequiredString("token", ""));
                string daemon = vector.RequiredString("daemon_nonce", "");
                string client = vector.RequiredString("client_nonce", "");
                string project = vector.RequiredString("project_id", "");
                Assert.That(Proof.SignClient(token, daemon, client, project),
                    Is.EqualTo(vector.RequiredString("client_proof", "")));
                Assert.That(Proof.SignDaemon(token, daemon, client, project),
                    Is.EqualTo(vector.RequiredString("daemon_proof", "")));
            }
        }

        [Test]
        public void BuffersEqualTheVectors()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("digests.json"), "buffers"))
            {
                double[] values = Golden.Numbers(vector, "values");
                Array array = vector.RequiredString("type", "") == "float32"
                    ? (Array)values.Select(v => (float)v).ToArray()
                    : values.Select(v => unchecked((int)(uint)v)).ToArray();
                Assert.That(Hex.Write(LittleEndian.ToBytes(array)), Is.EqualTo(vector.RequiredString("bytes", "")));
            }
        }

        [Test]
        public void ComponentsAreThoseOfTheTable()
        {
            Dictionary<string, JsonValue> table = Golden.List(Golden.Read("components.json"), "components")
                .ToDictionary(entry => entry.RequiredString("name", ""));
            string[] keys = ComponentKind.All.Select(kind => kind.Key).ToArray();
            Assert.That(table.Keys.Except(keys), Is.EquivalentTo(new[] { "nodes", "render_visibility" }),
                "Unity has no geometry nodes and no visibility in renders");
            foreach (ComponentKind kind in ComponentKind.All)
            {
                JsonValue entry = table[kind.Key];
                string[] on = entry.Required("on", "").AsArray("").Select(item => item.AsString("")).ToArray();
                foreach (string entity in Kinds.All)
                {
                    Assert.That(kind.IsOn(entity), Is.EqualTo(on.Contains(entity)), kind.Key + " on " + entity);
                }
                Assert.That(kind.IsPreviewed, Is.EqualTo(entry.Required("previewed", "").AsBool("")), kind.Key);
                JsonValue absent = entry.Required("absent", "");
                if (absent.IsNull) { continue; }
                Assert.That(kind.Read(absent, Array.Empty<byte[]>(), kind.Key, null).IsDefault, kind.Key);
            }
        }

        [Test]
        public void MapsAreThoseOfTheVectors()
        {
            JsonValue vectors = Golden.Read("maps.json");
            MapsComponent Read(string field, JsonValue change)
            {
                JsonValue map = JsonReader.Read(JsonWriter.Write(vectors.Required("map", "")));
                foreach (KeyValuePair<string, JsonValue> each in change.AsObject("")) { map.With(each.Key, each.Value); }
                JsonValue maps = JsonValue.Object();
                foreach (string name in MapsComponent.Fields) { maps.With(name, name == field ? map : JsonValue.Null); }
                return MapsComponent.Read(maps, MapsComponent.Name);
            }
            MapsComponent same = Read(MapsComponent.BaseColor, JsonValue.Object());
            foreach (JsonValue vector in Golden.List(vectors, "cases"))
            {
                string name = vector.RequiredString("name", "");
                MapsComponent found = null;
                try { found = Read(vector.RequiredString("field", ""), vector.Required("change", "")); }
                catch (SyncException) { }
                Assert.That(found != null, Is.EqualTo(vector.Required("accepted", "").AsBool("")), name);
                if (found != null) { Assert.That(same.Matches(found), Is.EqualTo(vector.Required("equal", "").AsBool("")), name); }
            }
        }

        [Test]
        public void ActionsAreThoseOfTheVectors()
        {
            JsonValue vectors = Golden.Read("actions.json");
            ActionComponent same = ReadAction(vectors, JsonValue.Object().With("set", JsonValue.Array()));
            foreach (JsonValue vector in Golden.List(vectors, "cases"))
            {
                string name = vector.RequiredString("name", "");
                ActionComponent found = null;
                try { found = ReadAction(vectors, vector); }
                catch (SyncException) { }
                Assert.That(found != null, Is.EqualTo(vector.Required("accepted", "").AsBool("")), name);
                if (found == null) { continue; }
                Assert.That(same.Matches(found), Is.EqualTo(vector.Required("equal", "").AsBool("")), name);
                List<byte[]> attachments = new List<byte[]>();
                ActionComponent again = ActionReader.Read(found.ToJson(attachments), attachments, name);
                Assert.That(again.Digest(), Is.EqualTo(found.Digest()), name);
            }
        }

        /// <summary>Reads the action of the vectors, with the changes of a case.</summary>
        static ActionComponent ReadAction(JsonValue vectors, JsonValue vector)
        {
            JsonValue action = JsonReader.Read(JsonWriter.Write(vectors.Required("action", "")));
            foreach (JsonValue change in vector.Required("set", "").AsArray(""))
            {
                List<JsonValue> path = change.AsArray("")[0].AsArray("");
                JsonValue holder = action;
                foreach (JsonValue step in path.Take(path.Count - 1))
                {
                    holder = step.Kind == JsonKind.String ? holder.Required(step.AsString(""), "") : holder.AsArray("")[(int)step.AsInteger("")];
                }
                holder.With(path[path.Count - 1].AsString(""), change.AsArray("")[1]);
            }
            List<byte[]> buffers = new List<byte[]>();
            MemoryStream keys = new MemoryStream();
            foreach (JsonValue key in (vector.Find("keys") ?? vectors.Required("keys", "")).AsArray(""))
            {
                double[] numbers = key.AsArray("").Select(number => number.AsNumber("")).ToArray();
                byte[] words = LittleEndian.ToBytes(numbers.Take(6).Select(number => (float)number).ToArray());
                keys.Write(words, 0, words.Length);
                keys.Write(LittleEndian.ToBytes(new[] { (int)numbers[6] }), 0, 4);
            }
            buffers.Add(keys.ToArray());
            JsonValue samples = vector.Find("samples") ?? vectors.Required("samples", "");
            buffers.Add(LittleEndian.ToBytes(samples.AsArray("").Select(number => (float)number.AsNumber("")).ToArray()));
            JsonValue Buffer(int at) => JsonValue.Object().With("attachment", at).With("bytes", buffers[at].Length);
            action.With("buffers", JsonValue.Object().With("keys", Buffer(0)).With("samples", Buffer(1)));
            return ActionReader.Read(action, buffers, "action");
        }

        [Test]
        public void CoordinatesEqualTheVectorsInBothDirections()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("coordinates.json"), "unity"))
            {
                JsonValue native = vector.Required("native", "");
                JsonValue canonical = vector.Required("canonical", "");
                foreach ((JsonValue from, JsonValue to) in new[] { (native, canonical), (canonical, native) })
                {
                    float[] t = Golden.Numbers(from, "translation").Select(v => (float)v).ToArray();
                    Assert.That(Coordinates.Vector(t[0], t[1], t[2]),
                        Is.EqualTo(Golden.Numbers(to, "translation")).Within(1e-5));
                    float[] r = Golden.Numbers(from, "rotation").Select(v => (float)v).ToArray();
                    float[] turned = Coordinates.Rotation(r[0], r[1], r[2], r[3]);
                    double[] expected = Golden.Numbers(to, "rotation");
                    double dot = turned.Select((value, i) => value * expected[i]).Sum();
                    Assert.That(Math.Abs(dot), Is.EqualTo(1).Within(1e-5));
                    Assert.That(Golden.Numbers(from, "scale"), Is.EqualTo(Golden.Numbers(to, "scale")));
                }
            }
            Assert.That(Golden.Read("coordinates.json").Required("winding", "").Required("unity", "").AsBool(""),
                "winding turns");
        }

        [Test]
        public void ObjectFramesEqualTheVectorsInBothDirections()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("object_frames.json"), "unity"))
            {
                LocalFrame frame = new LocalFrame(vector.RequiredString("kind", "") == "viewer",
                    vector.RequiredString("parent", "") == "viewer");
                JsonValue native = vector.Required("native", "");
                TransformComponent canonical = Place(vector.Required("canonical", ""));
                NativeTransform written = NativeTransform.From(canonical, frame);
                Assert.That(new[] { written.X, written.Y, written.Z }, Is.EqualTo(Golden.Numbers(native, "translation")).Within(1e-5));
                double[] turn = { written.TurnX, written.TurnY, written.TurnZ, written.TurnW };
                double dot = turn.Zip(Golden.Numbers(native, "rotation"), (a, b) => a * b).Sum();
                Assert.That(Math.Abs(dot), Is.EqualTo(1).Within(1e-5));
                Assert.That(new[] { written.ScaleX, written.ScaleY, written.ScaleZ }, Is.EqualTo(Golden.Numbers(native, "scale")).Within(1e-5));
                Assert.That(canonical.Matches(written.ToComponent()));
            }
        }

        static TransformComponent Place(JsonValue json) => new TransformComponent(Golden.Numbers(json, "translation"),
            Golden.Numbers(json, "rotation"), Golden.Numbers(json, "scale"));

        [Test]
        public void RuntimePathsEqualTheVectors()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("runtime-paths.json"), null))
            {
                string os = vector.RequiredString("os", "");
                Platform platform = os == "windows" ? Platform.Windows : os == "macos" ? Platform.MacOs : Platform.Unix;
                JsonValue variables = vector.Required("env", "");
                List<string> found = RuntimeFolder.FindAll(platform, name => variables.Find(name)?.AsString(name));
                IEnumerable<string> expected = vector.Required("paths", "").AsArray("").Select(path => path.AsString(""));
                Assert.That(found, Is.EqualTo(expected));
            }
        }

        [Test]
        public void ChoiceOfTheProjectEqualsTheVectors()
        {
            foreach (JsonValue vector in Golden.List(Golden.Read("pick-project.json"), null))
            {
                string os = vector.RequiredString("os", "");
                Platform platform = os == "windows" ? Platform.Windows : os == "macos" ? Platform.MacOs : Platform.Unix;
                List<DiscoveryFile> announced = vector.Required("announced", "").AsArray("").ConvertAll(daemon =>
                    DiscoveryFile.Parse(JsonWriter.Write(daemon.With("schema_version", 1).With("host", "127.0.0.1")
                        .With("port", 1).With("token_path", "t"))));
                JsonValue links = vector.Required("links", "");
                string Text(string key) => vector.Find(key) is JsonValue value && !value.IsNull ? value.AsString("") : null;
                DiscoveryFile picked = DaemonPicker.Pick(announced, Text("id"), Text("file"), platform,
                    path => links.Find(path)?.AsString("") ?? path);
                Assert.That(picked?.ProjectId, Is.EqualTo(Text("picked")), vector.RequiredString("name", ""));
            }
        }

        [Test]
        public void FileIsFoundInTheProjectThatTheWindowsProgramAnnounced()
        {
            string text = JsonWriter.Write(Golden.Read("windows-discovery.json"));
            DiscoveryFile daemon = DiscoveryFile.Parse(text);
            Assert.That(daemon.ProjectRoot, Is.EqualTo("C:\\users\\Jörg Müller\\Käfer 日本\\robot arm"));
            Assert.That(daemon.TokenPath, Is.EqualTo("C:\\users\\Jörg Müller\\AppData\\Local\\vibesync\\run\\token"));
            string away = text.Replace("robot arm", "other").Replace(daemon.ProjectId, "01920000-0000-7000-8000-0000000000ff");
            DiscoveryFile Pick(DiscoveryFile[] daemons, string path) =>
                DaemonPicker.Pick(daemons, "", path, Platform.Windows, spelled => spelled);
            DiscoveryFile[] both = { DiscoveryFile.Parse(away), daemon };
            foreach (string path in new[]
            {
                "C:/users/Jörg Müller/Käfer 日本/robot arm/Unity/Assets/a.unity",
                "c:/Users/jörg müller/käfer 日本/Robot Arm",
            })
            {
                Assert.That(Pick(both, path), Is.SameAs(daemon), path);
            }
            Assert.That(Pick(both, "C:/users/Jörg Müller/Käfer 日本/robot arms/a.unity"), Is.Null);
            string share = text.Replace("C:\\\\users", "\\\\\\\\Server\\\\users");
            DiscoveryFile[] shared = { both[0], DiscoveryFile.Parse(share) };
            string onShare = "//server/Users/Jörg Müller/Käfer 日本/robot arm/a.unity";
            Assert.That(Pick(shared, onShare), Is.SameAs(shared[1]));
        }

        static string Flat(JsonValue value) => JsonWriter.Write(value);
    }
}
