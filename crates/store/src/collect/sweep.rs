//! Removes the files of the blobs that go.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use vibesync_scene::BlobId;

use super::plan::{Count, Plan};
use crate::blob_uses::{State, UseGuard};
use crate::blobs::BlobStore;
use crate::disk::{DiskError, WithContext};
use crate::held_open;

/// The result of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The blobs that are gone.
    pub removed: Count,
    /// Blobs that somebody has used meanwhile.
    pub used: Count,
    /// Blobs with a file that another program has open. The next sweep removes them.
    pub held: Count,
}

/// Removes the blobs of a plan, except for those that were used since the guard began. The guard must be older than the
/// marks of the plan. Asks before each step whether to go on.
pub fn sweep(
    store: &BlobStore,
    plan: &Plan,
    _guard: &UseGuard,
    may_go_on: &mut dyn FnMut() -> bool,
) -> Result<Swept, DiskError> {
    let mut swept = Swept::default();
    let mut spared = BTreeSet::new();
    for id in &plan.removals {
        if !may_go_on() {
            break;
        }
        let uses = store.uses.lock();
        spare(&mut spared, &uses, plan);
        let count = match spared.contains(id) {
            true => &mut swept.used,
            false => match remove(store, *id)? {
                true => &mut swept.removed,
                false => &mut swept.held,
            },
        };
        drop(uses);
        count.add(plan.files.size(*id));
    }
    Ok(swept)
}

/// Adds the used blobs, and those that they are patches of.
fn spare(spared: &mut BTreeSet<BlobId>, uses: &State, plan: &Plan) {
    for id in uses.used() {
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| spared.insert(*id)) {
            next = plan.files.base(id);
        }
    }
}

/// Removes the files of a blob. Returns false if another program has one open.
fn remove(store: &BlobStore, id: BlobId) -> Result<bool, DiskError> {
    for path in [store.link_path(id), store.path(id)] {
        match remove_file(store, &path) {
            Err(error) if held_open::is_refused(&error) => return Ok(false),
            removed => removed.with_context("remove", &path)?,
        }
    }
    Ok(true)
}

fn remove_file(store: &BlobStore, path: &Path) -> io::Result<()> {
    match store.disk.remove(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
