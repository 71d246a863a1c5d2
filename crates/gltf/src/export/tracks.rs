//! Tracks: the curves of a value as one sampler of glTF. Keys stay keys where glTF has the same form, else frames are sampled.

use gltf_json::animation::Interpolation as Form;
use vibesync_scene::{Extrapolation, multiply};

use super::curves::{Curve, Interpolation, Key, handles_between};

/// Largest error of the length of a quaternion that is a key of a spline.
const UNIT: f64 = 1e-4;

/// Largest distance of a handle from a third of its segment, as a part of the segment and in frames.
const THIRD: f64 = 1e-4;

/// The meaning of the numbers of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Numbers that are independent of each other.
    Numbers,
    /// A quaternion (x, y, z, w).
    Rotation,
    /// Angles in radians: it turns about Z first, then about X, then about Y.
    Euler,
}

/// Seconds from frames.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    /// The frame at 0 seconds.
    pub start: f64,
    /// Frames a second.
    pub rate: f64,
}

/// Times in seconds, and the numbers of a value at each; three values at each for a spline, as glTF has them.
pub(super) struct Track {
    pub form: Form,
    pub times: Vec<f32>,
    pub numbers: Vec<f32>,
}

impl Clock {
    fn seconds(&self, frame: f64) -> f32 {
        ((frame - self.start) / self.rate) as f32
    }
}

/// Returns the track of a value with one curve for each number; none if it needs more than `most` numbers, or one beyond
/// float32. `range` is that of the action.
pub(super) fn track(
    curves: &[Curve],
    meaning: Meaning,
    (clock, range): (Clock, [f64; 2]),
    most: usize,
) -> Option<Track> {
    let is_usable = |track: &Track| {
        let numbers = &track.numbers;
        numbers.len() <= most && numbers.iter().all(|it| it.is_finite())
    };
    let exact = exact(curves, meaning, clock).filter(is_usable);
    let sampled = || sampled(curves, meaning, (clock, range), most).filter(is_usable);
    exact.or_else(sampled)
}

/// Returns a track with the keys of the curves; none if glTF has no such form, or if they do not have their keys together.
fn exact(curves: &[Curve], meaning: Meaning, clock: Clock) -> Option<Track> {
    let mut all: Vec<Vec<Key>> = Vec::new();
    let keyed = curves.iter().find_map(|curve| match curve {
        Curve::Keys(keys, _) => Some(keys),
        _ => None,
    })?;
    for curve in curves {
        all.push(match curve {
            Curve::Keys(keys, ways) if *ways == [Extrapolation::Constant; 2] => keys.clone(),
            Curve::Fixed(value) => keyed.iter().map(|key| flat(key, *value)).collect(),
            _ => return None,
        });
    }
    let seconds = |key: &Key| clock.seconds(key.point.time);
    let times: Vec<f32> = keyed.iter().map(seconds).collect();
    let same = |keys: &Vec<Key>| {
        let mut pairs = keys.iter().zip(keyed);
        keys.len() == keyed.len() && pairs.all(|(a, b)| a.point.time == b.point.time)
    };
    if !times.is_sorted_by(|a, b| a < b) || !all.iter().all(same) || meaning == Meaning::Euler {
        return None;
    }
    let form = form(&all, meaning)?;
    let numbers = match form {
        Form::CubicSpline => spline(&all, clock.rate),
        _ => values(&all, meaning),
    };
    Some(Track {
        form,
        times,
        numbers,
    })
}

/// Returns a key of a number that does not change, at the time and with the interpolation of another key.
fn flat(key: &Key, value: f64) -> Key {
    let mut flat = *key;
    for point in [&mut flat.point, &mut flat.before, &mut flat.behind] {
        point.value = value;
    }
    flat
}

