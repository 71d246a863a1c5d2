//! Differences of two states of the scene, by entity and component.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;
use vibesync_scene::Entity;

/// The difference of one entity between two states.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityDiff {
    /// The entity.
    pub uuid: Uuid,
    /// The earlier state; none if it did not exist.
    pub before: Option<Entity>,
    /// The later state; none if it no longer exists.
    pub after: Option<Entity>,
}

/// A component in the earlier and the later state, as JSON; none if the entity lacks it.
pub type ComponentDiff = (Option<Value>, Option<Value>);

impl EntityDiff {
    /// Compares two states of one entity; none if they are equal.
    pub fn new(uuid: Uuid, before: Option<Entity>, after: Option<Entity>) -> Option<Self> {
        let differs = before != after;
        differs.then_some(Self {
            uuid,
            before,
            after,
        })
    }

    /// The components that differ, by name.
    pub fn components(&self) -> BTreeMap<String, ComponentDiff> {
        let (mut before, mut after) = (components(&self.before), components(&self.after));
        let names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
        names
            .into_iter()
            .map(|name| {
                let diff = (before.remove(&name), after.remove(&name));
                (name, diff)
            })
            .filter(|(_, (before, after))| before != after)
            .collect()
    }
}

fn components(entity: &Option<Entity>) -> BTreeMap<String, Value> {
    let value = entity
        .as_ref()
        .and_then(|entity| serde_json::to_value(&entity.components).ok());
    match value {
        Some(Value::Object(components)) => components.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

/// Returns the entities that differ, by uuid.
pub fn differences<'a>(
    before: impl IntoIterator<Item = &'a Entity>,
    after: impl IntoIterator<Item = &'a Entity>,
) -> Vec<EntityDiff> {
    let mut states: BTreeMap<Uuid, (Option<&Entity>, Option<&Entity>)> = BTreeMap::new();
    for entity in before {
        states.entry(entity.uuid).or_default().0 = Some(entity);
    }
    for entity in after {
        states.entry(entity.uuid).or_default().1 = Some(entity);
    }
    let differing = states
        .into_iter()
        .filter(|(_, (before, after))| before != after);
    differing
        .filter_map(|(uuid, (before, after))| {
            EntityDiff::new(uuid, before.cloned(), after.cloned())
        })
        .collect()
}
