//! The keys and samples of actions: checks and comparison of their bytes.

use std::fmt;

use crate::action::{KEY_BYTES, KEYS, KeyedAction, SAMPLES, TIME_EPSILON};
use crate::code::Code;
use crate::component_value::ComponentValue;
use crate::invalid::Invalid;
use crate::mesh::{MeshBytes, MeshPieces, words};
use crate::numbers::nearly_equal;

/// Words of a key: time, value, in time, in value, out time, out value, interpolation.
const KEY_WORDS: usize = KEY_BYTES / 4;

/// The interpolations: constant, linear, Bezier.
const INTERPOLATIONS: u32 = 3;

/// The first difference of two actions. Displays the channel, or the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionMismatch(String);

impl fmt::Display for ActionMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} differs", self.0)
    }
}

/// Checks the bytes of an action, in the pieces in which they arrived: their lengths, finite numbers, known
/// interpolations, and times that increase.
pub fn check_action(
    action: &KeyedAction,
    bytes: &MeshPieces<'_>,
    location: &str,
) -> Result<(), Invalid> {
    action.check(location)?;
    for (name, buffer) in &action.buffers {
        let at = format!("{location}.buffers.{name}");
        let pieces = bytes.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let content = pieces.concat();
        if content.len() as u64 != buffer.bytes {
            let (length, announced) = (content.len(), buffer.bytes);
            let message = format!("{length} bytes arrived where {announced} were announced");
            return Err(Invalid::new(Code::ComponentInvalid, at, message));
        }
        if name == KEYS {
            check_keys(action, &content, &at)?;
        } else if let Some(bad) = find_not_finite(&content) {
            let message = "the number is not finite";
            return Err(Invalid::new(
                Code::NumberInvalid,
                format!("{at}[{bad}]"),
                message,
            ));
        }
    }
    Ok(())
}

/// Returns the position of the first number that is not finite.
fn find_not_finite(content: &[u8]) -> Option<usize> {
    words(content).position(|word| !f32::from_le_bytes(word).is_finite())
}

fn check_keys(action: &KeyedAction, content: &[u8], at: &str) -> Result<(), Invalid> {
    let fail = |key: usize, code, message: &str| {
        let location = format!("{at}[{key}]");
        Err(Invalid::new(code, location, message))
    };
    let keys: Vec<Key> = keys(content).collect();
    for (i, key) in keys.iter().enumerate() {
        if !key.numbers.iter().all(|it| it.is_finite()) {
            return fail(i, Code::NumberInvalid, "a number is not finite");
        }
        if key.interpolation >= INTERPOLATIONS {
            return fail(i, Code::ComponentInvalid, "an unknown interpolation");
        }
    }
    for (_, channel) in action.channels().filter(|(_, it)| !it.locked) {
        let first = channel.curve.start as usize;
        let run = keys.iter().skip(first).take(channel.curve.count as usize);
        let mut last = f32::NEG_INFINITY;
        for (i, key) in run.enumerate() {
            if key.numbers[0] <= last {
                let message = "each key is later than the one before";
                return fail(first + i, Code::NumberInvalid, message);
            }
            last = key.numbers[0];
        }
    }
    Ok(())
}

/// One key of a curve.
#[derive(Clone, Copy)]
struct Key {
    /// Time and value; then time and value of the handle before, and of the handle behind.
    numbers: [f32; KEY_WORDS - 1],
    interpolation: u32,
}

impl Key {
    fn is_near(&self, other: &Self) -> bool {
        let mut pairs = (0..).zip(self.numbers.iter().zip(other.numbers));
        self.interpolation == other.interpolation
            && pairs.all(|(i, (a, b))| {
                let (a, b) = (f64::from(*a), f64::from(b));
                match i % 2 {
                    0 => (a - b).abs() <= TIME_EPSILON,
                    _ => nearly_equal(a, b),
                }
            })
    }
}

fn keys(content: &[u8]) -> impl Iterator<Item = Key> {
    let parts = content.as_chunks::<KEY_BYTES>().0.iter();
    parts.map(|part| {
        let mut all = words(part);
        let mut number = || all.next().map_or(0.0, f32::from_le_bytes);
        let numbers = std::array::from_fn(|_| number());
        let interpolation = all.next().map_or(0, u32::from_le_bytes);
        Key {
            numbers,
            interpolation,
        }
    })
}

