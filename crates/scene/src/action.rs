//! Actions: how values of an entity change over time, as curves through keys, and what action an entity plays.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::component::Buffer;
use crate::component_value::{ComponentValue, LARGEST, check_range};
use crate::entity_kind::EntityKind;
use crate::invalid::Invalid;
use crate::reference::{Reference, Target};

/// Name of the buffer with the keys of curves.
pub(crate) const KEYS: &str = "keys";

/// Name of the buffer with the values of locked channels, one a frame.
pub(crate) const SAMPLES: &str = "samples";

/// Bytes of a key: time, value, both handles (time and value each) and the interpolation.
pub(crate) const KEY_BYTES: usize = 28;

/// Bytes of a sample.
pub(crate) const SAMPLE_BYTES: usize = 4;

/// Largest difference of equal times, frames.
pub(crate) const TIME_EPSILON: f64 = 1e-3;

/// Most slots of an action.
const MOST_SLOTS: usize = 256;

/// Most channels of an action.
const MOST_CHANNELS: usize = 16_384;

/// Longest name of a shape key, bytes.
const LONGEST_KEY: usize = 63;

/// Targets of channels: the kind of the slot, the path, and the number of components of a value.
const PATHS: &[(EntityKind, &str, u8)] = &[
    (EntityKind::Object, "translation", 3),
    (EntityKind::Object, "rotation", 4),
    (EntityKind::Object, "euler", 3),
    (EntityKind::Object, "scale", 3),
    (EntityKind::Object, "visible", 1),
    (EntityKind::Light, "color", 3),
    (EntityKind::Light, "intensity", 1),
    (EntityKind::Light, "range", 1),
    (EntityKind::Light, "outer", 1),
    (EntityKind::Camera, "focal", 1),
    (EntityKind::Camera, "size", 1),
    (EntityKind::Camera, "shift", 2),
    (EntityKind::Camera, "near", 1),
    (EntityKind::Camera, "far", 1),
    (EntityKind::Camera, "focus", 1),
    (EntityKind::Camera, "fstop", 1),
    (EntityKind::Mesh, SHAPE, 1),
];

/// The path of the weight of a shape key.
const SHAPE: &str = "shape";

/// The paths that joints have, too.
const JOINT_PATHS: &[&str] = &["translation", "rotation", "scale"];

/// A rate of frames as a fraction, such as 30000 / 1001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrameRate {
    /// Frames in so many seconds.
    pub num: u32,
    /// The seconds.
    pub den: u32,
}

/// The value of a curve before its first key, or behind its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extrapolation {
    /// That of the nearest key.
    Constant,
    /// It goes on with the slope at the nearest key.
    Linear,
}

/// A run of keys or samples in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CurveRun {
    /// The first.
    pub start: u32,
    /// Their number.
    pub count: u32,
}

/// One number that an action changes over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionChannel {
    /// The value that the number belongs to, such as `translation`.
    pub path: String,
    /// The joint of an armature that has the value; left out for the entity itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<Uuid>,
    /// The shape key whose weight it is; left out for all other paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The number's place in the value.
    pub component: u8,
    /// The value before the first key, and behind the last.
    pub extrapolation: [Extrapolation; 2],
    /// Its keys in the buffer `keys`; if it is locked, its values in the buffer `samples`.
    pub curve: CurveRun,
    /// True if Blender's curve has a form that only Blender has. The values at whole frames stand for it, from the first
    /// frame of the action's range on; nobody else changes them.
    pub locked: bool,
}

impl ActionChannel {
    /// The address within a slot. Channels are sorted by it.
    fn address(&self) -> (&str, Option<Uuid>, Option<&str>, u8) {
        (&self.path, self.joint, self.key.as_deref(), self.component)
    }

    /// Returns the number of components of its path; none if entities of this kind have no such path.
    fn path_size(&self, kind: EntityKind) -> Option<u8> {
        let is_same = |it: &&(EntityKind, &str, u8)| it.0 == kind && it.1 == self.path;
        PATHS.iter().find(is_same).map(|it| it.2)
    }

