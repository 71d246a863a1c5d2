//! Changes of armatures and poses that are made often.

use std::collections::BTreeMap;

use vibesync_scene::{
    Armature, Change, Components, EntityKind, InheritScale, Joint, Pose, Rest, Transform, Uuid,
};

use crate::fakes::change::update;

/// The joint of each armature.
pub const HIP: Uuid = Uuid::from_u128(0x41F);

/// Creates an armature of one joint of this length, meters.
pub fn armature(uuid: Uuid, length: f64) -> Change {
    let joint = Joint {
        name: "Hip".into(),
        parent: None,
        length,
        deform: true,
        inherit_scale: InheritScale::Full,
        inherit_rotation: true,
        local_location: true,
        rest: Rest {
            translation: [0.0; 3],
            rotation: [0.0, 0.0, 0.0, 1.0],
        },
    };
    let joints = BTreeMap::from([(HIP, joint)]);
    let components = Components {
        name: Some("Armature".into()),
        armature: Some(Box::new(Armature { joints })),
        ..Default::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Armature,
        components,
    }
}

/// Poses the joint of an object so far along x, meters.
pub fn posed(object: Uuid, x: f64) -> Change {
    let place = Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    let joints = BTreeMap::from([(HIP, place)]);
    let components = Components {
        pose: Some(Box::new(Pose { joints })),
        ..Default::default()
    };
    update(object, components)
}

/// Makes a pose and an armature wrong.
pub(crate) fn falsify(components: &mut Components) {
    let wrong = Uuid::from_u128(0xBAD);
    if let Some(pose) = &mut components.pose {
        pose.joints.insert(wrong, Transform::IDENTITY);
    }
    if let Some(armature) = &mut components.armature {
        armature.joints.clear();
    }
}
