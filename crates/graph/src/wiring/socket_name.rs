//! Finds the socket that a name means.

use std::ops::Deref;

use crate::catalogue::{Input, Output};

/// A socket with a name for people, and an identifier that is unique on its side of the node.
pub trait Named {
    /// Returns the name for people.
    fn name(&self) -> &str;
    /// Returns the unique identifier.
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

/// Returns the index of the socket that `reference` means: the only socket with that name. Among several, it is the one
/// whose identifier is `reference` too. Without any, it is the one with that identifier.
pub fn find_socket<T: Named>(sockets: &[impl Deref<Target = T>], reference: &str) -> Option<usize> {
    let mut named = sockets
        .iter()
        .enumerate()
        .filter(|(_, socket)| socket.name() == reference)
        .map(|(index, _)| index);
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only),
        (None, _) => sockets.iter().position(|it| it.identifier() == reference),
        (Some(_), Some(_)) => sockets
            .iter()
            .position(|it| it.name() == reference && it.identifier() == reference),
    }
}

/// Returns the text that means a socket: its name, or its identifier if other sockets have the same name.
pub fn socket_reference<'a, T: Named + 'a>(
    sockets: &'a [impl Deref<Target = T>],
    index: usize,
) -> Option<&'a str> {
    let socket: &T = sockets.get(index)?;
    let same = sockets.iter().filter(|it| it.name() == socket.name());
    match same.count() {
        1 => Some(socket.name()),
        _ => Some(socket.identifier()),
    }
}
