//! Materials, maps, images, lights and cameras of an import.

use std::f64::consts::{FRAC_PI_3, FRAC_PI_6};

use serde_json::{Value, json};
use vibesync_gltf::{Import, ImportNote};
use vibesync_scene::{
    AlphaMode, AlphaUse, Channel, ColorSpace, Components, EntityKind, Filter, ImageFormat,
    LightType, Maps, Projection, SensorFit, TextureMap, Wrap,
};

use crate::document::{all, base64, import_json, noted, only, triangle};

/// The head of a PNG file of 2 by 3 pixels, with alpha or without.
fn png(has_alpha: bool) -> Vec<u8> {
    let kind = if has_alpha { 6 } else { 2 };
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08".to_vec();
    file.extend([kind, 0, 0, 0, 1, 2, 3, 4]);
    file
}

fn uri(file: &[u8]) -> Value {
    json!({"uri": format!("data:image/png;base64,{}", base64(file))})
}

/// Imports a material on the triangle, whose textures are all of one image.
fn painted(material: Value, image: &[u8]) -> Import {
    let mut document = triangle();
    document["materials"] = json!([material]);
    document["meshes"][0]["primitives"][0]["material"] = json!(0);
    document["textures"] = json!([{"source": 0, "sampler": 0}]);
    document["samplers"] = json!([{"wrapS": 33071, "wrapT": 33648, "magFilter": 9728}]);
    document["images"] = json!([uri(image)]);
    import_json(&document).unwrap()
}

fn maps(import: &Import) -> Maps {
    let material = only(import, EntityKind::Material);
    *material.maps.clone().unwrap_or_default()
}

fn part(map: Option<&TextureMap>) -> Option<(Channel, f64)> {
    map.map(|map| (map.channel, map.scale))
}

#[test]
fn material_without_fields_has_the_values_of_gltf() {
    let import = painted(json!({}), &png(false));
    let material = only(&import, EntityKind::Material);
    let pbr = material.pbr.as_ref().unwrap();
    assert_eq!(pbr.base_color, [1.0; 4]);
    assert_eq!(
        (pbr.metallic, pbr.roughness, pbr.alpha_cutoff),
        (1.0, 1.0, 0.5)
    );
    assert_eq!((pbr.normal_scale, pbr.occlusion_strength), (1.0, 1.0));
    assert_eq!(
        (pbr.alpha_mode, pbr.double_sided),
        (AlphaMode::Opaque, false)
    );
    assert_eq!(material.emission.as_ref().unwrap().color, [0.0; 3]);
    assert_eq!(material.maps, None);
}

#[test]
fn textures_become_maps_of_their_channels() {
    let texture = json!({"index": 0});
    let import = painted(
        json!({
            "alphaMode": "BLEND",
            "pbrMetallicRoughness": {
                "baseColorFactor": [0.5, 0.25, 1.0, 0.75], "baseColorTexture": texture,
                "metallicRoughnessTexture": texture, "roughnessFactor": 0.5,
            },
            "normalTexture": {"index": 0, "scale": 2.0},
            "occlusionTexture": {"index": 0, "strength": 0.5},
            "emissiveTexture": texture, "emissiveFactor": [1, 0.5, 0],
            "extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 20}},
        }),
        &png(true),
    );
    let maps = maps(&import);
    assert_eq!(part(maps.base_color.as_ref()), Some((Channel::Rgb, 1.0)));
    assert_eq!(part(maps.alpha.as_ref()), Some((Channel::A, 0.75)));
    assert_eq!(part(maps.roughness.as_ref()), Some((Channel::G, 0.5)));
    assert_eq!(part(maps.metallic.as_ref()), Some((Channel::B, 1.0)));
    assert_eq!(part(maps.normal.as_ref()), Some((Channel::Rgb, 1.0)));
    assert_eq!(part(maps.occlusion.as_ref()), Some((Channel::R, 1.0)));
    assert_eq!(part(maps.emission.as_ref()), Some((Channel::Rgb, 1.0)));
    let material = only(&import, EntityKind::Material);
    let pbr = material.pbr.as_ref().unwrap();
    assert_eq!((pbr.normal_scale, pbr.occlusion_strength), (2.0, 0.5));
    assert_eq!(pbr.base_color, [0.5, 0.25, 1.0, 0.75]);
    let emission = material.emission.as_ref().unwrap();
    assert_eq!((emission.color, emission.strength), ([1.0, 0.5, 0.0], 20.0));
    // Colors and other values need two images of the same file.
    let images = all(&import, EntityKind::Image);
    let uses = images.iter().map(|it| {
        let image = it.components.image.as_ref().unwrap();
        assert_eq!((image.width, image.height), (2, 3));
        (image.color_space, image.alpha, image.format)
    });
    let png = ImageFormat::Png;
    let expected = [
        (ColorSpace::Srgb, AlphaUse::Straight, png),
        (ColorSpace::Data, AlphaUse::Packed, png),
    ];
    assert_eq!(uses.collect::<Vec<_>>(), expected);
    let map = maps.base_color.unwrap();
    assert_eq!(
        (map.wrap, map.filter),
        ([Wrap::Clamp, Wrap::Mirror], Filter::Nearest)
    );
}

