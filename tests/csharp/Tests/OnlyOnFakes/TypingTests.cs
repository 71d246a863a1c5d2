using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;
using UnityFakes;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that batches wait while the user types into a field of UI Toolkit. Only on the fakes, because a field has
    /// the cursor only in a focused window.
    /// </summary>
    public sealed class TypingTests : BridgeHarness
    {
        EditorWindow window;
        VisualElement input;
        GameObject item;

        /// <summary>Connects, and opens a window with a text field in a list, as the hierarchy is while renaming.</summary>
        void ConnectWithField(string className)
        {
            Connect();
            item = CreateAccepted("A", 1);
            window = Panel.Open();
            VisualElement list = Panel.Add(window.rootVisualElement, "unity-collection-view", true);
            VisualElement field = Panel.Add(list, className, true);
            input = Panel.Add(field, className + "__input");
        }

        string ApplyRename() => Daemon.Apply(2, "Rename", null, MakeChange("update", GetUuid(item), null,
            MakeName("B")));

        [Test]
        public void BatchWaitsWhileAUiToolkitFieldHasTheCursor()
        {
            ConnectWithField("unity-base-text-field");
            Panel.Focus(window, input);
            string batch = ApplyRename();
            string state = Daemon.Expect("deferred", RunFrame).Header.RequiredString("state", "");
            Assert.That(state, Is.EqualTo("edit"));
            Daemon.ExpectNone("applied", RunFrame);
            Panel.Focus(window, null);
            ExpectApplied(batch);
            Assert.That(item.name, Is.EqualTo("B"));
        }

        [Test]
        public void CursorInAnEditorWithoutFocusIsNoTyping()
        {
            ConnectWithField("unity-base-text-field");
            Panel.Focus(window, input);
            UnityFakes.Editor.SetFocused(false);
            ExpectApplied(ApplyRename());
        }

        [Test]
        public void FocusedButtonIsNoTyping()
        {
            ConnectWithField("unity-button");
            Panel.Focus(window, input);
            ExpectApplied(ApplyRename());
        }
    }
}
