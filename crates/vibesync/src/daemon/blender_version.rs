//! The Blender version that a graph is for if the graph does not name one.

use std::sync::atomic::{AtomicUsize, Ordering};

use vibesync_graph::catalogue::{VERSIONS, version_index};

/// The version before any Blender has connected.
const INITIAL: &str = "4.5";

/// The version of the Blender that connected last, if it has a catalogue; 4.5 otherwise.
#[derive(Debug, Default)]
pub struct DefaultBlenderVersion {
    /// Position in `VERSIONS` plus one; 0 for none.
    version_index: AtomicUsize,
}

impl DefaultBlenderVersion {
    /// Records the version of a Blender that has connected.
    pub fn record(&self, version: &str) {
        let version_index = version_index(version).map_or(0, |version_index| version_index + 1);
        self.version_index.store(version_index, Ordering::Relaxed);
    }

    /// Returns the version.
    pub fn get(&self) -> &'static str {
        let version_index = self.version_index.load(Ordering::Relaxed).checked_sub(1);
        version_index
            .and_then(|version_index| VERSIONS.get(version_index))
            .unwrap_or(&INITIAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_version_is_that_of_the_last_blender() {
        let default = DefaultBlenderVersion::default();
        assert_eq!(default.get(), "4.5");
        for (connected, expected) in [
            ("5.0.1", "5.0"),
            ("4.2.23 LTS", "4.2"),
            ("4.20", "4.5"),
            ("5.0", "5.0"),
        ] {
            default.record(connected);
            assert_eq!(default.get(), expected, "{connected}");
        }
    }
}
