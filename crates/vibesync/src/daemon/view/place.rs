//! The place of an object in the scene, from its own place and those of the objects above it.

use vibesync_scene::{Scene, Transform, Uuid};

/// Most objects above one, so that a damaged scene cannot keep the thread.
const MOST_ABOVE: usize = 1_000;

/// Returns the place in the scene; none for data.
///
/// The scale is exact unless an object above is scaled unevenly and this one is rotated: that is no scale any more.
pub(super) fn world(scene: &Scene, uuid: Uuid) -> Option<Transform> {
    let mut next = Some(uuid);
    let mut world: Option<Transform> = None;
    for _ in 0..MOST_ABOVE {
        let Some(entity) = next.and_then(|uuid| scene.live(uuid)) else {
            break;
        };
        let own = entity.components.transform.unwrap_or(Transform::IDENTITY);
        world = match world {
            None => Some(entity.components.transform?),
            Some(below) => Some(compose(&own, &below)),
        };
        next = entity.components.parent.and_then(|parent| parent.uuid);
    }
    world
}

fn compose(above: &Transform, below: &Transform) -> Transform {
    let scaled = zip(above.scale, below.translation, |a, b| a * b);
    let moved = rotate(above.rotation, scaled);
    Transform {
        translation: zip(above.translation, moved, |a, b| a + b),
        rotation: multiply(above.rotation, below.rotation),
        scale: zip(above.scale, below.scale, |a, b| a * b),
    }
}

fn zip(a: [f64; 3], b: [f64; 3], join: impl Fn(f64, f64) -> f64) -> [f64; 3] {
    let ([ax, ay, az], [bx, by, bz]) = (a, b);
    [join(ax, bx), join(ay, by), join(az, bz)]
}

fn cross([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> [f64; 3] {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/// Rotates a vector by a unit quaternion.
fn rotate([x, y, z, w]: [f64; 4], vector: [f64; 3]) -> [f64; 3] {
    let axis = [x, y, z];
    let twice = cross(axis, vector).map(|c| 2.0 * c);
    let sum = zip(vector, twice, |v, t| v + w * t);
    zip(sum, cross(axis, twice), |a, b| a + b)
}

/// Multiplies two quaternions: the rotation `b`, then `a`.
fn multiply([ax, ay, az, aw]: [f64; 4], [bx, by, bz, bw]: [f64; 4]) -> [f64; 4] {
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
