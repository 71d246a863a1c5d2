//! A backup, open for reading. It is a [`Disk`] too, so that the readers of log and checkpoints work on it as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use blake3::{Hash, Hasher};
use vibesync_scene::BlobId;

use super::error::BackupError;
use super::manifest::{BACKUP_VERSION, MANIFEST, Manifest, SEAL, seal};
use super::tar::{self, Member};
use crate::disk::{Access, Disk, DiskFile, FileReader, WithContext};
use crate::wal::{Defect, Tip, verify};

/// Largest manifest that is read, bytes: room for about a million blobs.
const MAX_MANIFEST: u64 = 256 * 1024 * 1024;

/// An open backup, not verified yet.
#[derive(Clone, Debug)]
pub struct Archive {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    members: BTreeMap<PathBuf, Member>,
    manifest: Manifest,
}

impl Archive {
    /// Opens a backup and reads its manifest.
    pub fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<Self, BackupError> {
        let mut file = disk.open(path).with_context("open", path)?;
        let listed = tar::members(&mut *file);
        let listed = listed.map_err(|error| not_a_backup(path, &error))?;
        let mut members = BTreeMap::new();
        for member in listed {
            let name = PathBuf::from(&member.path);
            // A name such as `../x` would be outside of the folder into which a backup is restored.
            let is_plain = name
                .components()
                .all(|it| matches!(it, Component::Normal(_)));
            if !is_plain || members.insert(name, member.clone()).is_some() {
                let why = format!("the name {:?} is not allowed", member.path);
                return Err(not_a_backup(path, &why));
            }
        }
        let manifest = read_manifest(&mut *file, &members);
        let manifest = manifest.map_err(|why| not_a_backup(path, &why))?;
        Ok(Self {
            disk,
            path: path.to_owned(),
            members,
            manifest,
        })
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder of the log in it.
    pub fn wal() -> &'static Path {
        Path::new("wal")
    }

    /// The folder of the checkpoints in it.
    pub fn checkpoints() -> &'static Path {
        Path::new("checkpoints")
    }

    /// Reads the whole file: every hash, and the log with its chain. Returns the last record.
    pub fn verify(&self) -> Result<Tip, BackupError> {
        let unsound = |why: String| not_a_backup(&self.path, &why);
        for entry in &self.manifest.files {
            let hash = self.hash(Path::new(&entry.path))?;
            match self.members.get(Path::new(&entry.path)) {
                Some(member)
                    if member.bytes == entry.bytes && hash == Some(entry.blake3.clone()) => {}
                _ => return Err(unsound(format!("{} is missing or damaged", entry.path))),
            }
        }
        if self.members.len() != self.manifest.files.len() + 2 {
            return Err(unsound(
                "it has files that its manifest does not list".into(),
            ));
        }
        let found = verify(self, Self::wal())?;
        let Manifest { seq, hash, .. } = &self.manifest;
        if found.torn.is_some() || found.tip.seq != *seq || found.tip.hash.to_string() != *hash {
            let why = format!("its log ends at {}, not at {seq}", found.tip.seq);
            return Err(unsound(why));
        }
        Ok(found.tip)
    }

    fn hash(&self, name: &Path) -> Result<Option<String>, BackupError> {
        if !self.members.contains_key(name) {
            return Ok(None);
        }
        let file = self.open(name).with_context("open", &self.path)?;
        let mut hasher = Hasher::new();
        let read = io::copy(&mut FileReader::new(file), &mut hasher);
        read.with_context("read", &self.path)?;
        Ok(Some(hasher.finalize().to_string()))
    }

    /// Reads one file of the backup, such as `project.json`.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, BackupError> {
        let file = self
            .open(Path::new(name))
            .with_context("open", &self.path)?;
        let mut bytes = Vec::new();
        FileReader::new(file)
            .read_to_end(&mut bytes)
            .with_context("read", &self.path)?;
        Ok(bytes)
    }

    /// The blobs in it.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> + '_ {
        let names = self.members.keys().filter(|name| name.starts_with("blobs"));
        names.filter_map(|name| name.file_name()?.to_str()?.parse().ok())
    }

    /// Reads a blob, and checks it against its address.
    pub fn blob(&self, id: BlobId) -> Result<Vec<u8>, BackupError> {
        let bytes = self.read(&blob_name(id))?;
        match BlobId::hash(&bytes) == id {
            true => Ok(bytes),
            false => Err(not_a_backup(&self.path, &format!("blob {id} is damaged"))),
        }
    }

    /// The last record of its log, as the manifest names it.
    pub fn tip(&self) -> Option<Tip> {
        let hash = Hash::from_hex(&self.manifest.hash).ok()?;
        let seq = self.manifest.seq;
        Some(Tip { seq, hash })
    }
}

/// The name of a blob in a backup: the same as in the folder of blobs.
pub(super) fn blob_name(id: BlobId) -> String {
    let id = id.to_string();
    format!("blobs/{}/{id}", id.get(..2).unwrap_or_default())
}

fn not_a_backup(path: &Path, why: &dyn std::fmt::Display) -> BackupError {
    let name = path.display();
    BackupError::Unsound(format!("{name} is no whole backup: {why}"))
}

fn read_manifest(
    file: &mut dyn DiskFile,
    members: &BTreeMap<PathBuf, Member>,
) -> Result<Manifest, String> {
    let mut read = |name: &str| {
        let member = members.get(Path::new(name));
        let member = member.filter(|member| member.bytes <= MAX_MANIFEST);
        let member = member.ok_or_else(|| format!("it has no {name}"))?;
        let mut bytes = vec![0; usize::try_from(member.bytes).unwrap_or_default()];
        let read = tar::read_exact(file, member.offset, &mut bytes);
        read.map_err(|error| error.to_string()).map(|()| bytes)
    };
    let bytes = read(MANIFEST)?;
    if read(SEAL)? != seal(&bytes).as_bytes() {
        return Err(format!("{MANIFEST} is damaged"));
    }
    if let Some(newer) = Defect::newer_version(&bytes, BACKUP_VERSION) {
        return Err(newer.to_string());
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("{MANIFEST}: {error}"))
}

fn read_only<T>() -> io::Result<T> {
    Err(io::Error::new(
        ErrorKind::ReadOnlyFilesystem,
        "a backup is never changed",
    ))
}

impl Disk for Archive {
    fn create(&self, _: &Path, _: Access) -> io::Result<Box<dyn DiskFile>> {
        read_only()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let member = self.members.get(path).ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(MemberFile {
            file: self.disk.open(&self.path)?,
            member: member.clone(),
        }))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.members.keys().any(|name| name.starts_with(path)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let inside = self
            .members
            .keys()
            .filter_map(|name| name.strip_prefix(dir).ok());
        let first = inside.filter_map(|rest| rest.components().next());
        let names = first.filter_map(|name| name.as_os_str().to_str().map(str::to_owned));
        Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        read_only()
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        read_only()
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        read_only()
    }

    fn remove_dir(&self, _: &Path) -> io::Result<()> {
        read_only()
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
}

/// A file within the archive.
struct MemberFile {
    file: Box<dyn DiskFile>,
    member: Member,
}

impl DiskFile for MemberFile {
    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        read_only()
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.member.bytes.saturating_sub(offset);
        let wanted = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        match buffer.is_empty() {
            true => Ok(0),
            false => self.file.read_at(self.member.offset + offset, buffer),
        }
    }

    fn sync_data(&mut self) -> io::Result<()> {
        read_only()
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.member.bytes)
    }

    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(MemberFile {
            file: self.file.try_clone()?,
            member: self.member.clone(),
        }))
    }
}
