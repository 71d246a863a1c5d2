//! Actions: animations of nodes.

use std::collections::BTreeMap;
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_PI_2};

use serde_json::json;
use vibesync_gltf::Note;
use vibesync_scene::{EntityKind, Extrapolation, ShapeKey, ShapeValues, Shapes, Transform, Uuid};
use vibesync_testkit::change::{light, object, showing};
use vibesync_testkit::rigs::{HIP, armature};

use crate::motion::{
    ACTION, BEZIER, CONSTANT, CUBE, LINEAR, assert_near, edit, follow, key, moved, only_track,
    play, tracks,
};
use crate::work::Work;

#[test]
fn constant_and_linear_keys_stay_keys() {
    let x = [key(1.0, 2.0, CONSTANT), key(4.5, 3.0, LINEAR)];
    let mut work = moved(&[("translation", 0, &x)]);
    work.components(CUBE).transform = Some(Transform {
        translation: [9.0, 5.0, 6.0],
        ..Transform::IDENTITY
    });
    let track = only_track(&work);
    assert_eq!((track.node, track.path.as_str()), (0, "translation"));
    assert_eq!(track.form, "STEP", "the last key begins no segment");
    assert_eq!(track.times, [0.1, 0.45]);
    // Numbers that no channel moves are those of the object.
    assert_eq!(track.numbers, [2.0, 5.0, 6.0, 3.0, 5.0, 6.0]);
    let x = [key(1.0, 2.0, LINEAR), key(4.5, 3.0, LINEAR)];
    let y = [key(1.0, 0.0, LINEAR), key(4.5, 1.0, CONSTANT)];
    let track = only_track(&moved(&[("scale", 0, &x), ("scale", 1, &y)]));
    assert_eq!(
        (track.path.as_str(), track.form.as_str()),
        ("scale", "LINEAR")
    );
    assert_eq!(track.numbers, [2.0, 0.0, 1.0, 3.0, 1.0, 1.0]);
}

#[test]
fn beziers_with_handles_at_thirds_are_splines() {
    let x = [
        ([0.0, 1.0, -9.0, 9.0, 2.0, 3.0], BEZIER),
        ([6.0, 5.0, 4.0, 4.0, 7.0, 9.0], LINEAR),
        key(9.0, 8.0, BEZIER),
    ];
    let track = only_track(&moved(&[("translation", 0, &x)]));
    assert_eq!(track.form, "CUBICSPLINE");
    assert_eq!(track.times, [0.0, 0.6, 0.9]);
    // By frame, the slopes are 1 and 0.5 at the ends of the first segment, and 1 in the second; by second ten times as much.
    let x: Vec<f32> = track.numbers.iter().copied().step_by(3).collect();
    assert_near(&x, &[0.0, 1.0, 10.0, 5.0, 5.0, 10.0, 10.0, 8.0, 0.0]);
    assert!(track.numbers.chunks(3).all(|it| it[1..] == [0.0, 0.0]));
}

#[test]
fn beziers_with_other_handles_are_sampled() {
    let x = [
        ([1.0, 0.0, 1.0, 0.0, 4.0, 0.7], BEZIER),
        ([11.0, 1.0, 9.0, 0.2, 11.0, 1.0], BEZIER),
    ];
    let track = only_track(&moved(&[("translation", 0, &x)]));
    assert_eq!(track.form, "LINEAR");
    let frames: Vec<f32> = (1..=11_u8).map(|frame| f32::from(frame) / 10.0).collect();
    assert_near(&track.times, &frames);
    assert_near(&track.numbers[15..18], &[0.450_123, 0.0, 0.0]);
    assert_near(&track.numbers[30..], &[1.0, 0.0, 0.0]);
}

#[test]
fn keys_at_different_times_are_sampled_with_both_ends() {
    let x = [key(0.5, 0.0, LINEAR), key(2.5, 2.0, LINEAR)];
    let y = [key(1.0, 1.0, CONSTANT), key(3.0, 4.0, CONSTANT)];
    let track = only_track(&moved(&[("translation", 0, &x), ("translation", 1, &y)]));
    assert_near(&track.times, &[0.05, 0.1, 0.2, 0.3]);
    let wanted = [
        [0.0, 1.0, 0.0],
        [0.5, 1.0, 0.0],
        [1.5, 1.0, 0.0],
        [2.0, 4.0, 0.0],
    ];
    assert_near(&track.numbers, wanted.as_flattened());
}

#[test]
fn curves_that_go_on_are_sampled_in_the_range() {
    let x = [key(1.0, 1.0, LINEAR), key(2.0, 2.0, LINEAR)];
    let mut work = moved(&[("translation", 0, &x)]);
    let ways = [Extrapolation::Constant, Extrapolation::Linear];
    edit(&mut work, |it| it.slots[0].channels[0].extrapolation = ways);
    let track = only_track(&work);
    assert_eq!(track.times.len(), 20);
    assert_near(&track.numbers[57..], &[20.0, 0.0, 0.0]);
}

