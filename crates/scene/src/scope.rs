//! Scopes: the units that failures are counted for and that breakers stop.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::change::Change;
use crate::components::Components;

/// Most characters of the name of an add-on or tool.
const MAX_NAME: usize = 64;

/// A scope, from narrow to broad. As text: `entity:UUID`, `content:DIGEST`, `operation:mesh`,
/// `capability:ADDON/TOOL`, `automation`, `safe-mode`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One entity.
    Entity(Uuid),
    /// One list of changes, by the BLAKE3 of the intent's content: 64 hex digits.
    Content(String),
    /// One kind of change of any entity: `create`, `delete`, or the name of a component.
    Operation(&'static str),
    /// One tool of an add-on, as `ADDON/TOOL`.
    Capability(String),
    /// All changes by automation.
    Automation,
    /// The daemon as a whole; its breaker is the safe mode.
    SafeMode,
}

impl Scope {
    /// The scope of a tool of an add-on.
    pub fn of_tool(addon_id: &str, tool: &str) -> Self {
        Scope::Capability(format!("{addon_id}/{tool}"))
    }

    /// The operation scopes of a change.
    pub fn operations_of(change: &Change) -> impl Iterator<Item = Scope> {
        let verb = match change {
            Change::Create { .. } => Some("create"),
            Change::Delete { .. } => Some("delete"),
            Change::Update { .. } => None,
        };
        let updated = change.components().filter(|_| verb.is_none());
        let names = updated.map(|components| components.set().names().collect::<Vec<_>>());
        let names = names.into_iter().flatten();
        verb.into_iter().chain(names).map(Scope::Operation)
    }
}

/// Returns true for `ADDON/TOOL`: two names of letters, digits, `-` and `_`.
fn is_tool_path(text: &str) -> bool {
    let is_name = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed)
    };
    let parts = text.split_once('/');
    parts.is_some_and(|(addon, tool)| is_name(addon) && is_name(tool))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Entity(uuid) => write!(f, "entity:{uuid}"),
            Scope::Content(digest) => write!(f, "content:{digest}"),
            Scope::Operation(name) => write!(f, "operation:{name}"),
            Scope::Capability(name) => write!(f, "capability:{name}"),
            Scope::Automation => f.write_str("automation"),
            Scope::SafeMode => f.write_str("safe-mode"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "{text} is no scope; there are entity:UUID, content:DIGEST, operation:NAME, capability:ADDON/TOOL, \
                 automation and safe-mode"
            )
        };
        let is_digest =
            |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        match text.split_once(':') {
            None if text == "automation" => Ok(Scope::Automation),
            None if text == "safe-mode" => Ok(Scope::SafeMode),
            Some(("entity", uuid)) => uuid.parse().map(Scope::Entity).map_err(|_| unknown()),
            Some(("content", digest)) if is_digest(digest) => {
                Ok(Scope::Content(digest.to_ascii_lowercase()))
            }
            Some(("capability", name)) if is_tool_path(name) => {
                Ok(Scope::Capability(name.to_owned()))
            }
            Some(("operation", name)) => {
                let mut known = ["create", "delete"].iter().chain(Components::NAMES);
                let name = known.find(|known| **known == name).ok_or_else(unknown)?;
                Ok(Scope::Operation(name))
            }
            _ => Err(unknown()),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Scope {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scope".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_is_parsed_from_its_own_text() {
        let texts = [
            "entity:00000000-0000-0000-0000-000000000001".to_owned(),
            format!("content:{}", "ab".repeat(32)),
            "operation:mesh".to_owned(),
            "operation:delete".to_owned(),
            "capability:stone_maker/make_stone".to_owned(),
            "automation".to_owned(),
            "safe-mode".to_owned(),
        ];
        for text in texts {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "entity:1",
            "content:ab",
            "operation:paint",
            "capability:stone_maker",
            "capability:a/b/c",
            "capability:a/",
            "capability:a/b c",
            "whole",
            "automation:x",
        ] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }
}
