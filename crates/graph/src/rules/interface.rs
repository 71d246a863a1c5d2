//! The group's inputs and outputs have valid types, unique names, and valid defaults. Geometry comes first.

use std::collections::HashSet;

use super::violations::{Violations, invalid_name};
use crate::diagnostic::{name_list, quote};
use crate::idnames::{GEOMETRY, MENU};
use crate::location::Location;
use crate::model::{Socket, Value};
use crate::suggest::suggest_names;
use crate::value_type::ValueType;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    check_sockets(wiring, &wiring.inputs, Socket::input_location, violations);
    check_sockets(wiring, &wiring.outputs, Socket::output_location, violations);
    for socket in &wiring.inputs {
        check_values(socket, violations);
    }
    for socket in &wiring.outputs {
        if socket.default.is_some() || socket.min.is_some() || socket.max.is_some() {
            violations.add(socket.output_location(), "an output cannot have a value");
            violations.suggest("leave out default, min and max");
        }
    }
    let first = wiring.inputs.first().map(|it| it.idname.as_str());
    for socket in wiring.inputs.iter().skip(1) {
        if first != Some(GEOMETRY) && wiring.catalogue.geometry_first.contains(&socket.idname) {
            let message = "this type needs a Geometry as the first input, because a modifier passes its geometry there";
            violations.add(socket.input_location(), message);
            violations.suggest("make a Geometry the first input");
        }
    }
}

fn check_sockets(
    wiring: &Wiring,
    sockets: &[Socket],
    location: fn(&Socket) -> Location,
    violations: &mut Violations,
) {
    let compat = &wiring.catalogue.compat;
    let mut names = HashSet::new();
    for socket in sockets {
        if !names.insert(&socket.name) {
            violations.add(location(socket), "another socket already has this name");
            violations.suggest("give each socket its own name: links use the name");
        }
        if let Some(reason) = invalid_name(&socket.name) {
            violations.add(location(socket).with_key("name"), reason);
            violations.suggest("use a short name without control characters");
        }
        if !compat.has_type(&socket.idname) {
            let message = format!("there is no socket type {}", quote(&socket.idname));
            violations.add(location(socket).with_key("type"), message);
            let similar = suggest_names(&socket.idname, compat.types());
            match similar.first() {
                Some(similar) => violations.suggest(format!("{similar}?")),
                None => violations.suggest(format!("available: {}", name_list(compat.types()))),
            }
        }
    }
}

fn check_values(socket: &Socket, violations: &mut Violations) {
    let value_type = ValueType::of_socket(&socket.idname, None);
    let single = ValueType {
        count: None,
        ..value_type
    };
    let members = [
        ("default", &socket.default, value_type),
        ("min", &socket.min, single),
        ("max", &socket.max, single),
    ];
    // The rule `menus` checks the default of a menu, because its items depend on its links.
    let members = members
        .into_iter()
        .filter(|(key, ..)| *key != "default" || socket.idname != MENU);
    for (key, value, value_type) in members {
        let checked = value.as_ref().map(|value| value_type.check(value));
        if let Some(Err(error)) = checked {
            violations.add(socket.input_location().with_key(key), error.message);
            violations.suggest(error.suggestion);
        }
    }
    let number = |value: &Option<Value>| value.as_ref().and_then(|it| it.number());
    let (min, max) = (number(&socket.min), number(&socket.max));
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        violations.add(socket.input_location(), "min is larger than max");
        violations.suggest("exchange them");
    }
}
