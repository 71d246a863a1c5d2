//! What a change must satisfy by itself, before anyone looks at the scene it is for.

use crate::change::Change;
use crate::code::Code;
use crate::component::{Components, Transform};
use crate::entity::EntityKind;
use crate::invalid::Invalid;
use crate::mesh::check_layout;

/// Numbers beyond this (a million kilometers) are mistakes, and lose meaning in float32.
const LARGEST: f64 = 1e9;

/// Longest name in characters.
const LONGEST_NAME: usize = 255;

/// Checks names, numbers, mesh layout, and that the components fit the kind. `kind` is the entity's kind; a create
/// must be complete.
pub fn check_change(change: &Change, kind: EntityKind, place: &str) -> Result<(), Invalid> {
    let Some(components) = change.components() else {
        return Ok(());
    };
    let place = format!("{place}.components");
    check_fit(components, kind, &place)?;
    check_values(components, &place)?;
    if matches!(change, Change::Create { .. }) {
        return check_complete(components, kind, &place);
    }
    if components.is_empty() {
        return Err(Invalid::new(
            Code::ComponentInvalid,
            place,
            "an update must carry a component",
        ));
    }
    Ok(())
}

fn check_fit(components: &Components, kind: EntityKind, place: &str) -> Result<(), Invalid> {
    let allowed: &[&str] = match kind {
        EntityKind::Object => &["name", "transform", "visibility", "parent", "data"],
        EntityKind::Mesh => &["name", "mesh"],
        _ => &["name"],
    };
    match components
        .present()
        .into_iter()
        .find(|name| !allowed.contains(name))
    {
        Some(name) => {
            let message = format!("a {kind:?} has no component `{name}`").to_lowercase();
            Err(Invalid::new(
                Code::ComponentInvalid,
                format!("{place}.{name}"),
                message,
            ))
        }
        None => Ok(()),
    }
}

fn check_complete(components: &Components, kind: EntityKind, place: &str) -> Result<(), Invalid> {
    let required: &[&str] = match kind {
        EntityKind::Object => &["name", "transform", "visibility", "parent", "data"],
        EntityKind::Mesh => &["name", "mesh"],
        _ => &["name"],
    };
    let present = components.present();
    match required.iter().find(|name| !present.contains(name)) {
        Some(name) => {
            let message = format!("a create must carry `{name}`");
            Err(Invalid::new(
                Code::ComponentInvalid,
                format!("{place}.{name}"),
                message,
            ))
        }
        None => Ok(()),
    }
}

fn check_values(components: &Components, place: &str) -> Result<(), Invalid> {
    if let Some(name) = &components.name {
        check_name(name, &format!("{place}.name"))?;
    }
    if let Some(transform) = &components.transform {
        check_transform(transform, &format!("{place}.transform"))?;
    }
    if let Some(mesh) = &components.mesh {
        check_layout(mesh, &format!("{place}.mesh"))?;
    }
    Ok(())
}

fn check_name(name: &str, place: &str) -> Result<(), Invalid> {
    let refuse = |message: &str| Err(Invalid::new(Code::ComponentInvalid, place, message));
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

fn check_transform(transform: &Transform, place: &str) -> Result<(), Invalid> {
    let numbers = |part: &str, values: &[f64]| match values
        .iter()
        .position(|v| !v.is_finite() || v.abs() > LARGEST)
    {
        Some(i) => {
            let message = format!("the number must be finite and at most {LARGEST:e}");
            Err(Invalid::new(
                Code::NumberInvalid,
                format!("{place}.{part}[{i}]"),
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
        return Err(Invalid::new(
            Code::NumberInvalid,
            format!("{place}.rotation"),
            message,
        ));
    }
    Ok(())
}
