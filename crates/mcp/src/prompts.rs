//! Prompts: texts with which people begin a conversation.

use serde_json::{Map, Value};
use vibesync_scene::Code;

use crate::text::escape_lines;

/// Most bytes of an argument.
const MAX_ARGUMENT: usize = 4_000;

/// An argument: name, description, whether it is required.
pub type Argument = (&'static str, &'static str, bool);

/// Returns an argument by its name, escaped.
type Given<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A prompt of the server.
pub struct Prompt {
    /// Its name.
    pub name: &'static str,
    /// Its purpose, for people.
    pub about: &'static str,
    /// Its arguments.
    pub arguments: &'static [Argument],
    /// Writes the text from arguments that have passed the check.
    write: fn(&Given<'_>) -> String,
}

/// All prompts, in the order in which they are listed.
pub const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "work_on_scene",
        about: "Begin to work on the scene",
        arguments: &[("goal", "What you want to reach", true)],
        write: |given| {
            format!(
                "Goal: {}\n\nWork on the scene that VibeSync keeps equal in Blender and Unity. First call status, then \
                 find the entities with scene_search and read them with scene_describe. Address entities by uuid. Say what you \
                 are going to change. Put changes that belong together in one scene_change with a label and base_seq, \
                 and wait with change_wait until they are verified. Leave alone what a person edits at this moment. \
                 undo takes your changes back.",
                given("goal").unwrap_or_default()
            )
        },
    },
    Prompt {
        name: "make_graph",
        about: "Write a geometry-node graph",
        arguments: &[
            ("brief", "What the graph makes", true),
            ("blender", "Version of Blender: 4.2, 4.5 or 5.0", false),
        ],
        write: |given| {
            format!(
                "Brief: {}\n\nWrite a geometry-node graph for Blender {}. Look up each node type with graph_nodes and use \
                 its exact identifiers, sockets and properties. Write the graph as a Mermaid sketch, check it with \
                 graph_check (fix: true), and correct it until its status is GRAPH_OK. Show the sketch and what each \
                 part does.",
                given("brief").unwrap_or_default(),
                given("blender").unwrap_or_else(|| "4.5".into())
            )
        },
    },
    Prompt {
        name: "review_changes",
        about: "Review what was changed, and by whom",
        arguments: &[
            ("by", "blender, unity, agent or cli", false),
            ("since_seq", "Log sequence to begin after", false),
        ],
        write: |given| {
            let by = given("by").map_or_else(String::new, |by| format!(" with by: {by}"));
            let since = given("since_seq")
                .map_or_else(String::new, |seq| format!(" Begin after sequence {seq}."));
            format!(
                "Review the changes of the scene. Read history{by}.{since} For each change worth a look, compare the \
                 states around it with history_diff (from: @SEQ-1, to: @SEQ), and name what looks unintended. Read the \
                 log of changes that failed or were undone."
            )
        },
    },
    Prompt {
        name: "explain",
        about: "Explain an error or an operation",
        arguments: &[("what", "A code such as VS-4001, or an operation id", true)],
        write: |given| {
            let what = given("what").unwrap_or_default();
            let code: Option<Code> = what.trim().parse().ok();
            match code {
                Some(code) => format!(
                    "Explain the VibeSync error {code} ({}; usual remedy: {}) for this scene. Find its records with log \
                     (code: {code}), read the entities with scene_describe, and say what happened, whether it is over, \
                     and what a person can do.",
                    code.title(),
                    code.help()
                ),
                None => format!(
                    "Explain this VibeSync operation: {what}. Read its records with log (operation_id), the entities with \
                     scene_describe, and say what it changed, who made it, and how it ended."
                ),
            }
        },
    },
];

/// Writes the prompt of this name. The error says what is wrong with the request.
pub fn write(name: &str, given: &Map<String, Value>) -> Result<String, String> {
    let prompt = PROMPTS.iter().find(|prompt| prompt.name == name);
    let prompt = prompt.ok_or("no prompt has this name")?;
    for (name, value) in given {
        let is_known = prompt.arguments.iter().any(|(known, _, _)| known == name);
        let is_short = value.as_str().is_some_and(|it| it.len() <= MAX_ARGUMENT);
        if !is_known || !is_short {
            return Err(format!(
                "the arguments are texts of at most {MAX_ARGUMENT} bytes: {}",
                names(prompt)
            ));
        }
    }
    let argument = |name: &str| {
        let text = given.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| escape_lines(text))
    };
    let mut missing = prompt.arguments.iter();
    match missing.find(|(name, _, is_required)| *is_required && argument(name).is_none()) {
        Some((name, _, _)) => Err(format!("the argument `{name}` is missing")),
        None => Ok((prompt.write)(&argument)),
    }
}

fn names(prompt: &Prompt) -> String {
    let names = prompt.arguments.iter().map(|(name, _, _)| *name);
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(name: &str, given: Value) -> Result<String, String> {
        write(name, given.as_object().unwrap())
    }

    #[test]
    fn prompt_needs_its_arguments_and_no_others() {
        let made = text(
            "make_graph",
            json!({"brief": "stones\u{200B}", "blender": "5.0"}),
        )
        .unwrap();
        assert!(made.contains("Brief: stones\\u{200b}\n"), "{made}");
        assert!(made.contains("Blender 5.0"), "{made}");
        assert!(
            text("make_graph", json!({"brief": " "}))
                .unwrap_err()
                .contains("`brief`")
        );
        for wrong in [json!({"brief": "x", "nope": "y"}), json!({"brief": 3})] {
            assert!(text("make_graph", wrong).is_err());
        }
        assert!(text("nope", json!({})).is_err());
    }

    #[test]
    fn explained_code_comes_with_its_remedy() {
        let text = text("explain", json!({"what": "VS-4001"})).unwrap();
        assert!(text.contains(Code::VerificationFailed.help()), "{text}");
    }
}
