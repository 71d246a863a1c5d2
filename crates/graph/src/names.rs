//! Comparing names that people write: of node types, sockets and settings.

/// Prefixes of identifiers, longest first.
const PREFIXES: &[&str] = &["GeometryNode", "FunctionNode", "ShaderNode", "Node"];

/// Returns an identifier without its prefix: `MeshCone`.
pub fn short_name(identifier: &str) -> &str {
    let cut = PREFIXES
        .iter()
        .find_map(|prefix| identifier.strip_prefix(prefix));
    cut.filter(|rest| !rest.is_empty()).unwrap_or(identifier)
}

/// Returns the key by which names are compared: letters and digits only, in lower case.
pub(crate) fn normalize(name: &str) -> String {
    normalized_chars(name).collect()
}

/// The characters of [`normalize`], without an allocation.
pub(crate) fn normalized_chars(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase)
}
