//! The content of the fault disk, and the effect of a crash on it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Fault, Tear};
use crate::random::Random;

#[derive(Debug)]
pub(super) struct State {
    pub random: Random,
    pub tear: Tear,
    pub files: Vec<Content>,
    pub names: BTreeMap<PathBuf, usize>,
    pub durable_names: BTreeMap<PathBuf, usize>,
    pub folders: BTreeSet<PathBuf>,
    pub durable_folders: BTreeSet<PathBuf>,
    /// Names that are not durable yet.
    pub pending_names: Vec<PendingNames>,
    pub operations: u64,
    pub faults: BTreeMap<u64, Fault>,
    pub dead: bool,
    /// Number of open handles of each file.
    pub handles: BTreeMap<usize, usize>,
    /// Number of restarts. Handles from before the last one are closed.
    pub boot: u64,
}

#[derive(Debug, Default)]
pub(super) struct Content {
    pub written: Vec<u8>,
    pub durable: Vec<u8>,
    /// True after a failed fsync, which dropped the pending bytes; readers still see them.
    pub lost: bool,
}

/// Names that change together: each with its file, or none if it was removed.
pub(super) type NameChange = Vec<(PathBuf, Option<usize>)>;

/// Names that a crash keeps or loses together.
#[derive(Debug, Default)]
pub(super) struct PendingNames {
    pub names: NameChange,
    /// Folders, and whether each exists after the change.
    pub folders: Vec<(PathBuf, bool)>,
    /// The folders whose sync makes the change durable: all of them together.
    pub unsynced: BTreeSet<PathBuf>,
}

impl State {
    pub fn new(seed: u64, tear: Tear) -> Self {
        Self {
            random: Random::new(seed),
            tear,
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            folders: BTreeSet::new(),
            durable_folders: BTreeSet::new(),
            pending_names: Vec::new(),
            operations: 0,
            faults: BTreeMap::new(),
            dead: false,
            handles: BTreeMap::new(),
            boot: 0,
        }
    }

    /// Drops the changes of a name that are not durable yet.
    pub fn forget_pending(&mut self, path: &Path) {
        self.pending_names
            .retain(|change| change.names.iter().all(|(name, _)| name != path));
    }

    /// Restores the power.
    pub fn reboot(&mut self) {
        self.crash_names();
        let mut files = std::mem::take(&mut self.files);
        for file in &mut files {
            let left = self.crash_content(file);
            file.written.clone_from(&left);
            file.durable = left;
            file.lost = false;
        }
        self.files = files;
        self.revive();
    }

    pub fn revive(&mut self) {
        self.faults.clear();
        self.dead = false;
        self.handles.clear();
        self.boot += 1;
    }

    /// Counts an operation and returns its fault, if any.
    pub fn operation(&mut self) -> io::Result<Option<Fault>> {
        self.alive()?;
        let fault = self.faults.get(&self.operations).copied();
        self.operations += 1;
        self.dead = fault == Some(Fault::Crash);
        Ok(fault)
    }

    pub fn alive(&self) -> io::Result<()> {
        if self.dead {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(())
        }
    }

    /// Counts an operation that happens as a whole or not at all.
    pub fn simple(&mut self) -> io::Result<()> {
        match self.operation()? {
            None => Ok(()),
            Some(fault) => Err(error(fault)),
        }
    }

    pub fn id(&self, path: &Path) -> io::Result<usize> {
        self.alive()?;
        let id = self.names.get(path).copied();
        id.ok_or_else(|| io::Error::new(ErrorKind::NotFound, path.display().to_string()))
    }

