using System;
using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;
using NUnit.Framework.Internal.Commands;

namespace UnityEngine.TestTools
{
    /// <summary>
    /// A test that takes several frames. As in Unity's runner in edit mode, it may yield only null, for one frame, and
    /// instructions. As there, the test goes on after an instruction that failed until its next `yield`.
    /// </summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class UnityTestAttribute : CombiningStrategyAttribute, ISimpleTestBuilder, IImplyFixture, IWrapTestMethod
    {
        static readonly NUnitTestCaseBuilder Builder = new NUnitTestCaseBuilder();

        public UnityTestAttribute() : base(new Combinations(), new ParameterDataSourceProvider())
        {
        }

        TestMethod ISimpleTestBuilder.BuildFrom(IMethodInfo method, Test suite) =>
            Builder.BuildTestMethod(method, suite, AllowResult(new TestCaseParameters()));

        TestCommand ICommandWrapper.Wrap(TestCommand command) => new FramesCommand(command.Test);

        /// <summary>NUnit refuses a test method that returns something, unless the test expects a result.</summary>
        static TestCaseParameters AllowResult(TestCaseParameters parameters)
        {
            parameters.ExpectedResult = null;
            return parameters;
        }

        sealed class Combinations : ICombiningStrategy
        {
            readonly CombinatorialStrategy strategy = new CombinatorialStrategy();

            public IEnumerable<ITestCaseData> GetTestCases(IEnumerable[] sources)
            {
                foreach (ITestCaseData data in strategy.GetTestCases(sources))
                {
                    yield return AllowResult((TestCaseParameters)data);
                }
            }
        }

        /// <summary>Runs a frame of the faked editor for each null.</summary>
        sealed class FramesCommand : TestCommand
        {
            public FramesCommand(Test test) : base(test)
            {
            }

            public override TestResult Execute(TestExecutionContext context)
            {
                if (!Test.Method.ReturnType.IsType(typeof(IEnumerator)))
                {
                    throw new InvalidOperationException("Method marked with UnityTest must return IEnumerator.");
                }
                context.CurrentResult.SetResult(ResultState.Success);
                LogAssert.Begin();
                try
                {
                    RunSteps((IEnumerator)Test.Method.Invoke(context.TestObject, Test.Arguments), context.CurrentResult);
                    LogAssert.Check(true);
                }
                catch (Exception error)
                {
                    context.CurrentResult.RecordException(error);
                }
                finally
                {
                    LogAssert.End();
                }
                return context.CurrentResult;
            }

            static void RunSteps(IEnumerator test, TestResult result)
            {
                while (test.MoveNext() && result.ResultState.Equals(ResultState.Success))
                {
                    LogAssert.Check(false);
                    if (test.Current == null) { RunFrame(); }
                    else if (test.Current is IEditModeTestYieldInstruction instruction)
                    {
                        Perform(instruction.Perform(), result);
                    }
                    else { throw new AssertionException("EditMode test can only yield null"); }
                    LogAssert.Check(false);
                }
            }

            static void Perform(IEnumerator steps, TestResult result)
            {
                while (true)
                {
                    try
                    {
                        if (!steps.MoveNext()) { return; }
                    }
                    catch (Exception error)
                    {
                        result.RecordException(error);
                        return;
                    }
                    RunFrame();
                }
            }

            static void RunFrame()
            {
                UnityFakes.Editor.Frame();
                System.Threading.Thread.Sleep(1);
            }
        }
    }
}
