//! The blobs of the harness: all are there, but for some that a test removes.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_engine::{AgentWork, Input, Restore, Revert, Selection};
use vibesync_protocol::{RestoreRequest, RevertRequest};
use vibesync_scene::{BlobId, Code, Invalid, SessionId};

use super::Harness;

impl Harness {
    /// Returns the missing blobs as the program reports them.
    pub fn lost(&self) -> BTreeMap<BlobId, String> {
        let missing = self.missing_blobs.iter();
        missing.map(|blob| (*blob, "missing".to_owned())).collect()
    }

    /// Tells which of these blobs are there.
    pub(super) fn look_for_blobs(&mut self, mut blobs: BTreeSet<BlobId>) {
        blobs.retain(|blob| !self.missing_blobs.contains(blob));
        self.step(Input::BlobsFound { blobs });
    }

    /// Reads the commit.
    pub(super) fn read_commit(&mut self, session: SessionId, request: RestoreRequest) {
        let restore = Box::new(Restore {
            request,
            commit: "c0ffee".into(),
            seq: 1,
            target: self.commit.clone(),
            checked: BTreeSet::new(),
        });
        self.step(Input::Restorable { session, restore });
    }

    /// Reads an agent's work from the log.
    pub(super) fn read_work(
        &mut self,
        session: SessionId,
        request: RevertRequest,
        selection: Selection,
    ) {
        let numbered = (1..).zip(&self.log);
        let (first, last) = (selection.first, selection.last);
        let mut work = AgentWork::new(selection);
        for (seq, record) in numbered.filter(|(seq, _)| (first..=last).contains(seq)) {
            work.record(seq, record).unwrap();
        }
        let blobs = work.blobs();
        let missing = blobs
            .iter()
            .find(|(blob, _)| self.missing_blobs.contains(blob));
        let input = match missing {
            Some((_, owner)) => Input::Unrestorable {
                session,
                invalid: Invalid::new(Code::BlobDamaged, owner.to_string(), "missing"),
            },
            None => Input::Revertable {
                session,
                revert: Box::new(Revert { request, work }),
            },
        };
        self.step(input);
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
