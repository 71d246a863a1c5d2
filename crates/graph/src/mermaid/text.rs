//! Texts between quotes and bars, where Mermaid writes some characters as numbers: `#quot;`, `#124;`.

/// Writes a text so that it can stand between quotes.
pub(super) fn escape(text: &str) -> String {
    escaped(text, &[])
}

/// Writes a socket's name so that it can stand in a label beside another one.
pub(super) fn escape_name(name: &str) -> String {
    escaped(name, &['|', '>'])
}

fn escaped(text: &str, also: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (place, c) in text.chars().enumerate() {
        // Blanks at the ends would be taken for those around the text.
        let edge = c.is_whitespace() && (place == 0 || place == last);
        match c {
            '"' => out.push_str("#quot;"),
            _ if c == '#' || edge || c.is_control() || also.contains(&c) => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}

/// What an escaped text means; what is no escape stays as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('#') {
        out.push_str(before);
        let word = after
            .split_once(';')
            .and_then(|(word, after)| Some((named(word)?, after)));
        match word {
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

fn named(word: &str) -> Option<char> {
    match word {
        "quot" => Some('"'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        _ => char::from_u32(word.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_escaped_comes_back() {
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
    fn what_is_no_escape_stays() {
        assert_eq!(unescape("#12 #x; #99999999999;"), "#12 #x; #99999999999;");
    }
}
