//! The name of an AI agent.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Most characters of a name.
const MAX_CHARS: usize = 40;

/// The name of an agent: a small letter or digit, then up to 39 small letters, digits, `_` and `-`.
///
/// A person chooses it in the settings of the agent's program. Decisions about an agent belong to its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AgentName(String);

impl AgentName {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for AgentName {
    /// The name of an agent that gives none.
    fn default() -> Self {
        Self("agent".to_owned())
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AgentName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let mut bytes = text.bytes();
        let is_valid = text.len() <= MAX_CHARS
            && bytes.next().is_some_and(is_word)
            && bytes.all(|byte| is_word(byte) || byte == b'_' || byte == b'-');
        match is_valid {
            true => Ok(Self(text.to_owned())),
            false => Err(format!(
                "the name of an agent has 1 to {MAX_CHARS} characters: small letters, digits, _ and -, the first a letter or digit"
            )),
        }
    }
}

impl<'de> Deserialize<'de> for AgentName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for AgentName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AgentName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_has_small_letters_digits_and_two_signs() {
        for text in ["claude", "a", "0", "gpt-5_x", &"a".repeat(40)] {
            assert_eq!(text.parse::<AgentName>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "-a",
            "_a",
            "Claude",
            "a b",
            "a\n",
            "é",
            "a.b",
            &"a".repeat(41),
        ] {
            assert!(text.parse::<AgentName>().is_err(), "{text:?}");
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<AgentName>(&json).is_err());
        }
        assert_eq!("agent".parse(), Ok(AgentName::default()));
    }
}
