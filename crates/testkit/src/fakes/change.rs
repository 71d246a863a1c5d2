//! Short constructors of changes for tests.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_scene::{
    AreaShape, BlobId, Buffer, Camera, Change, Components, DataRef, EntityKind, Guard, Light,
    LightType, Locks, Mesh, Parent, Projection, SensorFit, Submesh, Transform, Uuid, Visibility,
};

/// Creates an object with all its components.
pub fn object(uuid: Uuid, name: &str, parent: Option<Uuid>) -> Change {
    let components = Components {
        name: Some(name.into()),
        transform: Some(Transform::IDENTITY),
        visibility: Some(Visibility { visible: true }),
        parent: Some(Parent { uuid: parent }),
        data: Some(DataRef { uuid: None }),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Object,
        components,
    }
}

/// Overwrites components.
pub fn update(uuid: Uuid, components: Components) -> Change {
    Change::Update { uuid, components }
}

/// Moves an object along x, meters.
pub fn moved(uuid: Uuid, x: f64) -> Change {
    let transform = Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    update(
        uuid,
        Components {
            transform: Some(transform),
            ..Default::default()
        },
    )
}

/// Renames.
pub fn renamed(uuid: Uuid, name: &str) -> Change {
    update(
        uuid,
        Components {
            name: Some(name.into()),
            ..Default::default()
        },
    )
}

/// Sets the parent of an object, or removes it.
pub fn parented(uuid: Uuid, parent: Option<Uuid>) -> Change {
    update(
        uuid,
        Components {
            parent: Some(Parent { uuid: parent }),
            ..Default::default()
        },
    )
}

/// Keeps an object from agents, or no longer.
pub fn guarded(uuid: Uuid, human_only: bool) -> Change {
    update(
        uuid,
        Components {
            guard: Some(Guard { human_only }),
            ..Default::default()
        },
    )
}

/// Says that Blender cannot write the translation of an object, or is able to again.
pub fn locked(uuid: Uuid, is_locked: bool) -> Change {
    let mut locks = Locks::default();
    if is_locked {
        let fields = BTreeSet::from(["translation".to_owned()]);
        locks.blender.insert("transform".to_owned(), fields);
    }
    update(
        uuid,
        Components {
            locks: Some(Box::new(locks)),
            ..Default::default()
        },
    )
}

/// Makes an object show data, or none.
pub fn showing(uuid: Uuid, data: Option<Uuid>) -> Change {
    update(
        uuid,
        Components {
            data: Some(DataRef { uuid: data }),
            ..Default::default()
        },
    )
}

/// Creates a mesh of one triangle; the hash of `content` names its positions.
pub fn triangle(uuid: Uuid, content: &[u8]) -> Change {
    let stored = |bytes| Buffer::stored(BlobId::hash(content), bytes);
    let mesh = Mesh {
        vertex_count: 3,
        corner_count: 3,
        submeshes: vec![Submesh {
            slot: 0,
            start: 0,
            count: 3,
        }],
        buffers: BTreeMap::from([
            ("position".into(), stored(36)),
            ("index".into(), stored(12)),
        ]),
    };
    let components = Components {
        name: Some("Mesh".into()),
        mesh: Some(mesh),
        ..Default::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Mesh,
        components,
    }
}

/// Creates a white point light of this intensity, candela.
pub fn light(uuid: Uuid, intensity: f64) -> Change {
    let light = Light {
        kind: LightType::Point,
        color: [1.0; 3],
        intensity,
        range: None,
        inner: 0.4,
        outer: 0.5,
        shape: AreaShape::Rect,
        size: [1.0; 2],
        radius: 0.1,
        angle: 0.01,
        shadow: true,
        temperature: None,
        tint: [1.0; 3],
    };
    let components = Components {
        name: Some("Light".into()),
        light: Some(Box::new(light)),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Light,
        components,
    }
}

/// Creates a camera of this focal length, millimeters.
pub fn camera(uuid: Uuid, focal: f64) -> Change {
    let camera = Camera {
        projection: Projection::Perspective,
        fit: SensorFit::Auto,
        sensor: [36.0, 24.0],
        focal,
        size: 6.0,
        shift: [0.0; 2],
        near: 0.1,
        far: 1_000.0,
        aspect: 1.5,
        physical: true,
        focus: 0.0,
        fstop: 2.8,
    };
    let components = Components {
        name: Some("Camera".into()),
        camera: Some(Box::new(camera)),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Camera,
        components,
    }
}

/// Makes every component wrong, whichever of them the daemon compares.
pub(crate) fn falsify(components: &mut Components) {
    let wrong = Uuid::from_u128(0xBAD);
    components.name = Some("something else".into());
    if let Some(transform) = &mut components.transform {
        transform.translation[0] += 1.0;
    }
    if let Some(visibility) = &mut components.visibility {
        visibility.visible = !visibility.visible;
    }
    if let Some(parent) = &mut components.parent {
        parent.uuid = Some(wrong);
    }
    if let Some(data) = &mut components.data {
        data.uuid = Some(wrong);
    }
    if let Some(light) = &mut components.light {
        light.intensity += 1.0;
    }
    if let Some(camera) = &mut components.camera {
        camera.focal += 1.0;
    }
    components.mesh = None;
    components.nodes = None;
}
