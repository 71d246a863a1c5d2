//! Base64, as data URIs have it.

/// Returns the bytes of a text in base64, with padding or without; none if it is wrong.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let mut bits: u32 = 0;
        for digit in group {
            bits = bits << 6 | value(*digit)?;
        }
        let [_, first, second, third] = match group.len() {
            4 => bits,
            3 => bits << 6,
            2 => bits << 12,
            _ => return None,
        }
        .to_be_bytes();
        let made = [first, second, third];
        bytes.extend_from_slice(made.get(..group.len() - 1)?);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_of_any_length_are_decoded() {
        let pairs: [(&str, &[u8]); 6] = [
            ("", b""),
            ("Zg==", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYg", b"foob"),
            ("+/+/", &[0xfb, 0xff, 0xbf]),
        ];
        for (text, bytes) in pairs {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
        for wrong in ["Z", "Zm9v!", "Zm 9", "Zm9vé"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
