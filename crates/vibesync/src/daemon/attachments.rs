//! Stores the attachments of a client's message as blobs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tokio_util::bytes::Bytes;
use vibesync_protocol::{
    AppliedResult, ApplyStatus, ClientMessage, DaemonMessage, Intent, StoredMesh,
};
use vibesync_scene::{
    BlobId, Buffer, Change, Code, Components, Image, Invalid, KeyedAction, Mesh, MeshPieces,
    Shapes, Weights, apply_patch, check_action, check_image, check_mesh_except,
    check_shapes_except, check_weights,
};
use vibesync_store::blobs::{BlobError, BlobStore, MAX_BLOB};

use super::patches::Patched;
use super::shared::Shared;
use super::upload::Attachment;

/// Returns true if the message has bulk data.
pub fn has_attachments(message: &ClientMessage) -> bool {
    let has_bulk = |components: &Components| components.set().has_bulk();
    match message {
        ClientMessage::Intent(intent) => intent
            .changes
            .iter()
            .filter_map(Change::components)
            .any(has_bulk),
        ClientMessage::Applied { results, .. } => results
            .iter()
            .filter_map(|result| result.state.as_ref())
            .any(|state| has_bulk(&state.components)),
        _ => false,
    }
}

/// Stores the attachments of a message and replaces them in its buffers by the ids of blobs. Fails for an intent with an
/// inconsistent mesh, image or action. A read-back with one becomes a failed result instead.
pub fn store_attachments(
    shared: &Shared,
    message: &mut ClientMessage,
    attachments: &mut Vec<Attachment>,
) -> Result<(), Invalid> {
    check_patch_sizes(message)?;
    match message {
        ClientMessage::Intent(intent) => {
            for (i, change) in intent.changes.iter_mut().enumerate() {
                if let Some(components) = change.components_mut() {
                    let location = format!("changes[{i}].components");
                    store_components(shared, components, attachments, &location)?;
                }
            }
        }
        ClientMessage::Applied { results, .. } => {
            for (i, result) in results.iter_mut().enumerate() {
                let Some(state) = &mut result.state else {
                    continue;
                };
                if has_patch(&state.components) {
                    let location = format!("results[{i}].state.components");
                    let message = "a read-back has no patches";
                    mark_failed(result, Invalid::new(Code::MeshInvalid, &location, message));
                    continue;
                }
                if names_only_blobs(&state.components) {
                    // Equal to what was sent if it names the same blobs; else the comparison reads and checks them.
                    continue;
                }
                let location = format!("results[{i}].state.components");
                let stored =
                    store_components(shared, &mut state.components, attachments, &location);
                if let Err(invalid) = stored {
                    mark_failed(result, invalid);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn has_patch(components: &Components) -> bool {
    components.buffers().any(|(_, _, it)| it.base.is_some())
}

/// Returns true if no buffer has an attachment.
fn names_only_blobs(components: &Components) -> bool {
    let is_named = |buffer: &Buffer| buffer.attachment.is_none() && buffer.blob.is_some();
    components.buffers().all(|(_, _, buffer)| is_named(buffer))
}

fn mark_failed(result: &mut AppliedResult, invalid: Invalid) {
    result.status = ApplyStatus::Failed;
    result.state = None;
    result.error = Some(invalid.into());
}

fn store_components(
    shared: &Shared,
    components: &mut Components,
    attachments: &mut Vec<Attachment>,
    location: &str,
) -> Result<(), Invalid> {
    if let Some(mesh) = &mut components.mesh {
        store_mesh(shared, mesh, attachments, &format!("{location}.mesh"))?;
    }
    if let Some(mesh) = components.shown.as_mut().and_then(|it| it.mesh.as_mut()) {
        store_mesh(shared, mesh, attachments, &format!("{location}.shown.mesh"))?;
    }
    if let Some(shapes) = &mut components.shapes {
        store_shapes(shared, shapes, attachments, &format!("{location}.shapes"))?;
    }
    if let Some(weights) = &mut components.weights {
        store_weights(shared, weights, attachments, &format!("{location}.weights"))?;
    }
    if let Some(image) = &mut components.image {
        store_image(shared, image, attachments, &format!("{location}.image"))?;
    }
    if let Some(action) = &mut components.action {
        store_action(shared, action, attachments, &format!("{location}.action"))?;
    }
    Ok(())
}

fn store_mesh(
    shared: &Shared,
    mesh: &mut Mesh,
    attachments: &mut Vec<Attachment>,
    location: &str,
) -> Result<(), Invalid> {
    expand_patches(shared, &mut mesh.buffers, attachments, location)?;
    let is_checked = checked_before(shared, mesh.vertex_count, &mesh.buffers);
    let source = Source {
        blobs: &shared.blobs,
        code: Code::MeshInvalid,
        location,
    };
    let stored = source.load_stored(&mesh.buffers, attachments.len(), &is_checked)?;
    let pieces = pieces_of(&mesh.buffers, &stored, attachments);
    let is_checked = |name: &str| is_checked.contains(name);
    check_mesh_except(mesh, &pieces, is_checked, location)?;
    source.store(&mut mesh.buffers, attachments)?;
    shared
        .patches
        .note_checked(mesh.vertex_count, &mesh.buffers);
    Ok(())
}

fn store_shapes(
    shared: &Shared,
    shapes: &mut Shapes,
    attachments: &mut Vec<Attachment>,
    location: &str,
) -> Result<(), Invalid> {
    expand_patches(shared, &mut shapes.buffers, attachments, location)?;
    let is_checked = checked_before(shared, shapes.vertex_count, &shapes.buffers);
    let source = Source {
        blobs: &shared.blobs,
        code: Code::MeshInvalid,
        location,
    };
    let stored = source.load_stored(&shapes.buffers, attachments.len(), &is_checked)?;
    let pieces = pieces_of(&shapes.buffers, &stored, attachments);
    let is_checked = |name: &str| is_checked.contains(name);
    check_shapes_except(shapes, &pieces, is_checked, location)?;
    source.store(&mut shapes.buffers, attachments)?;
    let shared = &shared.patches;
    shared.note_checked(shapes.vertex_count, &shapes.buffers);
    Ok(())
}

/// Checks all buffers of weights each time: what one may hold depends on the others.
fn store_weights(
    shared: &Shared,
    weights: &mut Weights,
    attachments: &mut Vec<Attachment>,
    location: &str,
) -> Result<(), Invalid> {
    expand_patches(shared, &mut weights.buffers, attachments, location)?;
    let source = Source {
        blobs: &shared.blobs,
        code: Code::MeshInvalid,
        location,
    };
    let stored = source.load_stored(&weights.buffers, attachments.len(), &BTreeSet::new())?;
    let pieces = pieces_of(&weights.buffers, &stored, attachments);
    check_weights(weights, &pieces, location)?;
    source.store(&mut weights.buffers, attachments)
}

fn store_image(
    shared: &Shared,
    image: &mut Image,
    attachments: &mut [Attachment],
    location: &str,
) -> Result<(), Invalid> {
    let source = Source {
        blobs: &shared.blobs,
        code: Code::ImageInvalid,
        location,
    };
    source.refuse_patches(&image.buffers)?;
    let stored = source.load_stored(&image.buffers, attachments.len(), &BTreeSet::new())?;
    let pieces = pieces_of(&image.buffers, &stored, attachments);
    let file = pieces.into_values().next().unwrap_or_default();
    check_image(image, &file, location)?;
    source.store(&mut image.buffers, attachments)
}

fn store_action(
    shared: &Shared,
    action: &mut KeyedAction,
    attachments: &mut [Attachment],
    location: &str,
) -> Result<(), Invalid> {
    let source = Source {
        blobs: &shared.blobs,
        code: Code::ComponentInvalid,
        location,
    };
    source.refuse_patches(&action.buffers)?;
    let stored = source.load_stored(&action.buffers, attachments.len(), &BTreeSet::new())?;
    let pieces = pieces_of(&action.buffers, &stored, attachments);
    check_action(action, &pieces, location)?;
    source.store(&mut action.buffers, attachments)
}

/// Returns the bytes of each buffer in pieces: those that were loaded, and those that arrived.
fn pieces_of<'a>(
    buffers: &'a BTreeMap<String, Buffer>,
    stored: &'a BTreeMap<String, Vec<u8>>,
    attachments: &'a [Attachment],
) -> MeshPieces<'a> {
    let pieces = buffers.iter().map(|(name, buffer)| {
        let pieces = match (stored.get(name), attachment_of(buffer, attachments)) {
            (Some(bytes), _) => vec![bytes.as_slice()],
            (None, Some(attachment)) => attachment.pieces.iter().map(AsRef::as_ref).collect(),
            (None, None) => Vec::new(),
        };
        (name.as_str(), pieces)
    });
    pieces.collect()
}

/// Returns the buffers without an attachment that were checked before and are stored.
fn checked_before(
    shared: &Shared,
    vertex_count: u32,
    buffers: &BTreeMap<String, Buffer>,
) -> BTreeSet<String> {
    let is_checked = |(name, buffer): &(&String, &Buffer)| {
        buffer.attachment.is_none()
            && shared.patches.is_checked(vertex_count, name, buffer)
            && buffer
                .blob
                .is_some_and(|blob| shared.blobs.has_intact(blob))
    };
    let checked = buffers.iter().filter(is_checked);
    checked.map(|(name, _)| name.clone()).collect()
}

/// Replaces each patch of a component by the whole content that it leads to.
fn expand_patches(
    shared: &Shared,
    buffers: &mut BTreeMap<String, Buffer>,
    attachments: &mut Vec<Attachment>,
    location: &str,
) -> Result<(), Invalid> {
    for (name, buffer) in buffers {
        let Some(base) = buffer.base.take() else {
            continue;
        };
        let location = format!("{location}.buffers.{name}");
        let patch = attachment_of(buffer, attachments).map(|patch| match patch.pieces.as_slice() {
            [single] => single.clone(),
            pieces => pieces.concat().into(),
        });
        let patch = patch
            .ok_or_else(|| Invalid::new(Code::MeshInvalid, &location, "a base without a patch"))?;
        let mut content = load_base(shared, base)
            .map_err(|error| Invalid::new(Code::BlobUnknown, &location, error.to_string()))?;
        let applied = match content.len() as u64 == buffer.bytes {
            true => apply_patch(&mut content, &patch).map_err(|error| error.to_string()),
            false => Err(format!("a base of {} bytes", content.len())),
        };
        applied.map_err(|why| Invalid::new(Code::MeshInvalid, &location, why))?;
        let content = Bytes::from(content);
        let made = match shared.blobs.link(base, buffer.bytes, &patch) {
            Some(link) => Attachment::make_patched(content.clone(), link, patch.clone()),
            None => Attachment::make(content.clone(), &shared.blobs),
        };
        let patched = Patched {
            base,
            patch,
            content,
        };
        shared.patches.insert(made.id, patched, Instant::now());
        buffer.attachment = u32::try_from(attachments.len()).ok();
        attachments.push(made);
    }
    Ok(())
}

/// Returns a copy of a content that is stored.
fn load_base(shared: &Shared, base: BlobId) -> Result<Vec<u8>, BlobError> {
    match shared.patches.get(base) {
        Some(patched) => Ok(patched.content.to_vec()),
        None => shared.blobs.get(base),
    }
}

/// Returns true if a buffer of an intent is a patch.
pub fn has_patches(message: &ClientMessage) -> bool {
    patched_buffers(message).next().is_some()
}

/// Refuses patches that would make more than fits into a frame: each byte of them may stand for many.
fn check_patch_sizes(message: &ClientMessage) -> Result<(), Invalid> {
    let sizes = patched_buffers(message).map(|buffer| buffer.bytes);
    match sizes.fold(0, u64::saturating_add) > MAX_BLOB {
        true => {
            let message = "its patches make more than fits into a frame";
            Err(Invalid::new(Code::MeshInvalid, "changes", message))
        }
        false => Ok(()),
    }
}

/// Returns the buffers of an intent that are patches.
fn patched_buffers(message: &ClientMessage) -> impl Iterator<Item = &Buffer> {
    let changes = match message {
        ClientMessage::Intent(intent) => intent.changes.as_slice(),
        _ => &[],
    };
    let components = changes.iter().filter_map(Change::components);
    let buffers = components.flat_map(Components::buffers);
    let buffers = buffers.map(|(_, _, buffer)| buffer);
    buffers.filter(|buffer| buffer.base.is_some())
}

/// Tells the client the addresses of the buffers of an intent that was stored.
pub fn stored(intent: &Intent) -> DaemonMessage {
    let entity = |change: &Change| {
        let components = change.components()?;
        let blobs = components.buffers();
        let blobs = blobs.filter_map(|(_, name, buffer)| Some((name.to_owned(), buffer.blob?)));
        components.set().has_bulk().then(|| StoredMesh {
            uuid: change.uuid(),
            buffers: blobs.collect(),
        })
    };
    DaemonMessage::Stored {
        operation_id: intent.operation_id,
        meshes: intent.changes.iter().filter_map(entity).collect(),
    }
}

/// The store for the buffers of a component, and the names of its faults.
struct Source<'a> {
    blobs: &'a BlobStore,
    code: Code,
    location: &'a str,
}

impl Source<'_> {
    fn refuse_patches(&self, buffers: &BTreeMap<String, Buffer>) -> Result<(), Invalid> {
        match buffers.values().any(|buffer| buffer.base.is_some()) {
            true => {
                let message = "it is sent whole, without patches";
                Err(Invalid::new(self.code, self.location, message))
            }
            false => Ok(()),
        }
    }

    /// Loads the buffers without an attachment, except for those that were checked. They name blobs that were stored
    /// before, and reading a blob checks it.
    fn load_stored(
        &self,
        buffers: &BTreeMap<String, Buffer>,
        attachment_count: usize,
        is_checked: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<u8>>, Invalid> {
        let mut stored = BTreeMap::new();
        for (name, buffer) in buffers {
            if is_checked.contains(name) {
                continue;
            }
            let location = format!("{}.buffers.{name}", self.location);
            if let Some(blob) = self.stored_blob(buffer, attachment_count, &location)? {
                let bytes = self.blobs.get(blob);
                let bytes = bytes.map_err(|error| {
                    Invalid::new(Code::BlobUnknown, &location, error.to_string())
                })?;
                stored.insert(name.clone(), bytes);
            }
        }
        Ok(stored)
    }

    /// Returns the blob that a buffer names; none if the buffer has an attachment.
    fn stored_blob(
        &self,
        buffer: &Buffer,
        attachment_count: usize,
        location: &str,
    ) -> Result<Option<BlobId>, Invalid> {
        let fail = |message| Err(Invalid::new(self.code, location, message));
        match (buffer.attachment, buffer.blob) {
            (Some(index), _) if index as usize >= attachment_count => {
                fail(format!("attachment {index} of {attachment_count}"))
            }
            (Some(_), _) => Ok(None),
            (None, Some(blob)) => Ok(Some(blob)),
            (None, None) => fail("neither an attachment nor a blob".to_owned()),
        }
    }

    /// Stores attachments as blobs, except for contents that are stored already.
    fn store(
        &self,
        buffers: &mut BTreeMap<String, Buffer>,
        attachments: &mut [Attachment],
    ) -> Result<(), Invalid> {
        store_buffers(self.blobs, buffers, attachments).map_err(|error| {
            let why = format!("it cannot be stored: {error}");
            Invalid::new(error.code(), self.location, why)
        })
    }
}

fn attachment_of<'a>(buffer: &Buffer, attachments: &'a [Attachment]) -> Option<&'a Attachment> {
    attachments.get(buffer.attachment? as usize)
}

fn store_buffers(
    blobs: &BlobStore,
    buffers: &mut BTreeMap<String, Buffer>,
    attachments: &mut [Attachment],
) -> Result<(), BlobError> {
    let mut files = Vec::new();
    for buffer in buffers.values_mut() {
        let index = buffer.attachment.map(|index| index as usize);
        let Some(attachment) = index.and_then(|index| attachments.get_mut(index)) else {
            continue;
        };
        *buffer = Buffer::stored(attachment.id, buffer.bytes);
        if !blobs.has_intact(attachment.id) {
            files.push((attachment.id, attachment.file(blobs)?));
        }
    }
    blobs.commit(files)
}
