//! Armatures: the joints that deform meshes, and how an object poses them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::component::Transform;
use crate::component_value::{ComponentValue, LARGEST, check_numbers, check_range, check_rotation};
use crate::invalid::Invalid;
use crate::numbers::{nearly_equal, rotations_equal};
use crate::text::find_bad_address;

/// Most joints of an armature.
const MOST_JOINTS: usize = 4_096;

/// Shortest joint, meters. Blender removes shorter bones.
const SHORTEST: f64 = 1e-6;

/// The ways in which a joint takes over the scale of the joint above it, by the names of Blender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InheritScale {
    /// As it is: the usual way, and the only one of Unity.
    #[default]
    Full,
    /// Without shear.
    FixShear,
    /// Along the joint's own axes.
    Aligned,
    /// The same in all directions.
    Average,
    /// Not at all.
    None,
    /// Not at all, in the way of older files.
    NoneLegacy,
}

/// The place of a joint at rest, in the space of the joint above it or of the armature. A rest pose has no scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// Translation, meters.
    pub translation: [f64; 3],
    /// Rotation: a unit quaternion (x, y, z, w).
    pub rotation: [f64; 4],
}

impl Rest {
    fn equals(&self, other: &Self) -> bool {
        let mut pairs = self.translation.iter().zip(other.translation);
        pairs.all(|(a, b)| nearly_equal(*a, b)) && rotations_equal(self.rotation, other.rotation)
    }
}

/// A joint of an armature: a bone. It points along its own Y axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Joint {
    /// Unique within the armature. The uuid is the address.
    pub name: String,
    /// The joint above it.
    pub parent: Option<Uuid>,
    /// Its length, meters.
    pub length: f64,
    /// Whether it deforms meshes.
    pub deform: bool,
    /// The way in which it takes over the scale of the joint above it.
    pub inherit_scale: InheritScale,
    /// Whether it takes over the rotation of the joint above it.
    pub inherit_rotation: bool,
    /// Whether people move it along its own axes, not along those of the armature.
    pub local_location: bool,
    /// Its place at rest.
    pub rest: Rest,
}

impl Joint {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        if let Some(message) = find_bad_address(&self.name) {
            let location = format!("{name}.name");
            return Err(Invalid::new(Code::ComponentInvalid, location, message));
        }
        let location = format!("{name}.length");
        check_range(&location, &[self.length], SHORTEST, LARGEST)?;
        let location = format!("{name}.rest");
        check_numbers(&location, "translation", &self.rest.translation)?;
        check_rotation(&location, self.rest.rotation)
    }

    fn equals(&self, other: &Self) -> bool {
        let exact = |it: &Self| {
            let flags = (it.deform, it.inherit_rotation, it.local_location);
            (it.parent, it.inherit_scale, flags)
        };
        self.name == other.name
            && exact(self) == exact(other)
            && nearly_equal(self.length, other.length)
            && self.rest.equals(&other.rest)
    }
}

/// The joints of an armature by uuid. Their order means nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Armature {
    /// The joints.
    pub joints: BTreeMap<Uuid, Joint>,
}

impl Armature {
    fn check_names(&self, name: &str) -> Result<(), Invalid> {
        let mut seen = BTreeSet::new();
        let mut joints = self.joints.iter();
        match joints.find(|(_, joint)| !seen.insert(joint.name.as_str())) {
            Some((uuid, _)) => {
                let location = format!("{name}.joints.{uuid}.name");
                let message = "two joints have the same name";
                Err(Invalid::new(Code::ComponentInvalid, location, message))
            }
            None => Ok(()),
        }
    }

    /// Checks that each way up ends at a joint without a parent. Joints above one that was checked are not visited again.
    fn check_parents(&self, name: &str) -> Result<(), Invalid> {
        let mut good = BTreeSet::new();
        for start in self.joints.keys() {
            let mut entered = BTreeSet::new();
            let mut next = Some(*start);
            while let Some(uuid) = next.filter(|uuid| !good.contains(uuid)) {
                let refuse = |message| {
                    let location = format!("{name}.joints.{start}.parent");
                    Err(Invalid::new(Code::ComponentInvalid, location, message))
                };
                let Some(joint) = self.joints.get(&uuid) else {
                    return refuse("no joint of the armature has this uuid");
                };
                if !entered.insert(uuid) {
                    return refuse("the joints are their own ancestors");
                }
                next = joint.parent;
            }
            good.append(&mut entered);
        }
        Ok(())
    }
}

impl ComponentValue for Armature {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_number(name, self.joints.len())?;
        for (uuid, joint) in &self.joints {
            joint.check(&format!("{name}.joints.{uuid}"))?;
        }
        self.check_names(name)?;
        self.check_parents(name)
    }

    fn equals(&self, other: &Self) -> bool {
        let mut pairs = self.joints.iter().zip(&other.joints);
        self.joints.len() == other.joints.len()
            && pairs.all(|((a, left), (b, right))| a == b && left.equals(right))
    }
}

/// The places that an object gives the joints of its armature. A joint that it does not name is at rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pose {
    /// The place of each joint, in the space of the joint above it or of the armature: not relative to the place at rest.
    pub joints: BTreeMap<Uuid, Transform>,
}