#[test]
fn value_without_a_use_needs_no_map() {
    let texture = json!({"index": 0});
    let surface = json!({
        "baseColorTexture": texture, "metallicRoughnessTexture": texture, "metallicFactor": 0,
    });
    let import = painted(
        json!({"alphaMode": "MASK", "pbrMetallicRoughness": surface}),
        &png(false),
    );
    let maps = maps(&import);
    assert_eq!((maps.metallic, maps.alpha), (None, None));
    assert!(maps.roughness.is_some() && maps.base_color.is_some());
}

#[test]
fn texture_transform_is_turned_to_v_up() {
    let transform =
        json!({"offset": [0.0, -4.098_076], "rotation": FRAC_PI_6, "scale": [2, 3], "texCoord": 2});
    let texture = json!({"index": 0, "extensions": {"KHR_texture_transform": transform}});
    let import = painted(json!({"emissiveTexture": texture}), &png(false));
    let map = maps(&import).emission.unwrap();
    assert_eq!((map.uv, map.tile), (2, [2.0, 3.0]));
    // The point that Blender's Mapping node gives for UV (0.3, 0.6).
    let (sine, cosine) = map.rotation.sin_cos();
    let [u, v] = [0.3 * map.tile[0], 0.6 * map.tile[1]];
    let x = map.offset[0] + cosine * u - sine * v;
    let y = map.offset[1] + sine * u + cosine * v;
    assert!(
        (x - 1.119_615).abs() < 1e-5 && (y - 4.358_846).abs() < 1e-5,
        "{x} {y}"
    );
}

#[test]
fn textures_that_cannot_be_read_are_noted() {
    let texture = json!({"index": 0, "texCoord": 8});
    let import = painted(
        json!({"name": "Far", "emissiveTexture": texture}),
        &png(false),
    );
    assert_eq!(noted(&import, &ImportNote::TextureSet), ["Far"]);
    for damaged in [
        &b"GIF89a"[..],
        &png(false)[..20],
        b"\xff\xd8\xff\xda\0\x02",
        b"",
    ] {
        let material = json!({"name": "Torn", "normalTexture": {"index": 0}});
        let import = painted(material, damaged);
        assert_eq!(noted(&import, &ImportNote::ImageFormat), ["Torn"]);
        assert!(all(&import, EntityKind::Image).is_empty());
    }
}

#[test]
fn size_of_jpeg_and_webp_is_read_from_their_heads() {
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08\0\x05\0\x07\x01\x01\x11\0";
    let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x06\0\0\x04\0\0";
    let lossless = b"RIFF\0\0\0\0WEBPVP8L\x05\0\0\0\x2f\x06\x00\x01\x10";
    let lossy = b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x07\0\x05\0";
    let files: [(&[u8], ImageFormat, AlphaUse); 4] = [
        (jpeg, ImageFormat::Jpeg, AlphaUse::None),
        (extended, ImageFormat::Webp, AlphaUse::Straight),
        (lossless, ImageFormat::Webp, AlphaUse::Straight),
        (lossy, ImageFormat::Webp, AlphaUse::None),
    ];
    for (file, format, alpha) in files {
        let import = painted(json!({"emissiveTexture": {"index": 0}}), file);
        let image = only(&import, EntityKind::Image).image.as_ref().unwrap();
        assert_eq!((image.width, image.height), (7, 5), "{format:?}");
        assert_eq!((image.format, image.alpha), (format, alpha));
    }
}

