//! The calls of Windows: the only unsafe code of the program.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{
    AsRawHandle, AsRawSocket, BorrowedHandle, BorrowedSocket, FromRawHandle, OwnedHandle, RawHandle,
};
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{
    GENERIC_READ, GENERIC_WRITE, HANDLE_FLAG_INHERIT, INVALID_HANDLE_VALUE, LocalFree,
    SetHandleInformation,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW,
    ConvertStringSidToSidW, GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetTokenInformation,
    INHERIT_ONLY_ACE, LookupAccountSidW, OWNER_SECURITY_INFORMATION, PSID, SECURITY_ATTRIBUTES,
    TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH,
    MoveFileExW,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::access_list::{AccessList, Entry};
use crate::path_text::verbatim;

/// Memory that Windows allocated for its caller.
struct Local(*mut core::ffi::c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the pointer comes from a call that says to free it so, and nobody else frees it.
        unsafe { LocalFree(self.0) };
    }
}

/// Returns the security identifier of the user that runs this process.
pub fn user() -> io::Result<String> {
    // SAFETY: the call has no conditions.
    let process = unsafe { GetCurrentProcess() };
    let mut token = null_mut();
    // SAFETY: `process` is valid, `token` is a place for a handle.
    succeeded(unsafe { OpenProcessToken(process, TOKEN_QUERY, &mut token) })?;
    // SAFETY: the handle is new, and nobody else closes it.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // TOKEN_USER and its identifier have 16 + 68 bytes at most; u64 gives their alignment.
    let mut buffer = [0_u64; 16];
    let size = size_of_val(&buffer) as u32;
    let mut used = 0;
    let place = buffer.as_mut_ptr().cast();
    // SAFETY: `place` has `size` bytes, which the call may write.
    succeeded(unsafe {
        GetTokenInformation(token.as_raw_handle(), TokenUser, place, size, &mut used)
    })?;
    // SAFETY: the call has written a TOKEN_USER to the buffer, which is aligned for it.
    let user = unsafe { buffer.as_ptr().cast::<TOKEN_USER>().read() };
    // SAFETY: the identifier lies in `buffer`, which is still there.
    unsafe { sid_text(user.User.Sid) }
}

/// Creates an empty file, whose name must be free, with an access list in Windows' notation.
pub fn create_file(path: &Path, access_list: &str) -> io::Result<File> {
    let path = wide_path(path)?;
    let descriptor = descriptor(access_list)?;
    let attributes = attributes(&descriptor);
    // SAFETY: `path` ends with zero; `attributes` and the descriptor that they name are valid during the call.
    let handle = unsafe {
        CreateFileW(
            path.as_ptr(),
            GENERIC_READ | GENERIC_WRITE,
            // As the standard library does.
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            &attributes,
            CREATE_NEW,
            FILE_ATTRIBUTE_NORMAL,
            null_mut(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new, and nobody else closes it.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Creates a folder, whose name must be free, with an access list in Windows' notation.
pub fn create_folder(path: &Path, access_list: &str) -> io::Result<()> {
    let path = wide_path(path)?;
    let descriptor = descriptor(access_list)?;
    let attributes = attributes(&descriptor);
    // SAFETY: `path` ends with zero; `attributes` and the descriptor that they name are valid during the call.
    succeeded(unsafe { CreateDirectoryW(path.as_ptr(), &attributes) })
}

/// Returns the security descriptor with an access list in Windows' notation.
fn descriptor(access_list: &str) -> io::Result<Local> {
    let text = wide(access_list);
    let mut descriptor = null_mut();
    // SAFETY: `text` ends with zero; `descriptor` is a place for a pointer.
    succeeded(unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &mut descriptor,
            null_mut(),
        )
    })?;
    Ok(Local(descriptor))
}

fn attributes(descriptor: &Local) -> SECURITY_ATTRIBUTES {
    SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: 0,
    }
}

/// Returns the access list of an open file or folder.
pub fn access_list(file: &File) -> io::Result<AccessList> {
    let mut owner: PSID = null_mut();
    let mut list: *mut ACL = null_mut();
    let mut descriptor = null_mut();
    // SAFETY: the handle is open as long as `file`; the others are places for pointers.
    let code = unsafe {
        GetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            &mut owner,
            null_mut(),
            &mut list,
            null_mut(),
            &mut descriptor,
        )
    };
    is_success(code)?;
    let _owned = Local(descriptor);
    // SAFETY: `owner` is null or lies in `descriptor`.
    let owner = unsafe { sid_text(owner) }?;
    if list.is_null() {
        return Ok(AccessList {
            owner,
            entries: None,
        });
    }
    // SAFETY: `list` lies in `descriptor`.
    let count = unsafe { (*list).AceCount };
    let entries: io::Result<_> = (0..count)
        .map(|index| {
            // SAFETY: as above, and the index is below the number of entries.
            unsafe { entry(list, u32::from(index)) }
        })
        .collect();
    Ok(AccessList {
        owner,
        entries: Some(entries?),
    })
}

