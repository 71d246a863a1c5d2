//! One server in the list of a client, and why a list cannot take it.

/// One server in the list of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path of the program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// The reason why a file was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Line and column, from 1; none if the text is well formed and has another shape than expected.
    pub place: Option<(usize, usize)>,
    /// One sentence.
    pub message: String,
}

impl Malformed {
    /// Creates the reason for a key whose value has another type than expected.
    pub fn shape(key: &str, expected: &str) -> Self {
        Self {
            place: None,
            message: format!("`{key}` is not {expected}"),
        }
    }

    /// Creates the reason for an entry that another kind of server has.
    pub fn remote(name: &str) -> Self {
        Self {
            place: None,
            message: format!(
                "`{name}` is a server at an address; take it out or use another --name"
            ),
        }
    }
}
