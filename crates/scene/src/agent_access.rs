//! Rights of agents: modes, scopes, and the kinds of consent.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::MAX_TEXT_CHARS;

/// The rights of an agent in general.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentMode {
    /// It reads; a person is asked about each of its changes.
    #[default]
    Ask,
    /// It reads.
    Read,
    /// It reads and changes the scene. A person is asked about what is hard to take back.
    Work,
    /// It may not connect.
    Off,
}

impl AgentMode {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            AgentMode::Ask => "ask",
            AgentMode::Read => "read",
            AgentMode::Work => "work",
            AgentMode::Off => "off",
        }
    }
}

/// One thing that an agent may do. As text: `read`, `change`, ..., `call:ADDON`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgentScope {
    /// Read the scene, its history and the log.
    Read,
    /// Create and update entities, and delete those that it created.
    Change,
    /// Delete entities that it did not create.
    Delete,
    /// Restore an earlier state.
    Restore,
    /// Take back what others did.
    Undo,
    /// Change the selection in an editor.
    Ui,
    /// Look through a camera of an editor.
    View,
    /// Call the tools of this add-on.
    Call(String),
}

/// A kind of consent that a person is asked for. As text: `work`, `many`, `delete`, `restore`, `undo`, `call:ADDON`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApprovalKind {
    /// Change the scene at all.
    Work,
    /// Restore an earlier state.
    Restore,
    /// Take back what others did.
    Undo,
    /// Delete entities that the agent did not create.
    Delete,
    /// Change many entities at once.
    Many,
    /// Call the tools of this add-on.
    Call(String),
}

/// For how long a person's consent counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remember {
    /// For what the person was asked about, and nothing else.
    Once,
    /// Until the daemon stops, or a person decides about the agent.
    Session,
    /// Until a person decides about the agent.
    Project,
}

/// The end of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalDecision {
    /// A person allowed it.
    Allowed,
    /// A person said no.
    Refused,
    /// Nobody answered in time.
    Expired,
}

impl fmt::Display for AgentScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AgentScope::Read => f.write_str("read"),
            AgentScope::Change => f.write_str("change"),
            AgentScope::Delete => f.write_str("delete"),
            AgentScope::Restore => f.write_str("restore"),
            AgentScope::Undo => f.write_str("undo"),
            AgentScope::Ui => f.write_str("ui"),
            AgentScope::View => f.write_str("view"),
            AgentScope::Call(addon) => write!(f, "call:{addon}"),
        }
    }
}

impl fmt::Display for ApprovalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApprovalKind::Work => f.write_str("work"),
            ApprovalKind::Restore => f.write_str("restore"),
            ApprovalKind::Undo => f.write_str("undo"),
            ApprovalKind::Delete => f.write_str("delete"),
            ApprovalKind::Many => f.write_str("many"),
            ApprovalKind::Call(addon) => write!(f, "call:{addon}"),
        }
    }
}

/// Returns the add-on of a text `call:ADDON`.
fn called_addon(text: &str) -> Option<String> {
    let addon = text.strip_prefix("call:")?;
    let is_valid = !addon.is_empty() && addon.len() <= MAX_TEXT_CHARS;
    is_valid.then(|| addon.to_owned())
}

impl FromStr for AgentScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let call = || called_addon(text).map(AgentScope::Call);
        match text {
            "read" => Ok(AgentScope::Read),
            "change" => Ok(AgentScope::Change),
            "delete" => Ok(AgentScope::Delete),
            "restore" => Ok(AgentScope::Restore),
            "undo" => Ok(AgentScope::Undo),
            "ui" => Ok(AgentScope::Ui),
            "view" => Ok(AgentScope::View),
            _ => call().ok_or_else(|| format!("{text} is no scope of an agent")),
        }
    }
}

impl FromStr for ApprovalKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let call = || called_addon(text).map(ApprovalKind::Call);
        match text {
            "work" => Ok(ApprovalKind::Work),
            "restore" => Ok(ApprovalKind::Restore),
            "undo" => Ok(ApprovalKind::Undo),
            "delete" => Ok(ApprovalKind::Delete),
            "many" => Ok(ApprovalKind::Many),
            _ => call().ok_or_else(|| format!("{text} is nothing that a person is asked")),
        }
    }
}

macro_rules! text_on_the_wire {
    ($type:ident, $name:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                String::json_schema(generator)
            }
        }
    };
}

text_on_the_wire!(AgentScope, "AgentScope");
text_on_the_wire!(ApprovalKind, "ApprovalKind");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_kinds_are_parsed_from_their_own_texts() {
        for text in [
            "read",
            "change",
            "delete",
            "restore",
            "undo",
            "ui",
            "view",
            "call:mesh_tools",
        ] {
            assert_eq!(text.parse::<AgentScope>().unwrap().to_string(), text);
        }
        for text in [
            "work",
            "restore",
            "undo",
            "delete",
            "many",
            "call:mesh_tools",
        ] {
            assert_eq!(text.parse::<ApprovalKind>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "call:",
            "Work",
            "call",
            &format!("call:{}", "a".repeat(9_999)),
        ] {
            assert!(text.parse::<AgentScope>().is_err(), "{text}");
            assert!(text.parse::<ApprovalKind>().is_err(), "{text}");
        }
    }
}
