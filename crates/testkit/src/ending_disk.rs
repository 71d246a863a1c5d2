//! The real disk, which ends its own process at one of its operations.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vibesync_store::disk::{Access, Disk, DiskFile, RealDisk};

/// The moment of an operation at which the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it.
    Before,
    /// In the middle: half of the bytes are written. Only an append has a middle.
    Half,
    /// After it.
    After,
}

/// The moment at which an [`EndingDisk`] ends its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskPoint {
    /// Number of the operation, from 1 on.
    pub nth: u64,
    /// The moment.
    pub moment: Moment,
}

impl fmt::Display for DiskPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::Before => "before",
            Moment::Half => "half",
            Moment::After => "after",
        };
        write!(formatter, "{moment} {}", self.nth)
    }
}

impl DiskPoint {
    /// Reads a point as [`fmt::Display`] writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (moment, nth) = text.split_once(' ')?;
        let moment = match moment {
            "before" => Moment::Before,
            "half" => Moment::Half,
            "after" => Moment::After,
            _ => return None,
        };
        let nth = nth.parse().ok()?;
        Some(Self { nth, moment })
    }
}

/// A disk that counts its operations that change something, and ends the process at one of them. It does so without any
/// clean-up, like a SIGKILL or TerminateProcess from outside.
#[derive(Debug)]
pub struct EndingDisk(Arc<Operations>);

#[derive(Debug)]
struct Operations {
    count: AtomicU64,
    end: Option<DiskPoint>,
    /// Gets the name of each operation.
    trace: Option<Mutex<File>>,
}

impl EndingDisk {
    /// Ends the process at `point`. Appends the name of each operation to the file `trace`.
    pub fn new(end: Option<DiskPoint>, trace: Option<&Path>) -> io::Result<Self> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        let trace = trace.map(open).transpose()?.map(Mutex::new);
        let count = AtomicU64::new(0);
        Ok(Self(Arc::new(Operations { count, end, trace })))
    }
}

impl Operations {
    /// Carries out an operation, or ends the process before or after it.
    fn operate<T>(
        &self,
        name: &str,
        path: &Path,
        operation: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let moment = self.count(name, path);
        if moment == Some(Moment::Before) {
            end();
        }
        let done = operation();
        if moment.is_some() {
            end();
        }
        done
    }

    /// Counts an operation. Returns the moment at which the process ends, if it is in this operation.
    fn count(&self, name: &str, path: &Path) -> Option<Moment> {
        let nth = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(trace) = &self.trace {
            let mut trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(trace, "{name} {}", path.display());
        }
        self.end.filter(|end| end.nth == nth).map(|end| end.moment)
    }
}

/// Ends the process at once.
fn end() -> ! {
    #[cfg(unix)]
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}

impl Disk for EndingDisk {
    fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let create = || RealDisk.create(path, access);
        let file = self.0.operate("create", path, create)?;
        Ok(self.counted(file, path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.counted(RealDisk.open(path)?, path))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        RealDisk.exists(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let create = || RealDisk.create_dir(dir);
        self.0.operate("create folder", dir, create)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0
            .operate("rename to", to, || RealDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.operate("remove", path, || RealDisk.remove(path))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let remove = || RealDisk.remove_dir(dir);
        self.0.operate("remove folder", dir, remove)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.0
            .operate("sync folder", dir, || RealDisk.sync_dir(dir))
    }
}

impl EndingDisk {
    fn counted(&self, file: Box<dyn DiskFile>, path: &Path) -> Box<dyn DiskFile> {
        Box::new(CountedFile {
            file,
            path: path.into(),
            operations: Arc::clone(&self.0),
        })
    }
}

struct CountedFile {
    file: Box<dyn DiskFile>,
    path: Arc<Path>,
    operations: Arc<Operations>,
}

impl DiskFile for CountedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let moment = self.operations.count("append to", &self.path);
        let until = match moment {
            Some(Moment::Before) => 0,
            Some(Moment::Half) => bytes.len() / 2,
            _ => bytes.len(),
        };
        let done = self.file.append(bytes.get(..until).unwrap_or_default());
        if moment.is_some() {
            end();
        }
        done
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let (file, path) = (&mut self.file, &self.path);
        self.operations.operate("sync", path, || file.sync_data())
    }

    fn size(&mut self) -> io::Result<u64> {
        self.file.size()
    }

    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(Self {
            file: self.file.try_clone()?,
            path: Arc::clone(&self.path),
            operations: Arc::clone(&self.operations),
        }))
    }
}
