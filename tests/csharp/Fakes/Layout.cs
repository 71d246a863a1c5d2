using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;

namespace UnityFakes
{
    /// <summary>
    /// Measures what a window draws, roughly as Unity does. Text that does not wrap needs its whole width. Controls in
    /// a row share the window's width. Without a scroll view the window's height is the limit.
    /// </summary>
    internal static class Layout
    {
        const float CharacterWidth = 6.5f;
        const float LineHeight = 18;
        const float Padding = 8;
        const float ScrollBarWidth = 13;

        static readonly List<(string Line, float Width)> Row = new List<(string, float)>();
        static bool isRow;
        static bool isScrolling;
        static float height;

        internal static void Begin()
        {
            Row.Clear();
            isRow = isScrolling = false;
            height = 0;
        }

        internal static void End()
        {
            if (isRow || isScrolling) { throw new InvalidOperationException("a row or scroll view does not end"); }
        }

        internal static void BeginScroll() => isScrolling = true;

        internal static void EndScroll()
        {
            if (!isScrolling) { throw new InvalidOperationException("EndScrollView without a begin"); }
            isScrolling = false;
        }

        internal static void BeginRow()
        {
            if (isRow) { throw new InvalidOperationException("a row in a row is not faked"); }
            isRow = true;
        }

        internal static void EndRow()
        {
            if (!isRow) { throw new InvalidOperationException("EndHorizontal without a begin"); }
            isRow = false;
            Place();
        }

        /// <summary>Adds a label before a value, each in one line. Unity gives the label a fixed part of the width.</summary>
        internal static void AddPair(string label, string value)
        {
            float labels = Math.Max(Screen.Width * 0.45f - 40, 120);
            bool fits = Measure(label) <= labels && Measure(value) <= Screen.Width - labels;
            Screen.Lines.Add(label + ": " + value);
            Row.Add((label + ": " + value, fits ? 0 : float.MaxValue));
            if (!isRow) { Place(); }
        }

        internal static void Add(string line, string text, bool wraps, params GUILayoutOption[] options)
        {
            Screen.Lines.Add(line);
            float fixedWidth = options.Select(option => option.Width).DefaultIfEmpty(0).Max();
            // Text that wraps still needs room for some words.
            float needed = wraps ? Math.Min(Measure(text), 60) : Measure(text);
            if (fixedWidth > 0 && fixedWidth < needed) { needed = float.MaxValue; }
            Row.Add((line, Math.Max(needed, fixedWidth)));
            if (!isRow) { Place(); }
        }

        static float Measure(string text) => text.Length == 0 ? 0 : text.Length * CharacterWidth + Padding;

        static void Place()
        {
            height += LineHeight;
            bool isBelow = !isScrolling && height > Screen.Height;
            if (isBelow || Row.Sum(item => item.Width) > Screen.Width - ScrollBarWidth)
            {
                Screen.CutOff.AddRange(Row.Select(item => item.Line));
            }
            Screen.Rows.Add(string.Join(" | ", Row.Select(item => item.Line)));
            Row.Clear();
        }
    }
}
