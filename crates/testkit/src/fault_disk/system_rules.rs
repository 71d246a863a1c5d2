//! The rules of all supported systems for open files and for names. The fault disk keeps all of them.
//!
//! - Windows refuses to replace or remove a file that is open, and to rename a folder that contains one.
//! - Windows and macOS take names that differ in case only for one name.
//! - Windows has reserved names and characters.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::state::State;

/// Names that Windows reserves for devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

impl State {
    /// Refuses to replace or remove a file that is open.
    pub fn not_open(&self, path: &Path) -> io::Result<()> {
        let id = self.names.get(path);
        let is_open = id.is_some_and(|id| self.handles.get(id).is_some_and(|count| *count > 0));
        if is_open {
            return Err(refused(path, "the file is open"));
        }
        Ok(())
    }

    /// Refuses to rename a folder that contains an open file.
    pub fn nothing_open_in(&self, dir: &Path) -> io::Result<()> {
        let mut inside = self.names.keys().filter(|path| path.starts_with(dir));
        inside.try_for_each(|path| self.not_open(path))
    }

    /// Refuses a new name that a system reserves, or that differs from another one in case only.
    pub fn names_on_any_system(&self, path: &Path) -> io::Result<()> {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(refused(path, "the name is not Unicode"));
        };
        let has_reserved = name.contains(['<', '>', ':', '"', '|', '?', '*', '\\'])
            || name.contains(char::is_control)
            || name.ends_with(['.', ' ']);
        if has_reserved || is_device(name) {
            return Err(refused(path, "Windows reserves the name"));
        }
        let known = self.names.keys().chain(&self.folders);
        let mut beside = known.filter(|other| other.parent() == path.parent() && *other != path);
        let lower = path.to_string_lossy().to_lowercase();
        if beside.any(|other| other.to_string_lossy().to_lowercase() == lower) {
            return Err(refused(path, "another name differs in case only"));
        }
        Ok(())
    }
}

/// Returns true for `NUL`, `con.txt`, `COM1` and the like.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let letters = stem.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let is_numbered = matches!(letters, "com" | "lpt");
    DEVICES.contains(&letters) && is_numbered == (stem.len() == letters.len() + 1)
}

fn refused(path: &Path, why: &str) -> io::Error {
    let message = format!("{}: {why}", path.display());
    io::Error::new(ErrorKind::PermissionDenied, message)
}

#[cfg(test)]
mod tests {
    use vibesync_store::disk::{Access, Disk};

    use crate::{FaultDisk, Tear};

    use super::*;

    fn disk() -> FaultDisk {
        let disk = FaultDisk::new(0, Tear::Prefix);
        for name in ["/p/open", "/p/new", "/p/dir/inside"] {
            disk.put(Path::new(name), b"x");
        }
        disk.create_dir(Path::new("/p/dir")).unwrap();
        disk
    }

    #[test]
    fn open_file_is_not_replaced_or_removed() {
        let disk = disk();
        let [open, new] = ["/p/open", "/p/new"].map(Path::new);
        let handle = disk.open(open).unwrap();
        let other = handle.try_clone().unwrap();
        drop(handle);
        assert!(disk.rename(new, open).is_err() && disk.remove(open).is_err());
        assert!(disk.create(open, Access::Default).is_err());
        drop(other);
        disk.rename(new, open).unwrap();
        disk.remove(open).unwrap();
    }

    #[test]
    fn folder_with_an_open_file_is_not_renamed() {
        let disk = disk();
        let [from, to] = ["/p/dir", "/p/other"].map(Path::new);
        let handle = disk.open(Path::new("/p/dir/inside")).unwrap();
        assert!(disk.rename(from, to).is_err());
        drop(handle);
        disk.rename(from, to).unwrap();
    }

    #[test]
    fn crash_closes_the_files_of_the_process() {
        let disk = disk();
        let open = Path::new("/p/open");
        let before = disk.open(open).unwrap();
        disk.revive();
        let after = disk.open(open).unwrap();
        drop(before);
        assert!(disk.remove(open).is_err(), "it is open again");
        drop(after);
        disk.remove(open).unwrap();
    }

    #[test]
    fn names_that_a_system_refuses_are_refused() {
        let disk = disk();
        for bad in [
            "NUL", "con.txt", "Com1", "lpt9.log", "a:b", "a?", "end.", "end ", "OPEN", "New",
        ] {
            // Windows would take the beginning of `a:b` for a drive in a join.
            let path = format!("/p/{bad}");
            let created = disk.create(Path::new(&path), Access::Default);
            assert!(created.is_err(), "{bad}");
        }
        for good in ["com", "com10", "console", "nul_", ".hidden", "opened"] {
            let path = Path::new("/p").join(good);
            assert!(disk.create(&path, Access::Default).is_ok(), "{good}");
        }
    }
}
