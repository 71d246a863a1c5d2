//! Completions: values that a client offers for an argument of a resource or a prompt while a person types.

use serde_json::{Map, Value};
use vibesync_scene::Code;

use crate::daemon::{Daemon, Fault};
use crate::resources::TEMPLATES;
use crate::tools;

/// Most values of an answer, as the protocol has it.
const MAX_VALUES: usize = 100;
/// Most characters of a typed value.
const MAX_TYPED: usize = 200;

/// The versions of Blender that have a catalogue of nodes.
const BLENDERS: &[&str] = &["4.2", "4.5", "5.0"];

/// The argument that is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The uuid in the address of a resource, by a part of the entity's name.
    Entity(String),
    /// One of these words.
    Words(Vec<&'static str>),
}

impl Wanted {
    /// Returns what completes the argument of a resource with this address; none if there is no such argument.
    pub fn of_resource(uri: &str, argument: &str, typed: &str) -> Option<Self> {
        let is_known = TEMPLATES.iter().any(|(template, _, _)| *template == uri);
        let typed = typed.chars().take(MAX_TYPED).collect();
        (is_known && argument == "uuid").then_some(Self::Entity(typed))
    }

    /// Returns what completes the argument of a prompt; none if nothing does.
    pub fn of_prompt(prompt: &str, argument: &str, typed: &str) -> Option<Self> {
        let words: Vec<&'static str> = match (prompt, argument) {
            ("make_graph", "blender") => BLENDERS.to_vec(),
            ("review_changes", "by") => tools::ROLES.to_vec(),
            ("explain", "what") => Code::ALL.iter().map(|code| code.as_str()).collect(),
            _ => return None,
        };
        let typed = typed.to_lowercase();
        let is_meant = |word: &&str| word.to_lowercase().starts_with(&typed);
        Some(Self::Words(words.into_iter().filter(is_meant).collect()))
    }

    /// Returns the values, and whether there are more. May block for seconds.
    pub fn find(self, daemon: &dyn Daemon) -> Result<(Vec<String>, bool), Fault> {
        match self {
            Self::Words(words) => {
                let first = words.iter().take(MAX_VALUES);
                let values = first.map(ToString::to_string).collect();
                Ok((values, words.len() > MAX_VALUES))
            }
            Self::Entity(typed) => find_entities(daemon, &typed),
        }
    }
}

/// Returns the uuids of entities with this text in their names.
fn find_entities(daemon: &dyn Daemon, typed: &str) -> Result<(Vec<String>, bool), Fault> {
    let mut arguments = Map::new();
    arguments.insert("limit".into(), MAX_VALUES.into());
    if !typed.trim().is_empty() {
        arguments.insert("text".into(), typed.trim().into());
    }
    let Some(tool) = tools::find("scene_search") else {
        return Ok((Vec::new(), false));
    };
    let found = tool.read(daemon, arguments)?;
    let rows = found.get("rows").and_then(Value::as_array);
    let uuids = rows
        .into_iter()
        .flatten()
        .filter_map(|row| row.get("uuid")?.as_str());
    let uuids = uuids.map(str::to_owned).collect();
    Ok((uuids, found.get("next").is_some_and(|next| !next.is_null())))
}
