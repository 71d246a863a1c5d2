//! Reads the arrow of a link, and the text on it.

use super::super::line::{Line, Parsed};

/// Reads an arrow; `None` if there is none. The inner option is the text on the arrow.
pub(super) fn read_arrow<'a>(line: &mut Line<'a>) -> Parsed<Option<Option<&'a str>>> {
    let text = match arrow_length(line.rest()) {
        Some(length) => {
            line.take_bytes(length);
            None
        }
        None => match read_text_arrow(line)? {
            Some(text) => Some(text),
            None => return Ok(None),
        },
    };
    if !line.take("|") {
        return Ok(Some(text));
    }
    let label = line.take_until("|");
    let label = label.ok_or_else(|| line.error("the label has no end", "close it with |"))?;
    Ok(Some(Some(label)))
}

/// Returns the length of an arrow without text: `-->`, `->`, `==>`, `-.->`.
fn arrow_length(rest: &str) -> Option<usize> {
    let count = |text: &str, c: char| text.len() - text.trim_start_matches(c).len();
    if rest.starts_with('→') {
        return Some('→'.len_utf8());
    }
    let shaft = match rest.chars().next()? {
        '=' => count(rest, '='),
        '-' => {
            let dashes = count(rest, '-');
            let after = rest.get(dashes..)?;
            let dots = count(after, '.');
            match dots {
                0 => dashes,
                _ => dashes + dots + count(after.get(dots..)?, '-'),
            }
        }
        _ => return None,
    };
    let is_arrow = rest.get(shaft..)?.starts_with('>');
    is_arrow.then_some(shaft + 1)
}

/// Reads an arrow with text in it: `-- text -->`, `== text ==>`, `-. text .->`.
fn read_text_arrow<'a>(line: &mut Line<'a>) -> Parsed<Option<&'a str>> {
    let forms = [("--", "-->"), ("==", "==>"), ("-.", ".->")];
    let has_shaft = |(begin, _): &(&str, &str)| {
        let after = line.rest().strip_prefix(begin);
        after.is_some_and(|after| after.starts_with(|c: char| c.is_whitespace() || c == '"'))
    };
    let Some((begin, end)) = forms.into_iter().find(has_shaft) else {
        return match line.rest().starts_with(['-', '=', '<']) {
            true => Err(line.error(
                "this line between nodes has no direction",
                "write it as n1 --> n2, from the output to the input",
            )),
            false => Ok(None),
        };
    };
    line.take(begin);
    let text = line.take_until(end);
    let text = text.ok_or_else(|| line.error("the text has no arrow", "n1 -- Mesh --> n2"))?;
    Ok(Some(text))
}
