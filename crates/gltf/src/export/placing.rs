//! The place of a node.

use gltf_json::Node;
use gltf_json::scene::UnitQuaternion;
use vibesync_scene::Transform;

/// Sets the transform of a node; leaves out what is the default.
pub(super) fn place(node: &mut Node, transform: Transform) {
    let Transform {
        translation,
        rotation,
        scale,
    } = transform;
    let length = rotation.iter().map(|it| it * it).sum::<f64>().sqrt();
    node.translation = (translation != [0.0; 3]).then(|| translation.map(|it| it as f32));
    if rotation != [0.0, 0.0, 0.0, 1.0] {
        let unit = rotation.map(|it| (it / length) as f32);
        node.rotation = Some(UnitQuaternion(unit));
    }
    node.scale = (scale != [1.0; 3]).then(|| scale.map(|it| it as f32));
}
