//! Files of the corpus, and manifests for tests.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vibesync_capability::{Manifest, Refused, Tool, read};

pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub fn hostile(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/hostile")
        .join(name)
}

pub fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The verdicts of the corpus.
pub fn expected() -> Value {
    read_json(&hostile("expected.json"))
}

/// Returns the bytes of a case. A file whose name ends with `.made.json` says how they are
/// made, because they are many.
pub fn bytes_of(file: &str) -> Vec<u8> {
    let bytes = std::fs::read(hostile(file)).unwrap();
    if !file.ends_with(".made.json") {
        return bytes;
    }
    let made: Value = serde_json::from_slice(&bytes).unwrap();
    let times = usize::try_from(made["times"].as_u64().unwrap()).unwrap();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (text("prefix") + &text("repeat").repeat(times) + &text("suffix")).into_bytes()
}

/// Returns the bytes of all manifests of the corpus.
pub fn corpus() -> Vec<(String, Vec<u8>)> {
    let cases = expected()["manifests"].as_array().unwrap().clone();
    let names = cases
        .iter()
        .map(|case| case["file"].as_str().unwrap().to_owned());
    names.map(|name| (name.clone(), bytes_of(&name))).collect()
}

/// A manifest with one tool whose parameters are given.
pub fn with_parameters(parameters: Value) -> Value {
    json!({
        "addon_info": {
            "id": "stone_maker", "name": "Stone Maker", "version": "1.0", "author": "Ada",
            "category": "modeling", "description": "Makes stones."
        },
        "ai_integration": {
            "agent_description": "Makes stones.",
            "tools": [{
                "name": "make_stone", "description": "Makes a stone.", "usage": "For stones.",
                "parameters": parameters
            }]
        }
    })
}

pub fn parse(value: &Value) -> Result<Manifest, Box<Refused>> {
    read(value.to_string().as_bytes()).map(|it| it.manifest)
}

/// Returns a tool with these parameters.
pub fn tool(parameters: Value) -> Tool {
    let manifest = parse(&with_parameters(parameters)).unwrap_or_else(|it| panic!("{}", it.errors));
    manifest.ai_integration.tools.into_iter().next().unwrap()
}
