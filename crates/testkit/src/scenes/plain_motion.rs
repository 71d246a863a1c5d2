//! Shape keys, weights and actions as plain numbers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vibesync_scene::{BlobId, Buffer, Components, KeyedAction, Shapes, Weights};

/// Reads bulk data.
type Read<'a> = dyn FnMut(BlobId) -> Option<Vec<u8>> + 'a;

/// The words of a buffer.
type Words = Vec<[u8; 4]>;

/// Returns the components that need numbers of buffers.
pub(super) fn plain(components: &Components, read: &mut Read<'_>) -> Map<String, Value> {
    let mut plain = Map::new();
    if let Some(shapes) = components.shapes.as_deref() {
        plain.insert("shapes".to_owned(), keys(shapes, read));
    }
    if let Some(weights) = &components.weights {
        plain.insert("weights".to_owned(), memberships(weights, read));
    }
    if let Some(action) = &components.action {
        plain.insert("action".to_owned(), curves(action, read));
    }
    plain
}

fn words(buffers: &BTreeMap<String, Buffer>, name: &str, read: &mut Read<'_>) -> Words {
    let blob = buffers.get(name).and_then(|buffer| buffer.blob);
    let bytes = blob.and_then(read).unwrap_or_default();
    bytes.as_chunks().0.to_vec()
}

/// Returns each key with its delta at each corner.
fn keys(shapes: &Shapes, read: &mut Read<'_>) -> Value {
    let [vertex, delta] = ["vertex", "delta"].map(|name| words(&shapes.buffers, name, read));
    let number = |word: &[u8; 4]| f32::from_le_bytes(*word);
    let deltas: Vec<f32> = delta.iter().map(number).collect();
    let keys = shapes.keys.iter().enumerate().map(|(key, it)| {
        let corners = vertex.iter().map(|vertex| {
            let vertex = u32::from_le_bytes(*vertex) as usize;
            let start = 3 * (key * shapes.vertex_count as usize + vertex);
            deltas.get(start..start + 3).unwrap_or_default()
        });
        json!({"name": it.name, "deltas": corners.collect::<Vec<_>>()})
    });
    keys.collect()
}

/// Returns the groups of each corner with their weights.
fn memberships(weights: &Weights, read: &mut Read<'_>) -> Value {
    let names = ["vertex", "offset", "group", "weight"];
    let [vertex, offset, group, weight] = names.map(|name| words(&weights.buffers, name, read));
    let at = |words: &Words, at: usize| words.get(at).map_or(0, |word| u32::from_le_bytes(*word));
    let corners = vertex.iter().map(|vertex| {
        let vertex = u32::from_le_bytes(*vertex) as usize;
        let memberships = at(&offset, vertex) as usize..at(&offset, vertex + 1) as usize;
        let pairs = memberships.map(|it| {
            let name = weights.groups.get(at(&group, it) as usize);
            json!([name, f32::from_bits(at(&weight, it))])
        });
        pairs.collect::<Value>()
    });
    corners.collect()
}

/// Returns the channels of all slots, each with the numbers of its keys or samples.
fn curves(action: &KeyedAction, read: &mut Read<'_>) -> Value {
    let [keys, samples] = ["keys", "samples"].map(|name| words(&action.buffers, name, read));
    let channels = action.channels().map(|(_, channel)| {
        let number = |word: &[u8; 4]| json!(f32::from_le_bytes(*word));
        let (all, size) = match channel.locked {
            true => (&samples, 1),
            false => (&keys, 7),
        };
        let elements = all.chunks(size).skip(channel.curve.start as usize);
        let curve = elements.take(channel.curve.count as usize).map(|words| {
            let last = words.get(6).map(|word| json!(u32::from_le_bytes(*word)));
            let numbers = words.iter().take(6).map(number).chain(last);
            numbers.collect::<Value>()
        });
        let mut plain = serde_json::to_value(channel).unwrap_or_default();
        if let Some(fields) = plain.as_object_mut() {
            fields.insert("curve".to_owned(), curve.collect());
        }
        plain
    });
    let channels: Value = channels.collect();
    json!({"fps": action.fps, "range": action.range, "channels": channels})
}
