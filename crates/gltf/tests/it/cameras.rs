//! The angle and the size of the view of cameras. The numbers are those of Blender's `calc_matrix_camera`.

use vibesync_gltf::Note;
use vibesync_scene::{Camera, DataRef, Projection, SensorFit, Uuid};
use vibesync_testkit::change::{camera, object};

use crate::work::{Document, Work};

fn export(edit: impl FnOnce(&mut Camera)) -> Document {
    let mut work = Work::default();
    let uuid = work.add(camera(Uuid::from_u128(9), 50.0));
    let it = work.components(uuid).camera.as_mut().unwrap();
    it.aspect = 1920.0 / 1080.0;
    edit(it);
    let shows = work.add(object(Uuid::from_u128(1), "Shows", None));
    work.components(shows).data = Some(DataRef { uuid: Some(uuid) });
    work.export()
}

fn angle(edit: impl FnOnce(&mut Camera)) -> f64 {
    let json = export(edit).json;
    let view = &json["cameras"][0]["perspective"];
    view["yfov"].as_f64().unwrap().to_degrees()
}

#[test]
fn angle_follows_from_lens_sensor_and_fit() {
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-5, "{a} is not {b}");
    near(angle(|_| {}), 22.895_193);
    near(angle(|it| it.aspect = 1080.0 / 1920.0), 39.597_753);
    near(angle(|it| it.fit = SensorFit::Vertical), 26.991_467);
    // The sensor is narrower than the picture.
    near(angle(|it| it.fit = SensorFit::Fill), 22.895_193);
    near(angle(|it| it.fit = SensorFit::Overscan), 26.991_467);
}

#[test]
fn orthographic_size_is_half_the_fitted_side() {
    let size = |fit: SensorFit| {
        let json = export(|it| {
            (it.projection, it.size, it.fit) = (Projection::Orthographic, 6.0, fit);
        });
        let view = json.json["cameras"][0]["orthographic"].clone();
        [
            view["xmag"].as_f64().unwrap(),
            view["ymag"].as_f64().unwrap(),
        ]
    };
    assert_eq!(size(SensorFit::Auto), [3.0, 1.6875]);
    let [_, high] = size(SensorFit::Vertical);
    assert_eq!(high, 3.0);
}

#[test]
fn camera_without_a_view_is_left_out_and_noted() {
    let document = export(|it| it.focal = 0.0);
    assert!(document.json.get("cameras").is_none());
    assert_eq!(document.noted(Note::UnusableCamera), ["Camera"]);
    let shifted = export(|it| it.shift = [0.1, 0.0]);
    assert_eq!(shifted.noted(Note::CameraDetails), ["Camera"]);
}