impl ComponentValue for Pose {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_number(name, self.joints.len())?;
        let mut joints = self.joints.iter();
        joints.try_for_each(|(uuid, place)| place.check(&format!("{name}.joints.{uuid}")))
    }

    fn equals(&self, other: &Self) -> bool {
        let mut pairs = self.joints.iter().zip(&other.joints);
        self.joints.len() == other.joints.len()
            && pairs.all(|((a, left), (b, right))| a == b && left.equals(right))
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

fn check_number(name: &str, joints: usize) -> Result<(), Invalid> {
    match joints <= MOST_JOINTS {
        true => Ok(()),
        false => {
            let location = format!("{name}.joints");
            let message = "an armature has at most 4,096 joints";
            Err(Invalid::new(Code::ComponentInvalid, location, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn joint(name: &str, parent: Option<u128>) -> Joint {
        Joint {
            name: name.to_owned(),
            parent: parent.map(uuid),
            length: 1.0,
            deform: true,
            inherit_scale: InheritScale::Full,
            inherit_rotation: true,
            local_location: true,
            rest: Rest {
                translation: [0.0, 1.0, 0.0],
                rotation: [0.0, 0.258_819, 0.0, 0.965_926],
            },
        }
    }

    /// A chain of three joints, the deepest with the lowest uuid.
    fn chain() -> Armature {
        let joints = [
            (1, joint("Hand", Some(2))),
            (2, joint("Arm", Some(3))),
            (3, joint("Hip", None)),
        ];
        Armature {
            joints: joints.map(|(number, it)| (uuid(number), it)).into(),
        }
    }

    fn edited(edit: impl FnOnce(&mut Joint)) -> Armature {
        let mut armature = chain();
        edit(armature.joints.get_mut(&uuid(2)).unwrap());
        armature
    }

    #[test]
    fn faults_of_joints_are_named() {
        type Edit = fn(&mut Joint);
        let faults: [(Edit, &str); 9] = [
            (|it| it.name = "Hip".into(), "3.name"),
            (|it| it.name = String::new(), "2.name"),
            (|it| it.name = "\u{e9}".repeat(32), "2.name"),
            (|it| it.parent = Some(Uuid::from_u128(9)), "1.parent"),
            (|it| it.parent = Some(Uuid::from_u128(1)), "1.parent"),
            (|it| it.length = 0.0, "2.length"),
            (|it| it.length = f64::NAN, "2.length"),
            (
                |it| it.rest.translation[1] = f64::INFINITY,
                "2.rest.translation[1]",
            ),
            (|it| it.rest.rotation = [0.0; 4], "2.rest.rotation"),
        ];
        assert_eq!(chain().check("armature"), Ok(()));
        assert_eq!(Armature::default().check("armature"), Ok(()));
        for (fault, end) in faults {
            let error = edited(fault).check("armature").unwrap_err();
            let start = "armature.joints.00000000-0000-0000-0000-00000000000";
            assert_eq!(error.location, format!("{start}{end}"));
        }
    }

    #[test]
    fn joint_is_not_its_own_parent() {
        let armature = edited(|it| it.parent = Some(uuid(2)));
        assert!(armature.check("armature").is_err());
    }

    #[test]
    fn number_of_joints_is_limited() {
        let joints = (0..4_096).map(|i| (uuid(i), joint(&i.to_string(), i.checked_sub(1))));
        let mut armature = Armature {
            joints: joints.collect(),
        };
        let places = armature.joints.keys().map(|it| (*it, Transform::IDENTITY));
        let mut pose = Pose {
            joints: places.collect(),
        };
        assert_eq!(armature.check("armature"), Ok(()));
        assert_eq!(pose.check("pose"), Ok(()));
        armature.joints.insert(uuid(5_000), joint("A", None));
        pose.joints.insert(uuid(5_000), Transform::IDENTITY);
        let error = armature.check("armature").unwrap_err();
        assert_eq!(error.location, "armature.joints");
        assert_eq!(pose.check("pose").unwrap_err().location, "pose.joints");
    }

    #[test]
    fn armatures_are_equal_up_to_rounding() {
        let near = edited(|it| {
            it.length += 5e-6;
            it.rest.translation[0] += 5e-6;
            it.rest.rotation = it.rest.rotation.map(|c| -c);
        });
        assert!(chain().equals(&near));
        type Edit = fn(&mut Joint);
        let changes: [Edit; 8] = [
            |it| it.name.push('2'),
            |it| it.parent = None,
            |it| it.length += 1e-3,
            |it| it.deform = false,
            |it| it.inherit_scale = InheritScale::Average,
            |it| it.inherit_rotation = false,
            |it| it.local_location = false,
            |it| it.rest.rotation = [0.0, 0.0, 0.0, 1.0],
        ];
        for change in changes {
            let changed = edited(change);
            assert!(!chain().equals(&changed), "{changed:?}");
        }
        let mut fewer = chain();
        let moved = fewer.joints.remove(&uuid(1)).unwrap();
        assert!(!chain().equals(&fewer) && !fewer.equals(&chain()));
        fewer.joints.insert(uuid(4), moved);
        assert!(!chain().equals(&fewer), "the joint has another uuid");
    }

    #[test]
    fn poses_name_the_same_joints_at_near_places() {
        let pose = |number, x| {
            let place = Transform {
                translation: [x, 0.0, 0.0],
                ..Transform::IDENTITY
            };
            let joints = BTreeMap::from([(uuid(number), place)]);
            Pose { joints }
        };
        assert!(pose(1, 0.5).equals(&pose(1, 0.500_005)));
        for other in [pose(1, 0.6), pose(2, 0.5), Pose::default()] {
            assert!(!pose(1, 0.5).equals(&other) && !other.equals(&pose(1, 0.5)));
        }
        let error = pose(1, f64::NAN).check("pose").unwrap_err();
        let location = format!("pose.joints.{}.translation[0]", uuid(1));
        assert_eq!(error.location, location);
    }
}
