//! The group's inputs and outputs have types that an interface can have, names of their own, and defaults that fit.

use std::collections::HashSet;

use super::{Found, of_input, of_output, wrong_name};
use crate::diagnostic::{listed, quoted};
use crate::location::Location;
use crate::model::Socket;
use crate::suggest::suggest_names;
use crate::takes::Takes;
use crate::wiring::{GEOMETRY, Wiring};

const MENU: &str = "NodeSocketMenu";

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    sockets(wiring, &wiring.inputs, of_input, found);
    sockets(wiring, &wiring.outputs, of_output, found);
    for socket in &wiring.inputs {
        values(socket, found);
    }
    for socket in &wiring.outputs {
        if socket.default.is_some() || socket.min.is_some() || socket.max.is_some() {
            found.add(of_output(socket), "an output has no value of its own");
            found.suggest("leave default, min and max out");
        }
    }
    let first = wiring.inputs.first().map(|it| it.idname.as_str());
    for socket in wiring.inputs.iter().skip(1) {
        if first != Some(GEOMETRY) && wiring.catalogue.geometry_first.contains(&socket.idname) {
            let message = "a modifier takes its geometry from the first input";
            found.add(of_input(socket), message);
            found.suggest("make a Geometry the first of the inputs");
        }
    }
}

fn sockets(wiring: &Wiring, sockets: &[Socket], place: fn(&Socket) -> Location, found: &mut Found) {
    let compat = &wiring.catalogue.compat;
    let mut names = HashSet::new();
    for socket in sockets {
        if !names.insert(&socket.name) {
            found.add(place(socket), "another one has this name already");
            found.suggest("give each a name of its own: links say the name");
        }
        if let Some(why) = wrong_name(&socket.name) {
            found.add(place(socket).key("name"), why);
            found.suggest("a shorter, plain one");
        }
        if !compat.knows(&socket.idname) {
            let message = format!("there is no socket type {}", quoted(&socket.idname));
            found.add(place(socket).key("type"), message);
            let near = suggest_names(&socket.idname, compat.types());
            match near.first() {
                Some(near) => found.suggest(format!("{near}?")),
                None => found.suggest(format!("there are: {}", listed(compat.types()))),
            }
        }
    }
}

fn values(socket: &Socket, found: &mut Found) {
    let takes = Takes::socket(&socket.idname, None);
    let one = Takes {
        count: None,
        ..takes
    };
    let members = [
        ("default", &socket.default, takes),
        ("min", &socket.min, one),
        ("max", &socket.max, one),
    ];
    // What a menu offers depends on where it leads: that is a rule of its own.
    let members = members
        .into_iter()
        .filter(|(key, ..)| *key != "default" || socket.idname != MENU);
    for (key, value, takes) in members {
        let checked = value.as_ref().map(|value| takes.check(value));
        if let Some(Err(wrong)) = checked {
            found.add(of_input(socket).key(key), wrong.message);
            found.suggest(wrong.suggestion);
        }
    }
    let number = |value: &Option<crate::model::Value>| value.as_ref().and_then(|it| it.number());
    let (min, max) = (number(&socket.min), number(&socket.max));
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        found.add(of_input(socket), "min is larger than max");
        found.suggest("exchange them");
    }
}
