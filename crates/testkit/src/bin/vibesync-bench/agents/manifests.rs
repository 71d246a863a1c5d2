//! The manifests of many add-ons: read, judged as a set, and their tools named.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};
use vibesync_capability::{Candidate, Editor, NameTable, ToolId, Usability, Version, judge, read};

use super::start::milliseconds;
use crate::harness::Fallible;
use crate::report::{Bar, Report, Samples};

const ADDONS: usize = 100;
const TOOLS: usize = 20;
const ROUNDS: usize = 20;

const JUDGED: Bar = Bar::AtMost(200.0);

pub fn run(report: &mut Report) -> Fallible {
    let texts: Vec<String> = (0..ADDONS).map(|n| manifest(n).to_string()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    report.value("manifests", bytes as f64 / 1e6, "MB")?;
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let (usable, tools) = judged(&texts)?;
        samples.push(milliseconds(begin));
        if (usable, tools) != (ADDONS, ADDONS * TOOLS) {
            return Err(format!("{usable} add-ons with {tools} tools can be used").into());
        }
    }
    Ok(report.bound("manifests_judged", samples.p50(), "ms", JUDGED)?)
}

/// Reads all manifests, judges the set and names the tools. Returns the numbers of usable add-ons and of tools.
fn judged(texts: &[String]) -> Fallible<(usize, usize)> {
    let mut manifests = Vec::new();
    for text in texts {
        let accepted = read(text.as_bytes());
        let accepted = accepted.map_err(|refused| format!("{:?}", refused.errors))?;
        manifests.push(accepted.manifest);
    }
    let candidates: Vec<Candidate<'_>> = manifests
        .iter()
        .map(|manifest| Candidate {
            id: &manifest.addon_info.id,
            manifest: Some(manifest),
            folder: &manifest.addon_info.id,
            editor: Editor::Blender,
            editor_version: Version::of_editor("4.5.3"),
            is_enabled: true,
            allowed: Some(1),
        })
        .collect();
    let usability = judge(&candidates, &BTreeSet::new());
    let tools = manifests.iter().flat_map(|manifest| {
        let tools = &manifest.ai_integration.tools;
        tools.iter().map(|tool| ToolId {
            addon_id: manifest.addon_info.id.clone(),
            tool: tool.name.clone(),
        })
    });
    let names = NameTable::new(tools);
    let usable = usability.iter().filter(|it| **it == Usability::Usable);
    Ok((
        usable.count(),
        names.iter().count() + names.left_out().len(),
    ))
}

/// Makes a manifest with tools of four parameters, which needs the add-on before it.
fn manifest(n: usize) -> Value {
    let id = |n: usize| format!("addon_{n:03}");
    let needed: Vec<String> = n.checked_sub(1).map(id).into_iter().collect();
    json!({
        "addon_info": {
            "id": id(n), "name": format!("Add-on {n}"), "version": "1.2.0", "author": "Ada", "category": "modeling",
            "description": "Makes and changes stones of any size.",
        },
        "ai_integration": {
            "agent_description": "Makes stones of any size, near objects, in rows or at random places.",
            "tools": (0..TOOLS).map(tool).collect::<Vec<_>>(),
            "context_hints": ["Stones stand on the ground."],
            "requirements": {"blender_version_min": "4.2", "depends_on": needed, "conflicts_with": []},
        },
    })
}

fn tool(n: usize) -> Value {
    json!({
        "name": format!("make_stones_{n:02}"),
        "description": "Makes stones near an object, in a row or at random places.",
        "usage": "When stones are wanted on the ground or near something.",
        "parameters": [
            {"name": "size", "type": "float", "description": "In meters.", "required": false, "default": 1.0, "min": 0.1,
             "max": 10.0},
            {"name": "count", "type": "integer", "description": "Number of stones.", "required": true, "min": 1, "max": 50},
            {"name": "shape", "type": "enum", "description": "Their form.", "required": false,
             "options": ["round", "flat", "sharp"], "default": "round"},
            {"name": "near", "type": "object_name", "description": "The object beside them.", "required": false},
        ],
        "examples": ["Add three flat stones beside the house", "Make a row of stones"],
        "read_only": false,
        "destructive": false,
    })
}
