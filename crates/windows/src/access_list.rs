//! Access lists of files and folders, and whom they let in.

const SYSTEM: &str = "S-1-5-18";
const ADMINISTRATORS: &str = "S-1-5-32-544";
/// Stands for the owner of the file.
const OWNER_RIGHTS: &str = "S-1-3-4";
const EVERYONE: &str = "S-1-1-0";

const READ_DATA: u32 = 0x1;
const WRITE_DATA: u32 = 0x2;
const APPEND_DATA: u32 = 0x4;
const DELETE_CHILD: u32 = 0x40;
const DELETE: u32 = 0x1_0000;
const WRITE_DAC: u32 = 0x4_0000;
const WRITE_OWNER: u32 = 0x8_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_READ: u32 = 0x8000_0000;

/// One entry of an access list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The security identifier of a user or group: `S-1-...`.
    pub sid: String,
    /// The access mask.
    pub mask: u32,
    /// Whether it allows. Else it denies.
    pub allows: bool,
    /// Whether it counts for new files of the folder only.
    pub inherit_only: bool,
}

/// The access list of a file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessList {
    /// The security identifier of the owner, who may change the list.
    pub owner: String,
    /// The entries. Without a list everybody has full access, as on a volume without access rights.
    pub entries: Option<Vec<Entry>>,
}

/// The access that nobody else may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To change or replace the file, or the files of the folder.
    Write,
    /// To read, change or replace it.
    ReadOrWrite,
}

impl Right {
    fn mask(self) -> u32 {
        let write = WRITE_DATA | APPEND_DATA | DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER;
        let write = write | GENERIC_WRITE | GENERIC_ALL;
        match self {
            Self::Write => write,
            Self::ReadOrWrite => write | READ_DATA | GENERIC_READ,
        }
    }
}

impl AccessList {
    /// Returns the security identifiers that have `right` besides `user`. The system and the administrators do not count:
    /// they can take any file, and have access to all of a user's own files.
    ///
    /// Entries that deny are ignored: they would have to come first, and a group may be denied while another one is not.
    pub fn others(&self, user: &str, right: Right) -> Vec<String> {
        let Some(entries) = &self.entries else {
            return vec![EVERYONE.to_owned()];
        };
        let is_trusted = |sid: &str| [user, SYSTEM, ADMINISTRATORS].contains(&sid);
        let allowed = entries
            .iter()
            .filter(|entry| entry.allows && !entry.inherit_only && entry.mask & right.mask() != 0);
        let sids = allowed.map(|entry| entry.sid.as_str());
        let sids = sids
            .filter(|sid| *sid != OWNER_RIGHTS)
            .chain([self.owner.as_str()]);
        let mut others: Vec<String> = sids
            .filter(|sid| !is_trusted(sid))
            .map(str::to_owned)
            .collect();
        others.sort();
        others.dedup();
        others
    }
}

/// Returns the list, in Windows' notation, by which only `user`, the system and the administrators have access. It
/// inherits nothing, and the files of a folder inherit it.
#[cfg(any(windows, test))]
pub(crate) fn private_text(user: &str, is_folder: bool) -> String {
    let flags = if is_folder { "OICI" } else { "" };
    let entry = |who: &str| format!("(A;{flags};FA;;;{who})");
    format!(
        "D:P{}{}{}",
        entry(user),
        entry(SYSTEM),
        entry(ADMINISTRATORS)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "S-1-5-21-1-2-3-1001";
    const USERS: &str = "S-1-5-32-545";
    const FULL: u32 = 0x1f_01ff;
    const READ: u32 = 0x12_0089;

    fn allow(sid: &str, mask: u32) -> Entry {
        let sid = sid.to_owned();
        Entry {
            sid,
            mask,
            allows: true,
            inherit_only: false,
        }
    }

    fn list(entries: Vec<Entry>) -> AccessList {
        AccessList {
            owner: ADA.to_owned(),
            entries: Some(entries),
        }
    }

    #[test]
    fn file_of_its_user_alone_has_no_others() {
        let own = [
            allow(ADA, FULL),
            allow(SYSTEM, FULL),
            allow(ADMINISTRATORS, FULL),
        ];
        let list = list([&own[..], &[allow(OWNER_RIGHTS, FULL)]].concat());
        assert_eq!(list.others(ADA, Right::ReadOrWrite), Vec::<String>::new());
    }

    #[test]
    fn group_that_may_read_is_named() {
        let list = list(vec![allow(ADA, FULL), allow(USERS, READ), allow(USERS, 1)]);
        assert_eq!(list.others(ADA, Right::ReadOrWrite), [USERS]);
        assert_eq!(list.others(ADA, Right::Write), Vec::<String>::new());
    }

    #[test]
    fn each_way_to_replace_a_file_counts() {
        let ways = [
            2,
            4,
            0x40,
            0x1_0000,
            0x4_0000,
            0x8_0000,
            0x1000_0000,
            0x4000_0000,
        ];
        for mask in ways {
            let list = list(vec![allow(USERS, mask)]);
            assert_eq!(list.others(ADA, Right::Write), [USERS], "{mask:x}");
        }
        // To see the attributes, to wait.
        let list = list(vec![allow(USERS, 0x10_0080)]);
        assert_eq!(list.others(ADA, Right::ReadOrWrite), Vec::<String>::new());
    }

    #[test]
    fn owner_and_missing_list_count() {
        let mut list = list(vec![allow(ADA, FULL)]);
        list.owner = USERS.to_owned();
        assert_eq!(list.others(ADA, Right::Write), [USERS]);
        list.entries = None;
        assert_eq!(list.others(ADA, Right::Write), [EVERYONE]);
    }

    #[test]
    fn entries_that_deny_or_are_for_new_files_do_not_count() {
        let mut denies = allow(USERS, FULL);
        denies.allows = false;
        let mut later = allow(USERS, FULL);
        later.inherit_only = true;
        assert_eq!(
            list(vec![denies, later]).others(ADA, Right::ReadOrWrite),
            Vec::<String>::new()
        );
    }

    #[test]
    fn private_list_is_protected_and_inherited_by_files() {
        let text = private_text("S-1-5-21-7", true);
        let expected =
            "D:P(A;OICI;FA;;;S-1-5-21-7)(A;OICI;FA;;;S-1-5-18)(A;OICI;FA;;;S-1-5-32-544)";
        assert_eq!(text, expected);
        assert!(private_text("S-1-5-21-7", false).starts_with("D:P(A;;FA;;;S-1-5-21-7)"));
    }
}
