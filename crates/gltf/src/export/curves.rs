//! Curves of actions: their values over time, as Blender computes them. Times are frames.

use vibesync_scene::{ActionChannel, Extrapolation};

use super::bulk::Bulk;

/// Steps of a search for a time on a Bezier segment: more change nothing in a double.
const STEPS: usize = 64;

/// The way from a key to the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Interpolation {
    Constant,
    Linear,
    Bezier,
}

/// A point of a curve or of a handle: a time and a value.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub time: f64,
    pub value: f64,
}

/// A key with its handles.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub point: Point,
    pub before: Point,
    pub behind: Point,
    pub interpolation: Interpolation,
}

/// A number over time.
pub(super) enum Curve {
    /// A number that no channel changes.
    Fixed(f64),
    /// Keys, at least one, and the ways before the first and behind the last.
    Keys(Vec<Key>, [Extrapolation; 2]),
    /// Values at whole frames from the first one on, at least one.
    Samples(f64, Vec<f64>),
}

impl Curve {
    /// Reads the curve of a channel from the buffers of its action, which were checked. `first` is the first frame of its range.
    pub fn read(channel: &ActionChannel, bytes: &Bulk<'_>, first: f64) -> Self {
        let start = channel.curve.start as usize;
        let elements = start..start.saturating_add(channel.curve.count as usize);
        if channel.locked {
            let value = |at| {
                let [value] = bytes.vector("samples", at);
                f64::from(value)
            };
            return Self::Samples(first.floor(), elements.map(value).collect());
        }
        let keys = elements.map(|at| read_key(bytes.words("keys", at)));
        Self::Keys(keys.collect(), channel.extrapolation)
    }

    /// Returns the value at a time.
    pub fn value(&self, time: f64) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Keys(keys, extrapolation) => value_of_keys(keys, *extrapolation, time),
            Self::Samples(first, values) => value_of_samples(values, time - first),
        }
    }

    /// Returns the first and the last time that count; none for a fixed number. A curve that goes on behind its keys counts in
    /// the whole range of the action.
    pub fn times(&self, range: [f64; 2]) -> Option<[f64; 2]> {
        match self {
            Self::Fixed(_) => None,
            Self::Keys(keys, [before, behind]) => {
                let (first, last) = (keys.first()?.point.time, keys.last()?.point.time);
                let [begin, end] = range;
                let goes_on = |way: &Extrapolation| *way == Extrapolation::Linear;
                Some([
                    if goes_on(before) {
                        begin.min(first)
                    } else {
                        first
                    },
                    if goes_on(behind) { end.max(last) } else { last },
                ])
            }
            Self::Samples(first, values) => Some([*first, first + values.len() as f64 - 1.0]),
        }
    }
}

fn read_key(words: [[u8; 4]; 7]) -> Key {
    let [
        time,
        value,
        before_time,
        before,
        behind_time,
        behind,
        interpolation,
    ] = words;
    let point = |time, value| Point {
        time: f64::from(f32::from_le_bytes(time)),
        value: f64::from(f32::from_le_bytes(value)),
    };
    Key {
        point: point(time, value),
        before: point(before_time, before),
        behind: point(behind_time, behind),
        interpolation: match u32::from_le_bytes(interpolation) {
            0 => Interpolation::Constant,
            1 => Interpolation::Linear,
            _ => Interpolation::Bezier,
        },
    }
}

fn value_of_samples(values: &[f64], at: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    let at = at.clamp(0.0, last as f64);
    let below = at.floor() as usize;
    let value = |at: usize| values.get(at.min(last)).copied().unwrap_or_default();
    let (a, b) = (value(below), value(below + 1));
    a + (b - a) * at.fract()
}

fn value_of_keys(keys: &[Key], [before, behind]: [Extrapolation; 2], time: f64) -> f64 {
    let next = keys.partition_point(|key| key.point.time <= time);
    let key = |at: usize| keys.get(at);
    let last = next.checked_sub(1).and_then(key);
    match (last, key(next)) {
        (Some(from), Some(to)) => value_between(from, to, time),
        (None, Some(first)) => extrapolate(first, first.before, key(1), before, time),
        (Some(last), None) => {
            let neighbor = next.checked_sub(2).and_then(key);
            extrapolate(last, last.behind, neighbor, behind, time)
        }
        (None, None) => 0.0,
    }
}

/// Returns the value beyond the last key on a side, which has a handle there and a neighbor on the other side.
fn extrapolate(
    end: &Key,
    handle: Point,
    neighbor: Option<&Key>,
    way: Extrapolation,
    time: f64,
) -> f64 {
    let towards = match (way, end.interpolation) {
        (Extrapolation::Constant, _) | (_, Interpolation::Constant) => None,
        (_, Interpolation::Linear) => neighbor.map(|key| key.point),
        (_, Interpolation::Bezier) => Some(handle),
    };
    let Point { time: at, value } = end.point;
    let towards = towards.filter(|point| point.time != at);
    towards.map_or(value, |point| {
        value + (time - at) * (point.value - value) / (point.time - at)
    })
}

