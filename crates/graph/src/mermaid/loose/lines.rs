//! Finds the lines of the sketch in a text around it.

/// A line with its number, which counts from 1.
pub(super) type NumberedLine<'a> = (u32, &'a str);

/// The lines of a sketch, and what was left out around them.
pub(super) struct Lines<'a> {
    pub lines: Vec<NumberedLine<'a>>,
    /// The parts that were left out; empty if there were none.
    pub skipped: Vec<&'static str>,
}

const FENCES: &[&str] = &["```", "~~~"];

/// Returns the lines of the first fenced block, else all lines, without front matter.
pub(super) fn lines_of_sketch(text: &str) -> Lines<'_> {
    let mut lines: Vec<NumberedLine> = (1..).zip(text.lines()).collect();
    let mut skipped = Vec::new();
    if let Some(fenced) = fenced(&lines) {
        lines = fenced;
        skipped.push("the fence around the sketch");
    }
    let first = lines.iter().position(|(_, line)| !line.trim().is_empty());
    let rest = first
        .map(|first| lines.split_off(first))
        .unwrap_or_default();
    let is_front_matter = |line: &NumberedLine| line.1.trim() == "---";
    let end = rest.iter().skip(1).position(is_front_matter);
    let lines = match (rest.first().is_some_and(is_front_matter), end) {
        (true, Some(end)) => {
            skipped.push("the front matter");
            rest.into_iter().skip(end + 2).collect()
        }
        _ => rest,
    };
    Lines { lines, skipped }
}

/// Returns the lines between the first fence and the next one.
fn fenced<'a>(lines: &[NumberedLine<'a>]) -> Option<Vec<NumberedLine<'a>>> {
    let is_fence = |line: &NumberedLine| {
        let line = line.1.trim_start();
        FENCES.iter().any(|fence| line.starts_with(fence))
    };
    let begin = lines.iter().position(is_fence)?;
    let inside = lines.iter().skip(begin + 1);
    Some(inside.copied().take_while(|line| !is_fence(line)).collect())
}
