//! Events of the registry: which add-ons came, went and are there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// A message to those who follow the registry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RegistryEvent {
    /// An add-on is there, or its manifest has changed.
    AddonRegistered {
        /// The add-on.
        addon_id: String,
        /// Its manifest.
        manifest: Value,
    },
    /// An add-on is gone.
    AddonUnregistered {
        /// The add-on.
        addon_id: String,
    },
    /// The whole list, after each change.
    RegistryUpdated {
        /// All add-ons that are there.
        available_addons: Vec<AvailableAddon>,
    },
}

/// An add-on in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AvailableAddon {
    /// The add-on.
    pub addon_id: String,
    /// Name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `blender` or `unity`.
    pub editor: String,
    /// `ready`, or the word for its obstacle.
    pub state: String,
    /// Names of its tools.
    pub tools: Vec<String>,
}

/// An add-on with its manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Its entry in the list.
    pub addon: AvailableAddon,
    /// Its manifest as JSON.
    pub manifest: Value,
}

/// Returns the events that lead from one list to another: none if they are equal, whatever their order.
#[must_use]
pub fn registry_events(before: &[Listing], after: &[Listing]) -> Vec<RegistryEvent> {
    let by_id = |list: &'_ [Listing]| -> BTreeMap<String, Listing> {
        list.iter()
            .map(|it| (it.addon.addon_id.clone(), it.clone()))
            .collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    if before == after {
        return Vec::new();
    }
    let gone = before.keys().filter(|id| !after.contains_key(*id));
    let gone = gone.map(|id| RegistryEvent::AddonUnregistered {
        addon_id: id.clone(),
    });
    let new = after
        .iter()
        .filter(|(id, listing)| before.get(*id).map(|it| &it.manifest) != Some(&listing.manifest));
    let new = new.map(|(id, listing)| RegistryEvent::AddonRegistered {
        addon_id: id.clone(),
        manifest: listing.manifest.clone(),
    });
    let list = RegistryEvent::RegistryUpdated {
        available_addons: after.values().map(|it| it.addon.clone()).collect(),
    };
    gone.chain(new).chain([list]).collect()
}
