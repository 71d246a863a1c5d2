//! Checks of a change that need no scene: names, numbers, mesh layout, and components that fit the kind.

use std::fmt;

use crate::change::Change;
use crate::code::Code;
use crate::component_set::ComponentSet;
use crate::components::Components;
use crate::entity_kind::EntityKind;
use crate::invalid::Invalid;

/// Checks a change of an entity of this kind: names, numbers, mesh layout, and the components. A create must have all
/// required components. `location` is formatted only for an error.
pub fn check_change(
    change: &Change,
    kind: EntityKind,
    location: impl fmt::Display,
) -> Result<(), Invalid> {
    let Some(components) = change.components() else {
        return Ok(());
    };
    let checked = check_fit(components, kind)
        .and_then(|()| components.check_values())
        .map_err(|invalid| invalid.within("components"))
        .and_then(|()| check_complete(change, components, kind));
    checked.map_err(|invalid| invalid.within(location))
}

fn check_fit(components: &Components, kind: EntityKind) -> Result<(), Invalid> {
    let unfit = components.set().without(ComponentSet::allowed_on(kind));
    match unfit.names().next() {
        Some(name) => {
            let message = format!("a {kind:?} has no component `{name}`").to_lowercase();
            Err(Invalid::new(Code::ComponentInvalid, name, message))
        }
        None => Ok(()),
    }
}

/// Checks that a create carries all required components, and an update at least one.
fn check_complete(
    change: &Change,
    components: &Components,
    kind: EntityKind,
) -> Result<(), Invalid> {
    let refuse = |location: &str, message: &str| {
        let location = format!("components{location}");
        Err(Invalid::new(Code::ComponentInvalid, location, message))
    };
    let present = components.set();
    if !matches!(change, Change::Create { .. }) {
        return match present.is_empty() {
            true => refuse("", "an update must carry a component"),
            false => Ok(()),
        };
    }
    let missing = ComponentSet::required_on(kind).without(present);
    match missing.names().next() {
        Some(name) => refuse(
            &format!(".{name}"),
            &format!("a create must carry `{name}`"),
        ),
        None => Ok(()),
    }
}
