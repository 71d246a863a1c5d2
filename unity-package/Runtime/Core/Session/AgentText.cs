using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Decides what the panel shows of agents. Blender's panel uses the same words; tests/golden/agent-texts.json holds
    /// them for both.
    /// </summary>
    public static class AgentText
    {
        /// <summary>The most characters of a line.</summary>
        public const int MaxCharacters = 300;

        const int MaxShown = 8;
        const int MaxNamed = 3;

        /// <summary>The modes that a button sets.</summary>
        public static readonly string[] Modes = { "work", "read", "off" };

        static readonly Dictionary<string, string> ModeLabels = new Dictionary<string, string>
        {
            { "work", "Let It Work" },
            { "read", "Read Only" },
            { "off", "Turn Off" },
        };

        static readonly Dictionary<string, string> ModeWords = new Dictionary<string, string>
        {
            { "ask", "asks before it changes anything" },
            { "work", "may change the scene" },
            { "read", "may only read" },
            { "off", "is turned off" },
        };

        /// <summary>Decides what to show. Connected agents come first.</summary>
        public static AgentSection MakeSection(List<AgentQuestion> questions, List<AgentReport> agents,
            string undone)
        {
            AgentSection section = new AgentSection { Undone = undone };
            section.Waiting.AddRange(questions.Select(question => Plain(question.Agent)).Distinct());
            section.Questions.AddRange(questions.Select(ShowQuestion));
            List<AgentReport> ordered = agents.OrderByDescending(agent => agent.IsConnected)
                .ThenBy(agent => agent.Name, StringComparer.Ordinal).ToList();
            section.Agents.AddRange(ordered.Take(MaxShown).Select(ShowAgent));
            if (ordered.Count > MaxShown) { section.More = Text(ordered.Count - MaxShown) + " more: vibesync agents"; }
            return section;
        }

        /// <summary>Returns title and advice while agents wait for answers.</summary>
        public static (string Title, string Advice) DescribeWaiting(List<string> waiting)
        {
            bool isOne = waiting.Count == 1;
            int more = waiting.Count - MaxNamed;
            string names = string.Join(", ", waiting.Take(MaxNamed)) + (more > 0 ? " and " + Text(more) + " more" : "");
            return (isOne ? "An agent waits for your answer" : "Agents wait for your answer",
                names + (isOne ? " asks" : " ask") + " below. Everything else goes on.");
        }

        /// <summary>Returns the result of an undo.</summary>
        /// <param name="leftOut">The number of entities that stay.</param>
        public static string DescribeUndo(string agent, long total, long leftOut)
        {
            string changes = total == 1 ? "1 change" : Text(total) + " changes";
            string stay = leftOut > 0 ? "; " + Text(leftOut) + " could not be, because of later changes" : "";
            return changes + " of " + Plain(agent) + " taken back" + stay;
        }

        /// <summary>
        /// Returns the text in one line, without characters that hide or turn text, cut to <see cref="MaxCharacters"/>.
        /// </summary>
        public static string Plain(string text)
        {
            StringBuilder clean = new StringBuilder();
            int count = 0;
            int at = 0;
            for (; at < text.Length && count < MaxCharacters; count++)
            {
                int size = char.IsSurrogatePair(text, at) ? 2 : 1;
                if (IsHidden(CharUnicodeInfo.GetUnicodeCategory(text, at))) { clean.Append(' '); }
                else { clean.Append(text, at, size); }
                at += size;
            }
            string trimmed = clean.ToString().Trim();
            return at < text.Length ? trimmed + "\u2026" : trimmed;
        }

        static bool IsHidden(UnicodeCategory category)
        {
            switch (category)
            {
                case UnicodeCategory.Control:
                case UnicodeCategory.Format:
                case UnicodeCategory.PrivateUse:
                case UnicodeCategory.Surrogate:
                case UnicodeCategory.LineSeparator:
                case UnicodeCategory.ParagraphSeparator: return true;
                default: return false;
            }
        }

        static AgentEntry ShowQuestion(AgentQuestion question)
        {
            AgentEntry entry = new AgentEntry();
            void Answer(string label, bool isAllowed, string remember) => entry.Buttons.Add(
                new PanelButton(label, AgentDecision.Answer(question.ApprovalId, isAllowed, remember)));
            entry.Lines.Add(Plain(question.Sentence));
            entry.Lines.AddRange(question.Details.Select(Plain));
            if (question.Kind == "work")
            {
                Answer(ModeLabels["work"], true, "project");
                entry.Buttons.Add(MakeModeButton(question.Agent, "read"));
            }
            else
            {
                Answer("Allow Once", true, "once");
                Answer("For This Session", true, "session");
                Answer("Always", true, "project");
            }
            Answer("No", false, "once");
            return entry;
        }

        static AgentEntry ShowAgent(AgentReport agent)
        {
            AgentEntry entry = new AgentEntry();
            string program = agent.Client.Length > 0 ? " (" + Plain(agent.Client) + ")" : "";
            string words = ModeWords.TryGetValue(agent.Mode, out string known) ? known : Plain(agent.Mode);
            entry.Lines.Add(Plain(agent.Name) + program + " " + words + (agent.IsConnected ? "" : ", not connected"));
            if (agent.LastWords.Length > 0) { entry.Lines.Add("Last: " + Plain(agent.LastWords)); }
            foreach (string mode in Modes)
            {
                if (mode != agent.Mode) { entry.Buttons.Add(MakeModeButton(agent.Name, mode)); }
            }
            if (agent.Changes > 0)
            {
                string label = "Undo What " + Plain(agent.Name) + " Did";
                entry.Buttons.Add(new PanelButton(label, AgentDecision.Undo(agent.Name)));
            }
            return entry;
        }

        static PanelButton MakeModeButton(string agent, string mode) =>
            new PanelButton(ModeLabels[mode], AgentDecision.SetMode(agent, mode));

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
