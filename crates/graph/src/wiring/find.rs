//! Which socket a name means.

use std::ops::Deref;

use crate::catalogue::{Input, Output};

/// What has a name that people read, and an identifier that is unique among its neighbors.
pub trait Named {
    /// What people read.
    fn name(&self) -> &str;
    /// What is unique.
    fn identifier(&self) -> &str;
}

impl Named for Input {
    fn name(&self) -> &str {
        &self.name
    }
    fn identifier(&self) -> &str {
        &self.identifier
    }
}

impl Named for Output {
    fn name(&self) -> &str {
        &self.name
    }
    fn identifier(&self) -> &str {
        &self.identifier
    }
}

/// The socket that a reference means: the only one of that name; of several, the one with that identifier; where none
/// has the name, the one with that identifier.
pub fn find<T: Named>(sockets: &[impl Deref<Target = T>], reference: &str) -> Option<usize> {
    let mut named = sockets.iter().enumerate();
    let mut named = named
        .by_ref()
        .filter(|(_, socket)| socket.name() == reference)
        .map(|(place, _)| place);
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only),
        (None, _) => sockets.iter().position(|it| it.identifier() == reference),
        (Some(_), Some(_)) => sockets
            .iter()
            .position(|it| it.name() == reference && it.identifier() == reference),
    }
}

/// How a socket is referred to: by its name, or by its identifier where others have the name too.
pub fn reference<'a, T: Named + 'a>(
    sockets: &'a [impl Deref<Target = T>],
    place: usize,
) -> Option<&'a str> {
    let socket: &T = sockets.get(place)?;
    let same = sockets.iter().filter(|it| it.name() == socket.name());
    match same.count() {
        1 => Some(socket.name()),
        _ => Some(socket.identifier()),
    }
}
