//! The content of an `addon_ai.json` that was accepted, and its canonical text.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::param::ParameterType;
use crate::version::Version;

/// A manifest that obeys all rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    /// Identity of the add-on.
    pub addon_info: AddonInfo,
    /// The part for agents.
    pub ai_integration: AiIntegration,
}

/// Identity of an add-on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AddonInfo {
    /// Unique without regard to the case of letters.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Version of the add-on.
    pub version: Version,
    /// Author.
    pub author: String,
    /// Category, mostly one of [`CATEGORIES`](crate::CATEGORIES).
    pub category: String,
    /// Description for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The part of a manifest for agents.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AiIntegration {
    /// Description for agents.
    pub agent_description: String,
    /// The tools.
    pub tools: Vec<Tool>,
    /// Hints for the use.
    pub context_hints: Vec<String>,
    /// Conditions for the use.
    pub requirements: Requirements,
}

/// A tool of an add-on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tool {
    /// Unique in the add-on, without regard to the case of letters.
    pub name: String,
    /// The effect of the tool.
    pub description: String,
    /// The occasions to use it.
    pub usage: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Requests in natural language that it fits.
    pub examples: Vec<String>,
    /// The author's word on its consequences.
    #[serde(flatten)]
    pub hints: Hints,
}

/// An author's word on the consequences of a tool. Hints alone: the careful value holds for a missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hints {
    /// The tool changes nothing.
    pub read_only: bool,
    /// The tool may delete or overwrite.
    pub destructive: bool,
    /// The tool reaches beyond the scene: files, network.
    pub open_world: bool,
}

impl Hints {
    /// The hints of a tool that says nothing.
    pub const CAREFUL: Hints = Hints {
        read_only: false,
        destructive: true,
        open_world: true,
    };
}

/// A parameter of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Unique in the tool.
    pub name: String,
    /// Type and limits.
    pub kind: ParameterType,
    /// The meaning of the value.
    pub description: String,
    /// A call must give it.
    pub required: bool,
    /// The value of a call that does not give it.
    pub default: Option<Value>,
}

/// Conditions for the use of an add-on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Requirements {
    /// Oldest Blender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blender_version_min: Option<Version>,
    /// Oldest Unity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unity_version_min: Option<Version>,
    /// Ids of add-ons that must be enabled.
    pub depends_on: Vec<String>,
    /// Ids of add-ons that must not be enabled.
    pub conflicts_with: Vec<String>,
}

impl Manifest {
    /// Returns the id of the add-on.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.addon_info.id
    }

    /// Returns the tool with this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.ai_integration.tools.iter().find(|it| it.name == name)
    }

    /// Returns the manifest as a JSON value, with missing fields that have a meaning written out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Tool {
    /// Returns the parameter with this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name == name)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Parameter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
        put("name", self.name.as_str().into());
        put("type", self.kind.word().into());
        put("description", self.description.as_str().into());
        put("required", self.required.into());
        if let Some(default) = &self.default {
            put("default", default.clone());
        }
        let (min, max) = limits_of(&self.kind);
        for (key, limit) in [("min", min), ("max", max)] {
            if let Some(limit) = limit {
                put(key, limit);
            }
        }
        if let ParameterType::Enum { options } = &self.kind {
            put("options", options.as_slice().into());
        }
        map.serialize(serializer)
    }
}

/// Returns `min` and `max` of a type as JSON.
pub(crate) fn limits_of(kind: &ParameterType) -> (Option<Value>, Option<Value>) {
    match kind {
        ParameterType::Integer { min, max } => (min.map(Value::from), max.map(Value::from)),
        ParameterType::Float { min, max } | ParameterType::Vector3 { min, max } => {
            (min.map(Value::from), max.map(Value::from))
        }
        _ => (None, None),
    }
}
