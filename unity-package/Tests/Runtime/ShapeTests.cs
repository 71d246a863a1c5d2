using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests shape keys: their checks, their way to Unity's vertices and back, and how they turn normals.</summary>
    public sealed class ShapeTests
    {
        static readonly ShapeKey[] OneKey = { new ShapeKey("A") };

        static ShapesComponent Read(string keys, int vertices, int corners, int[] vertex, float[] delta)
        {
            JsonValue json = JsonReader.Read("{\"vertex_count\":" + vertices + ",\"corner_count\":" + corners + ",\"keys\":"
                + keys.Replace('\'', '"') + ",\"buffers\":{\"delta\":{\"attachment\":0,\"bytes\":1},"
                + "\"vertex\":{\"attachment\":1,\"bytes\":1}}}");
            return ShapesComponent.Read(json, new[] { LittleEndian.ToBytes(delta), LittleEndian.ToBytes(vertex) }, "shapes");
        }

        static string Key(string name, string above = "null", string min = "0", string max = "1") =>
            "{'name':'" + name + "','relative_to':" + above + ",'min':" + min + ",'max':" + max + "}";

        [Test]
        public void FaultsOfShapeKeysAreRefused()
        {
            int[] vertex = { 0, 1, 1 };
            float[] delta = { 1, 2, 3, 4, 5, 6 };
            Assert.That(Read("[" + Key("A") + "]", 2, 3, vertex, delta).Delta[0], Is.EqualTo(delta));
            (string Code, TestDelegate Read)[] faults =
            {
                ("VS-3004", () => Read("[" + Key("") + "]", 2, 3, vertex, delta)),
                ("VS-3004", () => Read("[" + Key(new string('é', 32)) + "]", 2, 3, vertex, delta)),
                ("VS-3004", () => Read("[" + Key("A", "'B'") + "]", 2, 3, vertex, delta)),
                ("VS-3004", () => Read("[" + Key("A") + "," + Key("A") + "]", 1, 3, new int[3], delta)),
                ("VS-3003", () => Read("[" + Key("A", "null", "-11") + "]", 2, 3, vertex, delta)),
                ("VS-3003", () => Read("[" + Key("A", "null", "0.5", "0.4") + "]", 2, 3, vertex, delta)),
                ("VS-3005", () => Read("[]", 2, 3, vertex, delta)),
                ("VS-3005", () => Read("[" + Key("A") + "]", 3, 3, vertex, delta)),
                ("VS-3005", () => Read("[" + Key("A") + "]", 2, 4, vertex, delta)),
                ("VS-3005", () => Read("[" + Key("A") + "]", 2, 3, new[] { 0, 1, 2 }, delta)),
                ("VS-3005", () => Read("[" + Key("A") + "]", 2, 3, new[] { 0, -1, 1 }, delta)),
                ("VS-3003", () => Read("[" + Key("A") + "]", 2, 3, vertex, new[] { 1, 2, 3, 4, 5, float.NaN })),
            };
            foreach ((string code, TestDelegate read) in faults)
            {
                Assert.That(Assert.Throws<SyncException>(read).Code, Is.EqualTo(code));
            }
        }

        [Test]
        public void KeysOfTheVectorsMoveCornersAsTheyDo()
        {
            foreach (JsonValue entry in Golden.List(Golden.Read("shapes.json"), "cases"))
            {
                string name = entry.RequiredString("name", "");
                byte[] delta = ReadHex(entry, "delta"), vertex = ReadHex(entry, "vertex");
                JsonValue json = entry.Required("component", "").With("buffers", JsonValue.Object()
                    .With("delta", JsonValue.Object().With("bytes", delta.Length).With("attachment", 0))
                    .With("vertex", JsonValue.Object().With("bytes", vertex.Length).With("attachment", 1)));
                byte[][] attachments = { delta, vertex };
                if (entry.Find("refused") != null)
                {
                    Assert.Throws<SyncException>(() => ShapesComponent.Read(json, attachments, "shapes"), name);
                    continue;
                }
                ShapesComponent shapes = ShapesComponent.Read(json, attachments, "shapes");
                double[] weights = Golden.Numbers(entry, "unity_weights");
                ShapeValuesComponent values = ShapeValuesComponent.Read(entry, "");
                Assert.That(shapes.Keys.Select(key => values.Find(key.Name) * 100), Is.EqualTo(weights), name);
                int[] sources = Enumerable.Range(0, shapes.Vertex.Length).ToArray();
                float[][] native = NativeShapes.FromCanonical(shapes, sources);
                List<JsonValue> moves = Golden.List(entry, "unity");
                for (int corner = 0; corner < sources.Length; corner++)
                {
                    double[] expected = moves[corner].AsArray("").Select(part => part.AsNumber("")).ToArray();
                    double[] moved = Enumerable.Range(0, 3).Select(axis => weights.Select((weight, key) =>
                        weight / 100 * native[key][corner * 3 + axis]).Sum()).ToArray();
                    Assert.That(moved, Is.EqualTo(expected), name);
                }
                List<byte[]> written = new List<byte[]>();
                shapes.ToJson(written);
                Assert.That(written, Is.EqualTo(attachments), name);
            }
        }

        static byte[] ReadHex(JsonValue entry, string key)
        {
            string text = entry.RequiredString(key, "");
            return Enumerable.Range(0, text.Length / 2).Select(i => System.Convert.ToByte(text.Substring(i * 2, 2), 16)).ToArray();
        }

        [TestCase("{\"A\":10.5}", "VS-3003")]
        [TestCase("{\"\":0}", "VS-3004")]
        [TestCase("[]", "VS-1006")]
        public void FaultsOfWeightsAreRefused(string values, string code)
        {
            JsonValue json = JsonReader.Read("{\"values\":" + values + "}");
            Assert.That(Assert.Throws<SyncException>(() => ShapeValuesComponent.Read(json, "v")).Code, Is.EqualTo(code));
        }

        [Test]
        public void MissingWeightIsZero()
        {
            ShapeValuesComponent Make(params (string, double)[] pairs) =>
                new ShapeValuesComponent(pairs.ToDictionary(pair => pair.Item1, pair => pair.Item2));
            Assert.That(Make(("A", 0)).IsDefault && Make(("A", 0)).Digest() == ShapeValuesComponent.None.Digest());
            Assert.That(Make(("A", 0.5)).Matches(Make(("B", 0), ("A", 0.500001))));
            Assert.That(Make().Matches(Make(("A", 0.5))), Is.False);
            Assert.That(Make(("A", 0.5)).Digest(), Is.Not.EqualTo(Make(("B", 0.5)).Digest()));
        }

        [Test]
        public void NamesOfUnityBecomeNamesOfKeys()
        {
            string[] names = ShapeKey.MakeNames(new[] { "A", "A", "", new string('é', 40), new string('é', 40), "a\nb" });
            Assert.That(names, Is.EqualTo(new[]
            {
                "A", "A.001", "Unnamed", new string('é', 31), new string('é', 29) + ".001", "a b",
            }));
        }

        [Test]
        public void DeltasGoToSplitVerticesAndBack()
        {
            // Two triangles; the corners 1 and 3 are one canonical vertex, which the key moves apart, as two lips.
            MeshComponent mesh = new MeshComponent
            {
                Position = new float[] { 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0 },
                Index = new[] { 0, 1, 2, 1, 3, 2 },
            };
            mesh.Submeshes.Add(new Submesh(0, 0, 6));
            ShapesComponent shapes = new ShapesComponent(OneKey, 3, new[] { 0, 1, 0, 2, 0, 0 },
                new[] { new float[] { 0, 0, 0, 1, 2, 3, -1, -2, -3 } });
            NativeMesh native = NativeMesh.FromCanonical(mesh, shapes);
            Assert.That(native.Positions.Length / 3, Is.EqualTo(5));
            int[] corners = native.FindCorners();
            Assert.That(NativeShapes.CanShare(shapes, corners, native.Sources));
            float[] deltas = NativeShapes.FromCanonical(shapes, native.Sources)[0];
            Assert.That(deltas.Skip(corners[1] * 3).Take(3), Is.EqualTo(new float[] { -1, 2, 3 }), "X is mirrored");
            Assert.That(deltas.Skip(corners[3] * 3).Take(3), Is.EqualTo(new float[] { 1, -2, -3 }));
            ShapesComponent back = NativeShapes.ToCanonical(OneKey, new[] { deltas }, corners);
            Assert.That(shapes.Matches(back) && back.VertexCount == 3 && back.Digest() == shapes.Digest());
            NativeMesh welded = NativeMesh.FromCanonical(mesh);
            Assert.That(NativeShapes.CanShare(shapes, welded.FindCorners(), welded.Sources), Is.False);
        }

        [Test]
        public void KeyTurnsNormalsAndTangentsAsTheSurfaceTurns()
        {
            // A triangle in the plane of X and Y that faces -Z, and a vertex that it does not use.
            float[] positions = { 0, 0, 0, 0, 1, 0, 1, 0, 0, 5, 5, 5 };
            float[] normals = { 0, 0, -1, 0, 0, -1, 0.6f, 0, -0.8f, 0, 0, -1 };
            List<int[]> triangles = new List<int[]> { new[] { 0, 1, 2 } };
            ShapeShading shading = new ShapeShading(positions, normals, triangles);
            Assert.That(shading.FindNormals(new float[12]), Is.All.EqualTo(0));
            // The third vertex goes from (1, 0, 0) to (0, 0, 1): a quarter turn about Y, which turns -Z to X.
            float[] delta = { 0, 0, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0 };
            float[] turns = shading.FindNormals(delta);
            float[] turned = normals.Zip(turns, (a, b) => a + b).ToArray();
            Assert.That(turned, Is.EqualTo(new[] { 1, 0, 0, 1, 0, 0, 0.8f, 0, 0.6f, 0, 0, -1 }).Within(1e-6));
            float[] tangents = { 1, 0, 0, 0, 1, 0, 0.8f, 0, 0.6f, 1, 0, 0 };
            float[] changes = ShapeShading.FindTangents(normals, turns, tangents);
            float[] after = tangents.Zip(changes, (a, b) => a + b).ToArray();
            Assert.That(after, Is.EqualTo(new[] { 0, 0, 1, 0, 1, 0, -0.6f, 0, 0.8f, 1, 0, 0 }).Within(1e-6));
        }
    }
}
