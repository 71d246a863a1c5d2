//! Looks up the entities that a call names: by uuid, or by a name that exactly one object has.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;
use vibesync_capability::{Finding, ParameterType, Rule, Tool, escape};
use vibesync_scene::{EntityKind, Scene};

/// Most names that are offered in the place of an unknown one.
const MAX_NEAR: usize = 5;
/// Characters of a name in a message.
const SHOWN: usize = 80;

/// Replaces uuids by the present names, and returns the entities by parameter.
pub(crate) fn resolve(
    scene: &Scene,
    tool: &Tool,
    params: &mut Map<String, Value>,
) -> Result<BTreeMap<String, Uuid>, Vec<Finding>> {
    let (mut resolved, mut findings) = (BTreeMap::new(), Vec::new());
    for parameter in &tool.parameters {
        if parameter.kind != ParameterType::ObjectName {
            continue;
        }
        let Some(Value::String(given)) = params.get(&parameter.name) else {
            continue;
        };
        match find(scene, given) {
            Ok((uuid, name)) => {
                resolved.insert(parameter.name.clone(), uuid);
                params.insert(parameter.name.clone(), Value::String(name));
            }
            Err(message) => {
                let path = format!("params.{}", parameter.name);
                findings.push(Finding::about(Rule::Entity, path, message));
            }
        }
    }
    match findings.is_empty() {
        true => Ok(resolved),
        false => Err(findings),
    }
}

/// Returns the object with this uuid or name, and its name.
fn find(scene: &Scene, given: &str) -> Result<(Uuid, String), String> {
    let objects = || {
        let live = scene.rows().filter(|row| !row.tombstone);
        let objects = live.filter(|row| row.entity.kind == EntityKind::Object);
        objects.filter_map(|row| Some((row.entity.uuid, row.entity.components.name.as_deref()?)))
    };
    if let Ok(uuid) = given.parse::<Uuid>() {
        let entity = scene.live(uuid);
        let object = entity.filter(|entity| entity.kind == EntityKind::Object);
        let name = object.and_then(|object| object.components.name.clone());
        return match name {
            Some(name) => Ok((uuid, name)),
            None => Err(format!("there is no object {uuid}")),
        };
    }
    let mut named = objects().filter(|(_, name)| *name == given);
    match (named.next(), named.count()) {
        (Some((uuid, name)), 0) => Ok((uuid, name.to_owned())),
        (Some(_), more) => Err(format!(
            "{} objects have this name; give the uuid",
            more + 1
        )),
        (None, _) => Err(unknown(given, objects())),
    }
}

/// Explains that no object has a name, and offers similar ones.
fn unknown<'a>(given: &str, objects: impl Iterator<Item = (Uuid, &'a str)>) -> String {
    let wanted = given.to_lowercase();
    let is_near = |name: &str| {
        let name = name.to_lowercase();
        name.contains(&wanted) || wanted.contains(&name)
    };
    let near = objects.filter(|(_, name)| is_near(name)).take(MAX_NEAR);
    let near: Vec<String> = near
        .map(|(uuid, name)| format!("\"{}\" {uuid}", escape(name, SHOWN)))
        .collect();
    match near.is_empty() {
        true => "no object has this name".to_owned(),
        false => format!("no object has this name; similar are {}", near.join(", ")),
    }
}
