//! Changes of locked fields: finding them, and leaving them out.

use serde_json::Value;

use crate::compare::differing_components;
use crate::component_set::ComponentSet;
use crate::components::Components;
use crate::role::Role;

/// The component that Blender alone writes.
const SHOWN: &str = "shown";

/// Returns the first locked field that a client of this role would change, as `transform.rotation`. `present` has the
/// locks. Blender alone changes an evaluated mesh.
pub fn find_locked_change(wanted: &Components, present: &Components, role: Role) -> Option<String> {
    let shown: ComponentSet = [SHOWN].into_iter().collect();
    let is_shown_changed = || !differing_components(&wanted.only(shown), present).is_empty();
    if role != Role::Blender && wanted.shown.is_some() && is_shown_changed() {
        return Some(format!("{SHOWN}.mesh"));
    }
    if changes_locked_channel(wanted, present, role) {
        return Some("action.slots".to_owned());
    }
    let locks = present.locks.as_deref()?;
    let mut locked = locks.of_others(role);
    let is_changed = |(component, field): &(&str, &str)| {
        let kept = keep(wanted, present, component, field);
        kept.is_some_and(|kept| differing_components(&kept, wanted).contains(component))
    };
    let (component, field) = locked.find(is_changed)?;
    Some(format!("{component}.{field}"))
}

/// Whether a client of this role would change a channel of an action that Blender alone can change.
fn changes_locked_channel(wanted: &Components, present: &Components, role: Role) -> bool {
    let pair = wanted.action.as_ref().zip(present.action.as_ref());
    role != Role::Blender && pair.is_some_and(|(a, b)| a.locked_part() != b.locked_part())
}

/// Gives the locked fields that a client of this role may not change their present values. An action with other locked
/// channels stays as it is. An evaluated mesh is left out.
pub fn keep_locked(wanted: &mut Components, present: &Components, role: Role) {
    if role != Role::Blender {
        wanted.shown = None;
    }
    if changes_locked_channel(wanted, present, role) {
        wanted.action.clone_from(&present.action);
    }
    let Some(locks) = present.locks.as_deref() else {
        return;
    };
    for (component, field) in locks.of_others(role) {
        if let Some(kept) = keep(wanted, present, component, field) {
            wanted.merge(&kept);
        }
    }
}

/// Gives the fields that an editor of this role has locked the values that it holds. `held` has its locks.
pub fn take_own_locked(wanted: &mut Components, held: &Components, role: Role) {
    let Some(locks) = held.locks.as_deref() else {
        return;
    };
    for (component, field) in locks.of_own(role) {
        if let Some(kept) = keep(wanted, held, component, field) {
            wanted.merge(&kept);
        }
    }
}

/// Returns the component of `wanted` with the present value of one field; none if either lacks it.
fn keep(
    wanted: &Components,
    present: &Components,
    component: &str,
    field: &str,
) -> Option<Components> {
    let set: ComponentSet = [component].into_iter().collect();
    let value = |components: &Components| serde_json::to_value(components.only(set)).ok();
    let (mut kept, present) = (value(wanted)?, value(present)?);
    let place: &mut Value = kept.get_mut(component)?.get_mut(field)?;
    place.clone_from(present.get(component)?.get(field)?);
    serde_json::from_value(kept).ok()
}