/// Returns the form in which glTF has all segments of these curves, which have their keys together.
fn form(all: &[Vec<Key>], meaning: Meaning) -> Option<Form> {
    let segments = || all.iter().flat_map(|keys| keys.windows(2));
    let is_all = |wanted| {
        let mut segments = segments();
        segments.all(|it| it.first().is_some_and(|key| key.interpolation == wanted))
    };
    let is_rotation = meaning == Meaning::Rotation;
    if is_all(Interpolation::Constant) {
        return Some(Form::Step);
    }
    // glTF turns from one quaternion to the next on an arc, and Blender along a line: a spline has lines.
    if is_all(Interpolation::Linear) && !is_rotation {
        return Some(Form::Linear);
    }
    let is_cubic = segments().all(|it| matches!(it, [from, to] if is_cubic(from, to)));
    let is_unit = |at: usize| {
        let numbers = all.iter().filter_map(|keys| keys.get(at));
        let square: f64 = numbers.map(|key| key.point.value.powi(2)).sum();
        (square.sqrt() - 1.0).abs() < UNIT
    };
    let count = all.first().map_or(0, Vec::len);
    let is_spline = is_cubic && (!is_rotation || (0..count).all(is_unit));
    is_spline.then_some(Form::CubicSpline)
}

/// Whether the value of a segment is a cubic function of time.
fn is_cubic(from: &Key, to: &Key) -> bool {
    let length = to.point.time - from.point.time;
    let [b, c] = handles_between(from, to);
    let is_third = |distance: f64| (distance - length / 3.0).abs() <= THIRD * length.max(1.0);
    match from.interpolation {
        Interpolation::Constant => false,
        Interpolation::Linear => true,
        Interpolation::Bezier => {
            is_third(b.time - from.point.time) && is_third(to.point.time - c.time)
        }
    }
}

/// Returns the values at the keys.
fn values(all: &[Vec<Key>], meaning: Meaning) -> Vec<f32> {
    let count = all.first().map_or(0, Vec::len);
    let at = |at: usize| {
        let keys = all.iter().filter_map(|keys| keys.get(at));
        let mut value: Vec<f64> = keys.map(|key| key.point.value).collect();
        if meaning == Meaning::Rotation {
            normalize(&mut value);
        }
        value
    };
    (0..count).flat_map(at).map(|it| it as f32).collect()
}

/// Returns the slope into each key, its value, and the slope out of it. Slopes are by second.
fn spline(all: &[Vec<Key>], rate: f64) -> Vec<f32> {
    let count = all.first().map_or(0, Vec::len);
    let mut numbers = Vec::with_capacity(3 * count * all.len());
    for at in 0..count {
        let segment = |keys: &Vec<Key>, from: Option<usize>| {
            let pair = from.and_then(|from| keys.get(from..from + 2));
            pair.map_or([0.0; 2], slopes)
        };
        let before = all
            .iter()
            .map(|keys| segment(keys, at.checked_sub(1))[1] * rate);
        let value = all
            .iter()
            .filter_map(|keys| keys.get(at))
            .map(|key| key.point.value);
        let behind = all.iter().map(|keys| segment(keys, Some(at))[0] * rate);
        numbers.extend(before.chain(value).chain(behind).map(|it| it as f32));
    }
    numbers
}

/// Returns the slopes at the ends of a cubic segment, by frame.
fn slopes(segment: &[Key]) -> [f64; 2] {
    let [from, to] = segment else {
        return [0.0; 2];
    };
    let length = to.point.time - from.point.time;
    match from.interpolation {
        Interpolation::Bezier => {
            let [b, c] = handles_between(from, to);
            let rise = [b.value - from.point.value, to.point.value - c.value];
            rise.map(|rise| 3.0 * rise / length)
        }
        _ => [(to.point.value - from.point.value) / length; 2],
    }
}

