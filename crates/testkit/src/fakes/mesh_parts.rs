//! Changes of what meshes and objects have beside their plain geometry: shape keys, vertex groups, evaluated meshes.

use std::collections::BTreeMap;

use vibesync_scene::{BlobId, Buffer, Change, Components, ShapeKey, Shapes, Shown, Uuid, Weights};

use super::change::{triangle, update};

/// Gives an object an evaluated mesh with this material; the hash of `content` names its positions. None: it shows its data.
pub fn evaluated(object: Uuid, content: Option<&[u8]>, material: Option<Uuid>) -> Change {
    let mesh = content.and_then(|content| {
        let mesh = triangle(object, content);
        mesh.components()?.mesh.as_deref().cloned()
    });
    let shown = Shown {
        mesh,
        materials: material.map(|material| vec![Some(material)]),
    };
    update(
        object,
        Components {
            shown: Some(Box::new(shown)),
            ..Components::default()
        },
    )
}

/// Gives a mesh of so many corners these shape keys, each on its three vertices.
pub fn shape_keys(mesh: Uuid, names: &[&str], corners: u32, content: &[u8]) -> Change {
    let key = |name: &&str| ShapeKey {
        name: (*name).to_owned(),
        relative_to: None,
        min: 0.0,
        max: 1.0,
    };
    let stored = |bytes| Buffer::stored(BlobId::hash(content), bytes);
    let shapes = Shapes {
        vertex_count: 3,
        corner_count: corners,
        keys: names.iter().map(key).collect(),
        buffers: BTreeMap::from([
            ("delta".into(), stored(36 * names.len() as u64)),
            ("vertex".into(), stored(4 * u64::from(corners))),
        ]),
    };
    let shapes = match names {
        [] => Shapes::default(),
        _ => shapes,
    };
    update(
        mesh,
        Components {
            shapes: Some(Box::new(shapes)),
            ..Components::default()
        },
    )
}

/// Gives a mesh vertex groups of these names, without members.
pub fn vertex_groups(mesh: Uuid, names: &[&str], corners: u32, content: &[u8]) -> Change {
    let stored = |bytes| Buffer::stored(BlobId::hash(content), bytes);
    let weights = Weights {
        vertex_count: 3,
        corner_count: corners,
        groups: names.iter().map(|name| (*name).to_owned()).collect(),
        buffers: BTreeMap::from([
            ("group".into(), stored(0)),
            ("offset".into(), stored(16)),
            ("vertex".into(), stored(4 * u64::from(corners))),
            ("weight".into(), stored(0)),
        ]),
    };
    update(
        mesh,
        Components {
            weights: Some(Box::new(weights)),
            ..Components::default()
        },
    )
}
