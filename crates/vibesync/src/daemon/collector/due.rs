//! Decides when a collection is due.

/// Growth after which a collection is due without a bound, bytes.
const UNBOUNDED_STEP: u64 = 2 << 30;

/// The rule: after much growth, because much of it may be unnamed by now; and sooner near the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    max_bytes: u64,
}

impl Due {
    pub fn new(max_bytes: u64) -> Self {
        Self { max_bytes }
    }

    pub fn max_bytes(self) -> u64 {
        self.max_bytes
    }

    /// Bytes that are stored between two looks.
    pub fn step(self) -> u64 {
        match self.max_bytes {
            0 => UNBOUNDED_STEP,
            bytes => bytes / 32,
        }
    }

    /// Whether so many bytes are near the bound.
    pub fn is_near(self, bytes: u64) -> bool {
        self.max_bytes > 0 && bytes > self.max_bytes / 4 * 3
    }

    /// Whether a collection is due. `grown`: bytes that were stored since the last one.
    pub fn is_due(self, bytes: u64, grown: u64) -> bool {
        let is_near = self.max_bytes == 0 || self.is_near(bytes);
        grown
            >= if is_near {
                self.step()
            } else {
                self.max_bytes / 8
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_is_due_after_growth_and_near_the_bound() {
        let due = Due::new(3_200);
        assert_eq!(due.step(), 100);
        assert!(!due.is_near(2_400) && due.is_near(2_401));
        assert!(!due.is_due(2_401, 99) && due.is_due(2_401, 100));
        assert!(!due.is_due(2_400, 399) && due.is_due(2_400, 400));
        let unbounded = Due::new(0);
        assert!(!unbounded.is_near(u64::MAX));
        assert!(unbounded.is_due(0, unbounded.step()));
        assert!(!unbounded.is_due(u64::MAX, unbounded.step() - 1));
    }
}
