//! The disk: the file-system operations that the store needs, as a trait. Tests use a disk that loses, tears and
//! refuses writes.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use vibesync_scene::Code;

use crate::{held_open, system};

/// Most bytes that are read at once.
const PIECE: usize = 1024 * 1024;

/// The access rights of a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As the user's umask sets them.
    Default,
    /// For the owner only: 0600; on Windows an access list of the file's own.
    Private,
}

/// A file system. The content of a file is durable after [`DiskFile::sync_data`]. The creation, renaming and removal of
/// files are durable after [`Disk::sync_dir`] of their folder.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Creates an empty file for appending; replaces an existing one.
    fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>>;
    /// Opens an existing file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Whether a file or folder of this name exists.
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// Returns the names in a folder, sorted. A missing folder counts as empty.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Creates a folder and its parents; durable on return.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// Renames a file, which replaces an existing one, or a folder, whose new name must be free.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Writes all of `bytes` at the end.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Reads up to `buffer.len()` bytes from `offset`; 0 at the end.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Makes the content and the length durable.
    fn sync_data(&mut self) -> io::Result<()>;
    /// Length in bytes.
    fn size(&mut self) -> io::Result<u64>;
    /// Returns a second handle of the file, for another thread. A sync through either handle syncs the whole file.
    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>>;
}

/// The operating system's file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = held_open::retry(path, || match access {
            Access::Default => options.open(path),
            Access::Private => system::create_private(path),
        })?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = held_open::retry(path, || File::open(path))?;
        Ok(Box::new(RealFile(file)))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let entries = match held_open::retry(dir, || fs::read_dir(dir)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            // The names of the store are Unicode, so it ignores other files.
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
        if let Some(above) = above {
            self.create_dir(above)?;
        }
        match held_open::retry(dir, || fs::create_dir(dir)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            created => created?,
        }
        self.sync_dir(above.unwrap_or(Path::new(".")))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        held_open::retry(to, || system::rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        held_open::retry(path, || fs::remove_file(path))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        held_open::retry(dir, || fs::remove_dir(dir))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        system::sync_dir(dir)
    }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::End(0))?;
        self.0.write_all(bytes)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.read(buffer)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(self.0.try_clone()?)))
    }
}

/// Passes the bytes of a file from `start` to `end` to `take`, in pieces. Fails if the file is shorter.
pub(crate) fn read_range(
    file: &mut dyn DiskFile,
    mut start: u64,
    end: u64,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    while start < end {
        let wanted = usize::try_from(end - start).unwrap_or(PIECE).min(PIECE);
        let count = file.read_at(start, piece.get_mut(..wanted).unwrap_or_default())?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        take(piece.get(..count).unwrap_or_default())?;
        start += count as u64;
    }
    Ok(())
}

/// Reads a file from an offset on.
pub(crate) struct FileReader {
    file: Box<dyn DiskFile>,
    offset: u64,
}

impl FileReader {
    pub fn new(file: Box<dyn DiskFile>) -> Self {
        Self::starting_at(file, 0)
    }

    pub fn starting_at(file: Box<dyn DiskFile>, offset: u64) -> Self {
        Self { file, offset }
    }

    pub fn into_file(self) -> Box<dyn DiskFile> {
        self.file
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.offset, buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// An operation on a file failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct DiskError {
    /// The operation.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The system's error.
    pub source: io::Error,
}

impl DiskError {
    /// Returns VS-5003 if the disk is full, else `otherwise`.
    pub fn code_or(&self, otherwise: Code) -> Code {
        match code_of(&self.source) {
            Code::DiskFull => Code::DiskFull,
            _ => otherwise,
        }
    }

    /// Returns VS-5003 if the disk is full, else VS-5009.
    pub fn code(&self) -> Code {
        code_of(&self.source)
    }
}

/// Returns the code of an I/O error: VS-5003 if the disk is full, else VS-5009.
pub(crate) fn code_of(error: &io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
        _ => Code::DiskFailed,
    }
}

/// Adds the operation and the file to an I/O error.
pub(crate) trait WithContext<T> {
    fn with_context(self, action: &'static str, path: &Path) -> Result<T, DiskError>;
}

impl<T> WithContext<T> for io::Result<T> {
    fn with_context(self, action: &'static str, path: &Path) -> Result<T, DiskError> {
        self.map_err(|source| DiskError {
            action,
            path: path.to_owned(),
            source,
        })
    }
}
