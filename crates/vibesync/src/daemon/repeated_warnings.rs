//! Warnings that a broken client can repeat for ever: the first one is logged at once, further ones are counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vibesync_protocol::Code;

/// Time between two lines about the same warning.
const WINDOW: Duration = Duration::from_secs(60);

/// The text of a warning, and its code.
type Key = (&'static str, Code);

/// The warnings of the last minute.
#[derive(Debug, Default)]
pub struct RepeatedWarnings {
    /// The number of repetitions that no line has counted yet.
    counts: Mutex<HashMap<Key, u64>>,
}

impl RepeatedWarnings {
    /// Returns true if the caller must log this warning. Otherwise the warning is counted, and the count is logged within
    /// a minute. Must be called inside of a runtime.
    pub fn is_new(self: &Arc<Self>, what: &'static str, code: Code) -> bool {
        let key = (what, code);
        if let Some(count) = self.counts().get_mut(&key) {
            *count += 1;
            return false;
        }
        self.counts().insert(key, 0);
        let warnings = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(WINDOW).await;
                if !warnings.end_window(key) {
                    return;
                }
            }
        });
        true
    }

    /// Logs all counts, because the daemon stops.
    pub fn log_all(&self) {
        for (key, count) in std::mem::take(&mut *self.counts()) {
            log(key, count);
        }
    }

    /// Logs the count of a warning, and begins the next minute. Returns false if there were no repetitions.
    fn end_window(&self, key: Key) -> bool {
        let mut counts = self.counts();
        let count = counts.remove(&key).unwrap_or(0);
        if count > 0 {
            counts.insert(key, 0);
        }
        log(key, count);
        count > 0
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, u64>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log((what, code): Key, count: u64) {
    if count > 0 {
        tracing::warn!(error_code = %code, count, "{what}: {count} more since the last line about it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn repeated_warning_is_counted_for_a_minute() {
        let warnings = Arc::new(RepeatedWarnings::default());
        let is_new = |code| warnings.is_new("message refused", code);
        let end = |code| warnings.end_window(("message refused", code));
        assert!(is_new(Code::MessageMalformed));
        assert!(!is_new(Code::MessageMalformed));
        assert!(is_new(Code::WrongProof), "another code");
        assert!(end(Code::MessageMalformed), "there is a count to log");
        assert!(!end(Code::WrongProof));
        assert!(!is_new(Code::MessageMalformed), "one line is out already");
        assert!(is_new(Code::WrongProof), "there was none for a minute");
        assert!(end(Code::MessageMalformed));
        assert!(!end(Code::MessageMalformed), "a quiet minute");
        assert!(is_new(Code::MessageMalformed));
    }
}
