//! Frames: the axes that an object has for itself, by the kind of data that it shows.
//!
//! Blender's lights and cameras look along their -Z, as those of glTF do; Unity's look along +Z. Both keep their own axes
//! in canonical space, while those of other objects are renamed with the world's. So a transform that is local to a
//! parent depends on both frames: `canonical = Xp * blender * Xk^-1` and `unity = Yp^-1 * S * canonical * S * Yk`.
//!
//! Lengths are meters on both sides. This is the reference for both editors.

use crate::component::Transform;
use crate::coordinates::UNITY;
use crate::place::{conjugate, multiply, rotate};

/// The frame of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalFrame {
    /// An object that shows nothing or a mesh. The world itself counts as one.
    Object,
    /// An object that shows a light or a camera.
    Viewer,
    /// A joint of an armature. It keeps the axes of Blender's bone in both editors.
    Joint,
}

const NONE: [f64; 4] = [0.0, 0.0, 0.0, 1.0];

/// A quarter turn about -X: (x, y, z) becomes (x, z, -y).
const BLENDER_AXES: [f64; 4] = [
    -std::f64::consts::FRAC_1_SQRT_2,
    0.0,
    0.0,
    std::f64::consts::FRAC_1_SQRT_2,
];

/// A half turn about Y.
const TURNED: [f64; 4] = [0.0, 1.0, 0.0, 0.0];

impl LocalFrame {
    /// The rotation from the axes of this frame in Blender to those in canonical space: X.
    fn blender_axes(self) -> [f64; 4] {
        match self {
            Self::Object => BLENDER_AXES,
            Self::Viewer | Self::Joint => NONE,
        }
    }

    /// The rotation from the axes of this frame in Unity to those in canonical space: Y.
    fn unity_axes(self) -> [f64; 4] {
        match self {
            Self::Viewer => TURNED,
            Self::Object | Self::Joint => NONE,
        }
    }

    /// Converts a transform of Blender, local to a parent in the frame `parent`. Without a parent that is
    /// [`LocalFrame::Object`].
    pub fn blender_to_canonical(self, parent: Self, local: &Transform) -> Transform {
        let (above, own) = (parent.blender_axes(), self.blender_axes());
        let turned = multiply(above, local.rotation);
        Transform {
            translation: clean(rotate(above, local.translation)),
            rotation: multiply(turned, conjugate(own)),
            scale: self.swap_scale(local.scale),
        }
    }

    /// Converts a transform to Blender: undoes [`LocalFrame::blender_to_canonical`].
    pub fn canonical_to_blender(self, parent: Self, local: &Transform) -> Transform {
        let (above, own) = (parent.blender_axes(), self.blender_axes());
        let back = conjugate(above);
        Transform {
            translation: clean(rotate(back, local.translation)),
            rotation: multiply(multiply(back, local.rotation), own),
            scale: self.swap_scale(local.scale),
        }
    }

    /// Converts a transform to Unity, local to a parent in the frame `parent`.
    pub fn canonical_to_unity(self, parent: Self, local: &Transform) -> Transform {
        let back = conjugate(parent.unity_axes());
        let translation = UNITY.vector_from_canonical(local.translation);
        let turned = multiply(back, UNITY.rotation_from_canonical(local.rotation));
        Transform {
            translation: clean(rotate(back, translation)),
            rotation: multiply(turned, self.unity_axes()),
            scale: local.scale,
        }
    }

    /// Converts a transform of Unity: undoes [`LocalFrame::canonical_to_unity`].
    pub fn unity_to_canonical(self, parent: Self, local: &Transform) -> Transform {
        let translation = rotate(parent.unity_axes(), local.translation);
        let turned = multiply(parent.unity_axes(), local.rotation);
        let rotation = multiply(turned, conjugate(self.unity_axes()));
        Transform {
            translation: clean(UNITY.vector_to_canonical(translation)),
            rotation: UNITY.rotation_to_canonical(rotation),
            scale: local.scale,
        }
    }

    /// The factors of a scale stay with their axes, which only objects rename.
    fn swap_scale(self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        match self {
            Self::Object => [x, z, y],
            Self::Viewer | Self::Joint => [x, y, z],
        }
    }
}

/// Rounds away what a quarter turn in floats leaves of a permutation of axes.
fn clean(vector: [f64; 3]) -> [f64; 3] {
    let largest = vector.iter().fold(0.0_f64, |all, c| all.max(c.abs()));
    vector.map(|c| if c.abs() < largest * 1e-15 { 0.0 } else { c })
}

