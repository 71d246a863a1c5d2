//! Events of the registry for agents that follow it.

use vibesync_capability::{
    AvailableAddon as Shape, Listing, Manifest, RegistryEvent, registry_events,
};
use vibesync_protocol::{AvailableAddon, CapabilityState, DaemonMessage};

use super::judge::Entry;

/// Returns the messages that lead from the add-ons before to those now.
pub(crate) fn events(before: &[Entry], now: &[Entry]) -> Vec<DaemonMessage> {
    let ready = |entries: &[Entry]| -> Vec<Listing> {
        let ready = entries
            .iter()
            .filter(|it| it.state == CapabilityState::Ready);
        ready.filter_map(listing).collect()
    };
    let events = registry_events(&ready(before), &ready(now)).into_iter();
    let mut messages: Vec<DaemonMessage> = events.filter_map(message).collect();
    let all = available(now);
    if available(before) != all {
        let available_addons = all;
        messages.push(DaemonMessage::RegistryUpdated { available_addons });
    }
    messages
}

fn message(event: RegistryEvent) -> Option<DaemonMessage> {
    match event {
        RegistryEvent::AddonRegistered { addon_id, manifest } => {
            Some(DaemonMessage::AddonRegistered { addon_id, manifest })
        }
        RegistryEvent::AddonUnregistered { addon_id } => {
            Some(DaemonMessage::AddonUnregistered { addon_id })
        }
        // The list of all add-ons follows.
        RegistryEvent::RegistryUpdated { .. } => None,
    }
}

fn listing(entry: &Entry) -> Option<Listing> {
    let manifest = entry.manifest()?;
    Some(Listing {
        addon: Shape {
            addon_id: entry.id.clone(),
            name: manifest.addon_info.name.clone(),
            version: manifest.addon_info.version.to_string(),
            editor: entry.editor.as_str().to_owned(),
            state: entry.state.as_str().to_owned(),
            tools: Vec::new(),
        },
        manifest: manifest.to_json(),
    })
}

/// Lists all add-ons. An add-on that nobody allowed has no text but its id.
fn available(entries: &[Entry]) -> Vec<AvailableAddon> {
    let all = entries.iter().map(|entry| {
        let shown = entry.manifest().filter(|_| entry.is_allowed());
        let text = |of: fn(&Manifest) -> String| shown.map(of).unwrap_or_default();
        let grant = entry.grant.as_ref().filter(|_| shown.is_some());
        AvailableAddon {
            addon_id: entry.id.clone(),
            name: text(|manifest| manifest.addon_info.name.clone()),
            version: text(|manifest| manifest.addon_info.version.to_string()),
            editor: entry.editor.as_str().to_owned(),
            state: entry.state,
            tools: grant.map(|grant| grant.tools.clone()).unwrap_or_default(),
        }
    });
    all.collect()
}
