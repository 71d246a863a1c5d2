//! Blobs that the program cannot read, and the entities that need them.
//!
//! An entity that needs a lost blob is *unreadable*. The engine withholds it from the editors that lack it, until its
//! blobs are stored again or another change replaces them. An editor that holds its present mesh is asked to send it again. If the content is the
//! same, the blob is stored under the same name, and no transaction is needed.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::LostEntity;
use vibesync_scene::{BlobId, Entity, Role, Row, Scene, SessionId, Uuid};

use crate::delivery::replicas::Replicas;

/// Time until an editor that was asked for an entity is asked again, or another one; doubled each time. Milliseconds.
const ASK_AGAIN_MS: u64 = 30_000;

/// Time until the program looks for lost blobs again; doubled each time. Milliseconds.
const LOOK_AGAIN_MS: u64 = 1_000;

/// Longest of these times.
const LONGEST_MS: u64 = 600_000;

/// Most entities that a status lists.
const MAX_LISTED: usize = 20;

/// Most entities that a message names.
const MAX_NAMED: usize = 3;

/// The lost blobs.
#[derive(Debug, Default)]
pub(crate) struct LostBlobs {
    /// Each with the reason.
    blobs: BTreeMap<BlobId, String>,
    /// The unreadable entities, each with the request to an editor, if one was made.
    entities: BTreeMap<Uuid, Option<Request>>,
    /// Time at which the program looks for them again, and the time until it does so once more.
    next_look: Option<(u64, u64)>,
}

/// An editor was asked to send an entity again.
#[derive(Clone, Copy, Debug)]
struct Request {
    role: Role,
    /// The editor certainly holds the entity.
    is_certain: bool,
    /// Time at which an editor is asked again.
    until: u64,
    /// Time between this request and the next one.
    delay: u64,
}

impl LostBlobs {
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// Returns true if an entity is unreadable.
    pub fn concerns(&self, uuid: Uuid) -> bool {
        self.entities.contains_key(&uuid)
    }

    /// Lists the unreadable entities.
    pub fn entities(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.entities.keys().copied()
    }

    /// Adds lost blobs, and returns the entities that are unreadable because of them and were not before.
    pub fn lose(&mut self, scene: &Scene, lost: BTreeMap<BlobId, String>, now: u64) -> Vec<Uuid> {
        let needs = |entity: &Entity| entity.components.blobs().any(|it| lost.contains_key(&it));
        let live = scene.rows().filter(|row| !row.tombstone);
        let found = live.filter(|row| needs(&row.entity));
        let found = found.map(|row| row.entity.uuid);
        let found: Vec<Uuid> = found.filter(|uuid| !self.concerns(*uuid)).collect();
        self.entities.extend(found.iter().map(|uuid| (*uuid, None)));
        if !self.is_empty() {
            self.blobs.extend(lost);
            self.next_look = Some((now + LOOK_AGAIN_MS, LOOK_AGAIN_MS));
        }
        found
    }

    /// Removes blobs that are stored and whole.
    pub fn find(&mut self, found: impl Iterator<Item = BlobId>) {
        found.for_each(|blob| {
            self.blobs.remove(&blob);
        });
    }

    /// Removes the entities that need no lost blob any more.
    pub fn prune(&mut self, scene: &Scene) {
        let blobs = &self.blobs;
        self.entities.retain(|uuid, _| {
            let mut needed = scene.live(*uuid).into_iter().flat_map(blobs_of);
            needed.any(|blob| blobs.contains_key(&blob))
        });
        if self.is_empty() {
            *self = Self::default();
        }
    }

    /// Returns the lost blobs if it is time to look for them again. `anyway`: it always is.
    pub fn look(&mut self, now: u64, anyway: bool) -> Option<BTreeSet<BlobId>> {
        let (at, delay) = self.next_look?;
        if now < at && !anyway {
            return None;
        }
        let delay = (delay * 2).min(LONGEST_MS);
        self.next_look = Some((now + delay, delay));
        Some(self.blobs.keys().copied().collect())
    }

