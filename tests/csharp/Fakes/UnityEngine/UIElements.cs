using System;
using System.Collections.Generic;
using System.Linq;

namespace UnityEngine.UIElements
{
    public abstract class CallbackEventHandler
    {
    }

    public abstract class Focusable : CallbackEventHandler
    {
    }

    public interface IPanel
    {
        FocusController focusController { get; }
    }

    public class FocusController
    {
        internal FocusController()
        {
        }

        internal VisualElement Leaf { get; set; }

        /// <summary>The outermost composite element around the one that has the focus, or else that one itself.</summary>
        public Focusable focusedElement
        {
            get
            {
                VisualElement shown = Leaf;
                for (VisualElement above = Leaf; above != null; above = above.hierarchy.parent)
                {
                    if (above.IsCompositeRoot) { shown = above; }
                }
                return shown;
            }
        }
    }

    public class VisualElement : Focusable
    {
        readonly List<string> classes = new List<string>();
        readonly List<VisualElement> children = new List<VisualElement>();
        VisualElement above;

        internal bool IsCompositeRoot { get; set; }

        internal IPanel Home { get; set; }

        public IPanel panel => above == null ? Home : above.panel;

        public Hierarchy hierarchy => new Hierarchy(this);

        public void AddToClassList(string className) => classes.Add(className);

        public bool ClassListContains(string cls) => classes.Contains(cls);

        internal IEnumerable<VisualElement> Tree() =>
            new[] { this }.Concat(children.SelectMany(child => child.Tree()));

        public struct Hierarchy
        {
            readonly VisualElement owner;

            internal Hierarchy(VisualElement owner)
            {
                this.owner = owner;
            }

            public VisualElement parent => owner.above;

            public void Add(VisualElement child)
            {
                child.above = owner;
                owner.children.Add(child);
            }
        }
    }

    public struct UQueryBuilder<T>
        where T : VisualElement
    {
        IEnumerable<T> found;

        internal UQueryBuilder(IEnumerable<T> found)
        {
            this.found = found;
        }

        public UQueryBuilder<T> Focused() => new UQueryBuilder<T>(found.Where(item => item.panel.focusController
            .Leaf == item));

        public T Last() => found.LastOrDefault();
    }

    public static class UQueryExtensions
    {
        public static UQueryBuilder<VisualElement> Query(this VisualElement e) =>
            new UQueryBuilder<VisualElement>(e.Tree());
    }
}

namespace UnityFakes
{
    using UnityEngine.UIElements;

    /// <summary>Builds what UI Toolkit shows in a window.</summary>
    public static class Panel
    {
        /// <summary>Adds an element below another one.</summary>
        /// <param name="isComposite">Whether the focus of what is inside counts as that of the element itself.</param>
        public static VisualElement Add(VisualElement parent, string className, bool isComposite = false)
        {
            VisualElement made = new VisualElement { IsCompositeRoot = isComposite };
            made.AddToClassList(className);
            parent.hierarchy.Add(made);
            return made;
        }

        /// <summary>Opens a window with an empty panel, and gives it the focus.</summary>
        public static UnityEditor.EditorWindow Open()
        {
            UnityEditor.EditorWindow window = new UnityEditor.EditorWindow();
            window.rootVisualElement.Home = new Surface();
            UnityEditor.EditorWindow.focusedWindow = window;
            return window;
        }

        /// <summary>Gives an element the focus; with null, takes it from all.</summary>
        public static void Focus(UnityEditor.EditorWindow window, VisualElement element) =>
            window.rootVisualElement.panel.focusController.Leaf = element;

        sealed class Surface : IPanel
        {
            public FocusController focusController { get; } = new FocusController();
        }
    }
}
