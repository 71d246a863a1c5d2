//! A set of small numbers, one bit each.

/// Numbers of one word.
const WORD: usize = u64::BITS as usize;

/// A set of numbers below a limit.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// Creates an empty set for numbers below a limit.
    pub fn below(limit: usize) -> Self {
        Self(vec![0; limit.div_ceil(WORD)])
    }

    /// Adds a number. Ignores one that is not below the limit.
    pub fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / WORD) {
            *word |= 1 << (number % WORD);
        }
    }

    /// Counts the numbers that are not in the other set.
    pub fn count_without(&self, other: &Self) -> usize {
        let words = self.0.iter().zip(&other.0);
        words
            .map(|(own, other)| (own & !other).count_ones() as usize)
            .sum()
    }

    /// Returns the numbers from `first` on that are not in the other set, in order.
    pub fn numbers_without<'a>(
        &'a self,
        other: &'a Self,
        first: usize,
    ) -> impl Iterator<Item = usize> + 'a {
        let (start, skipped) = (first / WORD, first % WORD);
        let words = self.0.iter().zip(&other.0).enumerate().skip(start);
        words.flat_map(move |(at, (own, other))| {
            let mut left = own & !other;
            if at == start {
                left &= u64::MAX << skipped;
            }
            std::iter::from_fn(move || {
                let number = at * WORD + left.trailing_zeros() as usize;
                let is_any = left != 0;
                left &= left.wrapping_sub(1);
                is_any.then_some(number)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_one_set_without_the_other() {
        let (mut own, mut other) = (Bits::below(130), Bits::below(130));
        for number in [0, 5, 63, 64, 127, 129] {
            own.insert(number);
        }
        for number in [5, 64, 100] {
            other.insert(number);
        }
        assert_eq!(own.count_without(&other), 4);
        for (first, expected) in [
            (0, &[0, 63, 127, 129][..]),
            (1, &[63, 127, 129]),
            (63, &[63, 127, 129]),
            (64, &[127, 129]),
            (128, &[129]),
            (130, &[]),
            (1_000, &[]),
        ] {
            let found: Vec<usize> = own.numbers_without(&other, first).collect();
            assert_eq!(found, expected, "from {first}");
        }
    }
}
