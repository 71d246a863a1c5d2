//! How two states of the scene differ, entity by entity and component by component.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;
use vibesync_scene::Entity;

/// One entity that is not the same in two states.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityDiff {
    /// It.
    pub uuid: Uuid,
    /// As it was; none where it did not exist.
    pub before: Option<Entity>,
    /// As it is; none where it no longer exists.
    pub after: Option<Entity>,
}

/// A component before and after, as JSON; none where the entity does not have it.
pub type ComponentDiff = (Option<Value>, Option<Value>);

impl EntityDiff {
    /// Of the states of one entity; none where they are the same.
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

/// What is different in `after`, by uuid.
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
