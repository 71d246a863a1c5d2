//! The golden vectors of actions, which Python and C# share.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vibesync_scene::{KeyedAction, MeshBytes, check_action, compare_actions};

/// An action with the bytes of its keys and samples.
struct Keyed {
    action: KeyedAction,
    buffers: [(&'static str, Vec<u8>); 2],
}

impl Keyed {
    fn bytes(&self) -> MeshBytes<'_> {
        let buffers = self.buffers.iter();
        buffers.map(|(name, it)| (*name, it.as_slice())).collect()
    }
}

fn bytes_of(numbers: &Value) -> Vec<u8> {
    let numbers = numbers.as_array().unwrap().iter();
    let number = |it: &Value| (it.as_f64().unwrap() as f32).to_le_bytes();
    numbers.flat_map(number).collect()
}

fn key_bytes(key: &Value) -> Vec<u8> {
    let mut bytes = bytes_of(key);
    let kind = key[6].as_u64().unwrap() as u32;
    bytes.splice(24..28, kind.to_le_bytes());
    bytes
}

/// Returns the action of the vectors with the changes of a case; none if it is refused.
fn read(vectors: &Value, case: &Value) -> Option<Keyed> {
    let mut action = vectors["action"].clone();
    for change in case["set"].as_array().unwrap() {
        let (last, path) = change[0].as_array().unwrap().split_last().unwrap();
        let holder = path.iter().fold(&mut action, |at, step| match step {
            Value::String(name) => &mut at[name],
            step => &mut at[step.as_u64().unwrap() as usize],
        });
        holder[last.as_str().unwrap()] = change[1].clone();
    }
    let part = |name: &str| case.get(name).unwrap_or(&vectors[name]).clone();
    let keys = part("keys");
    let keys: Vec<u8> = keys
        .as_array()
        .unwrap()
        .iter()
        .flat_map(key_bytes)
        .collect();
    let buffers = [("keys", keys), ("samples", bytes_of(&part("samples")))];
    action["buffers"] = buffers
        .iter()
        .map(|(name, it)| (*name, json!({"bytes": it.len()})))
        .collect();
    let action: KeyedAction = serde_json::from_value(action).ok()?;
    let pieces: BTreeMap<_, _> = buffers
        .iter()
        .map(|(name, it)| (*name, vec![it.as_slice()]))
        .collect();
    check_action(&action, &pieces, "action").ok()?;
    Some(Keyed { action, buffers })
}

#[test]
fn actions_are_those_of_the_golden_vectors() {
    let text = include_str!("../../../../tests/golden/actions.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let same = read(&vectors, &json!({"set": []})).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let found = read(&vectors, case);
        assert_eq!(Value::from(found.is_some()), case["accepted"], "{case}");
        let is_equal = found.map(|it| {
            compare_actions((&same.action, &same.bytes()), (&it.action, &it.bytes())).is_ok()
        });
        assert_eq!(json!(is_equal), case["equal"], "{case}");
    }
}
