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

/// Returns the ordinary form of an absolute path: the opposite of [`verbatim`]. Editors name files so. A verbatim path
/// without an ordinary form, such as that of a volume, stays as it is.
pub fn plain(path: &str) -> String {
    let Some(rest) = path.strip_prefix(r"\\?\") else {
        return path.to_owned();
    };
    if let Some(share) = rest.strip_prefix(r"UNC\") {
        return format!(r"\\{share}");
    }
    match verbatim(rest) == path {
        true => rest.to_owned(),
        false => path.to_owned(),
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

    #[test]
    fn verbatim_paths_have_the_form_that_editors_use() {
        for (path, expected) in [
            (r"\\?\C:\a b\ü", r"C:\a b\ü"),
            (r"\\?\C:\", r"C:\"),
            (r"\\?\UNC\server\share\日本", r"\\server\share\日本"),
            (r"C:\a", r"C:\a"),
            (r"\\server\share", r"\\server\share"),
            (r"\\?\Volume{0c}\a", r"\\?\Volume{0c}\a"),
            (r"\\.\C:", r"\\.\C:"),
        ] {
            assert_eq!(plain(path), expected);
        }
    }
}
