//! Any bytes as a glTF file cause no panic. Imported entities are valid, and each names only those before it.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use vibesync_gltf::{Source, import};
use vibesync_scene::{Uuid, check_image, check_mesh};

fuzz_target!(|bytes: &[u8]| {
    let mut last = 0;
    let imported = import(Source {
        file: bytes,
        read: &mut |path| Err(format!("{path} is not there")),
        new_uuid: &mut || {
            last += 1;
            Uuid::from_u128(last)
        },
    });
    let import = match imported {
        Ok(import) => import,
        Err(refused) => {
            assert!(!refused.location.is_empty());
            return;
        }
    };
    let mut known = BTreeSet::new();
    for entity in &import.entities {
        let components = &entity.components;
        let parts = components.buffers();
        let bytes = parts.map(|(_, name, buffer)| {
            let blob = buffer.blob.expect("each buffer has a content");
            (name, vec![import.blobs[&blob].as_slice()])
        });
        let bytes: BTreeMap<_, _> = bytes.collect();
        if let Some(mesh) = &components.mesh {
            check_mesh(mesh, &bytes, "mesh").expect("a valid mesh");
        }
        if let Some(image) = &components.image {
            check_image(image, &bytes["file"], "image").expect("a valid image");
        }
        let parent = components.parent.and_then(|parent| parent.uuid);
        let data = components.data.and_then(|data| data.uuid);
        let slots = components.slots.iter().flat_map(|slots| &slots.materials);
        let own = components.materials.iter().flat_map(|it| it.own.values());
        let named = slots.chain(own).copied().chain([parent, data]).flatten();
        for uuid in named {
            assert!(known.contains(&uuid), "an entity that is not there yet");
        }
        known.insert(entity.uuid);
    }
});
