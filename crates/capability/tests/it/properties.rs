//! Properties for any JSON: no panic, a canonical text that is read back, a schema that agrees.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vibesync_capability::{agent_context, check_arguments, input_schema, manifest_schema, read};

use crate::schemas::{all_types, compare_verdicts};
use crate::support::{corpus, tool, with_parameters};

static SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&manifest_schema()).unwrap());
static CORPUS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let parsed = corpus()
        .into_iter()
        .filter(|(_, bytes)| bytes.len() < 20_000);
    let parsed = parsed.filter_map(|(_, bytes)| serde_json::from_slice(&bytes).ok());
    parsed.chain([with_parameters(all_types())]).collect()
});

/// Words that have a meaning somewhere in a manifest.
const WORDS: [&str; 24] = [
    "id",
    "name",
    "type",
    "min",
    "max",
    "default",
    "options",
    "required",
    "tools",
    "parameters",
    "enum",
    "integer",
    "float",
    "vector3",
    "color",
    "dict",
    "file_path",
    "string",
    "1.0",
    "#FF0000",
    "a",
    "",
    "description",
    "a\u{200B}",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop_oneof![
            Just(0),
            Just(1),
            Just(-1),
            Just(1 << 53),
            Just(1_i64 << 60),
            any::<i64>()
        ]
        .prop_map(Value::from),
        prop_oneof![Just(0.5), Just(3.0), Just(1e39), any::<f64>()].prop_map(Value::from),
        prop::sample::select(&WORDS[..]).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Values at the edge of what a field may hold.
fn edge() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(""),
        json!("a"),
        json!("a".repeat(81)),
        json!("a".repeat(2_001)),
        json!(null),
        json!(true),
        json!(0),
        json!(1.5),
        json!(-1e39),
        json!([]),
        json!({}),
        json!(["a", "a"]),
        json!([""]),
        json!([0, 0, 0]),
    ])
}

/// Replaces one value somewhere in a manifest, or takes it away.
fn mutated() -> impl Strategy<Value = Value> {
    let base = prop::sample::select(&CORPUS[..]);
    let new = prop::option::weighted(0.8, prop_oneof![any_json(), edge()]);
    (base, any::<prop::sample::Index>(), new).prop_map(|(mut value, index, new)| {
        let count = count(&value);
        replace(&mut value, &mut index.index(count), &new);
        value
    })
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(values) => values.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Replaces the n-th value. Returns true once that is done; `None` takes a member away.
fn replace(value: &mut Value, at: &mut usize, new: &Option<Value>) -> bool {
    if *at == 0 {
        *value = new.clone().unwrap_or_default();
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(values) => values.iter_mut().any(|each| replace(each, at, new)),
        Value::Object(members) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            keys.iter().any(|key| {
                if *at == 0 && new.is_none() {
                    members.remove(key);
                    return true;
                }
                replace(&mut members[key.as_str()], at, new)
            })
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_read_without_panic(value in any_json(), text in ".{0,80}") {
        let _ = read(value.to_string().as_bytes());
        let _ = read(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn schema_agrees_with_the_parser(value in mutated()) {
        if let Err(error) = compare_verdicts(&value, &SCHEMA) {
            prop_assert!(false, "{error}");
        }
    }

    #[test]
    fn printed_manifest_is_read_back(value in mutated()) {
        let Ok(accepted) = read(value.to_string().as_bytes()) else {
            return Ok(());
        };
        let printed = accepted.manifest.to_json();
        let again = read(printed.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&again.manifest, &accepted.manifest);
        prop_assert_eq!(again.manifest.to_json(), printed);
    }

    #[test]
    fn context_and_schemas_are_bounded(value in mutated()) {
        let Ok(accepted) = read(value.to_string().as_bytes()) else {
            return Ok(());
        };
        prop_assert!(agent_context([&accepted.manifest]).len() <= 32 << 10);
        for tool in &accepted.manifest.ai_integration.tools {
            let schema = input_schema(tool);
            prop_assert!(jsonschema::validator_for(&schema).is_ok(), "{schema}");
        }
    }

    #[test]
    fn checked_arguments_are_checked_again(values in prop::collection::vec(any_json(), 13)) {
        let tool = tool(all_types());
        let names = tool.parameters.iter().map(|it| it.name.clone());
        let mut params: Map<String, Value> = names.zip(values).collect();
        for name in tool.parameters.iter().map(|it| &it.name) {
            let single: Map<String, Value> = [(name.clone(), params[name].clone()), ("count".to_owned(), json!(1))].into_iter().collect();
            if check_arguments(&tool, &single, &[]).is_err() {
                params.remove(name);
            }
        }
        params.entry("count").or_insert(json!(1));
        if let Ok(checked) = check_arguments(&tool, &params, &[]) {
            prop_assert_eq!(check_arguments(&tool, &checked, &[]), Ok(checked.clone()));
        }
    }
}

#[test]
fn mutations_are_sometimes_accepted() {
    // Otherwise the properties above would say nothing.
    let accepted = CORPUS
        .iter()
        .filter(|value| read(value.to_string().as_bytes()).is_ok());
    assert!(accepted.count() >= 10);
}
