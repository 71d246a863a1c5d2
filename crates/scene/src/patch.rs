//! A patch: the words of a buffer that differ from those of another one of the same length.
//!
//! It consists of little-endian words of four bytes. The number of ranges comes first, then the first word and the number
//! of words of each range, then the words of all ranges. Ranges ascend and do not overlap.

use std::fmt;

/// Size of a word in bytes.
const WORD: usize = 4;

/// A patch does not fit the buffer that it is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatchInvalid(&'static str);

impl fmt::Display for PatchInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Replaces the words of a buffer that a patch names. A patch that does not fit may leave the buffer half-changed.
pub fn apply_patch(buffer: &mut [u8], patch: &[u8]) -> Result<(), PatchInvalid> {
    let length = buffer.len();
    visit_ranges(patch, length, |start, new| {
        if let Some(old) = buffer.get_mut(start..start + new.len()) {
            old.copy_from_slice(new);
        }
    })
}

/// Returns true if a patch fits a buffer of float32 numbers with so many bytes, and all of its numbers are finite.
pub fn is_patch_of_numbers(patch: &[u8], length: usize) -> bool {
    let mut is_finite = true;
    let visited = visit_ranges(patch, length, |_, new| {
        let words = new.as_chunks::<WORD>().0.iter();
        is_finite &= words.fold(true, |all, word| {
            all & f32::from_le_bytes(*word).is_finite()
        });
    });
    visited.is_ok() && is_finite
}

/// Calls a function with each range of a patch of a buffer with so many bytes: its first byte, and its new bytes.
fn visit_ranges(
    patch: &[u8],
    length: usize,
    mut visit: impl FnMut(usize, &[u8]),
) -> Result<(), PatchInvalid> {
    let fail = |why| Err(PatchInvalid(why));
    let Some((count, rest)) = patch.split_first_chunk::<WORD>() else {
        return fail("the patch has no number of ranges");
    };
    let table = (u32::from_le_bytes(*count) as usize).checked_mul(2 * WORD);
    let Some((table, mut words)) = table.and_then(|length| rest.split_at_checked(length)) else {
        return fail("the patch is shorter than its ranges");
    };
    let mut free = 0;
    for range in table.as_chunks::<{ 2 * WORD }>().0 {
        let [a, b, c, d, e, f, g, h] = *range;
        let first = u32::from_le_bytes([a, b, c, d]) as usize;
        let count = u32::from_le_bytes([e, f, g, h]) as usize;
        let start = first.checked_mul(WORD).filter(|start| *start >= free);
        let size = count.checked_mul(WORD).filter(|size| *size > 0);
        let (Some(start), Some(size)) = (start, size) else {
            return fail("the ranges of the patch are empty, or do not ascend");
        };
        let Some((new, left)) = words.split_at_checked(size) else {
            return fail("the patch is shorter than its ranges");
        };
        let end = start.saturating_add(size);
        if end > length {
            return fail("a range of the patch is outside the buffer");
        }
        visit(start, new);
        (words, free) = (left, end);
    }
    match words.is_empty() {
        true => Ok(()),
        false => fail("the patch is longer than its ranges"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies a patch of these words to the words 0 to 7.
    fn patched(patch: &[u32]) -> Result<Vec<u32>, PatchInvalid> {
        let bytes = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        let mut buffer = bytes(&[0, 1, 2, 3, 4, 5, 6, 7]);
        apply_patch(&mut buffer, &bytes(patch))?;
        let words = buffer.as_chunks::<WORD>().0;
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    #[test]
    fn patch_replaces_the_words_of_its_ranges() {
        let expected = [0, 10, 11, 3, 4, 5, 6, 12];
        assert_eq!(patched(&[2, 1, 2, 7, 1, 10, 11, 12]), Ok(expected.into()));
        assert_eq!(patched(&[0]), Ok((0..8).collect()));
    }

    #[test]
    fn patch_that_does_not_fit_is_refused() {
        let wrong: [&[u32]; 8] = [
            &[],
            &[u32::MAX],
            &[1, 0],
            &[1, 0, 0],
            &[1, 0, 2, 9],
            &[1, 0, 1, 9, 9],
            &[1, 7, 2, 9, 9],
            &[2, 4, 1, 4, 1, 9, 9],
        ];
        for patch in wrong {
            assert!(patched(patch).is_err(), "{patch:?}");
        }
    }
    #[test]
    fn patch_of_numbers_has_finite_numbers_and_fits() {
        let patch = |number: f32, first: u32| -> Vec<u8> {
            let words = [1, first, 1, number.to_bits()];
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        assert!(is_patch_of_numbers(&patch(1.5, 2), 12));
        assert!(!is_patch_of_numbers(&patch(1.5, 3), 12));
        assert!(!is_patch_of_numbers(&patch(f32::NAN, 2), 12));
        assert!(!is_patch_of_numbers(&patch(f32::INFINITY, 2), 12));
        assert!(!is_patch_of_numbers(&[], 12));
    }
}
