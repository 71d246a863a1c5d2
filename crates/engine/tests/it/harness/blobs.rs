//! The blobs of the harness: all are there, but for some that a test removes.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_engine::{Input, Restore};
use vibesync_scene::{BlobId, Code, Invalid, SessionId};

use super::Harness;

impl Harness {
    /// Returns the missing blobs as the program reports them.
    pub fn lost(&self) -> BTreeMap<BlobId, String> {
        let missing = self.missing_blobs.iter();
        missing.map(|blob| (*blob, "missing".to_owned())).collect()
    }

    /// Answers the check of blobs that a restore needs.
    pub(super) fn check_blobs(
        &mut self,
        session: SessionId,
        mut restore: Box<Restore>,
        blobs: BTreeSet<BlobId>,
    ) {
        let missing = blobs.iter().find(|it| self.missing_blobs.contains(it));
        let input = match missing {
            Some(blob) => Input::Unrestorable {
                session,
                invalid: Invalid::new(Code::BlobDamaged, "blob", blob.to_string()),
            },
            None => {
                restore.checked.extend(blobs);
                Input::Restorable { session, restore }
            }
        };
        self.step(input);
    }
}
