//! The JSON Schema of `addon_ai.json`, for the editors of authors. The parser decides; what a schema cannot say, such as
//! unique names, it alone refuses.

use serde_json::{Value, json};

use crate::finding::Rule;
use crate::identifier::{CATEGORIES, RESERVED_IDS, RESERVED_PARAMETERS};
use crate::limits;
use crate::param::TYPES;

/// The rules that the schema cannot express, all or in part. The parser alone refuses manifests that break them.
pub const BEYOND_THE_SCHEMA: [Rule; 8] = [
    Rule::Syntax,
    Rule::DuplicateKey,
    Rule::Duplicate,
    Rule::Id,
    Rule::Limits,
    Rule::Options,
    Rule::Default,
    Rule::Requirement,
];

const VERSION: &str =
    r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}([A-Za-z][A-Za-z0-9.+-]*|[+-]+[A-Za-z0-9.][A-Za-z0-9.+-]*)?$";

/// Returns the schema.
#[must_use]
pub fn manifest_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "addon_ai.json",
        "description": "Tools of an add-on that agents may call through VibeSync.",
        "type": "object",
        "required": ["addon_info", "ai_integration"],
        "properties": {
            "addon_info": addon_info(),
            "ai_integration": integration(),
        },
    })
}

fn text(most: usize, description: &str) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": most, "description": description})
}

fn texts(most: usize, length: usize, description: &str) -> Value {
    let items = json!({"type": "string", "minLength": 1, "maxLength": length});
    json!({"type": "array", "maxItems": most, "items": items, "description": description})
}

fn id(description: &str) -> Value {
    json!({
        "type": "string",
        "pattern": format!("^[A-Za-z][A-Za-z0-9_-]{{0,{}}}$", limits::ID - 1),
        "not": {"enum": RESERVED_IDS},
        "description": description,
    })
}

fn version(description: &str) -> Value {
    let most = limits::VERSION;
    json!({"type": "string", "pattern": VERSION, "maxLength": most, "description": description})
}

fn addon_info() -> Value {
    json!({
        "type": "object",
        "required": ["id", "name", "version", "author", "category"],
        "properties": {
            "id": id("Unique without regard to the case of letters."),
            "name": text(limits::NAME, "Name for people."),
            "version": version("Numbers with points, then an optional suffix: 1.2.0-beta.1."),
            "author": text(limits::NAME, "Author."),
            "category": {
                "type": "string",
                "pattern": format!("^[a-z_]{{1,{}}}$", limits::CATEGORY),
                "examples": CATEGORIES,
                "description": "A category of the list, or another word.",
            },
            "description": text(limits::SUMMARY, "Description for people."),
        },
    })
}

fn integration() -> Value {
    json!({
        "type": "object",
        "required": ["agent_description", "tools"],
        "properties": {
            "agent_description": text(limits::AGENT_DESCRIPTION, "Description for agents."),
            "tools": {"type": "array", "maxItems": limits::TOOLS, "items": tool()},
            "context_hints": texts(limits::CONTEXT_HINTS, limits::EXAMPLE, "Hints for the use."),
            "requirements": requirements(),
        },
    })
}

fn requirements() -> Value {
    let ids = |description: &str| {
        let most = limits::REQUIRED_ADDONS;
        json!({
            "type": "array",
            "maxItems": most,
            "items": id("Id of an add-on."),
            "description": description,
        })
    };
    json!({
        "type": "object",
        "properties": {
            "blender_version_min": version("Oldest Blender."),
            "unity_version_min": version("Oldest Unity."),
            "depends_on": ids("Add-ons that must be enabled."),
            "conflicts_with": ids("Add-ons that must not be enabled."),
        },
    })
}

fn tool() -> Value {
    let flag = |description: &str, default: bool| json!({"type": "boolean", "default": default, "description": description});
    json!({
        "type": "object",
        "required": ["name", "description", "usage"],
        "properties": {
            "name": {
                "type": "string",
                "pattern": format!("^[A-Za-z][A-Za-z0-9_]{{0,{}}}$", limits::ID - 1),
                "description": "Unique in the add-on.",
            },
            "description": text(limits::DESCRIPTION, "The effect of the tool."),
            "usage": text(limits::DESCRIPTION, "The occasions to use it."),
            "parameters": {"type": "array", "maxItems": limits::PARAMETERS, "items": parameter()},
            "examples": texts(limits::EXAMPLES, limits::EXAMPLE, "Requests that it fits."),
            "read_only": flag("The tool changes nothing.", false),
            "destructive": flag("The tool may delete or overwrite.", true),
            "open_world": flag("The tool reaches beyond the scene: files, network.", true),
        },
    })
}

fn parameter() -> Value {
    let words = TYPES.map(|(word, _)| word);
    let of =
        |kinds: &[&str]| json!({"properties": {"type": {"enum": kinds}}, "required": ["type"]});
    let number = json!({"type": "number", "minimum": -f64::from(f32::MAX), "maximum": f32::MAX});
    let limit = limits::INTEGER;
    let whole = json!({"type": "integer", "minimum": -limit, "maximum": limit});
    let default = |kinds: &[&str], value: Value| json!({"if": of(kinds), "then": {"properties": {"default": value}}});
    let name = json!({"type": "string", "minLength": 1, "maxLength": limits::OBJECT_NAME});
    let names = ["object_name", "material_name", "collection_name"];
    json!({
        "type": "object",
        "required": ["name", "type", "description"],
        "properties": {
            "name": {
                "type": "string",
                "pattern": format!("^[A-Za-z_][A-Za-z0-9_]{{0,{}}}$", limits::ID - 1),
                "not": {"enum": RESERVED_PARAMETERS.as_slice()},
                "description": "Unique in the tool.",
            },
            "type": {"type": "string", "enum": words},
            "description": text(limits::DESCRIPTION, "The meaning of the value."),
            "required": {"type": "boolean", "default": false, "description": "A call must give it."},
            "default": {"description": "The value of a call that does not give it."},
            "min": {"type": "number", "description": "Smallest number."},
            "max": {"type": "number", "description": "Largest number."},
            "options": {
                "type": "array",
                "minItems": 1,
                "maxItems": limits::OPTIONS,
                "uniqueItems": true,
                "items": {"type": "string", "minLength": 1, "maxLength": limits::NAME},
                "description": "The texts of an enum.",
            },
        },
        "allOf": [
            {"if": of(&["enum"]), "then": {"required": ["options"]}, "else": {"properties": {"options": false}}},
            {"if": of(&["integer"]), "then": {"properties": {"min": whole, "max": whole}}},
            {
                "if": of(&["float", "vector3"]),
                "then": {"properties": {"min": number, "max": number}},
                "else": {"if": of(&["integer"]), "else": {"properties": {"min": false, "max": false}}},
            },
            default(&["string"], json!({"type": "string", "maxLength": limits::TEXT})),
            default(&["integer"], whole.clone()),
            default(&["float"], number.clone()),
            default(&["boolean"], json!({"type": "boolean"})),
            default(&names, name),
            default(&["enum", "file_path"], json!({"type": "string", "minLength": 1})),
            default(&["vector3"], json!({"type": "array", "minItems": 3, "maxItems": 3, "items": number})),
            default(&["color"], json!({"type": ["string", "array"], "maxItems": 4})),
            default(&["dict"], json!({"type": "object"})),
        ],
    })
}
