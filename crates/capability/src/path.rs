//! Paths in calls: what a text may name, by its letters alone. The editor that runs the call resolves links afterwards.
//!
//! The rules are the union of those of Linux, macOS and Windows, so that a path means the same file everywhere.

use crate::limits;
use crate::text::has_hidden;

/// Characters that a shell or a system replaces or refuses. `~` also begins the second half of a short name of Windows.
const REFUSED: [char; 10] = ['~', '$', '%', '<', '>', '"', '|', '?', '*', '`'];
/// Names that Windows gives to devices, in each folder and with each extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
/// Folders of VibeSync and git in a project, which hold what must not change.
const PRIVATE: [&str; 3] = [".vibesync", ".git_safety", ".git"];

/// Returns the path in one form: parts joined by `/`, without `.` and `..`.
///
/// A relative path is below the project's folder. A path that begins with `//` is beside the open .blend file. An
/// absolute one must be below one of the `roots`.
///
/// # Errors
///
/// Returns the reason why the path is refused.
pub fn normalize(path: &str, roots: &[String]) -> Result<String, String> {
    if path.is_empty() {
        return Err("the path is empty".to_owned());
    }
    if path.chars().count() > limits::PATH {
        return Err(format!(
            "the path has more than {} characters",
            limits::PATH
        ));
    }
    if has_hidden(path) {
        return Err("the path has a character that cannot be seen".to_owned());
    }
    if let Some(c) = path.chars().find(|c| REFUSED.contains(c)) {
        return Err(format!("the path has the character {c}"));
    }
    let (start, rest) = split_start(path, roots)?;
    if rest.contains(':') {
        return Err("the path has a colon".to_owned());
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("the path leaves its folder")?;
            }
            _ => parts.push(checked_part(part)?),
        }
    }
    match parts.is_empty() {
        true => Err("the path names no file".to_owned()),
        false => Ok(start + &parts.join("/")),
    }
}

/// Splits a path into its start (nothing, `//`, or a root with `/`) and the rest, which is relative to the start.
fn split_start<'a>(path: &'a str, roots: &[String]) -> Result<(String, &'a str), String> {
    if let Some(rest) = path.strip_prefix("//") {
        return match rest.starts_with(['/', '\\']) {
            true => Err("the path begins with more than two slashes".to_owned()),
            false => Ok(("//".to_owned(), rest)),
        };
    }
    if path.starts_with("\\\\") || path.starts_with("/\\") {
        return Err("the path names another computer or a device".to_owned());
    }
    let is_drive = drive(path).is_some();
    if !is_drive && !path.starts_with(['/', '\\']) {
        return Ok((String::new(), path));
    }
    let found = roots
        .iter()
        .find_map(|root| Some((root, below(path, root)?)));
    let (root, rest) = found.ok_or("the path is outside of the allowed folders")?;
    let start = root.replace('\\', "/");
    Ok((format!("{}/", start.trim_end_matches('/')), rest))
}

/// Returns the drive of a path such as `C:\folder`.
fn drive(path: &str) -> Option<char> {
    let mut chars = path.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    (chars.next() == Some(':')).then_some(letter)
}

/// Returns the rest of an absolute path below a root; without regard to the case of letters if the root has a drive.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let same = |a: &str, b: &str| match drive(root) {
        Some(_) => a.eq_ignore_ascii_case(b),
        None => a == b,
    };
    if drive(root).is_none() && (!root.starts_with('/') || path.starts_with('\\')) {
        return None;
    }
    let mut rest = path;
    for part in root.trim_end_matches(['/', '\\']).split(['/', '\\']) {
        let (first, after) = rest.split_once(['/', '\\'])?;
        if !same(first, part) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

fn checked_part(part: &str) -> Result<&str, String> {
    if part.len() > limits::PATH_PART {
        let most = limits::PATH_PART;
        return Err(format!("a part of the path has more than {most} bytes"));
    }
    if part.ends_with(['.', ' ']) {
        return Err("a part of the path ends with a point or a blank".to_owned());
    }
    // Two letters become ASCII in file systems that ignore case: the long s and the sign of Kelvin.
    let folded = part.replace('\u{17F}', "s").replace('\u{212A}', "k");
    let folded = folded.to_ascii_lowercase();
    if PRIVATE.contains(&folded.as_str()) {
        return Err(format!("the folder {folded} is private"));
    }
    let stem = folded.split('.').next().unwrap_or_default().trim_end();
    let name = stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
    let numbered = matches!(name, "com" | "lpt");
    let digits = stem.chars().count() - name.chars().count();
    if DEVICES.contains(&name) && digits == usize::from(numbered) {
        return Err(format!("{stem} is the name of a device"));
    }
    Ok(part)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn root_ends_where_its_name_ends() {
        let roots = ["/proj/a".to_owned(), "C:\\Proj".to_owned()];
        assert_eq!(normalize("/proj/a/b.png", &roots).unwrap(), "/proj/a/b.png");
        assert_eq!(normalize("c:/proj/X/y", &roots).unwrap(), "C:/Proj/X/y");
        assert!(normalize("/proj/ab/c.png", &roots).is_err());
        assert!(normalize("/proj/a/../../etc/passwd", &roots).is_err());
        assert!(normalize("/proj/a", &roots).is_err());
        assert!(normalize("C:\\Project\\x", &roots).is_err());
        assert!(normalize("\\proj\\a\\b", &roots).is_err());
    }
}
