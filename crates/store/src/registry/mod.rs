//! The registry: rows by uuid, in sled, for queries and for tools that do not replay. It is a projection of the log.
//!
//! A batch contains both rows and the log position that they belong to, so after a crash the registry continues from there.
//!
//! sled 0.34 can open damaged files with rows missing, so its content must be verified. For that, each change updates a root
//! hash over all rows. [`Registry::check`], and each checkpoint, compare all rows with the root hash. A lost or outdated row
//! changes the root hash permanently. A registry that disagrees is rebuilt.

mod error;
mod head;
mod root;
mod rows;

pub use error::RegistryError;
pub use head::Position;
pub use root::{RootHash, Summary};
pub use rows::Registry;