/// Compares two actions: times within a thousandth of a frame, values within epsilon. Both must have passed
/// [`check_action`].
pub fn compare_actions(
    (expected, expected_bytes): (&KeyedAction, &MeshBytes<'_>),
    (actual, actual_bytes): (&KeyedAction, &MeshBytes<'_>),
) -> Result<(), ActionMismatch> {
    if let Some(part) = expected.find_other_part(actual) {
        return Err(ActionMismatch(part));
    }
    let content =
        |bytes: &MeshBytes<'_>, name| bytes.get(name).copied().unwrap_or_default().to_vec();
    let (a, b) = (content(expected_bytes, KEYS), content(actual_bytes, KEYS));
    let keys_differ: Vec<bool> = keys(&a)
        .zip(keys(&b))
        .map(|(a, b)| !a.is_near(&b))
        .collect();
    let (a, b) = (
        content(expected_bytes, SAMPLES),
        content(actual_bytes, SAMPLES),
    );
    let number = |word| f64::from(f32::from_le_bytes(word));
    let samples = words(&a).map(number).zip(words(&b).map(number));
    let samples_differ: Vec<bool> = samples.map(|(a, b)| !nearly_equal(a, b)).collect();
    for (slot, channel) in expected.channels() {
        let differ = if channel.locked {
            &samples_differ
        } else {
            &keys_differ
        };
        let first = channel.curve.start as usize;
        let run = differ.iter().skip(first).take(channel.curve.count as usize);
        if let Some(i) = run.into_iter().position(|it| *it) {
            let (path, component) = (&channel.path, channel.component);
            let unit = if channel.locked { "frame" } else { "key" };
            let name = format!("{unit} {i} of {path}[{component}] in slot {}", slot.id);
            return Err(ActionMismatch(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::action::{ActionChannel, ActionSlot, CurveRun, Extrapolation, FrameRate};
    use crate::component::Buffer;
    use crate::entity_kind::EntityKind;
    use crate::id::BlobId;

    fn channel(path: &str, component: u8, start: u32, count: u32) -> ActionChannel {
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

    /// An action with three keys of two channels, and a locked channel with two values.
    fn three() -> KeyedAction {
        let locked = ActionChannel {
            locked: true,
            ..channel("scale", 0, 0, 2)
        };
        let channels = vec![
            locked,
            channel("translation", 0, 0, 2),
            channel("translation", 2, 2, 1),
        ];
        let buffer = |bytes| Buffer::stored(BlobId::hash(b""), bytes);
        KeyedAction {
            fps: FrameRate { num: 24, den: 1 },
            range: [1.0, 2.0],
            is_loop: false,
            slots: vec![ActionSlot {
                id: 7,
                kind: EntityKind::Object,
                channels,
            }],
            buffers: BTreeMap::from([
                (KEYS.to_owned(), buffer(84)),
                (SAMPLES.to_owned(), buffer(8)),
            ]),
        }
    }

    fn key(time: f32, value: f32, interpolation: u32) -> Vec<u8> {
        let numbers = [time, value, time - 0.5, value, time + 0.5, value];
        let numbers = numbers.into_iter().flat_map(f32::to_le_bytes);
        numbers.chain(interpolation.to_le_bytes()).collect()
    }

    fn content(times: [f32; 3], interpolation: u32) -> Vec<u8> {
        times
            .into_iter()
            .flat_map(|time| key(time, 5.0, interpolation))
            .collect()
    }

    fn samples(second: f32) -> Vec<u8> {
        [1.0, second]
            .into_iter()
            .flat_map(f32::to_le_bytes)
            .collect()
    }

    #[test]
    fn bytes_of_keys_are_checked() {
        let check = |keys: &[u8], samples: &[u8]| {
            let pieces = BTreeMap::from([(KEYS, vec![keys]), (SAMPLES, vec![samples])]);
            let checked = check_action(&three(), &pieces, "action");
            checked.map_err(|it| (it.code, it.location))
        };
        let good = content([1.0, 2.0, 0.0], 2);
        assert_eq!(check(&good, &samples(2.0)), Ok(()));
        let at = |code, place: &str| Err((code, format!("action.buffers.{place}")));
        let wrong = content([1.0, 1.0, 0.0], 2);
        assert_eq!(
            check(&wrong, &samples(2.0)),
            at(Code::NumberInvalid, "keys[1]")
        );
        let wrong = content([1.0, f32::NAN, 0.0], 2);
        assert_eq!(
            check(&wrong, &samples(2.0)),
            at(Code::NumberInvalid, "keys[1]")
        );
        let wrong = content([1.0, 2.0, 0.0], 3);
        assert_eq!(
            check(&wrong, &samples(2.0)),
            at(Code::ComponentInvalid, "keys[0]")
        );
        assert_eq!(
            check(&good[..56], &samples(2.0)),
            at(Code::ComponentInvalid, "keys")
        );
        assert_eq!(
            check(&good, &samples(f32::INFINITY)),
            at(Code::NumberInvalid, "samples[1]")
        );
        let pieces = BTreeMap::from([
            (KEYS, vec![&good[..30], &good[30..]]),
            (SAMPLES, vec![&[0; 8][..]]),
        ]);
        assert_eq!(check_action(&three(), &pieces, "action"), Ok(()));
    }

    #[test]
    fn actions_are_compared_key_by_key() {
        let compare = |times: [f32; 3], interpolation, sample| {
            let (keys, held) = (content([1.0, 2.0, 0.0], 2), content(times, interpolation));
            let (values, held_values) = (samples(2.0), samples(sample));
            let expected = BTreeMap::from([(KEYS, keys.as_slice()), (SAMPLES, values.as_slice())]);
            let actual =
                BTreeMap::from([(KEYS, held.as_slice()), (SAMPLES, held_values.as_slice())]);
            compare_actions((&three(), &expected), (&three(), &actual)).map_err(|it| it.to_string())
        };
        assert_eq!(compare([1.0, 2.000_5, 0.0], 2, 2.000_005), Ok(()));
        let error = |text: &str| Err(format!("{text} differs"));
        assert_eq!(
            compare([1.0, 2.01, 0.0], 2, 2.0),
            error("key 1 of translation[0] in slot 7")
        );
        assert_eq!(
            compare([1.0, 2.0, 0.01], 2, 2.0),
            error("key 0 of translation[2] in slot 7")
        );
        assert_eq!(
            compare([1.0, 2.0, 0.0], 1, 2.0),
            error("key 0 of translation[0] in slot 7")
        );
        assert_eq!(
            compare([1.0, 2.0, 0.0], 2, 3.0),
            error("frame 1 of scale[0] in slot 7")
        );
        type Edit = fn(&mut KeyedAction);
        let changes: [(Edit, &str); 4] = [
            (|it| it.fps.den = 2, "fps"),
            (|it| it.range[1] = 3.0, "range"),
            (|it| it.is_loop = true, "loop"),
            (|it| it.slots[0].id = 8, "slots"),
        ];
        for (change, name) in changes {
            let mut other = three();
            change(&mut other);
            let none = BTreeMap::new();
            let compared = compare_actions((&three(), &none), (&other, &none));
            assert_eq!(compared.map_err(|it| it.to_string()), error(name));
            assert!(!three().equals(&other));
        }
        let mut near = three();
        near.range[1] += 5e-4;
        assert!(three().equals(&near));
    }

    #[test]
    fn faults_of_actions_are_named() {
        type Edit = fn(&mut KeyedAction);
        let faults: [(Edit, &str); 16] = [
            (|it| it.fps.num = 0, "fps"),
            (|it| it.fps.den = 0, "fps"),
            (|it| it.range[0] = f64::NAN, "range[0]"),
            (|it| it.range[0] = 3.0, "range"),
            (|it| it.slots.push(it.slots[0].clone()), "slots"),
            (|it| it.slots[0].kind = EntityKind::Image, "slots[0].kind"),
            (|it| it.slots[0].channels.swap(1, 2), "slots[0].channels"),
            (
                |it| it.slots[0].channels[1].path = "speed".into(),
                "slots[0].channels[1].path",
            ),
            (
                |it| it.slots[0].kind = EntityKind::Light,
                "slots[0].channels[0].path",
            ),
            (
                |it| it.slots[0].channels[2].component = 3,
                "slots[0].channels[2].component",
            ),
            (
                |it| it.slots[0].channels[0].key = Some("A".into()),
                "slots[0].channels[0].key",
            ),
            (
                |it| it.slots[0].channels[2].curve.count = 0,
                "slots[0].channels[2].curve.count",
            ),
            (|it| it.slots[0].channels[2].curve.start = 1, "slots"),
            (
                |it| it.slots[0].channels[2].curve.count = u32::MAX,
                "buffers.keys",
            ),
            (|it| it.buffers.clear(), "buffers"),
            (|it| it.slots.clear(), "buffers"),
        ];
        assert_eq!(three().check("action"), Ok(()));
        for (fault, location) in faults {
            let mut action = three();
            fault(&mut action);
            let error = action.check("action").unwrap_err();
            assert_eq!(error.location, format!("action.{location}"));
        }
    }

    #[test]
    fn number_of_channels_is_limited() {
        let slot = |id| ActionSlot {
            id,
            kind: EntityKind::Object,
            channels: Vec::new(),
        };
        let mut action = three();
        action.slots = (0..257).map(slot).collect();
        action.buffers.clear();
        assert_eq!(action.check("action").unwrap_err().location, "action.slots");
        action.slots.pop();
        assert_eq!(action.check("action"), Ok(()));
        action.slots[0].channels = vec![channel("scale", 0, 0, 1); 16_385];
        let error = action.check("action").unwrap_err();
        assert_eq!(error.message, "there are too many");
    }
}
