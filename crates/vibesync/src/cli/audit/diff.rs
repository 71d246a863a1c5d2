//! `vibesync audit diff`: compares two states of the scene, value by value.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Value, json};
use vibesync_scene::Entity;
use vibesync_store::audit::{EntityDiff, History, differences};
use vibesync_store::boot;
use vibesync_store::disk::RealDisk;

use super::format::headline;
use crate::cli::log::access as log;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::cli::text::{Sanitized, wire_name};
use crate::error::Error;
use crate::history;
use crate::platform::project::Project;

pub(super) fn run(
    project: &Project,
    from: &str,
    to: Option<&str>,
    json: bool,
    out: &mut impl Write,
) -> CommandResult {
    let root = project.audit();
    let history = history::open(&root)?;
    let from = history::find(&history, &root, from)?.commit;
    let mut found = match to {
        Some(to) => {
            let to = history::find(&history, &root, to)?.commit;
            let diffs = history.diff(&from, &to);
            diffs.map_err(|error| history::coded(&root, error))?
        }
        None => until_now(project, &history, &from)?,
    };
    // The history returns them in the order of their files.
    found.sort_by_key(|entity| entity.uuid);
    for entity in &found {
        match json {
            true => writeln!(out, "{}", as_json(entity))?,
            false => write!(out, "{}", text(entity))?,
        }
    }
    if found.is_empty() && !json {
        writeln!(out, "no difference")?;
    }
    Ok(ExitStatus::Ok)
}

/// Compares a commit with the current scene, which the log gives.
fn until_now(project: &Project, history: &History, from: &str) -> Result<Vec<EntityDiff>, Error> {
    let root = project.audit();
    let entities = history.entities(from);
    let then = entities.map_err(|error| history::coded(&root, error))?;
    let wal = project.wal();
    let tip = log::verify(&wal)?.tip;
    let state = boot::replay(Arc::new(RealDisk), &wal, tip);
    let state = state.map_err(|error| log::coded(&wal, error))?;
    let live = state.scene.rows().filter(|row| !row.tombstone);
    let now: Vec<&Entity> = live.map(|row| &row.entity).collect();
    Ok(differences(&then, now))
}

fn as_json(diff: &EntityDiff) -> Value {
    let components = diff.components().into_iter();
    let components: serde_json::Map<String, Value> = components
        .map(|(name, (before, after))| (name, json!({"before": before, "after": after})))
        .collect();
    json!({
        "uuid": diff.uuid,
        "change": change(diff).1,
        "kind": entity(diff).map(|entity| entity.kind),
        "name": entity(diff).and_then(|entity| entity.components.name.as_deref()),
        "components": components,
    })
}

fn text(diff: &EntityDiff) -> String {
    let name = entity(diff).and_then(|entity| entity.components.name.as_deref());
    let kind = entity(diff).map_or("entity".to_owned(), |entity| wire_name(&entity.kind));
    let (sign, _) = change(diff);
    let mut text = headline(sign, &kind, name, diff.uuid) + "\n";
    // If an entity was created or deleted, all its values changed.
    if sign == '~' {
        for (name, (before, after)) in changed_values(diff) {
            let (before, after) = (value_text(before), value_text(after));
            text.push_str(&format!("    {name}: {before} -> {after}\n"));
        }
    }
    text
}

/// Returns the values that differ, by their path.
pub(in crate::cli) fn changed_values(
    diff: &EntityDiff,
) -> BTreeMap<String, (Option<Value>, Option<Value>)> {
    let mut values = BTreeMap::new();
    for (name, (before, after)) in diff.components() {
        collect_changes(name, before, after, &mut values);
    }
    values
}

fn collect_changes(
    path: String,
    before: Option<Value>,
    after: Option<Value>,
    found: &mut BTreeMap<String, (Option<Value>, Option<Value>)>,
) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(mut before)), Some(Value::Object(mut after))) => {
            let keys: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
            for key in keys {
                let (before, after) = (before.remove(&key), after.remove(&key));
                collect_changes(format!("{path}.{key}"), before, after, found);
            }
        }
        (before, after) => {
            found.insert(path, (before, after));
        }
    }
}

fn value_text(value: Option<Value>) -> String {
    let text = value.map_or("nothing".to_owned(), |value| value.to_string());
    Sanitized(&text).to_string()
}

pub(in crate::cli) fn entity(diff: &EntityDiff) -> Option<&Entity> {
    diff.after.as_ref().or(diff.before.as_ref())
}

pub(in crate::cli) fn change(diff: &EntityDiff) -> (char, &'static str) {
    match (&diff.before, &diff.after) {
        (None, _) => ('+', "created"),
        (_, None) => ('-', "deleted"),
        _ => ('~', "changed"),
    }
}
