//! Changes of evaluated meshes.

use vibesync_scene::{Change, Components, Shown, Uuid};

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
