//! Cameras: sensor, focal length and fit become the angle of the height of the picture that the camera had last.

use gltf_json::camera::{Camera as GltfCamera, Orthographic, Perspective, Type};
use gltf_json::validation::Checked::Valid;
use vibesync_scene::{Camera, Projection, SensorFit};

use super::extras::extras;
use crate::notes::{Note, Notes};

/// Converts a camera; none if its numbers give no view.
pub(super) fn convert(
    camera: &Camera,
    (name, uuid): (&str, uuid::Uuid),
    notes: &mut Notes<Note>,
) -> Option<GltfCamera> {
    if camera.shift != [0.0; 2] || camera.focus > 0.0 {
        notes.add(Note::CameraDetails, name);
    }
    let view = match camera.projection {
        Projection::Perspective => perspective(camera).map(|it| (Some(it), None)),
        Projection::Orthographic => orthographic(camera).map(|it| (None, Some(it))),
    };
    let Some((perspective, orthographic)) = view else {
        notes.add(Note::UnusableCamera, name);
        return None;
    };
    Some(GltfCamera {
        name: Some(name.to_owned()),
        type_: Valid(match perspective {
            Some(_) => Type::Perspective,
            None => Type::Orthographic,
        }),
        orthographic,
        perspective,
        extensions: None,
        extras: extras(uuid),
    })
}

/// Returns the sizes of the view across and up at a distance of 1, each halved, from the lens.
fn tangents(camera: &Camera) -> [f64; 2] {
    let [wide, high] = camera.sensor.map(|it| it / (2.0 * camera.focal));
    let across = [wide, wide / camera.aspect];
    let up = |size: f64| [size * camera.aspect, size];
    match camera.fit {
        SensorFit::Auto if camera.aspect < 1.0 => up(wide),
        SensorFit::Auto | SensorFit::Horizontal => across,
        SensorFit::Vertical => up(high),
        SensorFit::Fill if wide / high <= camera.aspect => across,
        SensorFit::Overscan if wide / high >= camera.aspect => across,
        SensorFit::Fill | SensorFit::Overscan => up(high),
        SensorFit::None => [wide, high],
    }
}

fn perspective(camera: &Camera) -> Option<Perspective> {
    let [x, y] = tangents(camera);
    let (angle, aspect) = (2.0 * y.atan(), x / y);
    let (near, far) = (camera.near as f32, camera.far as f32);
    let is_usable = usable(angle) && usable(aspect) && near > 0.0 && far > near;
    is_usable.then_some(Perspective {
        aspect_ratio: Some(aspect as f32),
        yfov: angle as f32,
        zfar: Some(far),
        znear: near,
        extensions: None,
        extras: None,
    })
}

fn orthographic(camera: &Camera) -> Option<Orthographic> {
    let half = camera.size / 2.0;
    let is_across = match camera.fit {
        SensorFit::Auto => camera.aspect >= 1.0,
        SensorFit::Vertical => false,
        _ => true,
    };
    let [x, y] = match is_across {
        true => [half, half / camera.aspect],
        false => [half * camera.aspect, half],
    };
    let (near, far) = (camera.near.max(0.0) as f32, camera.far as f32);
    (usable(x) && usable(y) && far > near).then_some(Orthographic {
        xmag: x as f32,
        ymag: y as f32,
        zfar: far,
        znear: near,
        extensions: None,
        extras: None,
    })
}

/// Whether a size is above zero and finite, also as float32.
fn usable(size: f64) -> bool {
    let size = size as f32;
    size.is_finite() && size > 0.0
}