    fn find_fault(&self, kind: EntityKind) -> Option<(&'static str, &'static str)> {
        let Some(size) = self.path_size(kind) else {
            return Some(("path", "no such path on entities of this kind"));
        };
        if self.component >= size {
            return Some(("component", "the path has fewer components"));
        }
        if self.joint.is_some() && !JOINT_PATHS.contains(&self.path.as_str()) {
            return Some(("joint", "joints have no such path"));
        }
        if self.key.is_some() != (self.path == SHAPE) {
            return Some(("key", "weights of shape keys name a key, and no others do"));
        }
        let is_good = |key: &String| {
            (1..=LONGEST_KEY).contains(&key.len()) && !key.contains(char::is_control)
        };
        if !self.key.as_ref().is_none_or(is_good) {
            return Some(("key", "a name of 1 to 63 bytes without control characters"));
        }
        (self.curve.count == 0).then_some(("curve.count", "a channel has a key"))
    }
}

/// The channels of an action for one kind of entities. Several entities may play the same slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionSlot {
    /// Its address within the action.
    pub id: u32,
    /// The kind of the entities that play it.
    pub kind: EntityKind,
    /// The channels, sorted by path, joint, key and component.
    pub channels: Vec<ActionChannel>,
}

/// An action: curves by slot and channel. Times are frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyedAction {
    /// Frames a second.
    pub fps: FrameRate,
    /// The first and the last frame.
    pub range: [f64; 2],
    /// True if it starts over at its end.
    #[serde(rename = "loop")]
    pub is_loop: bool,
    /// The slots, sorted by id.
    pub slots: Vec<ActionSlot>,
    /// Buffers by name: `keys` and `samples`, each only if a channel has a part of it.
    pub buffers: BTreeMap<String, Buffer>,
}

impl KeyedAction {
    /// All channels, each with its slot.
    pub fn channels(&self) -> impl Iterator<Item = (&ActionSlot, &ActionChannel)> {
        let slots = self.slots.iter();
        slots.flat_map(|slot| slot.channels.iter().map(move |it| (slot, it)))
    }

