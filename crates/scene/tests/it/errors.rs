//! Generates the error table of the other languages and of the documentation from [`Code`], and fails where a
//! generated file is stale. `VIBESYNC_BLESS=1 cargo test -p vibesync-scene errors` writes the files.

use std::fmt::Write as _;

use vibesync_scene::Code;

use crate::kept::check;

const COMMAND: &str = "VIBESYNC_BLESS=1 cargo test -p vibesync-scene errors";

/// Headings of `docs/errors/README.md`, by the first digits of the code.
const BLOCKS: &[(&str, &str)] = &[
    ("1", "Frames and messages"),
    ("2", "Handshake and connection"),
    ("3", "Data that was refused"),
    ("4", "Transactions"),
    ("5", "Storage"),
    ("6", "Daemon and configuration"),
    ("7", "Editors"),
    ("8", "Governance"),
    ("90", "Geometry-node graphs"),
    ("91", "Capability add-ons"),
    ("92", "Agents"),
    ("93", "Files of other programs"),
];

#[test]
fn python_table_is_current() {
    let mut text = format!(
        "# SPDX-License-Identifier: GPL-3.0-or-later\n\"\"\"Help texts of the error codes. Generated from \
         crates/scene/src/code.rs; to change it:\n\n{COMMAND}\n\"\"\"\n\nHELP = {{\n"
    );
    for code in Code::ALL {
        let (name, help) = (code.name(), code.help());
        let _ = writeln!(text, "    # {name}\n    \"{code}\": {help:?},");
    }
    text.push_str("}\n");
    check("addons/vibesync/core/errors.py", &text, COMMAND);
}

#[test]
fn csharp_table_is_current() {
    let mut text = format!(
        "namespace VibeSync.Core\n{{\n    /// <summary>\n    /// The stable error codes. Generated from crates/scene/src/code.rs; \
         to change it: {COMMAND}\n    /// </summary>\n    public static class ErrorCode\n    {{\n"
    );
    for code in Code::ALL {
        let title = code.title();
        let _ = writeln!(text, "        /// <summary>{title}</summary>");
        let _ = writeln!(
            text,
            "        public const string {} = \"{code}\";",
            code.name()
        );
    }
    text.push_str("    }\n}\n");
    check("unity-package/Runtime/Core/ErrorCode.cs", &text, COMMAND);
}

#[test]
fn csharp_help_is_current() {
    let mut text = format!(
        "using System.Collections.Generic;\n\nnamespace VibeSync.Core\n{{\n    /// <summary>\n    /// One sentence for each error code: \
         what a person can do. Generated from crates/scene/src/code.rs; to change it: {COMMAND}\n    /// </summary>\n    \
         public static class ErrorHelp\n    {{\n        static readonly Dictionary<string, string> Texts = \
         new Dictionary<string, string>\n        {{\n"
    );
    for code in Code::ALL {
        let (name, help) = (code.name(), code.help());
        let _ = writeln!(text, "            [ErrorCode.{name}] = {help:?},");
    }
    text.push_str(
        "        };\n\n        /// <summary>Returns one sentence; an empty one for an unknown code.</summary>\n        \
         public static string Find(string code) => Texts.TryGetValue(code, out string help) ? help : \"\";\n    }\n}\n",
    );
    check("unity-package/Runtime/Core/ErrorHelp.cs", &text, COMMAND);
}

#[test]
fn index_of_the_pages_is_current() {
    let mut text = format!(
        "# Error codes\n\n<!-- Generated from crates/scene/src/code.rs; to change it: {COMMAND} -->\n\n\
         A code never changes its meaning, and a number is never used again. `vibesync doctor` checks for the causes \
         that a\nprogram can see. An error shows the code, a sentence, the location and what to do.\n"
    );
    for (digits, heading) in BLOCKS {
        let _ = write!(
            text,
            "\n## {heading}\n\n| code | meaning | what to do |\n|---|---|---|\n"
        );
        let block = Code::ALL
            .iter()
            .filter(|code| code.as_str().starts_with(&format!("VS-{digits}")));
        for code in block {
            let (title, help) = (code.title(), code.help());
            let _ = writeln!(text, "| [{code}]({code}.md) | {title} | {help} |");
        }
    }
    check("docs/errors/README.md", &text, COMMAND);
}