#[cfg(test)]
mod tests {
    use super::LocalFrame::{Joint, Object, Viewer};
    use super::*;
    use crate::numbers::{nearly_equal, rotations_equal};

    fn transform(translation: [f64; 3], rotation: [f64; 4], scale: [f64; 3]) -> Transform {
        Transform {
            translation,
            rotation,
            scale,
        }
    }

    fn assert_equal(a: &Transform, b: &Transform) {
        let all = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| nearly_equal(*a, b));
        let is_equal = all(a.translation, b.translation) && all(a.scale, b.scale);
        assert!(
            is_equal && rotations_equal(a.rotation, b.rotation),
            "{a:?} {b:?}"
        );
    }

    #[test]
    fn local_transforms_depend_on_both_frames() {
        let s = 0.5_f64.sqrt();
        let local = transform([1.0, 2.0, 3.0], [0.5, -0.5, 0.5, 0.5], [1.0, 2.0, 3.0]);
        let cases = [
            (
                Object,
                Object,
                [1.0, 3.0, -2.0],
                [0.5, 0.5, 0.5, 0.5],
                [1.0, 3.0, 2.0],
            ),
            (
                Object,
                Viewer,
                [1.0, 3.0, -2.0],
                [0.0, 0.0, s, s],
                [1.0, 2.0, 3.0],
            ),
            (
                Viewer,
                Object,
                [1.0, 2.0, 3.0],
                [s, 0.0, s, 0.0],
                [1.0, 3.0, 2.0],
            ),
            (
                Viewer,
                Viewer,
                local.translation,
                local.rotation,
                local.scale,
            ),
        ];
        for (parent, kind, translation, rotation, scale) in cases {
            let expected = transform(translation, rotation, scale);
            assert_equal(&kind.blender_to_canonical(parent, &local), &expected);
        }
    }

    #[test]
    fn child_of_an_upright_joint_keeps_its_axes() {
        let s = 0.5_f64.sqrt();
        // A bone along +Z, whose tail holds a bone with a roll of 30 degrees.
        let upright = transform([0.0; 3], [s, 0.0, 0.0, s], [1.0; 3]);
        let root = Joint.blender_to_canonical(Object, &upright);
        assert_equal(&root, &transform([0.0; 3], [0.0, 0.0, 0.0, 1.0], [1.0; 3]));
        let rolled = [0.0, 0.258_819, 0.0, 0.965_926];
        let child = transform([0.0, 1.0, 0.0], rolled, [1.0; 3]);
        assert_equal(&Joint.blender_to_canonical(Joint, &child), &child);
        let turned = [0.0, -0.258_819, 0.0, 0.965_926];
        let unity = Joint.canonical_to_unity(Joint, &child);
        assert_equal(&unity, &transform([0.0, 1.0, 0.0], turned, [1.0; 3]));
    }

    #[test]
    fn lamp_and_camera_look_the_same_way_in_unity() {
        let s = 0.5_f64.sqrt();
        let lamp = Transform::IDENTITY;
        let canonical = Viewer.blender_to_canonical(Object, &lamp);
        assert!(rotations_equal(canonical.rotation, [-s, 0.0, 0.0, s]));
        let unity = Viewer.canonical_to_unity(Object, &canonical);
        assert!(rotations_equal(unity.rotation, [0.0, s, -s, 0.0]));
        let forward = rotate(unity.rotation, [0.0, 0.0, 1.0]);
        assert!(nearly_equal(forward[1], -1.0), "down: {forward:?}");

        let camera = [-0.209_973, 0.385_780, 0.090_628, 0.893_796];
        let camera = transform([0.0; 3], camera, [1.0; 3]);
        let unity = Viewer.canonical_to_unity(Object, &camera);
        let expected = [0.090_628, 0.893_796, -0.209_973, 0.385_780];
        assert!(rotations_equal(unity.rotation, expected), "{unity:?}");
    }

    #[test]
    fn conversions_of_all_frames_are_undone() {
        let q = [0.182_574, -0.365_148, 0.547_723, 0.730_297];
        let local = transform([0.3, -1.7, 2.9], q, [1.0, -2.0, 0.5]);
        for parent in [Object, Viewer, Joint] {
            for kind in [Object, Viewer, Joint] {
                let canonical = kind.blender_to_canonical(parent, &local);
                assert_equal(&kind.canonical_to_blender(parent, &canonical), &local);
                let unity = kind.canonical_to_unity(parent, &canonical);
                assert_equal(&kind.unity_to_canonical(parent, &unity), &canonical);
            }
        }
    }
}
