//! Prefabs of Unity: Blender knows none, and loses none.

use vibesync_scene::{Change, Components, Prefab, Role};

use crate::harness::{A, Harness, object, renamed, update};

#[test]
fn object_that_blender_brings_back_is_of_its_prefab_again() {
    let mut harness = Harness::with_object();
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.editor.unknown = &["prefab"];
    harness.disconnect(Role::Blender);
    harness.connect(Role::Blender);
    harness.settle();
    let prefab = Prefab {
        asset: Some("0123456789abcdef0123456789abcdef".to_owned()),
        root: true,
        file: "-7".to_owned(),
    };
    let components = Components {
        prefab: Some(Box::new(prefab.clone())),
        ..Components::default()
    };
    harness.edit(Role::Unity, vec![update(A, components)]);
    harness.settle();
    let blender = &harness.editor(Role::Blender).entities[&A];
    assert!(blender.components.prefab.is_none());
    harness.edit(Role::Blender, vec![renamed(A, "Chair")]);
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.settle();
    harness.edit(Role::Blender, vec![object(A, "Undone", None)]);
    harness.settle();
    harness.assert_converged();
    let unity = &harness.editor(Role::Unity).entities[&A];
    assert_eq!(unity.components.prefab.as_deref(), Some(&prefab));
}
