//! Deltas: objects encoded as the difference to another (`gitformat-pack`, "Deltified representation").
//!
//! Successive versions of a folder or entity usually differ at one position. So a delta copies the common beginning and the
//! common end, and inserts the bytes between them.

/// Longest run of one copy instruction with a length of two bytes.
const COPY: usize = 0xffff;
/// Longest run of one insert instruction.
const INSERT: usize = 127;

/// Returns the instructions that turn `base` into `target`.
pub(super) fn delta(base: &[u8], target: &[u8]) -> Vec<u8> {
    let prefix = common(base.iter(), target.iter());
    let rest = target.get(prefix..).unwrap_or_default();
    let suffix = common(
        base.get(prefix..).unwrap_or_default().iter().rev(),
        rest.iter().rev(),
    );
    let inserted = rest.get(..rest.len() - suffix).unwrap_or_default();
    let mut out = Vec::with_capacity(inserted.len() + 32);
    size(base.len(), &mut out);
    size(target.len(), &mut out);
    copy(0, prefix, &mut out);
    for run in inserted.chunks(INSERT) {
        out.push(run.len() as u8);
        out.extend_from_slice(run);
    }
    copy(base.len() - suffix, suffix, &mut out);
    out
}

fn common<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

/// Appends a number with seven bits in each byte, lowest first.
pub(super) fn size(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends copy instructions. Bits 0 to 6 of the first byte tell which bytes of offset and length follow; zero bytes are
/// omitted.
fn copy(mut offset: usize, mut length: usize, out: &mut Vec<u8>) {
    while length > 0 {
        let run = length.min(COPY);
        let at = out.len();
        let mut instruction = 0x80;
        out.push(0);
        let numbers = (offset as u32).to_le_bytes().into_iter();
        for (bit, byte) in numbers.chain((run as u16).to_le_bytes()).enumerate() {
            if byte != 0 {
                instruction |= 1 << bit;
                out.push(byte);
            }
        }
        if let Some(first) = out.get_mut(at) {
            *first = instruction;
        }
        offset += run;
        length -= run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Applies a delta as git does.
    fn apply(base: &[u8], delta: &[u8]) -> Vec<u8> {
        let mut bytes = delta.iter().copied();
        let mut size = || {
            let (mut value, mut shift) = (0, 0);
            loop {
                let byte = usize::from(bytes.next().unwrap());
                value |= (byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return value;
                }
            }
        };
        assert_eq!(size(), base.len());
        let target = size();
        let mut out = Vec::new();
        while let Some(instruction) = bytes.next() {
            if instruction < 0x80 {
                out.extend(bytes.by_ref().take(usize::from(instruction)));
                continue;
            }
            let mut number = |bits: std::ops::Range<u8>| {
                let first = bits.start;
                bits.filter(|bit| instruction & (1 << bit) != 0)
                    .map(|bit| usize::from(bytes.next().unwrap()) << (8 * (bit - first)))
                    .sum::<usize>()
            };
            let (offset, length) = (number(0..4), number(4..7));
            out.extend_from_slice(&base[offset..offset + length]);
        }
        assert_eq!(out.len(), target);
        out
    }

    proptest! {
        #[test]
        fn delta_turns_its_base_into_its_target(
            ahead in prop::collection::vec(any::<u8>(), 0..300),
            between in prop::collection::vec(any::<u8>(), 0..300),
            other in prop::collection::vec(any::<u8>(), 0..300),
            behind in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let base = [&ahead[..], &between, &behind].concat();
            let target = [&ahead[..], &other, &behind].concat();
            prop_assert_eq!(apply(&base, &delta(&base, &target)), target);
        }
    }

    #[test]
    fn long_runs_are_split_into_several_copies() {
        let base: Vec<u8> = (0..200_000_u32).map(|n| (n ^ (n >> 7)) as u8).collect();
        for at in [0, 1, 65_535, 65_536, 131_072, 199_999] {
            let mut target = base.clone();
            target[at] ^= 1;
            target.insert(at, 9);
            let delta = delta(&base, &target);
            assert_eq!(apply(&base, &delta), target);
            assert!(delta.len() < 64, "{}", delta.len());
        }
    }
}
