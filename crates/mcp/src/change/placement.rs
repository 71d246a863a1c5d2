//! Places of objects: the values of an agent, in its space, become transforms in canonical space.

use vibesync_scene::{Axes, BLENDER, Code, Transform, UNITY, compose, decompose, multiply};

use super::item::Item;
use crate::daemon::Fault;

/// The names of the spaces.
pub(crate) const SPACES: &[&str] = &["gltf", "blender", "unity"];

/// The axes in which an agent writes and reads places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Canonical space: Y up, right-handed.
    Gltf,
    Blender,
    Unity,
}

/// The values that a change sets, in canonical space.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Given {
    pub translation: Option<[f64; 3]>,
    pub rotation: Option<[f64; 4]>,
    pub scale: Option<[f64; 3]>,
}

impl Space {
    /// Returns the space of this name; canonical space for none.
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some("blender") => Self::Blender,
            Some("unity") => Self::Unity,
            _ => Self::Gltf,
        }
    }

    /// Returns the axes of an editor; none for canonical space.
    pub fn axes(self) -> Option<Axes> {
        match self {
            Self::Gltf => None,
            Self::Blender => Some(BLENDER),
            Self::Unity => Some(UNITY),
        }
    }

    pub fn vector(self, vector: [f64; 3]) -> [f64; 3] {
        self.axes()
            .map_or(vector, |axes| axes.vector_to_canonical(vector))
    }

    pub fn scale(self, scale: [f64; 3]) -> [f64; 3] {
        self.axes().map_or(scale, |axes| axes.scale(scale))
    }

    fn rotation(self, rotation: [f64; 4]) -> [f64; 4] {
        self.axes()
            .map_or(rotation, |axes| axes.rotation_to_canonical(rotation))
    }

    /// Returns the rotation by three angles, as the editor's own fields for them mean it. Unity turns about Z, then X,
    /// then Y; Blender, and canonical space, about X, then Y, then Z. All axes are those of the parent.
    fn euler(self, degrees: [f64; 3]) -> [f64; 4] {
        let [x, y, z] = degrees.map(|angle| (angle / 2.0).to_radians());
        let about_x = [x.sin(), 0.0, 0.0, x.cos()];
        let about_y = [0.0, y.sin(), 0.0, y.cos()];
        let about_z = [0.0, 0.0, z.sin(), z.cos()];
        match self {
            Self::Unity => multiply(about_y, multiply(about_x, about_z)),
            Self::Blender | Self::Gltf => multiply(about_z, multiply(about_y, about_x)),
        }
    }
}

impl Given {
    /// Reads the values of a change.
    pub fn read(item: &Item, space: Space) -> Result<Self, Fault> {
        let rotation = match item.fields.quaternion("rotation") {
            Some(rotation) => Some(space.rotation(unit(item, rotation)?)),
            None => {
                let euler = item.fields.vector("euler_deg");
                euler.map(|degrees| space.rotation(space.euler(degrees)))
            }
        };
        Ok(Self {
            translation: item.fields.vector("translation").map(|it| space.vector(it)),
            rotation,
            scale: item.fields.vector("scale").map(|it| space.scale(it)),
        })
    }

    /// Applies the values to a transform: in place of its values, or relative to them. The axes are those in which the
    /// transform is written.
    pub fn apply(&self, to: &Transform, is_relative: bool) -> Transform {
        let mut applied = *to;
        if let Some(given) = self.translation {
            applied.translation = match is_relative {
                true => zip(to.translation, given, |a, b| a + b),
                false => given,
            };
        }
        if let Some(given) = self.rotation {
            applied.rotation = match is_relative {
                true => normalized(multiply(given, to.rotation)),
                false => given,
            };
        }
        if let Some(given) = self.scale {
            applied.scale = match is_relative {
                true => zip(to.scale, given, |a, b| a * b),
                false => given,
            };
        }
        applied
    }

    /// Applies values of the scene to the place `world` of an object below `above`. Keeps what of `own`, its transform
    /// below that object, the values do not concern; `moves_parent` if that object is another one than before.
    pub fn apply_in_scene(
        &self,
        item: &Item,
        above: &Transform,
        own: &Transform,
        moves_parent: bool,
    ) -> Result<Transform, Fault> {
        // `own` is a transform below `above`, unless the parent moves; then it is a place already.
        let world = match moves_parent {
            true => *own,
            false => compose(above, own),
        };
        let wanted = self.apply(&world, item.is_set("relative"));
        let is_turned = self.rotation.is_some() || self.scale.is_some() || moves_parent;
        let [x, y, z] = above.scale;
        if is_turned && (x != y || y != z) {
            let message =
                "the object above is scaled unevenly, so the place cannot be kept exactly";
            return Err(item.fault(Code::Shear, "world", message));
        }
        let Some(below) = decompose(above, &wanted) else {
            return Err(item.fault(
                Code::NumberInvalid,
                "world",
                "the object above is scaled to 0",
            ));
        };
        let keep = |is_given: bool| is_given || moves_parent;
        Ok(Transform {
            translation: match keep(self.translation.is_some()) {
                true => below.translation,
                false => own.translation,
            },
            rotation: match keep(self.rotation.is_some()) {
                true => normalized(below.rotation),
                false => own.rotation,
            },
            scale: match keep(self.scale.is_some()) {
                true => below.scale,
                false => own.scale,
            },
        })
    }
}

/// Checks that four numbers are a rotation, and gives them the length 1.
fn unit(item: &Item, rotation: [f64; 4]) -> Result<[f64; 4], Fault> {
    let length = rotation.iter().map(|it| it * it).sum::<f64>().sqrt();
    // Rounded quaternions are meant as rotations; others are mistakes.
    if !(0.99..=1.01).contains(&length) {
        let message = format!("the quaternion's length is {length:.4}, not 1");
        return Err(item.fault(Code::NumberInvalid, "rotation", message));
    }
    Ok(normalized(rotation))
}

fn normalized(rotation: [f64; 4]) -> [f64; 4] {
    let length = rotation.iter().map(|it| it * it).sum::<f64>().sqrt();
    rotation.map(|it| it / length)
}

fn zip([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3], join: impl Fn(f64, f64) -> f64) -> [f64; 3] {
    [join(ax, bx), join(ay, by), join(az, bz)]
}