    /// Returns what only Blender may change: the locked channels, the frame of their first values, and these values.
    pub(crate) fn locked_part(&self) -> impl PartialEq + '_ {
        let address = |(slot, it): (&ActionSlot, &ActionChannel)| (slot.id, it.clone());
        let locked: Vec<_> = self.channels().filter(|it| it.1.locked).collect();
        let first = (!locked.is_empty()).then(|| self.range[0].floor().to_bits());
        let samples = self.buffers.get(SAMPLES).and_then(|it| it.blob);
        let locked: Vec<_> = locked.into_iter().map(address).collect();
        (locked, first, samples)
    }

    fn check_slots(&self, name: &str) -> Result<(), Invalid> {
        let fail = |place: String, message: &str| {
            let location = format!("{name}.{place}");
            Err(Invalid::new(Code::ComponentInvalid, location, message))
        };
        let count: usize = self.slots.iter().map(|slot| slot.channels.len()).sum();
        if self.slots.len() > MOST_SLOTS || count > MOST_CHANNELS {
            return fail("slots".into(), "there are too many");
        }
        if !self.slots.is_sorted_by(|a, b| a.id < b.id) {
            return fail("slots".into(), "slots are sorted by id, each once");
        }
        for (i, slot) in self.slots.iter().enumerate() {
            if !PATHS.iter().any(|it| it.0 == slot.kind) {
                let message = "entities of this kind have no animation";
                return fail(format!("slots[{i}].kind"), message);
            }
            let channels = &slot.channels;
            if !channels.is_sorted_by(|a, b| a.address() < b.address()) {
                let message = "channels are sorted, each once";
                return fail(format!("slots[{i}].channels"), message);
            }
            for (j, channel) in channels.iter().enumerate() {
                if let Some((field, message)) = channel.find_fault(slot.kind) {
                    return fail(format!("slots[{i}].channels[{j}].{field}"), message);
                }
            }
        }
        Ok(())
    }

    /// Checks that the runs of the channels follow each other and cover the buffers.
    fn check_runs(&self, name: &str) -> Result<(), Invalid> {
        let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
        for (slot, channel) in self.channels() {
            let buffer = if channel.locked { SAMPLES } else { KEYS };
            let end = ends.entry(buffer).or_default();
            if u64::from(channel.curve.start) != *end {
                let path = &channel.path;
                let message = format!("{path} of slot {} does not begin at {end}", slot.id);
                let location = format!("{name}.slots");
                return Err(Invalid::new(Code::ComponentInvalid, location, message));
            }
            *end += u64::from(channel.curve.count);
        }
        let wanted: BTreeSet<&str> = ends.keys().copied().collect();
        let held: BTreeSet<&str> = self.buffers.keys().map(String::as_str).collect();
        if wanted != held {
            let message = format!("the channels need the buffers {wanted:?}");
            let location = format!("{name}.buffers");
            return Err(Invalid::new(Code::ComponentInvalid, location, message));
        }
        for (buffer, it) in &self.buffers {
            let end = ends.get(buffer.as_str()).copied().unwrap_or_default();
            let size = if buffer == KEYS {
                KEY_BYTES
            } else {
                SAMPLE_BYTES
            };
            let expected = end * size as u64;
            if it.bytes != expected {
                let message = format!("{} bytes where the channels ask for {expected}", it.bytes);
                let location = format!("{name}.buffers.{buffer}");
                return Err(Invalid::new(Code::ComponentInvalid, location, message));
            }
        }
        Ok(())
    }

    /// Returns the name of the first part that differs, apart from the content of buffers.
    pub(crate) fn find_other_part(&self, other: &Self) -> Option<String> {
        let near = |a: f64, b: f64| (a - b).abs() <= TIME_EPSILON;
        let is_near = near(self.range[0], other.range[0]) && near(self.range[1], other.range[1]);
        let names = [
            ("fps", self.fps == other.fps),
            ("range", is_near),
            ("loop", self.is_loop == other.is_loop),
            ("slots", self.slots == other.slots),
        ];
        let differing = names.into_iter().find(|(_, is_same)| !is_same);
        differing.map(|(name, _)| name.to_owned())
    }
}

impl ComponentValue for KeyedAction {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let at = |field: &str| format!("{name}.{field}");
        if self.fps.num == 0 || self.fps.den == 0 {
            let message = "a rate is above zero";
            return Err(Invalid::new(Code::NumberInvalid, at("fps"), message));
        }
        check_range(&at("range"), &self.range, -LARGEST, LARGEST)?;
        if self.range[0] > self.range[1] {
            let message = "the first frame comes before the last";
            return Err(Invalid::new(Code::NumberInvalid, at("range"), message));
        }
        self.check_slots(name)?;
        self.check_runs(name)
    }

    /// Compares the buffers by their content address. [`crate::compare_actions`] compares their numbers.
    fn equals(&self, other: &Self) -> bool {
        self.find_other_part(other).is_none() && self.buffers == other.buffers
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        self.buffers.iter().map(|(name, it)| (name.as_str(), it))
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.buffers.values_mut()
    }
}

/// The action that an entity plays, and the slot of it. An entity without this component plays none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Animation {
    /// The action.
    pub action: Option<Uuid>,
    /// The slot; none if the entity plays nothing of the action.
    pub slot: Option<u32>,
}

impl ComponentValue for Animation {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        if self.action.is_none() && self.slot.is_some() {
            let message = "a slot is one of an action";
            let location = format!("{name}.slot");
            return Err(Invalid::new(Code::ComponentInvalid, location, message));
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let reference = |uuid| Reference::new(uuid, Target::Action, "animation.action");
        self.action.map(reference).into_iter()
    }
}
