//! Lights, as the extension `KHR_lights_punctual` has them. Their units are those of canonical space.

use gltf_json::extensions::scene::khr_lights_punctual::{Light as GltfLight, Spot, Type};
use gltf_json::validation::Checked::Valid;
use vibesync_scene::{Light, LightType};

use super::extras::extras;
use crate::notes::{Note, Notes};

/// Narrowest cone of a spot, radians.
const NARROWEST: f64 = 1e-3;

/// Widest part of the cone of a spot that may be full: glTF wants a border.
const FULL: f64 = 1.0 - 1.0 / 1_048_576.0;

/// Converts a light; none if glTF has no such light.
pub(super) fn convert(
    light: &Light,
    (name, uuid): (&str, uuid::Uuid),
    notes: &mut Notes<Note>,
) -> Option<GltfLight> {
    let type_ = match light.kind {
        LightType::Point => Type::Point,
        LightType::Sun => Type::Directional,
        LightType::Spot => Type::Spot,
        LightType::Area => {
            notes.add(Note::AreaLight, name);
            return None;
        }
    };
    let has_size = match light.kind {
        LightType::Sun => light.angle > 0.0,
        _ => light.radius > 0.0,
    };
    if has_size || !light.shadow || light.temperature.is_some() {
        notes.add(Note::LightDetails, name);
    }
    // A color of glTF is at most 1; the product of color and intensity is what counts.
    let largest = light.color.into_iter().fold(1.0_f64, f64::max);
    let is_near = light.kind != LightType::Sun;
    let range = light.range.filter(|range| is_near && *range > 0.0);
    Some(GltfLight {
        color: light.color.map(|it| (it / largest) as f32),
        extensions: None,
        extras: extras(uuid),
        intensity: (light.intensity * largest) as f32,
        name: Some(name.to_owned()),
        range: range.map(|range| range as f32),
        spot: (light.kind == LightType::Spot).then(|| cone(light)),
        type_: Valid(type_),
    })
}

fn cone(light: &Light) -> Spot {
    let outer = light.outer.max(NARROWEST) as f32;
    let outer = outer.min(std::f32::consts::FRAC_PI_2);
    let inner = light.inner.min(f64::from(outer) * FULL);
    Spot {
        inner_cone_angle: inner as f32,
        outer_cone_angle: outer,
    }
}
