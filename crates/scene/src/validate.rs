//! Checks of a change that need no scene: names, numbers, mesh layout, and components that fit the kind.

use std::fmt;

use crate::change::Change;
use crate::code::Code;
use crate::component::{Components, Transform};
use crate::entity::EntityKind;
use crate::invalid::Invalid;
use crate::mesh::check_layout;

/// Largest number in a transform: a million kilometers. Larger ones are mistakes, and too coarse in float32.
const LARGEST: f64 = 1e9;

/// Longest name, in characters.
const LONGEST_NAME: usize = 255;

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
        .and_then(|()| check_values(components))
        .map_err(|invalid| invalid.within("components"))
        .and_then(|()| check_complete(change, components, kind));
    checked.map_err(|invalid| invalid.within(location))
}

/// Returns the components of a kind. A create must carry all of them, except the [`OPTIONAL`] ones.
fn allowed(kind: EntityKind) -> &'static [&'static str] {
    match kind {
        EntityKind::Object => &[
            "name",
            "transform",
            "visibility",
            "parent",
            "data",
            "nodes",
            "guard",
        ],
        EntityKind::Mesh => &["name", "mesh"],
        _ => &["name"],
    }
}

/// Components that an entity may lack.
const OPTIONAL: &[&str] = &["nodes", "guard"];

fn check_fit(components: &Components, kind: EntityKind) -> Result<(), Invalid> {
    let fits = |name: &&str| allowed(kind).contains(name);
    match components.set().names().find(|name| !fits(name)) {
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
    let missing = |name: &&&str| !present.contains(name) && !OPTIONAL.contains(*name);
    match allowed(kind).iter().find(missing) {
        Some(name) => refuse(
            &format!(".{name}"),
            &format!("a create must carry `{name}`"),
        ),
        None => Ok(()),
    }
}

fn check_values(components: &Components) -> Result<(), Invalid> {
    if let Some(name) = &components.name {
        check_name(name)?;
    }
    if let Some(transform) = &components.transform {
        check_transform(transform).map_err(|invalid| invalid.within("transform"))?;
    }
    if let Some(mesh) = &components.mesh {
        check_layout(mesh, "mesh")?;
    }
    let graph = components.nodes.as_ref().and_then(|it| it.graph.as_ref());
    match graph.is_some_and(|graph| !graph.is_object()) {
        true => {
            let message = "a graph is an object of JSON, or null";
            Err(Invalid::new(Code::ComponentInvalid, "nodes.graph", message))
        }
        false => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), Invalid> {
    let refuse = |message: &str| Err(Invalid::new(Code::ComponentInvalid, "name", message));
    if name.is_empty() {
        return refuse("a name must not be empty");
    }
    if name.chars().count() > LONGEST_NAME {
        return refuse("a name has at most 255 characters");
    }
    if name.chars().any(char::is_control) {
        return refuse("a name must not hold control characters");
    }
    Ok(())
}

fn check_transform(transform: &Transform) -> Result<(), Invalid> {
    let numbers = |part: &str, values: &[f64]| match values
        .iter()
        .position(|v| !v.is_finite() || v.abs() > LARGEST)
    {
        Some(i) => {
            let message = format!("the number must be finite and at most {LARGEST:e}");
            Err(Invalid::new(
                Code::NumberInvalid,
                format!("{part}[{i}]"),
                message,
            ))
        }
        None => Ok(()),
    };
    numbers("translation", &transform.translation)?;
    numbers("rotation", &transform.rotation)?;
    numbers("scale", &transform.scale)?;
    let length = transform.rotation.iter().map(|c| c * c).sum::<f64>().sqrt();
    if (length - 1.0).abs() > 1e-3 {
        let message = format!("the quaternion's length is {length:.4}, not 1");
        return Err(Invalid::new(Code::NumberInvalid, "rotation", message));
    }
    Ok(())
}
