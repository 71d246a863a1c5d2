//! Calls: the golden vectors that the addon passes too, and the rules of a whole call.

use std::path::Path;

use serde_json::{Map, Value, json};
use vibesync_capability::{check_arguments, normalize_path};

use crate::support::{ROOT, read_json, tool};

/// Returns the entries of a file. One with `repeat` has a mark in its texts, in the place of a text that repeats.
fn golden(name: &str) -> Vec<Value> {
    let path = Path::new(ROOT).join("tests/golden").join(name);
    let entries = read_json(&path);
    entries.as_array().unwrap().iter().map(expanded).collect()
}

fn expanded(entry: &Value) -> Value {
    let Some(repeat) = entry.get("repeat") else {
        return entry.clone();
    };
    let times = usize::try_from(repeat[2].as_u64().unwrap()).unwrap();
    let long = repeat[1].as_str().unwrap().repeat(times);
    let mut entry = entry.clone();
    entry.as_object_mut().unwrap().remove("repeat");
    let text = entry
        .to_string()
        .replace(repeat[0].as_str().unwrap(), &long);
    serde_json::from_str(&text).unwrap()
}

fn roots(entry: &Value) -> Vec<String> {
    let roots = entry["roots"].as_array().into_iter().flatten();
    roots.map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn golden_arguments_are_checked() {
    let mut wrong = Vec::new();
    for entry in golden("capability-arguments.json") {
        let tool = tool(entry["parameters"].clone());
        let params: Result<Map<String, Value>, _> =
            serde_json::from_str(entry["params"].as_str().unwrap());
        let found = match params {
            Err(_) => json!("not json"),
            Ok(params) => match check_arguments(&tool, &params, &[]) {
                Ok(checked) => Value::Object(checked),
                Err(errors) => errors
                    .list
                    .iter()
                    .map(|it| json!([it.rule.as_str(), it.path]))
                    .collect(),
            },
        };
        let wanted = match entry["is_json"] == json!(false) {
            true => json!("not json"),
            false => entry["expected"].clone(),
        };
        if found != wanted {
            wrong.push(format!(
                "{}\n  found  {found}\n  wanted {wanted}",
                entry["name"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn golden_paths_are_checked() {
    let mut wrong = Vec::new();
    for entry in golden("capability-paths.json") {
        let found = normalize_path(entry["path"].as_str().unwrap(), &roots(&entry));
        let found = found.map_or(Value::Null, Value::from);
        if found != entry["expected"] {
            wrong.push(format!("{entry}\n  found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn golden_vectors_have_all_types_and_rules() {
    let entries = golden("capability-arguments.json");
    let text = serde_json::to_string(&entries).unwrap();
    for (word, _) in vibesync_capability::TYPES {
        assert!(text.contains(&format!("\"type\":\"{word}\"")), "{word}");
    }
    // The daemon looks entities up in its scene; its own tests break that rule.
    let rules = vibesync_capability::Rule::ALL.iter();
    for rule in rules.filter(|rule| **rule != vibesync_capability::Rule::Entity) {
        let is_for_calls = rule.code().is_some_and(|code| code.as_str() == "VS-9103");
        assert!(!is_for_calls || text.contains(rule.as_str()), "{rule}");
    }
}

#[test]
fn all_mistakes_of_a_call_are_told_at_once() {
    let tool = tool(json!([
        {"name": "a", "type": "integer", "description": "d", "required": true},
        {"name": "b", "type": "boolean", "description": "d", "required": true},
        {"name": "c", "type": "color", "description": "d"}
    ]));
    let params = json!({"c": "red", "a": "3", "x": 1, "w\u{202E}": 2});
    let errors = check_arguments(&tool, params.as_object().unwrap(), &[]).unwrap_err();
    let told: Vec<String> = errors.list.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "params[\"w\\u{202e}\"]: the tool has no such parameter (unknown_parameter)",
            "params[\"x\"]: the tool has no such parameter (unknown_parameter)",
            "params.a: expected a whole number, found a text (value_type)",
            "params.b: the parameter is required and missing (missing_parameter)",
            "params.c: expected #RRGGBB or #RRGGBBAA (value_text)",
        ]
    );
}

#[test]
fn mistakes_of_a_call_are_bounded() {
    let tool = tool(json!([]));
    let params: Map<String, Value> = (0..5_000)
        .map(|it| (format!("{it:0>200}"), json!(1)))
        .collect();
    let errors = check_arguments(&tool, &params, &[]).unwrap_err();
    assert_eq!((errors.list.len(), errors.more), (100, 4_900));
    assert!(errors.list.iter().all(|it| it.path.chars().count() < 80));
}
