//! JSON Schemas: of a tool's arguments, and of the manifest itself.

use std::path::Path;

use serde_json::{Value, json};
use vibesync_capability::{BEYOND_THE_SCHEMA, Findings, Rule, input_schema, manifest_schema, read};

use crate::support::{ROOT, corpus, tool};

/// One parameter of each type.
pub fn all_types() -> Value {
    json!([
        {"name": "text", "type": "string", "description": "d", "default": "x"},
        {"name": "count", "type": "integer", "description": "d", "min": -2, "max": 7, "default": 3, "required": true},
        {"name": "size", "type": "float", "description": "d", "min": 0.5, "max": 2},
        {"name": "flag", "type": "boolean", "description": "d", "default": false},
        {"name": "object", "type": "object_name", "description": "d"},
        {"name": "material", "type": "material_name", "description": "d"},
        {"name": "collection", "type": "collection_name", "description": "d"},
        {"name": "kind", "type": "enum", "description": "d", "options": ["a", "b"], "default": "a"},
        {"name": "offset", "type": "vector3", "description": "d", "min": -1, "max": 1, "default": [0, 0, 1]},
        {"name": "tint", "type": "color", "description": "d", "default": "#FF8000"},
        {"name": "glow", "type": "color", "description": "d", "default": [1, 0.5, 0]},
        {"name": "file", "type": "file_path", "description": "d", "default": "//a.png"},
        {"name": "extra", "type": "dict", "description": "d", "default": {"a": 1}}
    ])
}

#[test]
fn schema_of_a_tool_has_all_types() {
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&input_schema(&tool(all_types()))).unwrap()
    );
}

/// Visits each object of a schema that is a schema itself.
fn each_schema(schema: &Value, visit: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    let members = schema.as_object().unwrap();
    visit(members);
    for part in members
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|it| it.values())
    {
        each_schema(part, visit);
    }
    if let Some(items) = members.get("items") {
        each_schema(items, visit);
    }
}

#[test]
fn schemas_of_tools_are_flat() {
    let known = [
        "type",
        "properties",
        "required",
        "description",
        "default",
        "enum",
        "items",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "pattern",
    ];
    let manifests = corpus()
        .into_iter()
        .filter_map(|(_, bytes)| Some(read(&bytes).ok()?.manifest));
    let tools = manifests
        .flat_map(|it| it.ai_integration.tools)
        .chain([tool(all_types())]);
    for tool in tools {
        let schema = input_schema(&tool);
        each_schema(&schema, &mut |members| {
            assert!(members["type"].is_string(), "{schema}");
            assert!(
                members.keys().all(|key| known.contains(&key.as_str())),
                "{schema}"
            );
            let description = members.get("description").and_then(Value::as_str);
            assert!(
                description.is_none_or(|it| it.chars().count() <= 200),
                "{schema}"
            );
        });
    }
}

#[test]
fn schema_of_a_tool_accepts_what_the_check_accepts() {
    let tool = tool(all_types());
    let validator = jsonschema::validator_for(&input_schema(&tool)).unwrap();
    let params = json!({
        "text": "", "count": 3.0, "size": 2, "flag": true, "object": "Cube", "material": "Stone", "collection": "c",
        "kind": "b", "offset": [0, 0.5, 1], "tint": "#00000000", "glow": [0, 0, 0, 1], "file": "a/b", "extra": {}
    });
    vibesync_capability::check_arguments(&tool, params.as_object().unwrap(), &[]).unwrap();
    assert!(validator.is_valid(&params));
    for (key, value) in [
        ("count", json!(8)),
        ("kind", json!("c")),
        ("offset", json!([0, 0])),
        ("tint", json!("red")),
    ] {
        let mut wrong = params.clone();
        wrong[key] = value;
        assert!(!validator.is_valid(&wrong), "{key}");
        assert!(
            vibesync_capability::check_arguments(&tool, wrong.as_object().unwrap(), &[]).is_err()
        );
    }
}

#[test]
fn schema_of_the_manifest_is_current() {
    let path = Path::new(ROOT).join("docs/schema/addon_ai.schema.json");
    let text = serde_json::to_string_pretty(&manifest_schema()).unwrap() + "\n";
    if std::env::var_os("VIBESYNC_BLESS").is_some() {
        #[expect(clippy::disallowed_methods, reason = "the file is in git")]
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        kept == text,
        "{} is stale: run VIBESYNC_BLESS=1 cargo test -p vibesync-capability schema",
        path.display()
    );
}

/// Compares the verdicts of schema and parser. The parser may refuse more, by the rules that a schema cannot express.
pub fn compare_verdicts(value: &Value, validator: &jsonschema::Validator) -> Result<(), String> {
    let fits = validator.is_valid(value);
    match read(value.to_string().as_bytes()) {
        Ok(_) if !fits => Err(format!("the schema alone refuses {value}")),
        Err(refused) if fits && !beyond(&refused.errors) => Err(format!(
            "the parser alone refuses {value}:\n{}",
            refused.errors
        )),
        _ => Ok(()),
    }
}

fn beyond(errors: &Findings) -> bool {
    let is_beyond = |rule: Rule| BEYOND_THE_SCHEMA.contains(&rule);
    errors.list.iter().all(|finding| is_beyond(finding.rule))
}

#[test]
fn schema_agrees_with_the_parser_on_the_corpus() {
    let validator = jsonschema::validator_for(&manifest_schema()).unwrap();
    let mut compared = 0;
    for (file, bytes) in corpus() {
        if let Ok(value) = serde_json::from_slice::<Value>(&bytes)
            && bytes.len() <= 256 << 10
        {
            compare_verdicts(&value, &validator).unwrap_or_else(|error| panic!("{file}: {error}"));
            compared += 1;
        }
    }
    assert!(compared > 70, "{compared}");
}

/// Texts at the edges of ids, names, versions and categories.
const FORMS: &str = "|1|1.0|1.2.3.4|1.2.3.4.5|1.|.1|1..2|v1|latest|1.0b2|1.0-rc.1|1.0+b|1.0-|1.0--a|1.0-+|1.0-.a|1.0 b|\
    1.0_b|999999999|9999999999|٤.٥|1.0\n|2022.3.10f1|1.0-b.2+c-3|a|A|a-b|a_b|_a|-a|a b|a.b|a/b|ä|a\n|class|self|None|\
    vibesync|unity|io|a__b|Modeling";

#[test]
fn schema_and_parser_agree_on_forms() {
    let validator = jsonschema::validator_for(&manifest_schema()).unwrap();
    let long = [40, 41, 64, 65].map(|length| "a".repeat(length));
    let versions = [62, 63].map(|length| format!("1-{}", "a".repeat(length)));
    let texts = FORMS.split('|').map(str::to_owned);
    for text in texts.chain(long).chain(versions) {
        for path in [
            "/addon_info/id",
            "/addon_info/version",
            "/addon_info/category",
            "/ai_integration/tools/0/name",
            "/ai_integration/tools/0/parameters/0/name",
            "/ai_integration/tools/0/parameters/0/type",
        ] {
            let mut manifest = crate::support::with_parameters(all_types());
            *manifest.pointer_mut(path).unwrap() = json!(text);
            // A type that has no text for a default refuses the one that is there.
            manifest
                .pointer_mut("/ai_integration/tools/0/parameters/0")
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove("default");
            let parsed = read(manifest.to_string().as_bytes()).is_ok();
            assert_eq!(validator.is_valid(&manifest), parsed, "{path} {text:?}");
        }
    }
}
