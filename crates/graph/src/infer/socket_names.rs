//! Finds the sockets that the name in a label can mean.

use std::ops::Deref;

use super::words::words;
use crate::names::normalize;
use crate::wiring::Named;

/// Returns the indices of the sockets that a name means: by exact name, else without regard to case, blanks and plural.
/// Among sockets with one name, a number or a letter counts.
pub(super) fn sockets_named<T: Named>(
    sockets: &[impl Deref<Target = T>],
    name: &str,
) -> Vec<usize> {
    let matching = |is_match: &dyn Fn(&T) -> bool| -> Vec<usize> {
        let numbered = sockets.iter().enumerate();
        let found = numbered.filter(|(_, socket)| is_match(socket));
        found.map(|(index, _)| index).collect()
    };
    let key = normalize(name);
    let singular = words(name);
    let steps: [&dyn Fn(&T) -> bool; 4] = [
        &|it| it.name() == name,
        &|it| it.identifier() == name,
        &|it| normalize(it.name()) == key || normalize(it.identifier()) == key,
        &|it| words(it.name()) == singular,
    ];
    if key.is_empty() {
        return Vec::new();
    }
    let found = steps
        .into_iter()
        .map(matching)
        .find(|found| !found.is_empty());
    found.unwrap_or_else(|| numbered_socket(sockets, &key).into_iter().collect())
}

/// Finds `A`, `B`, `Value 2`, `first` among sockets that all have one name.
fn numbered_socket<T: Named>(sockets: &[impl Deref<Target = T>], key: &str) -> Option<usize> {
    let name = normalize(sockets.first()?.name());
    let same = sockets
        .iter()
        .take_while(|it| normalize(it.name()) == name)
        .count();
    if same < 2 {
        return None;
    }
    let number = key.strip_prefix(&*name).unwrap_or(key);
    let index = match number {
        "a" | "1" | "first" => 0,
        "b" | "2" | "second" => 1,
        "c" | "3" | "third" => 2,
        _ => return None,
    };
    (index < same).then_some(index)
}

/// Words that name a type of values instead of a socket.
const TYPE_WORDS: &[(&str, &[&str])] = &[
    (
        "NodeSocketGeometry",
        &[
            "geometry",
            "geo",
            "mesh",
            "curve",
            "point",
            "instance",
            "pointcloud",
            "volume",
        ],
    ),
    (
        "NodeSocketFloat",
        &["float", "number", "value", "factor", "fac"],
    ),
    ("NodeSocketInt", &["int", "integer", "count"]),
    ("NodeSocketVector", &["vector", "vec", "vec3", "xyz"]),
    ("NodeSocketBool", &["bool", "boolean"]),
    ("NodeSocketColor", &["color", "colour"]),
    ("NodeSocketRotation", &["rotation"]),
    ("NodeSocketString", &["string", "text"]),
    ("NodeSocketMaterial", &["material"]),
    ("NodeSocketObject", &["object"]),
    ("NodeSocketCollection", &["collection"]),
];

/// Returns the socket type that a word names.
pub(super) fn type_named(name: &str) -> Option<&'static str> {
    let word = words(name).concat();
    let found = TYPE_WORDS.iter().find(|(_, words)| words.contains(&&*word));
    found.map(|(idname, _)| *idname)
}
