//! Short constructors of changes of actions for tests.

use std::collections::BTreeMap;

use vibesync_scene::{
    ActionChannel, ActionSlot, Animation, BlobId, Buffer, Change, Components, CurveRun, EntityKind,
    Extrapolation, FrameRate, KeyedAction, Uuid,
};

use crate::fakes::change::update;

/// The id of the only slot of actions for tests.
pub const SLOT: u32 = 7;

/// Creates an action with two keys of the translation of an object. With `samples`, Blender has locked the scale along x,
/// with two values of this content.
pub fn action(uuid: Uuid, keys: &[u8], samples: Option<&[u8]>) -> Change {
    let channel = |path: &str, locked| ActionChannel {
        path: path.into(),
        joint: None,
        key: None,
        component: 0,
        extrapolation: [Extrapolation::Constant; 2],
        curve: CurveRun { start: 0, count: 2 },
        locked,
    };
    let stored = |content, bytes| Buffer::stored(BlobId::hash(content), bytes);
    let mut buffers = BTreeMap::from([("keys".into(), stored(keys, 56))]);
    let mut channels = vec![channel("translation", false)];
    if let Some(samples) = samples {
        buffers.insert("samples".into(), stored(samples, 8));
        channels.insert(0, channel("scale", true));
    }
    let slot = ActionSlot {
        id: SLOT,
        kind: EntityKind::Object,
        channels,
    };
    let action = KeyedAction {
        fps: FrameRate { num: 24, den: 1 },
        range: [1.0, 2.0],
        is_loop: false,
        slots: vec![slot],
        buffers,
    };
    let components = Components {
        name: Some("Action".into()),
        action: Some(Box::new(action)),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Action,
        components,
    }
}

/// Lets an entity play an action, or none.
pub fn playing(uuid: Uuid, action: Option<Uuid>) -> Change {
    let animation = Animation {
        action,
        slot: action.map(|_| SLOT),
    };
    let components = Components {
        animation: Some(Box::new(animation)),
        ..Components::default()
    };
    update(uuid, components)
}