    /// Returns the entities that editors are to send again now. An editor that does not answer is asked again later, or
    /// another one that holds the entity.
    pub fn requests(
        &mut self,
        scene: &Scene,
        replicas: &Replicas,
        now: u64,
    ) -> BTreeMap<SessionId, Vec<Uuid>> {
        let mut requests: BTreeMap<SessionId, Vec<Uuid>> = BTreeMap::new();
        for (uuid, request) in &mut self.entities {
            let holders = scene.row(*uuid).into_iter();
            let holders: Vec<Holder> = holders.flat_map(|row| holders_of(row, replicas)).collect();
            let is_better = holders.iter().any(|holder| holder.is_certain);
            let is_here = |asked: &Request| holders.iter().any(|it| it.role == asked.role);
            *request = request.filter(|asked| is_here(asked) && (asked.is_certain || !is_better));
            if request.is_some_and(|asked| now < asked.until) {
                continue;
            }
            let other = holders
                .iter()
                .find(|it| request.is_none_or(|asked| asked.role != it.role));
            if let Some(holder) = other.or(holders.first()) {
                let delay = request.map_or(ASK_AGAIN_MS, |asked| asked.delay * 2);
                let delay = delay.min(LONGEST_MS);
                *request = Some(Request {
                    role: holder.role,
                    is_certain: holder.is_certain || request.is_some_and(|it| it.is_certain),
                    until: now + delay,
                    delay,
                });
                requests.entry(holder.session).or_default().push(*uuid);
            }
        }
        requests
    }

    /// Forgets what an editor was asked for: it has left.
    pub fn forget_requests(&mut self, role: Role) {
        for request in self.entities.values_mut() {
            request.take_if(|asked| asked.role == role);
        }
    }

    /// Returns the time at which something is due.
    pub fn deadline(&self) -> Option<u64> {
        let requests = self.entities.values().flatten();
        let look = self.next_look.map(|(at, _)| at);
        requests.map(|asked| asked.until).chain(look).min()
    }

    /// Returns the number of unreadable entities, and the first of them for a status.
    pub fn list(&self, scene: &Scene) -> (usize, Vec<LostEntity>) {
        let entities = self.entities().filter_map(|uuid| scene.live(uuid));
        let listed = entities.take(MAX_LISTED).map(|entity| LostEntity {
            uuid: entity.uuid,
            kind: entity.kind,
            name: entity.components.name.clone().unwrap_or_default(),
            why: self.reason(entity),
        });
        (self.entities.len(), listed.collect())
    }

    /// Returns a sentence about unreadable entities, with their names and with the objects that show them.
    pub fn describe(&self, scene: &Scene, uuids: &[Uuid]) -> String {
        let entities = uuids.iter().filter_map(|uuid| scene.live(*uuid));
        let named = entities.take(MAX_NAMED);
        let named: Vec<String> = named
            .map(|entity| format!("{} ({})", describe(scene, entity), self.reason(entity)))
            .collect();
        let more = match uuids.len() - named.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!(
            "bulk data cannot be read: {}{more}; only that is withheld until an editor sends it again",
            named.join(", ")
        )
    }

    fn reason(&self, entity: &Entity) -> String {
        let mut reasons = blobs_of(entity).filter_map(|blob| self.blobs.get(&blob));
        reasons.next().cloned().unwrap_or_default()
    }
}

/// An editor that may hold an entity.
struct Holder {
    role: Role,
    session: SessionId,
    is_certain: bool,
}

/// Lists the editors that hold the present bulk data of an entity; the one that has made it comes first. Editors whose
/// state is unknown follow. An editor that is known to hold older data is not asked: its answer would be a conflict.
fn holders_of<'a>(row: &'a Row, replicas: &'a Replicas) -> impl Iterator<Item = Holder> + 'a {
    let writers = row.changed.after(0);
    let writer = writers.filter(|writer| writer.components.has_bulk()).last();
    let seq = writer.map_or(row.version, |writer| writer.seq);
    let maker = writer.and_then(|writer| writer.by);
    let version = move |role| {
        let replica = replicas.get(role);
        let version = replica.and_then(|replica| replica.versions.get(&row.entity.uuid));
        version.copied().unwrap_or_default()
    };
    let mut roles = Role::EDITORS;
    roles.sort_by_key(|role| (version(*role) < seq, Some(*role) != maker));
    roles.into_iter().filter_map(move |role| {
        let replica = replicas.get(role)?;
        let is_certain = version(role) >= seq;
        let may_hold = is_certain || version(role) == 0;
        let is_asked = may_hold && replica.inventory.is_none();
        is_asked.then_some(Holder {
            role,
            session: replica.session,
            is_certain,
        })
    })
}

/// Returns the kind and the name of an entity, and the name of the first one that shows it.
fn describe(scene: &Scene, entity: &Entity) -> String {
    let name = |entity: &Entity| entity.components.name.clone().unwrap_or_default();
    let user = scene.users(entity.uuid).find_map(|uuid| scene.live(uuid));
    let titled = |it: &Entity| format!("{} \"{}\"", it.kind.as_str(), name(it));
    let shown = user.map_or_else(String::new, |user| format!(" of {}", titled(user)));
    format!("{}{shown}", titled(entity))
}

fn blobs_of(entity: &Entity) -> impl Iterator<Item = BlobId> + '_ {
    entity.components.blobs()
}