/// Returns a track with the values at whole frames, and at both ends.
fn sampled(
    curves: &[Curve],
    meaning: Meaning,
    (clock, range): (Clock, [f64; 2]),
    most: usize,
) -> Option<Track> {
    let mut ends = curves.iter().filter_map(|curve| curve.times(range));
    let first = ends.next()?;
    let [begin, end] = ends.fold(first, |[a, b], [c, d]| [a.min(c), b.max(d)]);
    let size = if meaning == Meaning::Euler {
        4
    } else {
        curves.len()
    };
    let count = (end - begin).floor() + 3.0;
    if count * size as f64 > most as f64 {
        return None;
    }
    let whole = (begin.floor() as i64 + 1..end.ceil() as i64).map(|frame| frame as f64);
    let frames = std::iter::once(begin)
        .chain(whole)
        .chain(std::iter::once(end));
    let mut track = Track {
        form: Form::Linear,
        times: Vec::new(),
        numbers: Vec::new(),
    };
    let mut last: Vec<f64> = Vec::new();
    for frame in frames {
        let seconds = clock.seconds(frame);
        if track.times.last().is_some_and(|last| *last >= seconds) {
            continue;
        }
        let mut value: Vec<f64> = curves.iter().map(|curve| curve.value(frame)).collect();
        if let (Meaning::Euler, [x, y, z]) = (meaning, value.as_slice()) {
            value = from_euler([*x, *y, *z]).to_vec();
        }
        if meaning != Meaning::Numbers {
            normalize(&mut value);
            // A quaternion and its negative are the same rotation, but not the same way to the next one.
            if value.iter().zip(&last).map(|(a, b)| a * b).sum::<f64>() < 0.0 {
                value.iter_mut().for_each(|it| *it = -*it);
            }
        }
        track.times.push(seconds);
        track.numbers.extend(value.iter().map(|it| *it as f32));
        last = value;
    }
    Some(track)
}

/// Gives a quaternion the length 1; one without a length turns nothing.
fn normalize(quaternion: &mut [f64]) {
    let length = quaternion.iter().map(|it| it * it).sum::<f64>().sqrt();
    match length.is_normal() {
        true => quaternion.iter_mut().for_each(|it| *it /= length),
        false => {
            quaternion.fill(0.0);
            if let Some(w) = quaternion.last_mut() {
                *w = 1.0;
            }
        }
    }
}

fn from_euler(angles: [f64; 3]) -> [f64; 4] {
    let [(sx, cx), (sy, cy), (sz, cz)] = angles.map(|angle| (angle / 2.0).sin_cos());
    let (x, y, z) = ([sx, 0.0, 0.0, cx], [0.0, sy, 0.0, cy], [0.0, 0.0, sz, cz]);
    multiply(multiply(y, x), z)
}

/// Returns the angles of a rotation, in the order of [`Meaning::Euler`].
pub(super) fn to_euler([x, y, z, w]: [f64; 4]) -> [f64; 3] {
    let sine = 2.0 * (x * w - y * z);
    // Straight up or down, both other turns are about one axis.
    if sine.abs() > 1.0 - 1e-9 {
        let turn = f64::atan2(2.0 * (y * w - x * z), 1.0 - 2.0 * (y * y + z * z));
        return [sine.clamp(-1.0, 1.0).asin(), turn, 0.0];
    }
    [
        sine.asin(),
        f64::atan2(2.0 * (x * z + y * w), 1.0 - 2.0 * (x * x + y * y)),
        f64::atan2(2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_give_the_rotation_that_they_come_from() {
        let up = std::f64::consts::FRAC_PI_2;
        for angles in [
            [0.3, -1.2, 2.5],
            [-1.4, 3.0, 0.1],
            [up, 0.7, 0.0],
            [-up, -0.7, 0.0],
        ] {
            let found = to_euler(from_euler(angles));
            for (found, wanted) in found.into_iter().zip(angles) {
                assert!((found - wanted).abs() < 1e-6, "{angles:?} {found:?}");
            }
        }
        // About Z first, then about X: the X axis goes to Y, and from there to Z.
        let [x, y, z, w] = from_euler([up, 0.0, up]);
        let moved = [
            1.0 - 2.0 * (y * y + z * z),
            2.0 * (x * y + z * w),
            2.0 * (x * z - y * w),
        ];
        for (found, wanted) in moved.into_iter().zip([0.0, 0.0, 1.0]) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }
}
