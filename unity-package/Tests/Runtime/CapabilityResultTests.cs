using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using NUnit.Framework;
using VibeSync.Capabilities;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Core
{
    /// <summary>The results of handlers, as the daemon gets them.</summary>
    public sealed class CapabilityResultTests
    {
        [Test]
        public void AnyValueIsTheDataOfASuccess()
        {
            object value = new Dictionary<string, object> { ["a"] = new object[] { 1, 2.5f, "b", null, true } };
            Assert.That(JsonWriter.Write(ResultShape.Make(value).Result),
                Is.EqualTo("{\"status\":\"success\",\"message\":\"\",\"data\":{\"a\":[1,2.5,\"b\",null,true]}}"));
            Assert.That(JsonWriter.Write(ResultShape.Make(AiResult.Error("no", "NO_ROOM", 3)).Result),
                Is.EqualTo("{\"status\":\"error\",\"message\":\"no\",\"data\":3,\"error_code\":\"NO_ROOM\"}"));
        }

        static IEnumerable<object> Unusable()
        {
            yield return double.NaN;
            yield return float.PositiveInfinity;
            yield return new object();
            yield return new DateTime(2020, 1, 1);
            yield return "\ud800";
            yield return new Dictionary<int, int> { [1] = 2 };
            yield return new string('x', (256 << 10) + 1);
            yield return Enumerable.Repeat(0, 100000);
            yield return Endless();
            yield return Nested(100);
            yield return AiResult.Error("no", "no room");
        }

        static IEnumerable<int> Endless()
        {
            while (true) { yield return 0; }
        }

        static object Nested(int depth) => depth == 0 ? (object)1 : new[] { Nested(depth - 1) };

        [Test]
        public void ResultOfAnotherFormIsRefused()
        {
            foreach (object value in Unusable())
            {
                CommandAnswer answer = ResultShape.Make(value);
                Assert.That(answer.Code, Is.EqualTo("VS-9108"), value.GetType().Name);
                Assert.That(answer.Result.RequiredString("error_code", ""), Is.EqualTo("UNSERIALIZABLE_RESULT"));
            }
        }

        [Test]
        public void MessageIsCut()
        {
            string message = ResultShape.Make(AiResult.Success(new string('x', 5000))).Result.RequiredString("message", "");
            Assert.That(message.Length, Is.EqualTo(2000));
        }

        [Test]
        public void OutputIsBounded()
        {
            OutputText output = new OutputText();
            for (int i = 0; i < 100000; i++) { output.Add("a line of the log"); }
            Assert.That(output.ToString().Length, Is.LessThanOrEqualTo(64 << 10));
            Assert.That(output.ToString(), Does.EndWith("\n...\n"));
        }

        [Test]
        public void ErrorIsShownWithoutFoldersOfTheUser()
        {
            Exception inner = new InvalidOperationException("no file /home/ada/robot/a.txt in /home/ada");
            Exception error = ErrorText.Unwrap(new TargetInvocationException(new TypeInitializationException("T", inner)));
            Assert.That(error, Is.SameAs(inner));
            Assert.That(ErrorText.Describe(error, ("/home/ada/robot", "PROJECT"), ("/home/ada", "~")),
                Is.EqualTo("InvalidOperationException: no file PROJECT/a.txt in ~\n"));
            string deep = ErrorText.Describe(MakeDeep(200));
            Assert.That(deep.Split('\n').Length, Is.LessThanOrEqualTo(22));
        }

        static Exception MakeDeep(int depth)
        {
            try
            {
                Throw(depth);
                return null;
            }
            catch (InvalidOperationException error)
            {
                return error;
            }
        }

        static int Throw(int depth) => depth == 0 ? throw new InvalidOperationException("deep") : Throw(depth - 1) + 1;
    }
}
