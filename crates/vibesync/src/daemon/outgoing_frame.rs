//! Encodes messages with attachments for a client: blobs, patches of them, pictures.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinError;
use tokio_util::bytes::Bytes;
use vibesync_protocol::{Code, DaemonMessage, Picture, VersionedChange, WireError, begin_frame};
use vibesync_scene::{BlobId, Buffer, Components};
use vibesync_store::blobs::{BlobError, BlobStore};

use super::blob_cache::BlobCache;
use super::held::Known;
use super::plain_frame::plain_frame;
use super::preview_patches;
use super::shared::Shared;

/// A message cannot be encoded.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Blobs cannot be read, each with the reason.
    #[error("blobs cannot be read: {0:?}")]
    Lost(BTreeMap<BlobId, String>),
    /// The frame exceeds a limit of the protocol.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The message cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The thread that reads the blobs panicked.
    #[error(transparent)]
    Thread(#[from] JoinError),
}

impl FrameError {
    /// Returns the stable code.
    pub fn code(&self) -> Code {
        match self {
            FrameError::Lost(_) => Code::BlobDamaged,
            FrameError::Wire(error) => error.code,
            FrameError::Json(_) | FrameError::Thread(_) => Code::InternalError,
        }
    }
}

/// Encodes a message with the picture or the patches in it, if it has some; else as [`plain_frame`].
pub fn attached_frame(mut message: DaemonMessage) -> Result<Vec<Bytes>, FrameError> {
    let attached = match &mut message {
        DaemonMessage::ViewResult(answer) => {
            let picture = answer.picture.take();
            picture.map(|Picture(bytes)| bytes).into_iter().collect()
        }
        DaemonMessage::Preview { changes, .. } => preview_patches::attach(changes),
        _ => Vec::new(),
    };
    let lengths: Vec<usize> = attached.iter().map(Bytes::len).collect();
    match lengths.is_empty() {
        true => Ok(vec![plain_frame(&message).into()]),
        false => with_attachments(&message, attached, &lengths),
    }
}

/// Encodes a message and attaches each of its blobs once. Attaches nothing for a buffer that the client knows, and a patch
/// for a buffer whose base it knows. Returns the frame in parts, so that bulk data is not copied. Fails with all blobs that
/// cannot be read.
pub fn frame(
    shared: &Shared,
    mut message: DaemonMessage,
    known: &Known,
) -> Result<Vec<Bytes>, FrameError> {
    let mut attached = Attached::default();
    if let DaemonMessage::Apply { changes, .. } = &mut message {
        for change in changes {
            let known = known.get(&change.change.uuid());
            for buffer in buffers_mut(change) {
                attached.attach(shared, buffer, known);
            }
        }
    }
    match attached.lost.is_empty() {
        true => with_attachments(&message, attached.parts, &attached.lengths),
        false => Err(FrameError::Lost(attached.lost)),
    }
}

/// The attachments of a frame.
#[derive(Default)]
struct Attached {
    parts: Vec<Bytes>,
    lengths: Vec<usize>,
    /// The attachment of each blob, and of each patch by its blob and base.
    indices: BTreeMap<(BlobId, Option<BlobId>), u32>,
    lost: BTreeMap<BlobId, String>,
}

impl Attached {
    /// Attaches the content of a buffer in the shortest form that a client with these buffers can read.
    fn attach(&mut self, shared: &Shared, buffer: &mut Buffer, known: Option<&BTreeSet<BlobId>>) {
        let Some(blob) = buffer.blob else { return };
        if let Some(known) = known {
            if known.contains(&blob) {
                return;
            }
            let patched = shared.patches.get(blob);
            if let Some(patched) = patched.filter(|it| known.contains(&it.base)) {
                buffer.base = Some(patched.base);
                buffer.attachment = Some(self.index((blob, buffer.base), || vec![patched.patch]));
                return;
            }
        }
        let mut lost = None;
        let read = || {
            let content = read(&shared.blob_cache, &shared.blobs, blob);
            content.unwrap_or_else(|error| {
                lost = Some(error.to_string());
                Vec::new()
            })
        };
        buffer.attachment = Some(self.index((blob, None), read));
        self.lost.extend(lost.map(|why| (blob, why)));
    }

    /// Returns the attachment of a key, and reads its content if it is new.
    fn index(&mut self, key: (BlobId, Option<BlobId>), read: impl FnOnce() -> Vec<Bytes>) -> u32 {
        if let Some(index) = self.indices.get(&key) {
            return *index;
        }
        // More blobs than fit into u32 cannot be named in one batch.
        let index = u32::try_from(self.lengths.len()).unwrap_or(u32::MAX);
        let content = read();
        self.lengths.push(content.iter().map(Bytes::len).sum());
        self.parts.extend(content);
        self.indices.insert(key, index);
        index
    }
}

/// Encodes a message with attachments of these lengths. Their bytes are in the parts, in order.
fn with_attachments(
    message: &DaemonMessage,
    mut parts: Vec<Bytes>,
    lengths: &[usize],
) -> Result<Vec<Bytes>, FrameError> {
    let mut header = serde_json::to_vec(message)?;
    let length = lengths.iter().sum();
    if !lengths.is_empty() && header.pop() == Some(b'}') {
        // Each message has at least its type before this key.
        header.extend_from_slice(b",\"attachments\":");
        serde_json::to_writer(&mut header, lengths)?;
        header.push(b'}');
    }
    parts.insert(0, begin_frame(&header, length)?.into());
    Ok(parts)
}

/// Reads a blob from memory if it has just arrived, otherwise from the disk.
fn read(cache: &BlobCache, blobs: &BlobStore, blob: BlobId) -> Result<Vec<Bytes>, BlobError> {
    match cache.take(blob) {
        Some(pieces) => Ok(pieces),
        None => Ok(vec![blobs.get(blob)?.into()]),
    }
}

fn buffers_mut(change: &mut VersionedChange) -> impl Iterator<Item = &mut Buffer> {
    let components = change.change.components_mut();
    components.into_iter().flat_map(Components::buffers_mut)
}
