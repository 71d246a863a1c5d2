//! Canonical space (glTF 2.0: right-handed, +Y up, +Z forward, meters) and how each editor's axes map to it.
//!
//! The daemon never converts coordinates: each editor does, when it captures and when it applies. These functions are the
//! reference that the golden vectors are made from. The Python and C# converters are tested with the same vectors.

/// A signed permutation of axes: canonical\[i] = sign\[i] * native\[source\[i]].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    source: [usize; 3],
    sign: [f64; 3],
}

/// Blender: right-handed, +Z up. (x, y, z) becomes (x, z, -y).
pub const BLENDER: Axes = Axes {
    source: [0, 2, 1],
    sign: [1.0, 1.0, -1.0],
};

/// Unity: left-handed, +Y up. (x, y, z) becomes (-x, y, z).
pub const UNITY: Axes = Axes {
    source: [0, 1, 2],
    sign: [-1.0, 1.0, 1.0],
};

impl Axes {
    fn permute(self, v: [f64; 3]) -> [f64; 3] {
        // `source` is one of the two constants above, so the lookups are in range; 0.0 keeps this total.
        self.source.map(|i| v.get(i).copied().unwrap_or_default())
    }

    fn determinant(self) -> f64 {
        let swapped = self.source != [0, 1, 2];
        let sign: f64 = self.sign.iter().product();
        if swapped { -sign } else { sign }
    }

    /// Converts a position, direction or normal to canonical space.
    pub fn vector_to_canonical(self, v: [f64; 3]) -> [f64; 3] {
        let p = self.permute(v);
        std::array::from_fn(|i| {
            self.sign
                .get(i)
                .zip(p.get(i))
                .map_or(0.0, |(s, c)| s * c + 0.0)
        })
    }

    /// Converts a position, direction or normal from canonical space.
    pub fn vector_from_canonical(self, v: [f64; 3]) -> [f64; 3] {
        let signed: [f64; 3] = std::array::from_fn(|i| {
            self.sign
                .get(i)
                .zip(v.get(i))
                .map_or(0.0, |(s, c)| s * c + 0.0)
        });
        // Both permutations are their own inverse.
        self.permute(signed)
    }

    /// Converts a quaternion (x, y, z, w) to canonical space. Its axis maps as a vector; a change of handedness negates it.
    pub fn rotation_to_canonical(self, [x, y, z, w]: [f64; 4]) -> [f64; 4] {
        let [x, y, z] = self
            .vector_to_canonical([x, y, z])
            .map(|c| c * self.determinant() + 0.0);
        [x, y, z, w]
    }

    /// Converts a quaternion (x, y, z, w) from canonical space.
    pub fn rotation_from_canonical(self, [x, y, z, w]: [f64; 4]) -> [f64; 4] {
        let [x, y, z] = self
            .vector_from_canonical([x, y, z])
            .map(|c| c * self.determinant() + 0.0);
        [x, y, z, w]
    }

    /// Converts a scale to or from canonical space: the factors move with their axes and keep their signs.
    pub fn scale(self, v: [f64; 3]) -> [f64; 3] {
        self.permute(v)
    }

    /// Whether the winding of triangles flips: the map changes handedness.
    pub fn flips_winding(self) -> bool {
        self.determinant() < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close<const N: usize>(a: [f64; N], b: [f64; N]) -> bool {
        a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-5)
    }

    fn blender_to_unity(v: [f64; 3]) -> [f64; 3] {
        UNITY.vector_from_canonical(BLENDER.vector_to_canonical(v))
    }

    #[test]
    fn blender_to_unity_maps_axes_as_fbx_does() {
        assert_eq!(blender_to_unity([1.0, 2.0, 3.0]), [-1.0, 3.0, -2.0]);
        assert!(UNITY.flips_winding() && !BLENDER.flips_winding());
    }

    #[test]
    fn quarter_turn_about_up_is_converted() {
        let half = 0.5_f64.sqrt();
        let unity =
            UNITY.rotation_from_canonical(BLENDER.rotation_to_canonical([0.0, 0.0, half, half]));
        // (0, -.70711, 0, .70711) and its negative are one rotation.
        assert!(close(unity, [0.0, -half, 0.0, half]), "{unity:?}");
    }

    #[test]
    fn conversion_commutes_with_rotation() {
        fn rotate([x, y, z, w]: [f64; 4], v: [f64; 3]) -> [f64; 3] {
            let cross = |a: [f64; 3], b: [f64; 3]| {
                [
                    a[1] * b[2] - a[2] * b[1],
                    a[2] * b[0] - a[0] * b[2],
                    a[0] * b[1] - a[1] * b[0],
                ]
            };
            let u = [x, y, z];
            let t = cross(u, v).map(|c| 2.0 * c);
            let c = cross(u, t);
            std::array::from_fn(|i| v[i] + w * t[i] + c[i])
        }
        // A multi-axis pose: single axes hide wrong signs.
        let q = [0.182574, -0.365148, 0.547723, 0.730297];
        let v = [0.3, -1.7, 2.9];
        for axes in [BLENDER, UNITY] {
            let direct = axes.vector_to_canonical(rotate(q, v));
            let converted = rotate(axes.rotation_to_canonical(q), axes.vector_to_canonical(v));
            assert!(
                close(direct, converted),
                "{axes:?}: {direct:?} {converted:?}"
            );
            assert!(close(
                axes.rotation_from_canonical(axes.rotation_to_canonical(q)),
                q
            ));
            assert!(close(
                axes.vector_from_canonical(axes.vector_to_canonical(v)),
                v
            ));
        }
    }
}
