using System;
using System.Collections.Generic;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Tests.Core
{
    public sealed class MeshTests
    {
        [Test]
        public void RandomMeshKeepsEveryCornerInUnityForm([Range(1, 20)] int seed)
        {
            MeshComponent mesh = RandomMesh(new Random(seed));
            MeshComponent back = NativeMesh.FromCanonical(mesh).ToCanonical();
            Assert.That(back.Digest(), Is.EqualTo(mesh.Digest()));
            for (int corner = 0; corner < mesh.CornerCount; corner++)
            {
                for (int axis = 0; axis < 3; axis++)
                {
                    Assert.That(back.Position[back.Index[corner] * 3 + axis],
                        Is.EqualTo(mesh.Position[mesh.Index[corner] * 3 + axis]));
                    Assert.That(back.Normal[corner * 3 + axis], Is.EqualTo(mesh.Normal[corner * 3 + axis]));
                }
            }
            Assert.That(back.Uv[0], Is.EqualTo(mesh.Uv[0]));
            Assert.That(back.Color, Is.EqualTo(mesh.Color));
            Assert.That(back.Submeshes.ConvertAll(s => (s.Slot, s.Start, s.Count)),
                Is.EqualTo(mesh.Submeshes.ConvertAll(s => (s.Slot, s.Start, s.Count))));
        }

        [Test]
        public void MeshSurvivesTheWireUnchanged()
        {
            MeshComponent mesh = RandomMesh(new Random(3));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue json = JsonReader.Read(JsonWriter.Write(mesh.ToJson(attachments)));
            Assert.That(MeshReader.Read(json, attachments, "").Digest(), Is.EqualTo(mesh.Digest()));
        }

        [Test]
        public void EachChangedNumberChangesTheDigest()
        {
            ulong before = RandomMesh(new Random(4)).Digest();
            Action<MeshComponent>[] changes =
            {
                mesh => mesh.Position[mesh.Index[0] * 3] += 0.5f,
                mesh => mesh.Normal[0] += 0.5f,
                mesh => mesh.Uv[0][0] += 0.5f,
                mesh => mesh.Color[0] += 0.5f,
                mesh => mesh.Submeshes[0] = new Submesh(5, 0, mesh.Submeshes[0].Count),
            };
            Assert.That(RandomMesh(new Random(4)).Digest(), Is.EqualTo(before));
            foreach (Action<MeshComponent> change in changes)
            {
                MeshComponent mesh = RandomMesh(new Random(4));
                change(mesh);
                Assert.That(mesh.Digest(), Is.Not.EqualTo(before));
            }
        }

        [Test]
        public void MeshMatchesWithinTheTolerance()
        {
            MeshComponent sent = RandomMesh(new Random(4));
            Assert.That(sent.Matches(NativeMesh.FromCanonical(sent).ToCanonical()), "other vertices, the same corners");
            MeshComponent near = RandomMesh(new Random(4));
            near.Position[near.Index[0] * 3] += 9e-6f;
            Assert.That(sent.Matches(near));
            MeshComponent without = RandomMesh(new Random(4));
            without.Normal = null;
            Assert.That(without.Matches(sent), "computed normals do not count");
            MeshComponent empty = new MeshComponent { Position = new float[0], Index = new int[0] };
            MeshComponent other = new MeshComponent { Position = new float[0], Index = new int[0] };
            other.Normal = new float[0];
            Assert.That(other.Matches(empty), "no corner has a normal");
            foreach (Action<MeshComponent> change in new Action<MeshComponent>[]
            {
                mesh => mesh.Position[mesh.Index[0] * 3] += 0.01f,
                mesh => mesh.Normal[0] += 0.01f,
                mesh => mesh.Uv[0][0] += 0.01f,
                mesh => mesh.Uv[1] = new float[mesh.CornerCount * 2],
                mesh => mesh.Color[0] += 0.01f,
                mesh => mesh.Color = null,
                mesh => mesh.Submeshes[0] = new Submesh(5, 0, mesh.Submeshes[0].Count),
            })
            {
                MeshComponent mesh = RandomMesh(new Random(4));
                change(mesh);
                Assert.That(sent.Matches(mesh), Is.False);
            }
        }

        [Test]
        public void NativeMeshHasExactlyTheCornersItWasMadeOf([Range(1, 10)] int seed)
        {
            MeshComponent sent = RandomMesh(new Random(seed));
            NativeMesh native = NativeMesh.FromCanonical(sent);
            Assert.That(native.HasExactly(sent));
            // Shared in another way, the corners are the same.
            Assert.That(native.HasExactly(native.ToCanonical()));
        }

        [Test]
        public void AnyDifferenceIsNoExactMesh()
        {
            foreach (Action<MeshComponent> change in new Action<MeshComponent>[]
            {
                mesh => mesh.Position[mesh.Index[0] * 3] += 1e-6f,
                mesh => mesh.Position[mesh.Index[59] * 3 + 2] += 1e-6f,
                mesh => mesh.Position[mesh.Index[0] * 3] = float.NaN,
                mesh => mesh.Normal[179] += 1e-6f,
                mesh => mesh.Uv[0][119] += 1e-6f,
                mesh => mesh.Uv[7] = new float[mesh.CornerCount * 2],
                mesh => mesh.Uv[0] = null,
                mesh => mesh.Color[239] += 1e-6f,
                mesh => mesh.Color = null,
                mesh => mesh.Normal = null,
                mesh => (mesh.Index[1], mesh.Index[2]) = (mesh.Index[2] + 1, mesh.Index[1]),
                mesh => mesh.Submeshes[0] = new Submesh(1, 0, mesh.Submeshes[0].Count),
                mesh => mesh.Submeshes.RemoveAt(1),
            })
            {
                MeshComponent changed = RandomMesh(new Random(4));
                changed.Index[1] = 5;
                changed.Index[2] = 6;
                NativeMesh native = NativeMesh.FromCanonical(changed);
                Assert.That(native.HasExactly(changed));
                change(changed);
                Assert.That(native.HasExactly(changed), Is.False);
            }
        }

        [Test]
        public void BuffersThatTheDaemonSentAreNamedByTheirHashes()
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue json = RandomMesh(new Random(7)).ToJson(attachments);
            string hash = new string('a', 64);
            json.Required("buffers", "").Required("normal", "").With("blob", hash);
            MeshComponent read = MeshReader.Read(json, attachments, "");
            List<byte[]> rest = new List<byte[]>();
            JsonValue buffers = read.ToJson(rest).Required("buffers", "");
            Assert.That(JsonWriter.Write(buffers.Required("normal", "")),
                Is.EqualTo("{\"blob\":\"" + hash + "\",\"bytes\":720}"));
            Assert.That(rest, Has.Count.EqualTo(attachments.Count - 1));
            Assert.That(buffers.Required("index", "").Find("blob"), Is.Null);
        }

        [Test]
        public void ManyDifferentCornersOfOneVertexKeepTheirAttributes()
        {
            const int Corners = 300;
            MeshComponent mesh = new MeshComponent { Position = new float[3], Index = new int[Corners] };
            mesh.Uv[0] = new float[Corners * 2];
            for (int i = 0; i < Corners; i++) { mesh.Uv[0][i * 2] = i % 100; }
            mesh.Submeshes.Add(new Submesh(0, 0, Corners));
            NativeMesh native = NativeMesh.FromCanonical(mesh);
            Assert.That(native.Positions.Length, Is.EqualTo(100 * 3), "equal corners share a vertex");
            Assert.That(native.HasExactly(mesh));
        }

        [Test]
        public void EqualPositionsAreMergedInOrder()
        {
            NativeMesh native = new NativeMesh
            {
                Positions = new[] { 1f, 2, 3, 0, 0, 0, 1, 2, 3, -0f, 0, -0f, float.NaN, 0, 0, float.NaN, 0, 0 },
                Triangles = { new[] { 0, 1, 2, 3, 4, 5 } },
            };
            MeshComponent mesh = native.ToCanonical();
            Assert.That(mesh.Position, Is.EqualTo(new[] { -1f, 2, 3, 0, 0, 0, float.NaN, 0, 0 }));
            Assert.That(mesh.Index, Is.EqualTo(new[] { 0, 0, 1, 1, 2, 2 }));
        }

        [TestCase("index", "VS-3005")]
        [TestCase("size", "VS-3005")]
        [TestCase("nan", "VS-3003")]
        [TestCase("submesh", "VS-3005")]
        [TestCase("attachment", "VS-3005")]
        [TestCase("blob", "VS-3010")]
        [TestCase("missing", "VS-3005")]
        public void DamagedMeshIsRefused(string damage, string code)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue json = RandomMesh(new Random(6)).ToJson(attachments);
            JsonValue buffers = json.Required("buffers", "");
            switch (damage)
            {
                case "index": attachments[1][3] = 0x7f; break;
                case "size": attachments[0] = new byte[5]; break;
                case "nan": attachments[0][3] = 0x7f; attachments[0][2] = 0xc0; break;
                case "submesh": json.Required("submeshes", "").AsArray("")[0].With("count", 2); break;
                case "attachment": buffers.Required("position", "").With("attachment", 99); break;
                case "blob": buffers.Required("position", "").AsObject("").Remove("attachment"); break;
                default: buffers.AsObject("").Remove("position"); break;
            }
            Assert.That(Assert.Throws<SyncException>(() => MeshReader.Read(json, attachments, "m")).Code,
                Is.EqualTo(code));
        }

        /// <summary>Returns two submeshes on slots 0 and 2; neighbors share vertices but not always normals.</summary>
        static MeshComponent RandomMesh(Random random)
        {
            const int Corners = 60;
            MeshComponent mesh = new MeshComponent
            {
                Position = Floats(random, 12 * 3),
                Index = new int[Corners],
                Normal = new float[Corners * 3],
                Color = Floats(random, Corners * 4),
            };
            for (int i = 0; i < Corners; i++)
            {
                mesh.Index[i] = random.Next(12);
                mesh.Normal[i * 3 + random.Next(3)] = 1;
            }
            mesh.Uv[0] = Floats(random, Corners * 2);
            mesh.Submeshes.Add(new Submesh(0, 0, 24));
            mesh.Submeshes.Add(new Submesh(2, 24, 36));
            return mesh;
        }

        static float[] Floats(Random random, int count)
        {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) { values[i] = (float)(random.NextDouble() * 20 - 10); }
            return values;
        }

        /// <summary>A large mesh, with vertices that corners of different parts share.</summary>
        static MeshComponent MakeLarge()
        {
            const int Corners = 200001;
            MeshComponent mesh = new MeshComponent { Position = new float[1000 * 3], Index = new int[Corners] };
            for (int i = 0; i < Corners; i++) { mesh.Index[i] = i % 1000; }
            mesh.Normal = new float[Corners * 3];
            mesh.Uv[0] = new float[Corners * 2];
            mesh.Submeshes.Add(new Submesh(0, 0, Corners));
            return mesh;
        }

        [Test]
        public void DigestOfAPatchedMeshIsThatOfTheWholeMesh([Values("position", "normal", "uv0")] string key,
            [Values(5, 1500)] int first)
        {
            MeshComponent basis = MakeLarge();
            ulong before = basis.Digest();
            MeshComponent whole = MakeLarge();
            MeshComponent patched = MakeLarge();
            patched.SetBase(basis, new Dictionary<string, List<WordRange>>
            {
                [key] = new List<WordRange> { new WordRange(first, 1) },
            });
            foreach (MeshComponent mesh in new[] { whole, patched }) { ((float[])mesh.Find(key))[first] = 0.5f; }
            Assert.That(patched.Digest(), Is.EqualTo(whole.Digest()));
            Assert.That(patched.Digest(), Is.Not.EqualTo(before));
        }
    }
}
