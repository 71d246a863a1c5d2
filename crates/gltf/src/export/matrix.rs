//! Affine matrices in double precision, for the bind matrices of skins.

use vibesync_scene::Transform;

/// The rows of a matrix whose last row is (0, 0, 0, 1).
#[derive(Clone, Copy)]
pub(super) struct Matrix([[f64; 4]; 3]);

impl Matrix {
    pub const IDENTITY: Self = Self([
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]);

    /// Returns the matrix of a transform.
    pub fn of(transform: &Transform) -> Self {
        let length = transform.rotation.iter().map(|it| it * it).sum::<f64>();
        let [x, y, z, w] = transform.rotation.map(|it| it / length.sqrt());
        let [a, b, c] = transform.scale;
        let [u, v, t] = transform.translation;
        Self([
            [
                a * (1.0 - 2.0 * (y * y + z * z)),
                b * 2.0 * (x * y - z * w),
                c * 2.0 * (x * z + y * w),
                u,
            ],
            [
                a * 2.0 * (x * y + z * w),
                b * (1.0 - 2.0 * (x * x + z * z)),
                c * 2.0 * (y * z - x * w),
                v,
            ],
            [
                a * 2.0 * (x * z - y * w),
                b * 2.0 * (y * z + x * w),
                c * (1.0 - 2.0 * (x * x + y * y)),
                t,
            ],
        ])
    }

    /// Returns the product: this matrix after the other one.
    pub fn after(&self, other: &Self) -> Self {
        let [p, q, r] = other.0;
        Self(self.0.map(|[a, b, c, d]| {
            let mut columns = p.iter().zip(q).zip(r);
            let mut last = [0.0, 0.0, 0.0, d].into_iter();
            std::array::from_fn(|_| {
                let column = columns
                    .next()
                    .map_or(0.0, |((x, y), z)| a * x + b * y + c * z);
                column + last.next().unwrap_or_default()
            })
        }))
    }

    /// Returns the inverse; none if an axis has no length, or all are in one plane.
    pub fn inverse(&self) -> Option<Self> {
        let [[a, b, c, u], [d, e, f, v], [g, h, i, t]] = self.0;
        let cofactors = [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ];
        let [[first, ..], [second, ..], [third, ..]] = cofactors;
        let determinant = a * first + b * second + c * third;
        determinant.is_normal().then(|| {
            Self(cofactors.map(|row| {
                let [x, y, z] = row.map(|it| it / determinant);
                [x, y, z, -(x * u + y * v + z * t)]
            }))
        })
    }

    /// Returns the columns one after the other, as glTF writes a matrix; numbers beyond float32 are the largest ones.
    pub fn columns(&self) -> [f32; 16] {
        let [[a, b, c, u], [d, e, f, v], [g, h, i, t]] = self.0;
        let numbers = [a, d, g, 0.0, b, e, h, 0.0, c, f, i, 0.0, u, v, t, 1.0];
        numbers.map(|it| it.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(matrix: &Matrix) -> Vec<f64> {
        matrix.0.iter().flatten().copied().collect()
    }

    #[test]
    fn inverse_undoes_a_sheared_matrix() {
        let transform = |scale| Transform {
            translation: [1.0, -2.0, 3.0],
            rotation: [0.5, -0.5, 0.5, 0.5],
            scale,
        };
        let turned = Transform {
            rotation: [0.0, 0.6, 0.0, 0.8],
            ..transform([1.0, 2.0, 1.0])
        };
        let sheared = Matrix::of(&transform([3.0, -1.0, 0.5])).after(&Matrix::of(&turned));
        let product = sheared.inverse().unwrap().after(&sheared);
        let pairs = numbers(&product)
            .into_iter()
            .zip(numbers(&Matrix::IDENTITY));
        for (found, wanted) in pairs {
            assert!(
                (found - wanted).abs() < 1e-12,
                "{product:?}",
                product = numbers(&product)
            );
        }
        assert!(Matrix::of(&transform([1.0, 0.0, 1.0])).inverse().is_none());
    }

    #[test]
    fn matrix_turns_scales_and_moves() {
        let transform = Transform {
            translation: [1.0, 2.0, 3.0],
            rotation: [0.0, 0.0, 0.5_f64.sqrt(), 0.5_f64.sqrt()],
            scale: [2.0, 3.0, 4.0],
        };
        let found = Matrix::of(&transform).columns();
        let wanted = [
            0.0, 2.0, 0.0, 0.0, -3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 1.0, 2.0, 3.0, 1.0,
        ];
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6);
        }
    }
}
