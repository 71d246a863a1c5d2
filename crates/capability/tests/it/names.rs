//! Names of generated MCP tools.

use std::collections::BTreeSet;

use vibesync_capability::{NameTable, ToolId, generated_name, is_fixed_name};

use crate::support::{bytes_of, expected};

/// Names of the fixed tools, which no generated name may have.
const FIXED: [&str; 18] = [
    "status",
    "scene_search",
    "scene_describe",
    "scene_view",
    "selection_set",
    "scene_change",
    "change_wait",
    "history",
    "history_diff",
    "history_restore",
    "undo",
    "graph_check",
    "graph_nodes",
    "graph_build",
    "log",
    "list_capabilities",
    "describe_capability",
    "call_capability",
];

fn id(addon_id: &str, tool: &str) -> ToolId {
    let (addon_id, tool) = (addon_id.to_owned(), tool.to_owned());
    ToolId { addon_id, tool }
}

fn is_valid(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    name.len() <= 33 && name.bytes().all(allowed) && name.contains("__")
}

#[test]
fn short_names_are_addon_and_tool() {
    assert_eq!(generated_name("stones", "make"), "stones__make");
    assert_eq!(generated_name("a-b", "c_d"), "a-b__c_d");
}

#[test]
fn long_and_ambiguous_names_end_with_a_hash() {
    let long = generated_name("a_rather_long_name_of_an_addon", "and_a_tool");
    assert!(long.len() <= 33, "{long}");
    assert!(long.starts_with("a_rather_lon__and_a_tool_"), "{long}");
    let ambiguous = [generated_name("a", "b__c"), generated_name("a__b", "c")];
    assert_ne!(ambiguous[0], ambiguous[1]);
    assert!(ambiguous.iter().all(|name| name.starts_with("a__b__c_")));
}

#[test]
fn generated_names_are_valid_and_never_fixed_ones() {
    let long = "x".repeat(64);
    for addon in ["a", "a__b", "st-one", "a_", long.as_str()] {
        for tool in ["b", "c__d", "status", long.as_str()] {
            let name = generated_name(addon, tool);
            assert!(is_valid(&name) && !is_fixed_name(&name), "{name}");
        }
    }
    assert!(FIXED.iter().all(|name| is_fixed_name(name)));
}

#[test]
fn tools_with_one_name_are_left_out() {
    let twice = [id("a", "b"), id("a", "b"), id("a", "c")];
    let table = NameTable::new(twice.clone());
    assert_eq!(table.iter().count(), 1);
    assert_eq!(table.left_out(), &twice[..2]);
}

#[test]
fn list_has_at_most_64_names_in_order() {
    let tools = (0..100)
        .rev()
        .map(|number| id("a", &format!("t{number:03}")));
    let table = NameTable::new(tools);
    let names: Vec<&str> = table.iter().map(|(name, _)| name).collect();
    assert_eq!(
        (names.len(), names[0], names[63]),
        (64, "a__t000", "a__t063")
    );
    assert_eq!(table.left_out().len(), 36);
}

#[test]
fn vanished_name_is_answered_with_the_way_to_find_it() {
    let table = NameTable::new([id("a", "b")]);
    assert_eq!(table.resolve("a__b").unwrap(), &id("a", "b"));
    let error = table.resolve("a__\u{202E}c").unwrap_err();
    assert_eq!(error.code.as_str(), "VS-9102");
    assert!(error.message.contains("list_capabilities"), "{error}");
    assert!(!error.message.contains('\u{202E}'), "{error}");
}

#[test]
fn tools_of_the_corpus_have_their_names() {
    for case in expected()["manifests"].as_array().unwrap() {
        let Some(names) = case.get("names") else {
            continue;
        };
        let manifest = vibesync_capability::read(&bytes_of(case["file"].as_str().unwrap()));
        let manifest = manifest.unwrap().manifest;
        let tools = manifest.ai_integration.tools.iter();
        let tools: Vec<ToolId> = tools.map(|tool| id(manifest.id(), &tool.name)).collect();
        let table = NameTable::new(tools.clone());
        match names.as_object() {
            Some(names) => {
                let found = table.iter().map(|(name, it)| {
                    let target = format!("{}/{}", it.addon_id, it.tool);
                    (name.to_owned(), target.into())
                });
                assert_eq!(&found.collect::<serde_json::Map<_, _>>(), names);
            }
            None => {
                let starts: BTreeSet<&str> = table.iter().map(|(name, _)| &name[..26]).collect();
                assert_eq!((table.iter().count(), starts.len()), (tools.len(), 1));
            }
        }
    }
}
