//! The fault disk as a [`Disk`] of the store.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::fault::{Fault, Tear};
use super::state::{Content, State, error};
use vibesync_store::disk::{Access, Disk, DiskFile};

/// A disk in memory. Clones share its content. It refuses what any supported system refuses; see
/// [`super::system_rules`].
#[derive(Clone, Debug)]
pub struct FaultDisk(Arc<Mutex<State>>);

impl FaultDisk {
    /// Makes an empty disk without faults.
    pub fn new(seed: u64, tear: Tear) -> Self {
        Self(Arc::new(Mutex::new(State::new(seed, tear))))
    }

    /// Lets operation number `at` fail; all operations that change something count, from 0.
    pub fn fail(&self, at: u64, fault: Fault) {
        self.state().faults.insert(at, fault);
    }

    /// Returns the number of operations so far.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Restores the power: keeps durable bytes, and a random part of the others. Clears all faults.
    pub fn reboot(&self) {
        self.state().reboot();
    }

    /// Restarts the process while the power stays on: all written bytes are there, durable or not. Clears all faults.
    pub fn revive(&self) {
        self.state().revive();
    }

    /// Returns true between a crash and the next [`FaultDisk::reboot`] or [`FaultDisk::revive`].
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Returns the names of all files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    /// Returns the bytes of a file as a reader sees them.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        let file = state.names.get(path)?;
        Some(state.files.get(*file)?.written.clone())
    }

    /// Sets the content of a file and makes it durable.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        let id = state.files.len();
        let (written, durable) = (bytes.to_vec(), bytes.to_vec());
        let lost = false;
        state.files.push(Content {
            written,
            durable,
            lost,
        });
        state.names.insert(path.to_owned(), id);
        state.durable_names.insert(path.to_owned(), id);
        state.forget_pending(path);
    }

    /// Removes a file for good, as a bad medium or a person does: no operation of the program. Returns false if there is
    /// none.
    pub fn erase(&self, path: &Path) -> bool {
        let mut state = self.state();
        state.durable_names.remove(path);
        state.forget_pending(path);
        state.names.remove(path).is_some()
    }

    /// Removes all files below a folder for good, also those whose creation or removal is not durable yet.
    pub fn erase_in(&self, dir: &Path) {
        let mut state = self.state();
        state.names.retain(|path, _| !path.starts_with(dir));
        state.durable_names.retain(|path, _| !path.starts_with(dir));
        let pending = &mut state.pending_names;
        pending.retain(|change| change.names.iter().all(|(name, _)| !name.starts_with(dir)));
    }

    /// Flips one bit of a file, as a bad medium does. Returns false if the file has no such byte.
    pub fn flip(&self, path: &Path, byte: usize, bit: u8) -> bool {
        let mut state = self.state();
        let Some(id) = state.names.get(path).copied() else {
            return false;
        };
        let Some(file) = state.files.get_mut(id) else {
            return false;
        };
        // Bytes that are not synced yet are flipped in the readers' copy.
        let copies = [file.written.get_mut(byte), file.durable.get_mut(byte)];
        let found = copies
            .into_iter()
            .flatten()
            .map(|byte| *byte ^= 1 << (bit % 8));
        found.count() > 0
    }

    /// Locks the state. A lock that a panicking test has left is taken over: the state is plain data.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Disk for FaultDisk {
    fn create(&self, path: &Path, _: Access) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.simple()?;
        state.names_on_any_system(path)?;
        state.not_open(path)?;
        let id = state.files.len();
        state.files.push(Content::default());
        state.rename(vec![(path.to_owned(), Some(id))]);
        Ok(Box::new(Open::new(self.clone(), &mut state, id)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        let id = state.id(path)?;
        Ok(Box::new(Open::new(self.clone(), &mut state, id)))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        let state = self.state();
        state.alive()?;
        Ok(state.names.contains_key(path) || state.folders.contains(path))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.alive()?;
        let all = state.names.keys().chain(&state.folders);
        let inside = all.filter(|path| path.parent() == Some(dir));
        let names = inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.alive()?;
        if !state.folders.contains(dir) {
            state.names_on_any_system(dir)?;
            state.simple()?;
            for folder in dir.ancestors() {
                state.folders.insert(folder.to_owned());
                state.durable_folders.insert(folder.to_owned());
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.folders.contains(from) {
            if state.folders.contains(to) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            state.names_on_any_system(to)?;
            state.nothing_open_in(from)?;
            state.simple()?;
            state.rename_folder(from, to);
            return Ok(());
        }
        let id = state.id(from)?;
        state.names_on_any_system(to)?;
        state.not_open(to)?;
        state.simple()?;
        state.rename(vec![(from.to_owned(), None), (to.to_owned(), Some(id))]);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.id(path)?;
        state.not_open(path)?;
        state.simple()?;
        state.rename(vec![(path.to_owned(), None)]);
        Ok(())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        if !self.list(dir)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        let mut state = self.state();
        state.simple()?;
        state.remove_folder(dir);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.simple()?;
        state.sync_names(dir);
        Ok(())
    }
}

struct Open {
    disk: FaultDisk,
    id: usize,
    boot: u64,
}

impl Open {
    fn new(disk: FaultDisk, state: &mut State, id: usize) -> Self {
        *state.handles.entry(id).or_default() += 1;
        let boot = state.boot;
        Self { disk, id, boot }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        // A crash has closed the handles of the process that it ended.
        if state.boot == self.boot
            && let Some(count) = state.handles.get_mut(&self.id)
        {
            *count = count.saturating_sub(1);
        }
    }
}

impl DiskFile for Open {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.operation()?;
        let written = match fault {
            None => bytes.len(),
            Some(Fault::Io) => 0,
            Some(Fault::Crash | Fault::Full) => state.random.up_to(bytes.len().saturating_sub(1)),
        };
        if let Some(file) = state.files.get_mut(self.id) {
            file.written
                .extend_from_slice(bytes.get(..written).unwrap_or_default());
        }
        fault.map_or(Ok(()), |fault| Err(error(fault)))
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        let file = state.content(self.id)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = file.written.get(start..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.operation()?;
        let Some(file) = state.files.get_mut(self.id) else {
            return Err(ErrorKind::NotFound.into());
        };
        match fault {
            None if file.lost => Ok(()), // as on Linux: the second fsync succeeds, and the bytes are gone
            None => {
                file.durable.clone_from(&file.written);
                Ok(())
            }
            Some(fault) => {
                file.lost |= fault == Fault::Io;
                Err(error(fault))
            }
        }
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.disk.state().content(self.id)?.written.len() as u64)
    }

    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.disk.state();
        Ok(Box::new(Open::new(self.disk.clone(), &mut state, self.id)))
    }
}