    pub fn content(&mut self, id: usize) -> io::Result<&mut Content> {
        self.alive()?;
        self.files
            .get_mut(id)
            .ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Splits changes of names by folder: those in one folder happen together, those in two independently.
    pub fn rename(&mut self, change: NameChange) {
        set_names(&mut self.names, &change);
        let mut folders: BTreeMap<Option<PathBuf>, NameChange> = BTreeMap::new();
        for (name, file) in change {
            let folder = name.parent().map(Path::to_owned);
            folders.entry(folder).or_default().push((name, file));
        }
        for (folder, names) in folders {
            self.pending_names.push(PendingNames {
                names,
                folders: Vec::new(),
                unsynced: folder.into_iter().collect(),
            });
        }
    }

    /// Renames a folder with all that it contains. A crash keeps all of the old names or all of the new ones.
    pub fn rename_folder(&mut self, from: &Path, to: &Path) {
        let moved = |path: &Path| Some(to.join(path.strip_prefix(from).ok()?));
        let mut pending = PendingNames::default();
        for (name, file) in &self.names {
            if let Some(new) = moved(name) {
                pending.names.push((name.clone(), None));
                pending.names.push((new, Some(*file)));
            }
        }
        for folder in &self.folders {
            if let Some(new) = moved(folder) {
                pending.folders.push((folder.clone(), false));
                pending.folders.push((new, true));
            }
        }
        let parents = [from, to].into_iter().filter_map(Path::parent);
        pending.unsynced = parents.map(Path::to_owned).collect();
        set_names(&mut self.names, &pending.names);
        set_folders(&mut self.folders, &pending.folders);
        self.pending_names.push(pending);
    }

    /// Removes an empty folder.
    pub fn remove_folder(&mut self, dir: &Path) {
        let folders = vec![(dir.to_owned(), false)];
        set_folders(&mut self.folders, &folders);
        self.pending_names.push(PendingNames {
            names: Vec::new(),
            folders,
            unsynced: dir.parent().map(Path::to_owned).into_iter().collect(),
        });
    }

    /// Makes the changes of names in a folder durable.
    pub fn sync_names(&mut self, dir: &Path) {
        for mut pending in std::mem::take(&mut self.pending_names) {
            pending.unsynced.remove(dir);
            if pending.unsynced.is_empty() {
                self.keep(&pending);
            } else {
                self.pending_names.push(pending);
            }
        }
    }

    fn keep(&mut self, change: &PendingNames) {
        set_names(&mut self.durable_names, &change.names);
        set_folders(&mut self.durable_folders, &change.folders);
    }

    /// Applies a random subset of the name changes that were not synced.
    fn crash_names(&mut self) {
        for change in std::mem::take(&mut self.pending_names) {
            if self.random.once_in(2) {
                self.keep(&change);
            }
        }
        self.names = self.durable_names.clone();
        self.folders = self.durable_folders.clone();
    }

    fn crash_content(&mut self, file: &Content) -> Vec<u8> {
        // Only appends change a file, so the durable bytes are a prefix of the written ones.
        let shared = file.durable.len();
        if file.lost || file.written.get(..shared) != Some(&file.durable) {
            return file.durable.clone();
        }
        let pending = file.written.get(shared..).unwrap_or_default();
        let mut left = file.durable.clone();
        left.extend(self.tear(pending));
        left
    }

    fn tear(&mut self, pending: &[u8]) -> Vec<u8> {
        let cut = self.random.up_to(pending.len());
        let mut left = pending.get(..cut).unwrap_or_default().to_vec();
        match self.tear {
            Tear::Prefix => {}
            Tear::Garbage => {
                let more = self.random.up_to(pending.len() - left.len());
                let zeros = self.random.once_in(2);
                left.extend((0..more).map(|_| if zeros { 0 } else { self.random.number() as u8 }));
            }
            Tear::Holes => {
                for piece in left.chunks_mut(64) {
                    if self.random.once_in(8) {
                        piece.fill(0);
                    }
                }
            }
        }
        left
    }
}

pub(super) fn set_names(names: &mut BTreeMap<PathBuf, usize>, change: &NameChange) {
    for (name, file) in change {
        match file {
            Some(file) => names.insert(name.clone(), *file),
            None => names.remove(name),
        };
    }
}

fn set_folders(all: &mut BTreeSet<PathBuf>, change: &[(PathBuf, bool)]) {
    for (folder, exists) in change {
        match exists {
            true => all.insert(folder.clone()),
            false => all.remove(folder),
        };
    }
}

pub(super) fn error(fault: Fault) -> io::Error {
    match fault {
        Fault::Crash => io::Error::other("the power went"),
        Fault::Full => ErrorKind::StorageFull.into(),
        Fault::Io => io::Error::other("input/output error"),
    }
}
