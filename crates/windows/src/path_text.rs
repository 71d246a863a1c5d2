//! Absolute paths of Windows as text.

/// Returns the verbatim form of an absolute path: `\\?\C:\...` or `\\?\UNC\server\share\...`. Its length is not limited to
/// 260 characters. A path in another form stays as it is.
pub fn verbatim(path: &str) -> String {
    let bytes = path.as_bytes();
    let is_drive = matches!(bytes, [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    if is_drive {
        return format!(r"\\?\{path}");
    }
    match path.strip_prefix(r"\\") {
        Some(rest) if !rest.starts_with(['?', '.']) => format!(r"\\?\UNC\{rest}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_and_shares_have_a_verbatim_form() {
        for (path, expected) in [
            (r"C:\a b\ü", r"\\?\C:\a b\ü"),
            (r"\\server\share\日本", r"\\?\UNC\server\share\日本"),
            (r"\\?\C:\a", r"\\?\C:\a"),
            (r"\\?\UNC\server\share", r"\\?\UNC\server\share"),
            (r"\\.\pipe\x", r"\\.\pipe\x"),
        ] {
            assert_eq!(verbatim(path), expected);
        }
    }
}