#[test]
fn linear_quaternions_are_splines_of_lines() {
    let s = FRAC_1_SQRT_2;
    let z = [key(0.0, 0.0, LINEAR), key(10.0, s, LINEAR)];
    let w = [key(0.0, 1.0, LINEAR), key(10.0, s, LINEAR)];
    let track = only_track(&moved(&[("rotation", 2, &z), ("rotation", 3, &w)]));
    assert_eq!(
        (track.path.as_str(), track.form.as_str()),
        ("rotation", "CUBICSPLINE")
    );
    let first = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, s, s - 1.0];
    assert_near(&track.numbers[..12], &first);
    // glTF wants unit quaternions as keys.
    let w = [key(0.0, 2.0, LINEAR), key(10.0, s, LINEAR)];
    let track = only_track(&moved(&[("rotation", 2, &z), ("rotation", 3, &w)]));
    assert_eq!(track.form, "LINEAR");
    assert_eq!(track.times.len(), 11);
    assert!(
        track
            .numbers
            .as_chunks::<4>()
            .0
            .iter()
            .all(|it| { (it.iter().map(|it| it * it).sum::<f32>() - 1.0).abs() < 1e-5 })
    );
}

#[test]
fn sampled_quaternions_take_the_short_way() {
    let w = [
        key(0.0, 1.0, CONSTANT),
        key(1.0, -1.0, CONSTANT),
        key(2.5, 1.0, CONSTANT),
    ];
    let z = [key(0.0, 0.0, CONSTANT), key(1.5, 0.0, CONSTANT)];
    let track = only_track(&moved(&[("rotation", 2, &z), ("rotation", 3, &w)]));
    assert!(track.times.len() > 2);
    assert!(
        track
            .numbers
            .as_chunks::<4>()
            .0
            .iter()
            .all(|it| *it == [0.0, 0.0, 0.0, 1.0])
    );
}

#[test]
fn euler_angles_become_quaternions() {
    let x = [key(0.0, 0.0, CONSTANT), key(1.0, FRAC_PI_2, CONSTANT)];
    let mut work = moved(&[("euler", 0, &x)]);
    let s = FRAC_1_SQRT_2;
    // The object is turned about Z, which no channel moves.
    work.components(CUBE).transform = Some(Transform {
        rotation: [0.0, 0.0, s, s].map(f64::from),
        ..Transform::IDENTITY
    });
    let track = only_track(&work);
    assert_eq!(
        (track.path.as_str(), track.form.as_str()),
        ("rotation", "LINEAR")
    );
    assert_near(&track.numbers[..4], &[0.0, 0.0, s, s]);
    assert_near(&track.numbers[4..], &[0.5, -0.5, 0.5, 0.5]);
}

#[test]
fn locked_channels_have_their_samples() {
    let mut work = moved(&[("translation", 1, &[key(0.0, 1.0, LINEAR)])]);
    let samples = [1.0_f32, 4.0, 9.0];
    let samples = work.store(samples.iter().flat_map(|it| it.to_le_bytes()).collect());
    edit(&mut work, |it| {
        it.buffers = BTreeMap::from([("samples".to_owned(), samples)]);
        it.range = [3.5, 5.5];
        let channel = &mut it.slots[0].channels[0];
        (channel.locked, channel.curve.count) = (true, 3);
    });
    let track = only_track(&work);
    assert_near(&track.times, &[0.3, 0.4, 0.5]);
    assert_near(
        &track.numbers,
        &[0.0, 1.0, 0.0, 0.0, 4.0, 0.0, 0.0, 9.0, 0.0],
    );
}

#[test]
fn action_before_frame_zero_begins_at_zero() {
    let x = [key(-5.0, 1.0, LINEAR), key(5.0, 2.0, LINEAR)];
    let work = moved(&[("translation", 0, &x)]);
    assert_eq!(only_track(&work).times, [0.0, 1.0]);
    assert_eq!(work.export().noted(Note::NegativeFrames), ["Walk"]);
}

#[test]
fn weights_of_keys_move_each_node_that_shows_the_mesh() {
    let mut work = Work::default();
    let positions = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let mesh = work.mesh(9, 3, &[0, 1, 2], &[("position", &positions)]);
    let shape = |name: &str| ShapeKey {
        name: name.to_owned(),
        relative_to: None,
        min: 0.0,
        max: 1.0,
    };
    let index = [0_u32, 1, 2]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    let shapes = Shapes {
        vertex_count: 3,
        corner_count: 3,
        keys: vec![shape("A"), shape("B")],
        buffers: BTreeMap::from([
            ("delta".to_owned(), work.store(vec![0; 72])),
            ("vertex".to_owned(), work.store(index)),
        ]),
    };
    work.components(mesh).shapes = Some(Box::new(shapes));
    let values = BTreeMap::from([("A".to_owned(), 0.5)]);
    work.components(mesh).shape_values = Some(Box::new(ShapeValues { values }));
    for number in [1, 2] {
        work.add(object(Uuid::from_u128(number), "Face", None));
        work.change(showing(Uuid::from_u128(number), Some(mesh)));
    }
    let weights = [key(0.0, 0.0, LINEAR), key(10.0, 1.0, LINEAR)];
    play(&mut work, mesh, EntityKind::Mesh, &[("shape", 0, &weights)]);
    edit(&mut work, |it| {
        it.slots[0].channels[0].key = Some("B".to_owned())
    });
    let document = work.export();
    let tracks = tracks(&document);
    assert_eq!(tracks.iter().map(|it| it.node).collect::<Vec<_>>(), [0, 1]);
    for track in &tracks {
        assert_eq!(
            (track.path.as_str(), track.form.as_str()),
            ("weights", "LINEAR")
        );
        assert_eq!(track.numbers, [0.5, 0.0, 0.5, 1.0]);
    }
    let samplers = document.json["animations"][0]["samplers"]
        .as_array()
        .unwrap();
    assert_eq!(samplers.len(), 1, "both nodes have it");
    // A key that the mesh does not have moves nothing.
    edit(&mut work, |it| {
        it.slots[0].channels[0].key = Some("C".to_owned())
    });
    assert!(work.export().json.get("animations").is_none());
}

