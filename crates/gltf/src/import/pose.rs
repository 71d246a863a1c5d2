//! The transform of a node: three parts, or a matrix that is taken apart.

use vibesync_scene::{Invalid, Transform};

use super::place::Place;

/// Largest cosine between axes that are still at right angles.
const SQUARE: f64 = 1e-4;

/// A vector.
type Vector = [f64; 3];

/// Returns the transform of a node, and whether its matrix was sheared.
pub(super) fn transform(node: &Place<'_>) -> Result<(Transform, bool), Invalid> {
    let matrix = node.field("matrix");
    if let Some(numbers) = matrix.numbers::<16>()? {
        let [a, b, c, _, d, e, f, _, g, h, i, _, x, y, z, _] = numbers;
        return Ok(take_apart([[a, b, c], [d, e, f], [g, h, i]], [x, y, z]));
    }
    let place = node.field("rotation");
    let rotation = place.numbers::<4>()?.unwrap_or([0.0, 0.0, 0.0, 1.0]);
    let length = rotation.iter().map(|it| it * it).sum::<f64>().sqrt();
    if !length.is_normal() {
        return Err(place.error("a quaternion with a length is expected"));
    }
    // Float32 is not exact, and files are not always careful.
    let is_unit = (length - 1.0).abs() < 1e-7;
    let transform = Transform {
        translation: node.field("translation").numbers()?.unwrap_or([0.0; 3]),
        rotation: if is_unit {
            rotation
        } else {
            rotation.map(|it| it / length)
        },
        scale: node.field("scale").numbers()?.unwrap_or([1.0; 3]),
    };
    Ok((transform, false))
}

/// Takes the columns of a matrix apart into a rotation and a scale for each axis. Sheared axes are set upright.
fn take_apart(columns: [Vector; 3], translation: Vector) -> (Transform, bool) {
    let lengths = columns.map(length);
    let [x, y, z] = columns.map(unit);
    let cosines = [(x, y), (y, z), (z, x)].map(|(a, b)| dot(a, b).abs());
    let is_sheared = cosines.into_iter().any(|cosine| cosine > SQUARE);
    let is_mirrored = dot(cross(x, y), z) < 0.0;
    // An axis without a length takes the direction that the others leave.
    let x = match x == [0.0; 3] {
        true => unit_beside(cross(y, z), any_beside(unit_beside(z, y))),
        false => x,
    };
    let upright = minus(y, x, dot(x, y));
    let y = unit_beside(upright, unit_beside(cross(z, x), any_beside(x)));
    let z = cross(x, y);
    let [mut across, up, along] = lengths;
    let mut axes = [x, y, z];
    if is_mirrored {
        // One axis turns around, and the two others keep their direction: the axes must be a rotation.
        across = -across;
        let [x, y, _] = axes;
        let x = x.map(|it| -it);
        axes = [x, y, cross(x, y)];
    }
    let transform = Transform {
        translation,
        rotation: quaternion(axes),
        scale: [across, up, along],
    };
    (transform, is_sheared)
}

fn dot([a, b, c]: Vector, [x, y, z]: Vector) -> f64 {
    a * x + b * y + c * z
}

fn cross([a, b, c]: Vector, [x, y, z]: Vector) -> Vector {
    [b * z - c * y, c * x - a * z, a * y - b * x]
}

fn minus([a, b, c]: Vector, [x, y, z]: Vector, factor: f64) -> Vector {
    [a - factor * x, b - factor * y, c - factor * z]
}

fn length(vector: Vector) -> f64 {
    dot(vector, vector).sqrt()
}

/// Returns a vector of length 1; zeros for one without a direction.
fn unit(vector: Vector) -> Vector {
    unit_beside(vector, [0.0; 3])
}

fn unit_beside(vector: Vector, other: Vector) -> Vector {
    let length = length(vector);
    match length > 1e-12 && length.is_finite() {
        true => vector.map(|it| it / length),
        false => other,
    }
}

/// Returns a direction at right angles to another; any for zeros.
fn any_beside([x, y, z]: Vector) -> Vector {
    match x.abs() < 0.9 {
        true => unit_beside([0.0, z, -y], [1.0, 0.0, 0.0]),
        false => unit([-z, 0.0, x]),
    }
}

/// Returns the rotation that gives the axes.
fn quaternion([[a, b, c], [d, e, f], [g, h, i]]: [Vector; 3]) -> [f64; 4] {
    // Chooses the one of four ways that divides by the largest number.
    let squares = [
        1.0 + a - e - i,
        1.0 - a + e - i,
        1.0 - a - e + i,
        1.0 + a + e + i,
    ];
    let largest = squares.into_iter().fold(0.0, f64::max);
    let root = 2.0 * largest.sqrt();
    let [x, y, z, _] = squares.map(|it| it == largest);
    let (ab, ac, bc) = ((d + b) / root, (g + c) / root, (h + f) / root);
    let (aw, bw, cw) = ((f - h) / root, (g - c) / root, (b - d) / root);
    let own = root / 4.0;
    match (x, y, z) {
        (true, ..) => [own, ab, ac, aw],
        (_, true, _) => [ab, own, bc, bw],
        (.., true) => [ac, bc, own, cw],
        _ => [aw, bw, cw, own],
    }
}
