//! Images and maps: which files are kept as they are, and which are packed anew.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::{Value, json};
use vibesync_gltf::Note;
use vibesync_scene::{Channel, ColorSpace, DataRef, ImageFormat, Maps, Slots, TextureMap, Uuid};
use vibesync_testkit::change::{image, mapped, material, object};

use crate::work::{Document, Work};

const IMAGE: Uuid = Uuid::from_u128(20);

/// A square that shows a material whose image has one opaque pixel.
struct Painted {
    work: Work,
    file: Vec<u8>,
    map: TextureMap,
}

impl Painted {
    fn new(pixel: [u8; 3], space: ColorSpace) -> Self {
        let mut work = Work::default();
        let square = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0];
        let mesh = work.mesh(9, 3, &[0, 1, 2], &[("position", &square)]);
        let surface = work.add(material(Uuid::from_u128(10), 0.5));
        work.components(mesh).slots = Some(Box::new(Slots {
            materials: vec![Some(surface)],
        }));
        let shows = work.add(object(Uuid::from_u128(1), "Shows", None));
        work.components(shows).data = Some(DataRef { uuid: Some(mesh) });
        let picture = work.add(image(IMAGE, b"x"));
        let file = encoded(pixel);
        let buffer = work.store(file.clone());
        let it = work.components(picture).image.as_mut().unwrap();
        (it.format, it.color_space) = (ImageFormat::Png, space);
        it.buffers = BTreeMap::from([("file".to_owned(), buffer)]);
        let maps = mapped(surface, Some(IMAGE));
        let maps = maps.components().unwrap().maps.clone().unwrap();
        let map = maps.base_color.unwrap();
        Self { work, file, map }
    }

    fn export(mut self, maps: Maps) -> (Document, Value) {
        self.work.components(Uuid::from_u128(10)).maps = Some(Box::new(maps));
        let document = self.work.export();
        let material = document.json["materials"][0].clone();
        (document, material)
    }
}

fn encoded(pixel: [u8; 3]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixel)
        .unwrap();
    file
}

/// The file of the only image, and its first pixel.
fn picture(document: &Document) -> (Vec<u8>, Vec<u8>) {
    assert_eq!(document.json["images"].as_array().unwrap().len(), 1);
    let file = document
        .view(&document.json["images"][0]["bufferView"])
        .to_vec();
    let mut reader = png::Decoder::new(Cursor::new(&file)).read_info().unwrap();
    let mut pixel = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixel).unwrap();
    (file, pixel)
}

#[test]
fn color_file_is_kept_byte_for_byte() {
    let painted = Painted::new([10, 20, 30], ColorSpace::Srgb);
    let (kept, map) = (painted.file.clone(), painted.map.clone());
    let (document, material) = painted.export(Maps {
        base_color: Some(map),
        ..Maps::default()
    });
    assert_eq!(picture(&document).0, kept);
    let info = &material["pbrMetallicRoughness"]["baseColorTexture"];
    assert_eq!(info, &json!({"index": 0, "texCoord": 0}));
    let attributes = &document.json["meshes"][0]["primitives"][0]["attributes"];
    assert!(attributes.get("TEXCOORD_0").is_some(), "a named set exists");
}

#[test]
fn smoothness_becomes_roughness_in_green() {
    let painted = Painted::new([200, 20, 30], ColorSpace::Data);
    let roughness = TextureMap {
        channel: Channel::R,
        scale: -1.0,
        bias: 1.0,
        ..painted.map.clone()
    };
    let (document, material) = painted.export(Maps {
        roughness: Some(roughness),
        ..Maps::default()
    });
    let pixel = picture(&document).1;
    assert_eq!(pixel[1], 55);
    let surface = &material["pbrMetallicRoughness"];
    assert_eq!(surface["roughnessFactor"], json!(1.0));
    assert_eq!(
        surface["metallicFactor"],
        json!(0.0),
        "the value of the material"
    );
}

#[test]
fn data_of_gltf_is_kept_and_its_scale_is_a_factor() {
    let painted = Painted::new([1, 2, 3], ColorSpace::Data);
    let kept = painted.file.clone();
    let channel = |channel, scale| TextureMap {
        channel,
        scale,
        ..painted.map.clone()
    };
    let maps = Maps {
        roughness: Some(channel(Channel::G, 0.5)),
        metallic: Some(channel(Channel::B, 1.0)),
        occlusion: Some(channel(Channel::R, 1.0)),
        ..Maps::default()
    };
    let (document, material) = painted.export(maps);
    assert_eq!(picture(&document).0, kept);
    assert_eq!(
        material["pbrMetallicRoughness"]["roughnessFactor"],
        json!(0.5)
    );
    assert_eq!(material["occlusionTexture"]["index"], json!(0));
}

#[test]
fn linear_colors_are_stored_as_srgb() {
    let painted = Painted::new([55, 128, 255], ColorSpace::Linear);
    let map = painted.map.clone();
    let (document, _) = painted.export(Maps {
        base_color: Some(map),
        ..Maps::default()
    });
    // 255 * (1.055 (b / 255)^(1 / 2.4) - 0.055)
    assert_eq!(picture(&document).1, [128, 188, 255]);
}

#[test]
fn place_of_a_map_turns_over_with_v() {
    let painted = Painted::new([1, 2, 3], ColorSpace::Srgb);
    let map = TextureMap {
        offset: [1.5, 2.5],
        rotation: 30_f64.to_radians(),
        tile: [2.0, 3.0],
        ..painted.map.clone()
    };
    let (_, material) = painted.export(Maps {
        emission: Some(map),
        ..Maps::default()
    });
    let place = &material["emissiveTexture"]["extensions"]["KHR_texture_transform"];
    let number = |value: &Value| value.as_f64().unwrap();
    assert!(number(&place["offset"][0]).abs() < 1e-6, "{place}");
    assert!((number(&place["offset"][1]) + 4.098_076).abs() < 1e-6);
    assert_eq!(place["scale"], json!([2.0, 3.0]));
}

#[test]
fn format_that_gltf_lacks_is_left_out_and_noted() {
    let mut painted = Painted::new([1, 2, 3], ColorSpace::Srgb);
    let it = painted.work.components(IMAGE).image.as_mut().unwrap();
    it.format = ImageFormat::Exr;
    let map = painted.map.clone();
    let (document, material) = painted.export(Maps {
        base_color: Some(map),
        ..Maps::default()
    });
    assert!(
        material["pbrMetallicRoughness"]
            .get("baseColorTexture")
            .is_none()
    );
    assert_eq!(document.noted(Note::ImageFormat), ["Material"]);
}
