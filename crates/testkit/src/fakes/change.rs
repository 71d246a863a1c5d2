//! Short constructors of changes for tests.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_scene::{
    AlphaMode, AlphaUse, Animation, AreaShape, BlobId, Buffer, Camera, Change, Channel, Collection,
    Collections, ColorSpace, Components, DataRef, Emission, EntityKind, Filter, Guard, Image,
    ImageFormat, Instance, Light, LightType, Locks, Maps, Materials, Mesh, Parent, Pbr, Projection,
    RenderVisibility, SensorFit, ShapeKey, ShapeValues, Shapes, Slots, Submesh, TextureMap,
    Transform, Uuid, Visibility, Weights, Wrap,
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
        mesh: Some(Box::new(mesh)),
        ..Default::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Mesh,
        components,
    }
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

/// Gives the shape keys of a mesh these weights.
pub fn weights(mesh: Uuid, weights: &[(&str, f64)]) -> Change {
    let named = weights.iter().map(|(name, it)| ((*name).to_owned(), *it));
    let values = ShapeValues {
        values: named.collect(),
    };
    update(
        mesh,
        Components {
            shape_values: Some(Box::new(values)),
            ..Components::default()
        },
    )
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

/// Creates a gray material of this roughness.
pub fn material(uuid: Uuid, roughness: f64) -> Change {
    let pbr = Pbr {
        base_color: [0.8, 0.8, 0.8, 1.0],
        metallic: 0.0,
        roughness,
        alpha_mode: AlphaMode::Opaque,
        alpha_cutoff: 0.5,
        double_sided: true,
        normal_scale: 1.0,
        occlusion_strength: 1.0,
    };
    let emission = Emission {
        color: [1.0; 3],
        strength: 0.0,
    };
    let components = Components {
        name: Some("Material".into()),
        pbr: Some(Box::new(pbr)),
        emission: Some(Box::new(emission)),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Material,
        components,
    }
}

/// Creates an image of one byte; the hash of `content` names its file.
pub fn image(uuid: Uuid, content: &[u8]) -> Change {
    let file = Buffer::stored(BlobId::hash(content), content.len() as u64);
    let image = Image {
        width: 1,
        height: 1,
        color_space: ColorSpace::Srgb,
        alpha: AlphaUse::Straight,
        format: ImageFormat::Tga,
        buffers: BTreeMap::from([("file".into(), file)]),
    };
    let components = Components {
        name: Some("Image".into()),
        image: Some(Box::new(image)),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Image,
        components,
    }
}

/// Gives a material this image as the map of its base color, or no maps.
pub fn mapped(material: Uuid, image: Option<Uuid>) -> Change {
    let base_color = image.map(|image| TextureMap {
        image,
        channel: Channel::Rgb,
        scale: 1.0,
        bias: 0.0,
        uv: 0,
        offset: [0.0; 2],
        rotation: 0.0,
        tile: [1.0; 2],
        wrap: [Wrap::Repeat; 2],
        filter: Filter::Linear,
    });
    let maps = Some(Box::new(Maps {
        base_color,
        ..Maps::default()
    }));
    update(
        material,
        Components {
            maps,
            ..Components::default()
        },
    )
}

/// Gives a mesh these materials.
pub fn slots(mesh: Uuid, materials: Vec<Option<Uuid>>) -> Change {
    let slots = Some(Box::new(Slots { materials }));
    update(
        mesh,
        Components {
            slots,
            ..Components::default()
        },
    )
}

/// Gives an object these materials of its own, by slot.
pub fn own_materials(object: Uuid, own: BTreeMap<u32, Option<Uuid>>) -> Change {
    let materials = Some(Box::new(Materials { own }));
    update(
        object,
        Components {
            materials,
            ..Components::default()
        },
    )
}

/// Creates a collection in these, or directly in the scene.
pub fn collection(uuid: Uuid, parents: &[Uuid]) -> Change {
    let collection = Collection {
        parents: parents.to_vec(),
        root: parents.is_empty(),
        ..Collection::default()
    };
    let components = Components {
        name: Some("Collection".into()),
        collection: Some(Box::new(collection)),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Collection,
        components,
    }
}

/// Puts an object into these collections, or into the scene alone.
pub fn grouped(object: Uuid, names: &[Uuid]) -> Change {
    let collections = Collections {
        names: names.to_vec(),
        root: names.is_empty(),
    };
    update(
        object,
        Components {
            collections: Some(Box::new(collections)),
            ..Components::default()
        },
    )
}

/// Makes an object show an instance of a collection, or of none.
pub fn instancing(object: Uuid, of: Option<Uuid>) -> Change {
    let components = Components {
        instance: Some(Instance { of }),
        ..Components::default()
    };
    update(object, components)
}

/// Shows an object, or what is in a collection, in rendered pictures, or hides it there.
pub fn rendered(uuid: Uuid, visible: bool) -> Change {
    let components = Components {
        render_visibility: Some(RenderVisibility { visible }),
        ..Components::default()
    };
    update(uuid, components)
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
    if let Some(pbr) = &mut components.pbr {
        pbr.roughness = 1.0 - pbr.roughness;
    }
    if let Some(slots) = &mut components.slots {
        slots.materials.push(Some(wrong));
    }
    if let Some(materials) = &mut components.materials {
        materials.own.insert(9, Some(wrong));
    }
    if let Some(collection) = &mut components.collection {
        collection.hidden = !collection.hidden;
    }
    if let Some(collections) = &mut components.collections {
        collections.root = !collections.root;
    }
    if let Some(weights) = &mut components.shape_values {
        weights.values.insert("wrong".into(), 1.0);
    }
    if let Some(instance) = &mut components.instance {
        instance.of = Some(wrong);
    }
    if let Some(rendered) = &mut components.render_visibility {
        rendered.visible = !rendered.visible;
    }
    components.animation = components.animation.map(|_| Animation::default());
    components.action = None;
    if let Some(prefab) = &mut components.prefab {
        prefab.root = !prefab.root;
    }
    components.mesh = None;
    components.shapes = None;
    components.shown = None;
    components.image = None;
    components.maps = None;
    components.nodes = None;
}