fn shown(document: Value) -> Import {
    let mut whole = triangle();
    whole["nodes"] = json!([{"camera": 0, "extensions": {"KHR_lights_punctual": {"light": 0}}}]);
    whole["cameras"] = json!([{"type": "orthographic", "orthographic": {"xmag": 3, "ymag": 1.5, "znear": 0, "zfar": 9}}]);
    whole["extensions"] = json!({"KHR_lights_punctual": {"lights": [{"type": "point"}]}});
    for (field, value) in document.as_object().unwrap() {
        whole[field.as_str()] = value.clone();
    }
    import_json(&whole).unwrap()
}

fn viewer(import: &Import, kind: EntityKind) -> Components {
    only(import, kind).clone()
}

#[test]
fn lights_have_their_units_and_cones() {
    let light = |light: Value| {
        let extensions = json!({"KHR_lights_punctual": {"lights": [light]}});
        let import = shown(json!({"extensions": extensions}));
        *viewer(&import, EntityKind::Light).light.unwrap()
    };
    let spot = light(json!({
        "type": "spot", "color": [1, 0.5, 0], "intensity": 40, "range": 7,
        "spot": {"innerConeAngle": 0.25, "outerConeAngle": 0.5},
    }));
    assert_eq!(
        (spot.kind, spot.intensity, spot.range),
        (LightType::Spot, 40.0, Some(7.0))
    );
    assert_eq!(
        (spot.color, spot.inner, spot.outer),
        ([1.0, 0.5, 0.0], 0.25, 0.5)
    );
    let sun = light(json!({"type": "directional"}));
    assert_eq!(
        (sun.kind, sun.color, sun.intensity),
        (LightType::Sun, [1.0; 3], 1.0)
    );
    assert_eq!((sun.range, sun.shadow), (None, true));
}

#[test]
fn cameras_keep_their_angle_and_size() {
    let camera = |camera: Value| {
        let import = shown(json!({"cameras": [camera]}));
        let noted = noted(&import, &ImportNote::EndlessView).len();
        (*viewer(&import, EntityKind::Camera).camera.unwrap(), noted)
    };
    let view = json!({"yfov": FRAC_PI_3, "aspectRatio": 2, "znear": 0.5, "zfar": 90});
    let (it, noted) = camera(json!({"type": "perspective", "perspective": view}));
    assert_eq!(
        (it.projection, it.fit),
        (Projection::Perspective, SensorFit::Vertical)
    );
    // As a plain camera of Unity with a field of view of 60 degrees.
    assert!((it.focal - 20.784_610).abs() < 1e-5, "{}", it.focal);
    assert_eq!((it.sensor[1], it.aspect, it.physical), (24.0, 2.0, false));
    assert_eq!((it.near, it.far, noted), (0.5, 90.0, 0));
    let (it, noted) =
        camera(json!({"type": "perspective", "perspective": {"yfov": 1, "znear": 2}}));
    assert_eq!((it.far, noted), (2000.0, 1));
    let view = json!({"xmag": 3, "ymag": 1.5, "znear": 0, "zfar": 9});
    let (it, _) = camera(json!({"type": "orthographic", "orthographic": view}));
    assert_eq!(
        (it.projection, it.size, it.aspect),
        (Projection::Orthographic, 3.0, 2.0)
    );
}

#[test]
fn hidden_node_is_a_hidden_object() {
    let node = json!({"extensions": {"KHR_node_visibility": {"visible": false}}});
    let import = shown(json!({"nodes": [node]}));
    let object = only(&import, EntityKind::Object);
    assert!(!object.visibility.unwrap().visible);
}
