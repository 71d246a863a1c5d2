//! Places: the composition of transforms, and its inverse.

use crate::component::Transform;

/// Returns the place of an object from that of the object above it.
///
/// The scale is exact unless the object above is scaled unevenly and this one is rotated: that is no scale any more.
pub fn compose(above: &Transform, below: &Transform) -> Transform {
    let scaled = zip(above.scale, below.translation, |a, b| a * b);
    let moved = rotate(above.rotation, scaled);
    Transform {
        translation: zip(above.translation, moved, |a, b| a + b),
        rotation: multiply(above.rotation, below.rotation),
        scale: zip(above.scale, below.scale, |a, b| a * b),
    }
}

/// Returns the transform below another one that has this place: undoes [`compose`].
///
/// Fails if an axis of the object above is scaled to 0. The scale is exact in the cases in which that of `compose` is.
pub fn decompose(above: &Transform, place: &Transform) -> Option<Transform> {
    if above.scale.contains(&0.0) {
        return None;
    }
    let back = conjugate(above.rotation);
    let moved = zip(place.translation, above.translation, |a, b| a - b);
    Some(Transform {
        translation: zip(rotate(back, moved), above.scale, |a, b| a / b),
        rotation: multiply(back, place.rotation),
        scale: zip(place.scale, above.scale, |a, b| a / b),
    })
}

/// Returns the inverse of a unit quaternion.
pub(crate) fn conjugate([x, y, z, w]: [f64; 4]) -> [f64; 4] {
    [-x, -y, -z, w]
}

fn zip(a: [f64; 3], b: [f64; 3], join: impl Fn(f64, f64) -> f64) -> [f64; 3] {
    let ([ax, ay, az], [bx, by, bz]) = (a, b);
    [join(ax, bx), join(ay, by), join(az, bz)]
}

fn cross([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> [f64; 3] {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/// Rotates a vector by a unit quaternion.
pub(crate) fn rotate([x, y, z, w]: [f64; 4], vector: [f64; 3]) -> [f64; 3] {
    let axis = [x, y, z];
    let twice = cross(axis, vector).map(|c| 2.0 * c);
    let sum = zip(vector, twice, |v, t| v + w * t);
    zip(sum, cross(axis, twice), |a, b| a + b)
}

/// Multiplies two quaternions: the rotation `b`, then `a`.
pub fn multiply([ax, ay, az, aw]: [f64; 4], [bx, by, bz, bw]: [f64; 4]) -> [f64; 4] {
    [
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_place_is_the_transform_that_was_composed() {
        let half = 0.5_f64.sqrt();
        let above = Transform {
            translation: [1.0, 2.0, 3.0],
            rotation: [0.0, half, 0.0, half],
            scale: [2.0, 2.0, 2.0],
        };
        let below = Transform {
            translation: [1.0, -4.0, 0.5],
            rotation: [half, 0.0, 0.0, half],
            scale: [1.0, 3.0, 0.5],
        };
        let again = decompose(&above, &compose(&above, &below)).unwrap();
        let numbers = |it: &Transform| [&it.translation[..], &it.rotation, &it.scale].concat();
        let pairs = numbers(&again).into_iter().zip(numbers(&below));
        assert!(
            pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-12),
            "{again:?}"
        );
        let flat = Transform {
            scale: [1.0, 0.0, 1.0],
            ..above
        };
        assert_eq!(decompose(&flat, &below), None);
    }

    #[test]
    fn place_below_a_turned_and_scaled_object_is_composed() {
        let half = 0.5_f64.sqrt();
        // A quarter turn about Y takes +X to -Z.
        let above = Transform {
            translation: [1.0, 2.0, 3.0],
            rotation: [0.0, half, 0.0, half],
            scale: [2.0; 3],
        };
        let below = Transform {
            translation: [1.0, 0.0, 0.0],
            ..Transform::IDENTITY
        };
        let world = compose(&above, &below);
        let expected = [1.0, 2.0, 1.0];
        let near = |(a, b): (&f64, f64)| (a - b).abs() < 1e-12;
        assert!(
            world.translation.iter().zip(expected).all(near),
            "{world:?}"
        );
        assert_eq!(world.scale, [2.0; 3]);
        assert_eq!(world.rotation, above.rotation);
    }
}
