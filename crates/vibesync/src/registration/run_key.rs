//! The value of Windows' Run key by which the service starts at login. It needs no administrator.

use std::io;

/// The key and the value, for people.
pub const NAME: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run, value VibeSync";

#[cfg(windows)]
const PATH: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
#[cfg(windows)]
const VALUE: &str = "VibeSync";

/// Writes the value.
#[cfg(windows)]
pub fn set(value: &str) -> io::Result<()> {
    let user = winreg::RegKey::predef(winreg::enums::HKEY_CURRENT_USER);
    let (key, _) = user.create_subkey(PATH)?;
    key.set_value(VALUE, &value)
}

/// Removes the value, if it is there.
#[cfg(windows)]
pub fn remove() -> io::Result<()> {
    let user = winreg::RegKey::predef(winreg::enums::HKEY_CURRENT_USER);
    let (key, _) = user.create_subkey(PATH)?;
    match key.delete_value(VALUE) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the value; none if there is none.
#[cfg(windows)]
pub fn get() -> Option<String> {
    let user = winreg::RegKey::predef(winreg::enums::HKEY_CURRENT_USER);
    user.open_subkey(PATH).ok()?.get_value(VALUE).ok()
}

/// Fails: only Windows has this key.
#[cfg(not(windows))]
pub fn set(_: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Fails: only Windows has this key.
#[cfg(not(windows))]
pub fn remove() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns none: only Windows has this key.
#[cfg(not(windows))]
pub fn get() -> Option<String> {
    None
}
