//! A disk whose syncs wait until a test lets them happen.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vibesync_store::disk::{Access, Disk, DiskFile};

use crate::fault_disk::FaultDisk;

/// Longest wait for a sync.
const PATIENCE: Duration = Duration::from_secs(30);

/// A [`FaultDisk`] behind a gate: each sync of a file waits for a permit. Clones share the gate.
#[derive(Clone, Debug)]
pub struct GatedDisk {
    disk: FaultDisk,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    permits: usize,
    waiting: usize,
}

impl GatedDisk {
    /// Closes the gate before a disk.
    pub fn new(disk: FaultDisk) -> Self {
        Self {
            disk,
            gate: Arc::default(),
        }
    }

    /// Lets so many more syncs happen.
    pub fn let_sync(&self, count: usize) {
        self.gate.state().permits += count;
        self.gate.changed.notify_all();
    }

    /// Waits until a sync waits at the gate. Returns false if none comes.
    pub fn wait_for_sync(&self) -> bool {
        let state = self.gate.state();
        let is_empty = |it: &mut State| it.waiting == 0;
        let waited = self
            .gate
            .changed
            .wait_timeout_while(state, PATIENCE, is_empty);
        let (_state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit and uses it up.
    fn pass(&self) {
        let mut state = self.state();
        state.waiting += 1;
        self.changed.notify_all();
        let waited = self.changed.wait_while(state, |it| it.permits == 0);
        state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.permits -= 1;
    }

    fn guard(self: &Arc<Self>, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let gate = Arc::clone(self);
        Box::new(GatedFile { file, gate })
    }
}

impl Disk for GatedDisk {
    fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.gate.guard(self.disk.create(path, access)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.gate.guard(self.disk.open(path)?))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.disk.exists(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }
}

struct GatedFile {
    file: Box<dyn DiskFile>,
    gate: Arc<Gate>,
}

impl DiskFile for GatedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.gate.pass();
        self.file.sync_data()
    }

    fn size(&mut self) -> io::Result<u64> {
        self.file.size()
    }

    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.gate.guard(self.file.try_clone()?))
    }
}