/// Reads an entry of a list.
///
/// # Safety
///
/// `list` must be a valid access list.
unsafe fn entry(list: *const ACL, index: u32) -> io::Result<Entry> {
    let mut place = null_mut();
    // SAFETY: the caller passes a valid list; `place` is a place for a pointer.
    succeeded(unsafe { GetAce(list, index, &mut place) })?;
    // SAFETY: every entry begins with this header.
    let header = unsafe { place.cast::<ACE_HEADER>().read() };
    let allows = match header.AceType {
        // Plain, and on a condition.
        0 | 9 => true,
        1 | 10 => false,
        _ => {
            return Err(io::Error::other(
                "its access list has an entry of an unknown kind",
            ));
        }
    };
    // SAFETY: entries of these kinds begin as this one: header, mask, identifier.
    let mask = unsafe { (*place.cast::<ACCESS_ALLOWED_ACE>()).Mask };
    // SAFETY: as above. The identifier begins in the last field, and is longer than it.
    let sid = unsafe { &raw mut (*place.cast::<ACCESS_ALLOWED_ACE>()).SidStart };
    Ok(Entry {
        // SAFETY: the identifier lies in the list.
        sid: unsafe { sid_text(sid.cast()) }?,
        mask,
        allows,
        inherit_only: u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0,
    })
}

/// Returns a security identifier as text.
///
/// # Safety
///
/// `sid` must be null or a valid identifier.
unsafe fn sid_text(sid: PSID) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: the call checks the identifier and refuses null.
    succeeded(unsafe { ConvertSidToStringSidW(sid, &mut text) })?;
    let _owned = Local(text.cast());
    let mut units = Vec::new();
    loop {
        // SAFETY: the text ends with zero, and the loop ends there.
        match unsafe { text.add(units.len()).read() } {
            0 => return Ok(String::from_utf16_lossy(&units)),
            unit => units.push(unit),
        }
    }
}

/// Returns the name of a user or group.
pub fn name(sid: &str) -> io::Result<String> {
    let text = wide(sid);
    let mut sid = null_mut();
    // SAFETY: `text` ends with zero; `sid` is a place for a pointer.
    succeeded(unsafe { ConvertStringSidToSidW(text.as_ptr(), &mut sid) })?;
    let _owned = Local(sid);
    let (mut name, mut domain) = ([0_u16; 257], [0_u16; 257]);
    let (mut name_length, mut domain_length) = (name.len() as u32, domain.len() as u32);
    let mut kind = 0;
    // SAFETY: `sid` is valid; each buffer is as long as the number beside it says.
    succeeded(unsafe {
        LookupAccountSidW(
            std::ptr::null(),
            sid,
            name.as_mut_ptr(),
            &mut name_length,
            domain.as_mut_ptr(),
            &mut domain_length,
            &mut kind,
        )
    })?;
    let units = name.iter().copied().take_while(|unit| *unit != 0);
    Ok(String::from_utf16_lossy(&units.collect::<Vec<_>>()))
}

/// Renames a file or folder, and replaces an existing file. Returns after the disk has it, as far as Windows promises
/// that.
pub fn rename_through(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (wide_path(from)?, wide_path(to)?);
    let flags = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
    // SAFETY: both paths end with zero.
    succeeded(unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), flags) })
}

/// Keeps a handle from the processes that this one starts.
pub fn keep_handle(handle: BorrowedHandle<'_>) -> io::Result<()> {
    keep(handle.as_raw_handle())
}

/// Keeps a socket from the processes that this one starts.
pub fn keep_socket(socket: BorrowedSocket<'_>) -> io::Result<()> {
    keep(socket.as_raw_socket() as RawHandle)
}

fn keep(handle: RawHandle) -> io::Result<()> {
    // SAFETY: the call checks the handle.
    succeeded(unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0) })
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

fn wide_path(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    let units: Vec<u16> = match path.to_str() {
        Some(text) => verbatim(text).encode_utf16().collect(),
        // Only a short path works then. The program's own names are Unicode.
        None => path.as_os_str().encode_wide().collect(),
    };
    match units.contains(&0) {
        true => Err(io::ErrorKind::InvalidInput.into()),
        false => Ok(units.into_iter().chain([0]).collect()),
    }
}

fn succeeded(result: i32) -> io::Result<()> {
    match result {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn is_success(code: u32) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code as i32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rename_replaces_a_file_below_a_long_path() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("ü".repeat(120)).join("a b".repeat(60));
        std::fs::create_dir_all(&deep).unwrap();
        let (from, to) = (deep.join("from"), deep.join("to"));
        std::fs::write(&from, "new").unwrap();
        std::fs::write(&to, "old").unwrap();
        rename_through(&from, &to).unwrap();
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "new");
        assert!(!from.exists());
    }

    #[test]
    fn well_known_group_has_a_name() {
        assert_eq!(name("S-1-1-0").unwrap(), "Everyone");
    }
}
