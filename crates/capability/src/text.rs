//! Texts of add-ons as data: cut, and without characters that cannot be seen or that end a line.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;

/// Returns the text in composed form, cut after `most` characters. Line ends become blanks, and characters that cannot
/// be seen, or that change the order of others, become `\u{...}`.
#[must_use]
pub fn escape(text: &str, most: usize) -> String {
    match is_plain(text, most) {
        true => text.to_owned(),
        false => shorten(text, most, &[]),
    }
}

/// Returns the escaped text in double quotes. Quotes and backslashes of the text are escaped too, so nothing in the
/// text can end the quoted text.
#[must_use]
pub fn quote(text: &str, most: usize) -> String {
    format!("\"{}\"", shorten(text, most, &['"', '\\']))
}

/// Returns true if [`escape`] would change the text beyond its length.
#[must_use]
pub fn has_hidden(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// Returns true for a text that [`escape`] leaves as it is: short, of printable ASCII. Nearly all texts of an answer are.
#[must_use]
pub fn is_plain(text: &str, most: usize) -> bool {
    text.len() <= most && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn shorten(text: &str, most: usize, quoted: &[char]) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * most));
    let mut count = 0;
    for c in text.nfc() {
        let before = shown.len();
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
            _ if quoted.contains(&c) => shown.extend(['\\', c]),
            _ if is_hidden(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            _ => shown.push(c),
        }
        count += shown.get(before..).map_or(0, |added| added.chars().count());
        if count > most {
            shown.truncate(before);
            shown.push('…');
            break;
        }
    }
    shown
}

/// Returns true for control characters, and for characters that are invisible or change the order of the text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E000}'..='\u{F8FF}'
                | '\u{E0000}'..='\u{10FFFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_a_text_do_not_end_the_quoted_text() {
        assert_eq!(quote("a \"\"\" \\ b", 80), r#""a \"\"\" \\ b""#);
        assert_eq!(quote("{} %s ```\n# x", 80), "\"{} %s ``` # x\"");
    }

    #[test]
    fn hidden_characters_are_shown_escaped() {
        let text = "a\u{202E}b\u{200B}c\u{E0041}d\0e\u{2066}f\u{2028}g\u{FE0F}";
        assert_eq!(
            escape(text, 200),
            "a\\u{202e}b\\u{200b}c\\u{e0041}d\\u{0}e\\u{2066}f\\u{2028}g\\u{fe0f}"
        );
        assert!(has_hidden(text) && !has_hidden("ä 日本 \u{1F600}"));
    }

    #[test]
    fn every_ascii_text_is_shown_as_by_the_general_way() {
        let all: String = (0..128_u8).map(char::from).collect();
        for (at, c) in all.char_indices() {
            for text in [
                c.to_string(),
                format!("a{c}b"),
                all.split_at(at).1.to_owned(),
            ] {
                for most in [0, 2, 3, 40, 200] {
                    assert_eq!(escape(&text, most), shorten(&text, most, &[]), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn quoted_escape_differs_from_what_an_author_writes() {
        assert_eq!(quote("\u{200B}", 80), "\"\\u{200b}\"");
        assert_eq!(quote("\\u{200b}", 80), "\"\\\\u{200b}\"");
    }

    #[test]
    fn texts_are_cut_with_all_their_escapes() {
        assert_eq!(escape("abcdef", 3), "abc…");
        assert_eq!(escape(&"\u{200B}".repeat(1_000), 20).chars().count(), 17);
        assert_eq!(escape("abc", 3), "abc");
    }

    #[test]
    fn characters_have_one_composed_form() {
        assert_eq!(escape("e\u{301}", 80), "é");
    }
}
