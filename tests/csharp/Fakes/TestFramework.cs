using System.Collections.Generic;
using UnityEditor.TestTools.TestRunner.Api;
using UnityEngine;

namespace UnityEditor.TestTools.TestRunner.Api
{
    [System.Flags]
    public enum TestMode
    {
        EditMode = 1,
        PlayMode = 2,
    }

    public enum TestStatus
    {
        Inconclusive,
        Skipped,
        Passed,
        Failed,
    }

    public interface ITestAdaptor
    {
        bool IsSuite { get; }
    }

    public interface ITestResultAdaptor
    {
        ITestAdaptor Test { get; }

        string FullName { get; }

        TestStatus TestStatus { get; }

        double Duration { get; }

        string Message { get; }

        int FailCount { get; }

        int PassCount { get; }

        int SkipCount { get; }

        int InconclusiveCount { get; }
    }

    public interface ICallbacks
    {
        void RunStarted(ITestAdaptor testsToRun);

        void RunFinished(ITestResultAdaptor result);

        void TestStarted(ITestAdaptor test);

        void TestFinished(ITestResultAdaptor result);
    }

    public class Filter
    {
        public TestMode testMode;

        public string[] assemblyNames;
    }

    public class ExecutionSettings
    {
        public ExecutionSettings(params Filter[] filtersToExecute)
        {
            filters = filtersToExecute;
        }

        public Filter[] filters;
    }

    public class TestRunnerApi : ScriptableObject
    {
        internal static readonly List<ICallbacks> Callbacks = new List<ICallbacks>();

        internal static ExecutionSettings Executed;

        public string Execute(ExecutionSettings executionSettings)
        {
            Executed = executionSettings;
            return System.Guid.NewGuid().ToString();
        }

        public void RegisterCallbacks<T>(T testCallbacks, int priority = 0) where T : ICallbacks =>
            Callbacks.Add(testCallbacks);
    }
}

namespace UnityFakes
{
    /// <summary>The results that the faked Unity Test Framework reports, in place of running tests.</summary>
    public static class TestFramework
    {
        /// <summary>The assemblies of the tests that were asked for; null if none were.</summary>
        public static string[] Assemblies => TestRunnerApi.Executed?
            .filters[0].assemblyNames;

        /// <summary>Reports the end of one test, and then of the run.</summary>
        public static void Finish(string test, bool isPassed, string message)
        {
            Node result = new Node { FullName = test, IsPassed = isPassed, Message = message };
            foreach (ICallbacks callbacks in TestRunnerApi.Callbacks.ToArray())
            {
                callbacks.TestFinished(result);
                callbacks.RunFinished(result);
            }
        }

        internal static void Reset()
        {
            TestRunnerApi.Callbacks.Clear();
            TestRunnerApi.Executed = null;
        }

        sealed class Node : ITestResultAdaptor,
            ITestAdaptor
        {
            internal bool IsPassed;

            public ITestAdaptor Test => this;

            public bool IsSuite => false;

            public string FullName { get; set; }

            public TestStatus TestStatus => IsPassed
                ? TestStatus.Passed
                : TestStatus.Failed;

            public double Duration => 0.25;

            public string Message { get; set; }

            public int FailCount => IsPassed ? 0 : 1;

            public int PassCount => IsPassed ? 1 : 0;

            public int SkipCount => 0;

            public int InconclusiveCount => 0;
        }
    }
}
