// Runs the NUnit tests of an assembly and prints each failure; the exit code is the number of failures, at most 100.
// usage: RunTests ASSEMBLY [FILTER [--each]]     (--each: also prints each test that passes)
using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

public static class RunTests
{
    public static int Main(string[] arguments)
    {
        TextWriter output = Console.Out;
        NUnitTestAssemblyRunner runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
        Assembly tests = Assembly.LoadFrom(Path.GetFullPath(arguments[0]));
        runner.Load(tests, new Dictionary<string, object> { ["NumberOfTestWorkers"] = 0 });
        TestFilter filter = arguments.Length < 2 ? TestFilter.Empty
            : TestFilter.FromXml("<filter><test re='1'>" + arguments[1] + "</test></filter>");
        ITestResult result = runner.Run(new Listener(output, arguments.Length > 2), filter);
        // A test that does not run counts as failed.
        int failed = result.FailCount + result.SkipCount + result.InconclusiveCount;
        output.WriteLine(result.PassCount + " passed, " + failed + " failed");
        return Math.Min(failed, 100);
    }

    sealed class Listener : ITestListener
    {
        readonly TextWriter output;
        readonly bool showsEach;

        public Listener(TextWriter output, bool showsEach)
        {
            this.output = output;
            this.showsEach = showsEach;
        }

        public void TestStarted(ITest test)
        {
        }

        public void TestFinished(ITestResult result)
        {
            bool isFailure = result.ResultState.Status != TestStatus.Passed
                && (!result.Test.IsSuite || result.ResultState.Site != FailureSite.Child);
            if (isFailure)
            {
                output.WriteLine(result.ResultState + " " + result.FullName + "\n  " + result.Message + "\n"
                    + result.StackTrace);
            }
            else if (showsEach && !result.Test.IsSuite)
            {
                output.WriteLine("Passed " + result.FullName);
            }
        }

        public void TestOutput(TestOutput text)
        {
        }

        public void SendMessage(TestMessage message)
        {
        }
    }
}
