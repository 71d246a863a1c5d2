//! The JSON Schema of a tool's arguments, as clients of MCP understand it: one object, each property with one type, no
//! references and no alternatives.

use serde_json::{Map, Value, json};

use crate::limits;
use crate::manifest::{Parameter, Tool, limits_of};
use crate::param::ParameterType;
use crate::text::{escape, has_hidden};

/// Returns the schema of the arguments of a tool.
#[must_use]
pub fn input_schema(tool: &Tool) -> Value {
    let properties: Map<String, Value> = tool
        .parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), property(parameter)))
        .collect();
    let required: Vec<&str> = tool
        .parameters
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.name.as_str())
        .collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        put(&mut schema, "required", required.into());
    }
    schema
}

/// Returns the description of a tool for a list of tools: its effect, then its usage.
#[must_use]
pub fn tool_description(tool: &Tool) -> String {
    let whole = format!("{} {}", tool.description, tool.usage);
    escape(&whole, limits::TOOL_DESCRIPTION - 1)
}

fn property(parameter: &Parameter) -> Value {
    let mut schema = match &parameter.kind {
        ParameterType::String => json!({"type": "string", "maxLength": limits::TEXT}),
        ParameterType::Integer { .. } => json!({"type": "integer"}),
        ParameterType::Float { .. } => json!({"type": "number"}),
        ParameterType::Boolean => json!({"type": "boolean"}),
        ParameterType::ObjectName | ParameterType::MaterialName | ParameterType::CollectionName => {
            json!({"type": "string", "minLength": 1, "maxLength": limits::OBJECT_NAME})
        }
        ParameterType::Enum { options } => json!({"type": "string", "enum": options}),
        ParameterType::Vector3 { .. } => {
            let number = with_limits(json!({"type": "number"}), &parameter.kind);
            json!({"type": "array", "items": number, "minItems": 3, "maxItems": 3})
        }
        ParameterType::Color if matches!(parameter.default, Some(Value::Array(_))) => {
            let number = json!({"type": "number", "minimum": 0, "maximum": 1});
            json!({"type": "array", "items": number, "minItems": 3, "maxItems": 4})
        }
        ParameterType::Color => {
            json!({"type": "string", "pattern": "^#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$"})
        }
        ParameterType::FilePath => {
            json!({"type": "string", "minLength": 1, "maxLength": limits::PATH})
        }
        ParameterType::Dict => json!({"type": "object"}),
    };
    if matches!(
        parameter.kind,
        ParameterType::Integer { .. } | ParameterType::Float { .. }
    ) {
        schema = with_limits(schema, &parameter.kind);
    }
    let description = match form(&parameter.kind) {
        Some(form) => format!("{form} {}", parameter.description),
        None => parameter.description.clone(),
    };
    let description = escape(&description, limits::PARAMETER_DESCRIPTION - 1);
    put(&mut schema, "description", description.into());
    if let Some(default) = parameter.default.as_ref().filter(|it| is_short(it)) {
        put(&mut schema, "default", default.clone());
    }
    schema
}

/// Returns the form of a value that its type in the schema does not say.
fn form(kind: &ParameterType) -> Option<&'static str> {
    match kind {
        ParameterType::ObjectName => Some("Uuid of an entity, or its unique name."),
        ParameterType::MaterialName => Some("Name of a material."),
        ParameterType::CollectionName => Some("Name of a collection."),
        ParameterType::FilePath => Some("Path below the project's folder."),
        ParameterType::Color => Some("Color in sRGB."),
        _ => None,
    }
}

fn with_limits(mut schema: Value, kind: &ParameterType) -> Value {
    let (min, max) = limits_of(kind);
    for (key, limit) in [("minimum", min), ("maximum", max)] {
        if let Some(limit) = limit {
            put(&mut schema, key, limit);
        }
    }
    schema
}

fn put(schema: &mut Value, key: &str, value: Value) {
    if let Some(members) = schema.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

/// Returns true for a default that is short and has no hidden characters.
fn is_short(default: &Value) -> bool {
    match default {
        Value::String(text) => text.chars().count() <= limits::SCHEMA_DEFAULT && !has_hidden(text),
        Value::Object(_) => false,
        _ => true,
    }
}
