//! The files of the daemon's log: a new one each day and whenever one is full, a limited number in all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use vibesync_store::held_open;
use vibesync_store::wal::timestamp;

/// Beginning and end of the names of all log files.
const PREFIX: &str = "vibesync.";
const SUFFIX: &str = ".jsonl";

/// Limits of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Maximum size of a file, in bytes. A longer line gets a file of its own.
    pub file_bytes: u64,
    /// Maximum number of files. The oldest is removed first.
    pub files: usize,
}

/// Writes whole lines into the newest file.
#[derive(Debug)]
pub(super) struct RotatingFile {
    folder: PathBuf,
    limits: Limits,
    today: fn() -> String,
    current: Current,
}

/// The newest file.
#[derive(Debug)]
struct Current {
    file: File,
    /// Its day, such as `2026-01-02`.
    day: String,
    /// Its number within the day, from 1.
    number: u32,
    /// Its size in bytes.
    size: u64,
}

impl RotatingFile {
    /// Continues the newest file of today, or creates it.
    pub fn open(folder: &Path, limits: Limits) -> io::Result<Self> {
        Self::open_at(folder, limits, utc_day)
    }

    fn open_at(folder: &Path, limits: Limits, today: fn() -> String) -> io::Result<Self> {
        // A clock that went back must not begin a file that counts as old.
        let newest = names(folder)?
            .filter_map(|name| day_and_number(&name))
            .max();
        let (day, number) = newest.unwrap_or_default().max((today(), 1));
        let opened = Self {
            folder: folder.to_owned(),
            limits,
            today,
            current: Current::open(folder, day, number)?,
        };
        opened.remove_oldest()?;
        Ok(opened)
    }

    /// Begins a new file if the day has changed, or if the line does not fit.
    fn rotate_for(&mut self, line: &[u8]) -> io::Result<()> {
        let day = (self.today)();
        let Current {
            day: last,
            number,
            size,
            ..
        } = &self.current;
        let is_full = *size > 0 && size + line.len() as u64 > self.limits.file_bytes;
        let (day, number) = match (day > *last, is_full) {
            (true, _) => (day, 1),
            (false, true) => (last.clone(), number + 1),
            (false, false) => return Ok(()),
        };
        self.current = Current::open(&self.folder, day, number)?;
        self.remove_oldest()
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut names: Vec<String> = names(&self.folder)?.collect();
        names.sort();
        let surplus = names.len().saturating_sub(self.limits.files.max(1));
        for name in names.iter().take(surplus) {
            let path = self.folder.join(name);
            if let Err(error) = held_open::retry(&path, || std::fs::remove_file(&path)) {
                // The line at hand must not be lost for an old file. The next rotation tries again.
                tracing::warn!(%error, path = %path.display(), "an old file of this log stays for now");
            }
        }
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.rotate_for(line)?;
        let written = self.current.file.write(line)?;
        self.current.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.current.file.flush()
    }
}

impl Current {
    fn open(folder: &Path, day: String, number: u32) -> io::Result<Self> {
        let path = folder.join(file_name(&day, number));
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        let file = held_open::retry(&path, || options.open(&path))?;
        let size = file.metadata()?.len();
        Ok(Self {
            file,
            day,
            number,
            size,
        })
    }
}

/// Returns the name of a file. Names sort by age.
fn file_name(day: &str, number: u32) -> String {
    match number {
        0 | 1 => format!("{PREFIX}{day}{SUFFIX}"),
        number => format!("{PREFIX}{day}_{number:06}{SUFFIX}"),
    }
}

/// Returns the names of all log files.
fn names(folder: &Path) -> io::Result<impl Iterator<Item = String>> {
    let entries = std::fs::read_dir(folder)?.flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)))
}

/// Returns the day and the number of a file; none if another program has named it.
fn day_and_number(name: &str) -> Option<(String, u32)> {
    let name = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    match name.split_once('_') {
        Some((day, number)) => Some((day.to_owned(), number.parse().ok()?)),
        None => Some((name.to_owned(), 1)),
    }
}

/// Returns the current day in UTC.
fn utc_day() -> String {
    let now = timestamp(SystemTime::now());
    now.chars().take("2026-01-02".len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        file_bytes: 100,
        files: 3,
    };

    fn first() -> String {
        "2026-01-02".to_owned()
    }

    fn second() -> String {
        "2026-01-03".to_owned()
    }

    /// Returns names and sizes of the files.
    fn files(folder: &Path) -> Vec<(String, u64)> {
        let size = |name: &String| std::fs::metadata(folder.join(name)).unwrap().len();
        let mut found: Vec<_> = names(folder).unwrap().collect();
        found.sort();
        let sizes: Vec<_> = found.iter().map(size).collect();
        found.into_iter().zip(sizes).collect()
    }

    #[test]
    fn full_file_is_followed_by_another_and_the_oldest_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut log = RotatingFile::open_at(folder, LIMITS, first).unwrap();
        for _ in 0..9 {
            log.write_all(&[b'x'; 40]).unwrap();
        }
        let expected = [
            ("vibesync.2026-01-02_000003.jsonl".to_owned(), 80),
            ("vibesync.2026-01-02_000004.jsonl".to_owned(), 80),
            ("vibesync.2026-01-02_000005.jsonl".to_owned(), 40),
        ];
        assert_eq!(files(folder), expected);
        drop(log);
        let mut log = RotatingFile::open_at(folder, LIMITS, first).unwrap();
        log.write_all(&[b'x'; 40]).unwrap();
        assert_eq!(files(folder)[2].1, 80, "a restart continues the newest");
    }

    #[test]
    fn old_file_that_cannot_be_removed_costs_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let stays = folder.join("vibesync.2026-01-01.jsonl");
        std::fs::create_dir_all(stays.join("inside")).unwrap();
        let mut log = RotatingFile::open_at(folder, LIMITS, first).unwrap();
        for _ in 0..9 {
            log.write_all(&[b'x'; 40]).unwrap();
        }
        drop(log);
        assert!(stays.exists());
        let newest = folder.join("vibesync.2026-01-02_000005.jsonl");
        assert_eq!(std::fs::metadata(newest).unwrap().len(), 40);
    }

    #[test]
    fn each_day_begins_a_file_and_days_count_together() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for today in [first, second] {
            let mut log = RotatingFile::open_at(folder, LIMITS, today).unwrap();
            for _ in 0..4 {
                log.write_all(&[b'x'; 40]).unwrap();
            }
        }
        let names: Vec<_> = files(folder).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "vibesync.2026-01-02_000002.jsonl",
            "vibesync.2026-01-03.jsonl",
            "vibesync.2026-01-03_000002.jsonl",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn clock_that_went_back_begins_no_older_file() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for today in [second, first] {
            let mut log = RotatingFile::open_at(folder, LIMITS, today).unwrap();
            log.write_all(&[b'x'; 40]).unwrap();
            log.today = first;
            log.write_all(&[b'x'; 40]).unwrap();
        }
        let names: Vec<_> = files(folder).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "vibesync.2026-01-03.jsonl",
            "vibesync.2026-01-03_000002.jsonl",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn line_above_the_limit_gets_its_own_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open_at(folder.path(), LIMITS, first).unwrap();
        for length in [10, 500, 10] {
            log.write_all(&vec![b'x'; length]).unwrap();
        }
        let sizes: Vec<_> = files(folder.path()).into_iter().map(|it| it.1).collect();
        assert_eq!(sizes, [10, 500, 10]);
    }
}