#[test]
fn joints_of_an_object_are_moved() {
    let mut work = Work::default();
    let bones = work.add(armature(Uuid::from_u128(8), 1.0));
    work.add(object(CUBE, "Rig", None));
    work.change(showing(CUBE, Some(bones)));
    let y = [key(0.0, 1.0, LINEAR), key(10.0, 2.0, LINEAR)];
    play(
        &mut work,
        CUBE,
        EntityKind::Object,
        &[("translation", 1, &y)],
    );
    edit(&mut work, |it| it.slots[0].channels[0].joint = Some(HIP));
    let track = only_track(&work);
    assert_eq!(track.node, 1);
    assert_eq!(track.numbers, [0.0, 1.0, 0.0, 0.0, 2.0, 0.0]);
    edit(&mut work, |it| it.slots[0].channels[0].joint = Some(CUBE));
    assert_eq!(
        work.export().noted(Note::Animation),
        ["Rig"],
        "no such joint"
    );
}

#[test]
fn values_that_nodes_do_not_have_are_noted() {
    let on = [key(0.0, 1.0, CONSTANT), key(10.0, 0.0, CONSTANT)];
    let document = moved(&[("translation", 0, &on), ("visible", 0, &on)]).export();
    assert_eq!(document.noted(Note::Animation), ["Cube"]);
    assert_eq!(tracks(&document).len(), 1);
    let mut work = Work::default();
    let lamp = work.add(light(Uuid::from_u128(9), 100.0));
    work.add(object(CUBE, "Cube", None));
    work.change(showing(CUBE, Some(lamp)));
    play(&mut work, lamp, EntityKind::Light, &[("intensity", 0, &on)]);
    let document = work.export();
    assert_eq!(document.noted(Note::Animation), ["Light"]);
    assert!(document.json.get("animations").is_none());
    // A slot is for entities of its kind.
    follow(&mut work, CUBE);
    assert_eq!(work.export().noted(Note::Animation), ["Light"]);
}

#[test]
fn two_keys_do_not_stand_for_a_billion_frames() {
    let x = [key(0.0, 0.0, CONSTANT), key(1e9, 1.0, CONSTANT)];
    let y = [key(1.0, 0.0, CONSTANT)];
    let document = moved(&[("scale", 0, &x), ("scale", 1, &y)]).export();
    assert_eq!(document.noted(Note::Animation), ["Cube"]);
    assert!(document.json.get("animations").is_none());
}

#[test]
fn sampled_numbers_of_a_file_are_bounded() {
    // Three numbers for each of these frames are more than 64 million.
    let x = [key(0.0, 0.0, CONSTANT), key(23e6, 1.0, CONSTANT)];
    let y = [key(1.0, 0.0, CONSTANT)];
    let document = moved(&[("scale", 0, &x), ("scale", 1, &y)]).export();
    assert_eq!(document.noted(Note::Animation), ["Cube"]);
}

#[test]
fn numbers_beyond_float32_are_left_out() {
    let x = [
        ([0.0, 0.0, 0.0, 0.0, 2.0, 3e38], BEZIER),
        ([6.0, 1.0, 4.0, 3e38, 6.0, 1.0], BEZIER),
    ];
    let track = only_track(&moved(&[("translation", 0, &x)]));
    assert_eq!(
        track.form, "LINEAR",
        "the slopes of a spline would be too large"
    );
    assert!(track.numbers.iter().all(|it| it.is_finite()));
}

#[test]
fn animation_has_the_name_and_the_uuid_of_its_action() {
    let x = [key(0.0, 0.0, LINEAR), key(1.0, 1.0, LINEAR)];
    let json = moved(&[("scale", 0, &x)]).export().json;
    let animation = &json["animations"][0];
    assert_eq!(animation["name"], "Walk");
    assert_eq!(animation["extras"], json!({"vibesync": {"uuid": ACTION}}));
    let input = animation["samplers"][0]["input"].as_u64().unwrap() as usize;
    let accessor = &json["accessors"][input];
    assert_eq!(
        (&accessor["min"], &accessor["type"]),
        (&json!([0.0]), &json!("SCALAR"))
    );
}