fn value_between(from: &Key, to: &Key, time: f64) -> f64 {
    let (a, d) = (from.point, to.point);
    match from.interpolation {
        Interpolation::Constant => a.value,
        Interpolation::Linear => {
            a.value + (d.value - a.value) * (time - a.time) / (d.time - a.time)
        }
        Interpolation::Bezier => {
            let [b, c] = handles_between(from, to);
            let times = [a.time, b.time, c.time, d.time];
            let part = find_part(times, time);
            bezier([a.value, b.value, c.value, d.value], part)
        }
    }
}

/// Returns the handles of a segment. A longer handle is shortened to the length of the segment, along its direction.
pub(super) fn handles_between(from: &Key, to: &Key) -> [Point; 2] {
    let length = to.point.time - from.point.time;
    let shortened = |key: Point, handle: Point| {
        let reach = (handle.time - key.time).abs();
        let part = if reach > length { length / reach } else { 1.0 };
        Point {
            time: key.time + (handle.time - key.time) * part,
            value: key.value + (handle.value - key.value) * part,
        }
    };
    [
        shortened(from.point, from.behind),
        shortened(to.point, to.before),
    ]
}

/// Returns the part of a Bezier curve at which it has this time.
fn find_part(times: [f64; 4], time: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        match bezier(times, middle) < time {
            true => low = middle,
            false => high = middle,
        }
    }
    f64::midpoint(low, high)
}

fn bezier([a, b, c, d]: [f64; 4], part: f64) -> f64 {
    let rest = 1.0 - part;
    let (ends, handles) = (
        a * rest.powi(3) + d * part.powi(3),
        b * rest * rest * part + c * rest * part * part,
    );
    ends + 3.0 * handles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(time: f64, value: f64) -> Point {
        Point { time, value }
    }

    /// Two keys at (1, 0) and (11, 1), with these handles between them.
    fn keys(behind: Point, before: Point, interpolation: Interpolation) -> [Key; 2] {
        let key = |at: Point| Key {
            point: at,
            before: point(at.time - 1.0, at.value - 0.5),
            behind: point(at.time + 1.0, at.value + 0.25),
            interpolation,
        };
        let (first, last) = (key(point(1.0, 0.0)), key(point(11.0, 1.0)));
        [Key { behind, ..first }, Key { before, ..last }]
    }

    fn value(keys: &[Key], way: Extrapolation, time: f64) -> f64 {
        let curve = Curve::Keys(keys.to_vec(), [way; 2]);
        (curve.value(time) * 1e6).round() / 1e6
    }

    #[test]
    fn bezier_segments_have_the_values_of_blender() {
        let plain = keys(point(4.0, 0.7), point(9.0, 0.2), Interpolation::Bezier);
        assert_eq!(value(&plain, Extrapolation::Constant, 6.0), 0.450_123);
        // Handles that are longer than the segment are shortened to it.
        let long = keys(point(20.0, 0.7), point(-5.0, 0.2), Interpolation::Bezier);
        assert_eq!(value(&long, Extrapolation::Constant, 6.0), 0.450_656);
    }

    #[test]
    fn curves_go_on_as_their_last_key_says() {
        let handles = (point(4.0, 0.7), point(9.0, 0.2));
        let [bezier, linear, constant] = [
            Interpolation::Bezier,
            Interpolation::Linear,
            Interpolation::Constant,
        ]
        .map(|it| keys(handles.0, handles.1, it));
        let far = |keys: &[Key], way| [value(keys, way, -1.0), value(keys, way, 13.0)];
        assert_eq!(far(&bezier, Extrapolation::Constant), [0.0, 1.0]);
        assert_eq!(far(&bezier, Extrapolation::Linear), [-1.0, 1.5]);
        assert_eq!(far(&linear, Extrapolation::Linear), [-0.2, 1.2]);
        assert_eq!(far(&constant, Extrapolation::Linear), [0.0, 1.0]);
        let times = |keys: &[Key], way| {
            let curve = Curve::Keys(keys.to_vec(), [way; 2]);
            curve.times([-5.0, 8.0]).unwrap()
        };
        assert_eq!(times(&linear, Extrapolation::Constant), [1.0, 11.0]);
        assert_eq!(times(&linear, Extrapolation::Linear), [-5.0, 11.0]);
    }

    #[test]
    fn samples_stand_at_whole_frames() {
        let curve = Curve::Samples(3.0, vec![1.0, 2.0, 4.0]);
        let values = [2.0, 3.0, 4.5, 5.0, 9.0].map(|time| curve.value(time));
        assert_eq!(values, [1.0, 1.0, 3.0, 4.0, 4.0]);
        assert_eq!(curve.times([0.0, 1.0]), Some([3.0, 5.0]));
    }
}
