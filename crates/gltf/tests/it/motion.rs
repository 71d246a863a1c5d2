//! Actions that tests make, and the animations that a file has.

use std::collections::BTreeMap;

use serde_json::Value;
use vibesync_scene::{
    ActionChannel, ActionSlot, Animation, Change, Components, CurveRun, EntityKind, Extrapolation,
    FrameRate, KeyedAction, Uuid,
};
use vibesync_testkit::change::object;

use crate::work::{Document, Work};

pub const CUBE: Uuid = Uuid::from_u128(1);
pub const ACTION: Uuid = Uuid::from_u128(20);
pub const CONSTANT: u32 = 0;
pub const LINEAR: u32 = 1;
pub const BEZIER: u32 = 2;

/// A key: time and value, the handle before, the handle behind, and the interpolation.
pub type Key = ([f32; 6], u32);

/// A channel: path, component, and its keys.
pub type Moves<'a> = (&'a str, u8, &'a [Key]);

/// A key whose handles do not count.
pub fn key(time: f32, value: f32, interpolation: u32) -> Key {
    ([time, value, time, value, time, value], interpolation)
}

pub fn channel(path: &str, component: u8, start: u32, count: u32) -> ActionChannel {
    ActionChannel {
        path: path.to_owned(),
        joint: None,
        key: None,
        component,
        extrapolation: [Extrapolation::Constant; 2],
        curve: CurveRun { start, count },
        locked: false,
    }
}

/// Adds an action with 10 frames a second, whose slot 7 is for entities of a kind, and has it played by one.
pub fn play(work: &mut Work, player: Uuid, kind: EntityKind, moves: &[Moves<'_>]) {
    let (mut channels, mut bytes, mut start) = (Vec::new(), Vec::new(), 0);
    for (path, component, keys) in moves {
        channels.push(channel(path, *component, start, keys.len() as u32));
        start += keys.len() as u32;
        for (numbers, interpolation) in *keys {
            bytes.extend(numbers.iter().flat_map(|it| it.to_le_bytes()));
            bytes.extend(interpolation.to_le_bytes());
        }
    }
    let buffers = BTreeMap::from([("keys".to_owned(), work.store(bytes))]);
    let action = KeyedAction {
        fps: FrameRate { num: 10, den: 1 },
        range: [0.0, 20.0],
        is_loop: false,
        slots: vec![ActionSlot {
            id: 7,
            kind,
            channels,
        }],
        buffers,
    };
    let components = Components {
        name: Some("Walk".to_owned()),
        action: Some(Box::new(action)),
        ..Components::default()
    };
    work.add(Change::Create {
        uuid: ACTION,
        kind: EntityKind::Action,
        components,
    });
    follow(work, player);
}

/// Has an entity play the action.
pub fn follow(work: &mut Work, player: Uuid) {
    work.components(player).animation = Some(Box::new(Animation {
        action: Some(ACTION),
        slot: Some(7),
    }));
}

pub fn edit(work: &mut Work, change: impl FnOnce(&mut KeyedAction)) {
    change(work.components(ACTION).action.as_mut().unwrap());
}

/// A scene of one object that an action moves so.
pub fn moved(moves: &[Moves<'_>]) -> Work {
    let mut work = Work::default();
    work.add(object(CUBE, "Cube", None));
    play(&mut work, CUBE, EntityKind::Object, moves);
    work
}

/// A channel of a file with the numbers of its sampler.
pub struct Track {
    pub node: u64,
    pub path: String,
    pub form: String,
    pub times: Vec<f32>,
    pub numbers: Vec<f32>,
}

pub fn tracks(document: &Document) -> Vec<Track> {
    let animation = &document.json["animations"][0];
    let channels = animation["channels"].as_array().unwrap().iter();
    let track = |channel: &Value| {
        let sampler = &animation["samplers"][channel["sampler"].as_u64().unwrap() as usize];
        Track {
            node: channel["target"]["node"].as_u64().unwrap(),
            path: channel["target"]["path"].as_str().unwrap().to_owned(),
            form: sampler["interpolation"].as_str().unwrap().to_owned(),
            times: document.floats(&sampler["input"]),
            numbers: document.floats(&sampler["output"]),
        }
    };
    channels.map(track).collect()
}

pub fn only_track(work: &Work) -> Track {
    let mut tracks = tracks(&work.export());
    assert_eq!(tracks.len(), 1);
    tracks.remove(0)
}

pub fn assert_near(found: &[f32], wanted: &[f32]) {
    let mut pairs = found.iter().zip(wanted);
    let is_near = found.len() == wanted.len() && pairs.all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(is_near, "{found:?} {wanted:?}");
}
