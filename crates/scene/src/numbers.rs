//! Equality of numbers within epsilon: rounding of floats is not a change.

use serde_json::Value;

/// Largest difference of two equal numbers.
pub const EPSILON: f64 = 1e-5;

/// Four steps of float32, relative to a value. Above about 21, the resolution of the editors is coarser than
/// [`EPSILON`].
const FLOAT32_STEPS: f64 = 4.0 / 8_388_608.0;

/// Products of a color and its strength are equal within this part of the larger one. An editor takes them apart in its
/// own way, and rounds both factors to float32; a color that is stored as sRGB loses twice as much.
const PRODUCT_STEP: f64 = 1.0 / 262_144.0;

/// Whether two numbers are equal within epsilon. NaN equals nothing.
pub fn nearly_equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= EPSILON.max(FLOAT32_STEPS * a.abs().max(b.abs()))
}

/// Whether two colors send out the same, each times its strength. None of the numbers is negative.
pub(crate) fn products_equal(a: (&[f64; 3], f64), b: (&[f64; 3], f64)) -> bool {
    let mut products =
        (a.0.iter().map(|channel| channel * a.1)).zip(b.0.iter().map(|channel| channel * b.1));
    products.all(|(a, b)| (a - b).abs() <= EPSILON.max(PRODUCT_STEP * a.max(b)))
}

/// Whether two unit quaternions (x, y, z, w) are the same rotation: the angle between them is at most twice
/// [`EPSILON`] radians. A quaternion and its negative are the same rotation. For small angles the chord |a - b| is half
/// the angle, and keeps the precision that an arc cosine loses.
pub fn rotations_equal(a: [f64; 4], b: [f64; 4]) -> bool {
    let chord = |sign: f64| {
        a.iter()
            .zip(b)
            .map(|(x, y)| (x - sign * y).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    chord(1.0).min(chord(-1.0)) <= EPSILON
}

/// Whether two JSON values are equal: integers exactly, other numbers within epsilon. The recursion is bounded, since
/// the nesting of received JSON is.
pub(crate) fn values_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64(), b.as_f64());
            a.zip(b).is_some_and(|(a, b)| nearly_equal(a, b))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let is_same = |(key, a)| b.get(key).is_some_and(|b| values_equal(a, b));
            a.len() == b.len() && a.iter().all(is_same)
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_up_to_epsilon() {
        assert!(nearly_equal(1.0, 1.0 + 0.99e-5));
        assert!(!nearly_equal(1.0, 1.0 + 1.01e-5));
        assert!(!nearly_equal(0.0, 1.01e-5));
        assert!(!nearly_equal(f64::NAN, f64::NAN));
    }

    #[test]
    fn large_numbers_are_equal_after_float32_rounding() {
        let value = 12_345.678_f64;
        assert!(nearly_equal(value, f64::from(value as f32)));
        assert!(!nearly_equal(value, value + 0.01));
    }

    #[test]
    fn a_quaternion_equals_its_negative() {
        let q = [0.090628, 0.893796, -0.209973, 0.385780];
        assert!(rotations_equal(q, q.map(|c| -c)));
        assert!(!rotations_equal(q, [0.0907, 0.893796, -0.209973, 0.385780]));
    }
}
