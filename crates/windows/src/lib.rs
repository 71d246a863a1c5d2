//! Calls of Windows that the standard library does not offer: access lists, and renames that are written through. On other systems only the decisions remain, so that their tests run everywhere.

mod access_list;
mod path_text;
#[cfg(windows)]
mod private;
#[cfg(windows)]
mod system;

pub use access_list::{AccessList, Entry, Right};
pub use path_text::{plain, verbatim};
#[cfg(windows)]
pub use private::{create_private, create_private_folder, open_to_all, others, others_of};
#[cfg(windows)]
pub use system::{keep_handle, keep_socket, rename_through};
