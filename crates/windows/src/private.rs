//! Files and folders that only their user may reach.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use crate::access_list::{Right, private_text};
use crate::system;

const READ_CONTROL: u32 = 0x2_0000;
/// Opens folders too.
const BACKUP_SEMANTICS: u32 = 0x0200_0000;

/// Creates an empty file with access for the user alone; replaces an existing one. The file has this access from its
/// first moment on.
pub fn create_private(path: &Path) -> io::Result<File> {
    let access = private_text(&system::user()?, false);
    match system::create_file(path, &access) {
        // The existing file would keep its own access.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            system::create_file(path, &access)
        }
        created => created,
    }
}

/// Creates a folder with access for the user alone. Its files inherit that. The folder above must exist.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    system::create_folder(path, &private_text(&system::user()?, true))
}

/// Returns the names of the others that have `right`: users and groups besides the user of this process, the system and
/// the administrators.
pub fn others(path: &Path, right: Right) -> io::Result<Vec<String>> {
    let mut options = OpenOptions::new();
    options
        .access_mode(READ_CONTROL)
        .custom_flags(BACKUP_SEMANTICS);
    let list = system::access_list(&options.open(path)?)?;
    let others = list.others(&system::user()?, right);
    Ok(others
        .iter()
        .map(|sid| system::name(sid).unwrap_or_else(|_| sid.clone()))
        .collect())
}

/// For tests: replaces a file or an empty folder by an empty one that everybody may read and write.
#[doc(hidden)]
pub fn open_to_all(path: &Path) -> io::Result<()> {
    let access = "D:P(A;;FA;;;WD)";
    if path.is_dir() {
        std::fs::remove_dir(path)?;
        return system::create_folder(path, access);
    }
    std::fs::remove_file(path)?;
    system::create_file(path, access).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody() -> Vec<String> {
        Vec::new()
    }

    #[test]
    fn private_file_is_for_its_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ü 日本");
        drop(create_private(&path).unwrap());
        assert_eq!(others(&path, Right::ReadOrWrite).unwrap(), nobody());
    }

    #[test]
    fn file_for_everyone_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let text = format!("D:P(A;;FA;;;{})(A;;FR;;;WD)", system::user().unwrap());
        drop(system::create_file(&path, &text).unwrap());
        assert_eq!(others(&path, Right::ReadOrWrite).unwrap(), ["Everyone"]);
        assert_eq!(others(&path, Right::Write).unwrap(), nobody());
        drop(create_private(&path).unwrap());
        assert_eq!(others(&path, Right::ReadOrWrite).unwrap(), nobody());
    }

    #[test]
    fn private_folder_is_for_its_user_alone() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("run");
        create_private_folder(&path).unwrap();
        assert_eq!(others(&path, Right::ReadOrWrite).unwrap(), nobody());
        std::fs::write(path.join("file"), "text").unwrap();
    }
}
