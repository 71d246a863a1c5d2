//! Escapes texts between quotes and bars as Mermaid does: `#quot;`, `#124;`.

/// Escapes a text for use between quotes.
pub(super) fn escape(text: &str) -> String {
    escape_also(text, &[])
}

/// Escapes the name of a socket for use in a label, where it can be next to another name.
pub(super) fn escape_name(name: &str) -> String {
    escape_also(name, &['|', '>'])
}

fn escape_also(text: &str, also: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        // A reader trims blanks at both ends.
        let is_edge_blank = c.is_whitespace() && (index == 0 || index == last);
        match c {
            '"' => out.push_str("#quot;"),
            _ if c == '#' || is_edge_blank || c.is_control() || also.contains(&c) => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}

/// Decodes an escaped text; invalid escapes stay as they are.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('#') {
        out.push_str(before);
        let escape = after
            .split_once(';')
            .and_then(|(name, after)| Some((named_char(name)?, after)));
        match escape {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('#');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn named_char(name: &str) -> Option<char> {
    match name {
        "quot" => Some('"'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        _ => char::from_u32(name.parse().ok()?),
    }
}

/// Deepest level with an indent of its own.
const MAX_INDENT: usize = 8;

/// Adds a line to a sketch.
pub(super) fn push_line(out: &mut String, depth: usize, line: &str) {
    // Without a limit the text would grow with the square of the number of nested frames.
    out.push_str(&"  ".repeat(depth.min(MAX_INDENT)));
    out.push_str(line);
    out.push('\n');
}

/// Returns an id as a plain word. An invalid id, in a graph with errors, would break the lines that contain it.
pub(super) fn write_id(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    match id.is_empty() {
        true => "_".to_owned(),
        false => id.chars().map(plain).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_can_be_decoded() {
        for text in [
            "a > b|c",
            "\"#35;\"",
            " edge ",
            "line\nbreak",
            "#",
            "ä",
            "",
            " ",
        ] {
            assert_eq!(unescape(&escape(text)), text);
            let name = escape_name(text);
            assert_eq!(unescape(&name), text);
            assert!(!name.contains(['"', '|', '>', '\n']), "{name}");
        }
    }

    #[test]
    fn invalid_escape_stays() {
        assert_eq!(unescape("#12 #x; #99999999999;"), "#12 #x; #99999999999;");
    }
}
