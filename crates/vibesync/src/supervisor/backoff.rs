//! The pause before the next attempt after failures.

use std::time::Duration;

/// The longest pause.
pub const LONGEST: Duration = Duration::from_secs(300);

/// Time of running after which earlier failures count no more.
pub const STEADY: Duration = Duration::from_secs(60);

/// Returns the pause after so many failures in a row: 1 s, 2 s, 4 s ... 5 min.
pub fn pause(failures: u32) -> Duration {
    let doubled = 1_u64.checked_shl(failures.saturating_sub(1));
    let seconds = doubled.filter(|seconds| *seconds > 0);
    seconds.map_or(LONGEST, |seconds| Duration::from_secs(seconds).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_doubles_up_to_five_minutes() {
        let pauses =
            [0, 1, 2, 3, 9, 10, 64, 65, u32::MAX].map(|failures| pause(failures).as_secs());
        assert_eq!(pauses, [1, 1, 2, 4, 256, 300, 300, 300, 300]);
    }
}
