//! The manifest of a backup lists its files, each with its hash. The last file has the hash of the manifest.

use serde::{Deserialize, Serialize};
use vibesync_scene::{BlobId, ProjectId};

/// Version of the format of backups.
pub const BACKUP_VERSION: u32 = 1;

/// The name of the manifest.
pub(super) const MANIFEST: &str = "manifest.json";
/// The last file: the hash of the manifest, as `b3sum` writes it.
pub(super) const SEAL: &str = "manifest.b3";
/// The first file, for people.
pub(super) const README: &str = "README.txt";

/// The text of the first file.
pub(super) const README_TEXT: &str = "\
This is a backup of a VibeSync project, made by `vibesync backup`.

To use it: stop the daemon, go to the folder of the project (an empty folder will do), and run
`vibesync restore` with the name of this file. It checks the whole file before it changes anything.

wal/           the transaction log: JSON lines, one a record (docs/wal-format.md)
checkpoints/   the newest state that was derived from it
blobs/         meshes and other bulk data of the scene, named by the BLAKE3 hash of their content
project.json   the identity of the project
manifest.json  every file above with its length and BLAKE3 hash
manifest.b3    the BLAKE3 hash of manifest.json, for `b3sum --check`

The git repository .git_safety is not included. Copy it with `git clone`.
";

/// The content of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub schema_version: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Time of the backup: RFC 3339, UTC.
    pub created: String,
    /// The project.
    pub project_id: ProjectId,
    /// The last record in it.
    pub seq: u64,
    /// Hash of that record, 64 hex digits.
    pub hash: String,
    /// Number of entities that are not deleted.
    pub entities: usize,
    /// Blobs of the scene that were missing or damaged, so that they are not included.
    pub missing_blobs: Vec<BlobId>,
    /// All files before the manifest, in order.
    pub files: Vec<FileEntry>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name, with `/` between folders.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3 of its content, 64 hex digits.
    pub blake3: String,
}

/// Returns the content of the last file.
pub(super) fn seal(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", blake3::hash(manifest))
}
