//! Rules for the lists that clients read: the smallest common set that all known clients accept.

use serde_json::{Value, json};

use crate::client::{Client, ERAS, Era};
use crate::fake::{Fake, object};

/// Most bytes of `tools/list` with these tools: about 4,600 tokens, which leaves 1,400 for the tools to come.
const MAX_LIST: usize = 20_000;

/// The tools that change something beside the scene, and nothing for good.
const INTERFACE: [&str; 1] = ["selection_set"];

/// The tools that change the scene.
const CHANGES: [&str; 5] = [
    "call_capability",
    "scene_change",
    "history_restore",
    "undo",
    "graph_build",
];

/// Keywords of JSON Schema that some client refuses, or that cost tokens without use.
const REFUSED: [&str; 12] = [
    "$ref",
    "$defs",
    "$schema",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "additionalProperties",
    "required",
    "const",
    "format",
    "title",
];

async fn tools() -> Vec<Value> {
    let (mut client, _) = Client::open(Fake::new(), Era::Modern).await;
    let listed = client.request("tools/list", json!({})).await;
    listed["tools"].as_array().unwrap().clone()
}

fn check_schema(schema: &Value, location: &str, depth: u32) {
    assert!(depth < 5, "{location} is nested too deep");
    let fields = schema.as_object().unwrap();
    assert!(fields["type"].is_string(), "{location} has no single type");
    for keyword in REFUSED {
        assert!(!fields.contains_key(keyword), "{location}: {keyword}");
    }
    if let Some(about) = fields.get("description") {
        let length = about.as_str().unwrap().len();
        assert!((1..=120).contains(&length), "{location}: {length} bytes");
    }
    if let Some(items) = fields.get("items") {
        check_schema(items, &format!("{location}[]"), depth + 1);
    }
    for (name, property) in fields
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        check_schema(property, &format!("{location}.{name}"), depth + 1);
    }
}

#[tokio::test]
async fn tools_have_short_names_and_flat_schemas() {
    for tool in tools().await {
        let name = tool["name"].as_str().unwrap();
        let is_plain = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(is_plain && (3..=24).contains(&name.len()), "{name}");
        assert!(!name.contains("__"), "{name}");
        assert!(tool["description"].as_str().unwrap().len() <= 300, "{name}");
        check_schema(&tool["inputSchema"], name, 0);
        check_schema(&tool["outputSchema"], name, 0);
        let hints = &tool["annotations"];
        let is_change = CHANGES.contains(&name);
        let is_read_only = !is_change && !INTERFACE.contains(&name);
        assert_eq!(hints["readOnlyHint"], is_read_only, "{name}");
        assert_eq!(hints["destructiveHint"], is_change, "{name}");
        assert_eq!(hints["openWorldHint"], name == "call_capability", "{name}");
        for hint in ["destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(hints[hint].is_boolean(), "{name}: {hint}");
        }
    }
}

#[tokio::test]
async fn list_of_tools_costs_few_tokens() {
    let list = json!({"tools": tools().await}).to_string();
    assert!(list.len() <= MAX_LIST, "{} bytes", list.len());
}

/// A sketch of a valid graph.
const CONE: &str = "flowchart LR\n  a[\"GeometryNodeMeshCone\"] -->|Mesh| out[\"NodeGroupOutput\"]";

/// One call of each tool that succeeds.
pub fn calls() -> [(&'static str, Value); 18] {
    [
        ("status", json!({})),
        ("scene_search", json!({"text": "stone"})),
        (
            "scene_describe",
            json!({"uuids": [object(1)], "detail": "full"}),
        ),
        ("scene_describe", json!({"depth": 2, "space": "unity"})),
        ("scene_view", json!({"editor": "unity", "look": "top"})),
        (
            "selection_set",
            json!({"editor": "blender", "uuids": [object(1)]}),
        ),
        ("history", json!({"by": "blender"})),
        ("history_diff", json!({"from": "@3"})),
        ("log", json!({"phase": "BEGIN", "code": "VS-4001"})),
        (
            "graph_check",
            json!({"mermaid": "flowchart LR", "fix": true}),
        ),
        ("graph_nodes", json!({"name": "GeometryNodeMeshCone"})),
        ("graph_nodes", json!({"search": "cone"})),
        (
            "scene_change",
            json!({"changes": [{"op": "update", "uuid": object(1), "scale": [1, 2, 3]}], "base_seq": 500}),
        ),
        (
            "scene_change",
            json!({"changes": [{"op": "create", "key": "a", "primitive": "torus"}], "dry_run": true}),
        ),
        ("change_wait", json!({"operation_id": object(8)})),
        ("history_restore", json!({"to": "@4", "dry_run": true})),
        ("undo", json!({"since_seq": 4})),
        (
            "graph_build",
            json!({"object": object(1), "mermaid": CONE, "base_seq": 500, "dry_run": true, "blender": "4.5"}),
        ),
    ]
}

#[tokio::test]
async fn answers_conform_to_their_schemas() {
    let tools = tools().await;
    for era in ERAS {
        for is_absent in [false, true] {
            let daemon = Fake {
                is_absent,
                ..Fake::new()
            };
            let (mut client, _) = Client::open(daemon, era).await;
            for (name, arguments) in calls() {
                let (answer, is_error) = client.call(name, arguments).await;
                let needs_daemon = !["graph_check", "graph_nodes"].contains(&name);
                assert_eq!(is_error, is_absent && needs_daemon, "{name}: {answer}");
                let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
                let schema = &tool["outputSchema"]["properties"];
                for (field, value) in answer.as_object().unwrap() {
                    let expected = schema[field]["type"].as_str();
                    assert_eq!(Some(type_of(value)), expected, "{name}.{field}: {value}");
                    for item in value.as_array().into_iter().flatten() {
                        let expected = schema[field]["items"]["type"].as_str();
                        assert_eq!(Some(type_of(item)), expected, "{name}.{field}: {item}");
                    }
                }
            }
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
