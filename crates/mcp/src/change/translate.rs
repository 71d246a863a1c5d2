//! The translation of an agent's changes to changes of entities.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{QueryResult, Question};
use vibesync_scene::{
    BlobId, Change, Code, Components, DataRef, EntityKind, OperationId, Parent, Transform, Uuid,
    Visibility,
};

use super::item::{Item, Op, Reference};
use super::known::{Known, MAX_ENTITIES};
use super::mesh;
use super::placement::Space;
use super::primitives;
use super::shape::Shape;
use crate::daemon::{Daemon, Fault};
use crate::operation::ChangeRequest;
use crate::tools::unexpected;

/// Most attachments of a message.
const MAX_ATTACHMENTS: usize = vibesync_protocol::Limits::SESSION.attachments;

/// The changes of one call.
#[derive(Debug)]
pub(crate) struct Order {
    pub operation_id: OperationId,
    /// Newest sequence that the agent has read.
    pub base_seq: Option<u64>,
    pub label: Option<String>,
    pub space: Space,
    /// The changes as the agent writes them.
    pub changes: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// The translated changes.
#[derive(Debug)]
pub(crate) struct Translated {
    pub request: ChangeRequest,
    /// The new objects that have a key.
    pub keys: BTreeMap<String, Uuid>,
    /// Names of existing entities, for the answer.
    pub names: BTreeMap<Uuid, String>,
    /// For each change of the request, the change of the call that it comes from.
    origins: Vec<usize>,
}

impl Translated {
    /// Replaces the position of a change in the request by that in the call, in the place of an error.
    pub fn location(&self, location: &str) -> String {
        let parsed = location
            .strip_prefix("changes[")
            .and_then(|rest| rest.split_once(']'));
        let Some((at, rest)) = parsed else {
            return location.to_owned();
        };
        let origin = at.parse().ok().and_then(|at: usize| self.origins.get(at));
        match origin {
            Some(origin) => format!("changes[{origin}]{}", rest.replacen(".components", "", 1)),
            None => location.to_owned(),
        }
    }
}

/// Translates the changes of a call. Asks the daemon for the entities that they name.
pub(crate) fn translate(daemon: &dyn Daemon, order: Order) -> Result<Translated, Fault> {
    let items = order.changes.into_iter().enumerate();
    let items = items
        .map(|(at, given)| Item::read(at, given))
        .collect::<Result<Vec<_>, _>>()?;
    let mut translation = Translation::new(order.operation_id, order.space, items)?;
    translation.fetch(daemon)?;
    let base_seq = translation.base_seq(daemon, order.base_seq)?;
    for at in 0..translation.items.len() {
        translation.add(daemon, at)?;
    }
    let Translation {
        changes,
        origins,
        attachments,
        keys,
        known,
        items,
        ..
    } = translation;
    let name = |change: &Change| {
        let name = known.get(change.uuid())?.row.entity.components.name.clone();
        Some((change.uuid(), name?))
    };
    let names = changes.iter().filter_map(name).collect();
    let keys = keys.into_iter().filter_map(|(key, at)| {
        let item = items.get(at)?;
        Some((key, new_uuid(order.operation_id, item, "object")))
    });
    Ok(Translated {
        keys: keys.collect(),
        names,
        origins,
        request: ChangeRequest {
            operation_id: order.operation_id,
            base_seq,
            label: order
                .label
                .unwrap_or_else(|| format!("Agent: {} changes", items.len())),
            changes,
            attachments,
        },
    })
}

/// Returns the uuid of something new. The same call has the same uuids, however often it is sent.
pub(super) fn new_uuid(operation_id: OperationId, item: &Item, what: &str) -> Uuid {
    let seed = format!("{} {} {what}", operation_id.0, item.at);
    let hash = BlobId::hash(seed.as_bytes()).to_string();
    let digits = hash.get(..32).unwrap_or_default();
    let bits = u128::from_str_radix(digits, 16).unwrap_or_default();
    // Version 8, which leaves the other bits to the program; variant 1.
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    Uuid::from_u128(bits)
}

/// A translation under way.
pub(super) struct Translation {
    pub(super) operation_id: OperationId,
    pub(super) space: Space,
    pub(super) items: Vec<Item>,
    /// Positions of the items by their key.
    pub(super) keys: BTreeMap<String, usize>,
    /// Positions of the items by the object that they create, update or duplicate to.
    pub(super) objects: BTreeMap<Uuid, usize>,
    pub(super) known: Known,
    /// Entities that are deleted.
    deleted: BTreeSet<Uuid>,
    changes: Vec<Change>,
    origins: Vec<usize>,
    attachments: Vec<Vec<u8>>,
}

impl Translation {
    fn new(operation_id: OperationId, space: Space, items: Vec<Item>) -> Result<Self, Fault> {
        let (mut keys, mut objects) = (BTreeMap::new(), BTreeMap::new());
        for item in &items {
            if let Some(key) = item.fields.text("key")
                && keys.insert(key.to_owned(), item.at).is_some()
            {
                return Err(item.wrong("key", "another change has this key"));
            }
            let uuid = match (item.op, item.uuid) {
                (Op::Update | Op::Delete, Some(uuid)) => uuid,
                _ => new_uuid(operation_id, item, "object"),
            };
            if objects.insert(uuid, item.at).is_some() {
                let message = "another change names this entity; put both in one";
                return Err(item.wrong("uuid", message));
            }
        }
        Ok(Self {
            operation_id,
            space,
            items,
            keys,
            objects,
            known: Known::default(),
            deleted: BTreeSet::new(),
            changes: Vec::new(),
            origins: Vec::new(),
            attachments: Vec::new(),
        })
    }

    /// Asks for all entities that the changes name, and for those above objects whose place in the scene counts.
    fn fetch(&mut self, daemon: &dyn Daemon) -> Result<(), Fault> {
        let references = |item: &Item| {
            let named = ["parent", "mesh"].map(|name| (name, item.reference(name)));
            let named = named.into_iter().filter_map(|(name, it)| match it {
                Some(Reference::Existing(uuid)) => Some((name, uuid)),
                _ => None,
            });
            named
                .chain(item.uuid.map(|uuid| ("uuid", uuid)))
                .collect::<Vec<_>>()
        };
        let named = self.items.iter().flat_map(references);
        self.known.fetch(daemon, named.map(|(_, uuid)| uuid))?;
        for item in &self.items {
            for (name, uuid) in references(item) {
                if self.known.get(uuid).is_none() {
                    let message = format!("no entity has the uuid {uuid}");
                    return Err(item
                        .fault(Code::UuidUnknown, name, message)
                        .with_help("Search the scene again; it may have been deleted."));
                }
            }
        }
        let in_scene = self.items.iter().filter(|item| item.is_set("world"));
        let in_scene: Vec<Uuid> = in_scene
            .flat_map(references)
            .map(|(_, uuid)| uuid)
            .collect();
        match in_scene.is_empty() {
            true => Ok(()),
            false => {
                // The object above may be another one of the call, with objects above it in turn.
                let named = self.items.iter().flat_map(references);
                let objects: Vec<Uuid> = named.map(|(_, uuid)| uuid).collect();
                self.known.fetch_above(daemon, objects)
            }
        }
    }

    /// Returns the sequence that the changes rely on. The agent must name it if they concern what exists.
    fn base_seq(&self, daemon: &dyn Daemon, given: Option<u64>) -> Result<u64, Fault> {
        let existing = |item: &&Item| {
            let references = ["parent", "mesh"].map(|name| item.reference(name));
            let refers = |it: &Option<Reference>| matches!(it, Some(Reference::Existing(_)));
            item.uuid.is_some() || references.iter().any(refers)
        };
        match (given, self.items.iter().find(existing)) {
            (Some(seq), _) => Ok(seq),
            (None, Some(item)) => {
                let message = format!(
                    "is missing: {} names an existing entity, so give the seq of the answer in which you read it; \
                     the newest is {}",
                    item.location(""),
                    self.known.seq
                );
                Err(Fault::argument("base_seq", message)
                    .with_help("If you have not read the entity yet, read it first."))
            }
            (None, None) => match daemon.ask(Question::Changes { since: u64::MAX })? {
                QueryResult::Changes { seq, .. } => Ok(seq),
                other => Err(unexpected(&other)),
            },
        }
    }

    fn item(&self, at: usize) -> Result<Item, Fault> {
        let item = self.items.get(at).cloned();
        item.ok_or_else(|| Fault::new(Code::InternalError, "changes", "a change is missing"))
    }

    /// Translates one change.
    fn add(&mut self, daemon: &dyn Daemon, at: usize) -> Result<(), Fault> {
        let item = self.item(at)?;
        match (item.op, item.uuid) {
            (Op::Delete, Some(uuid)) => self.delete(daemon, &item, uuid),
            (Op::Duplicate, Some(uuid)) => self.duplicate(daemon, &item, uuid),
            (Op::Update, Some(uuid)) => self.update(&item, uuid),
            _ => self.create(&item),
        }?;
        if self.changes.len() > MAX_ENTITIES {
            let message = format!("the call changes more than {MAX_ENTITIES} entities");
            return Err(item.fault(Code::IntentShape, "", message));
        }
        if self.attachments.len() > MAX_ATTACHMENTS {
            let message = "the call makes too many meshes; let objects share one by `mesh`";
            return Err(item.fault(Code::AttachmentsInvalid, "", message));
        }
        Ok(())
    }

    fn push(&mut self, item: &Item, change: Change) {
        self.changes.push(change);
        self.origins.push(item.at);
    }

    fn create(&mut self, item: &Item) -> Result<(), Fault> {
        let name = self.new_name(item, None);
        let data = match self.shape(item)? {
            Some(shape) => {
                let uuid = new_uuid(self.operation_id, item, "mesh");
                let components = Components {
                    name: Some(name.clone()),
                    mesh: Some(Box::new(mesh::describe(&shape, &mut self.attachments))),
                    ..Components::default()
                };
                let kind = EntityKind::Mesh;
                self.push(
                    item,
                    Change::Create {
                        uuid,
                        kind,
                        components,
                    },
                );
                Some(uuid)
            }
            None => self.mesh(item)?.flatten(),
        };
        let components = Components {
            name: Some(name),
            transform: Some(self.local(item, 0)?.unwrap_or(Transform::IDENTITY)),
            visibility: Some(Visibility {
                visible: item.fields.boolean("visible").unwrap_or(true),
            }),
            parent: Some(Parent {
                uuid: self.parent(item)?.flatten(),
            }),
            data: Some(DataRef { uuid: data }),
            ..Components::default()
        };
        let change = Change::Create {
            uuid: new_uuid(self.operation_id, item, "object"),
            kind: EntityKind::Object,
            components,
        };
        self.push(item, change);
        Ok(())
    }

    fn update(&mut self, item: &Item, uuid: Uuid) -> Result<(), Fault> {
        let components = self.set_components(item)?;
        self.push(item, Change::Update { uuid, components });
        Ok(())
    }

    /// Returns the components that a change sets on an existing object, or on its duplicate.
    fn set_components(&self, item: &Item) -> Result<Components, Fault> {
        let visible = item.fields.boolean("visible");
        Ok(Components {
            name: item.fields.text("name").map(str::to_owned),
            transform: self.local(item, 0)?,
            visibility: visible.map(|visible| Visibility { visible }),
            parent: self.parent(item)?.map(|uuid| Parent { uuid }),
            data: self.mesh(item)?.map(|uuid| DataRef { uuid }),
            ..Components::default()
        })
    }

    fn delete(&mut self, daemon: &dyn Daemon, item: &Item, uuid: Uuid) -> Result<(), Fault> {
        let uuids = match item.is_set("with_children") {
            true => self
                .known
                .fetch_tree(daemon, uuid, &item.location("with_children"))?,
            false => vec![uuid],
        };
        for uuid in uuids {
            let other = self.objects.get(&uuid).and_then(|at| self.items.get(*at));
            if let Some(other) = other.filter(|other| other.op == Op::Update) {
                let message = format!("would delete {uuid}, which {} updates", other.location(""));
                return Err(item.wrong("with_children", message));
            }
            if self.deleted.insert(uuid) {
                self.push(item, Change::Delete { uuid });
            }
        }
        Ok(())
    }

    /// Copies an object, or a tree of objects. The copies show the same meshes.
    fn duplicate(&mut self, daemon: &dyn Daemon, item: &Item, uuid: Uuid) -> Result<(), Fault> {
        let sources = match item.is_set("with_children") {
            true => self
                .known
                .fetch_tree(daemon, uuid, &item.location("with_children"))?,
            false => vec![uuid],
        };
        let mut copies = BTreeMap::new();
        for source in sources {
            let Some(known) = self.known.get(source) else {
                continue;
            };
            if known.row.entity.kind != EntityKind::Object {
                let message = "only objects are duplicated; they share their meshes";
                return Err(item.fault(Code::ComponentInvalid, "uuid", message));
            }
            let mut components = known.row.entity.components.clone();
            let copy = match source == uuid {
                true => {
                    components.name = Some(self.new_name(item, components.name.as_deref()));
                    components.merge(&self.set_components(item)?);
                    new_uuid(self.operation_id, item, "object")
                }
                false => new_uuid(self.operation_id, item, &source.to_string()),
            };
            copies.insert(source, copy);
            let parent = components.parent.as_mut().filter(|_| source != uuid);
            if let Some(parent) = parent {
                let above = parent.uuid.and_then(|above| copies.get(&above).copied());
                parent.uuid = above.or(parent.uuid);
            }
            let kind = EntityKind::Object;
            let change = Change::Create {
                uuid: copy,
                kind,
                components,
            };
            self.push(item, change);
        }
        Ok(())
    }

    fn new_name(&self, item: &Item, source: Option<&str>) -> String {
        let primitive = || {
            let name = match item.fields.text("primitive") {
                Some("cube") => "Cube",
                Some("plane") => "Plane",
                Some("uv_sphere" | "ico_sphere") => "Sphere",
                Some("cylinder") => "Cylinder",
                Some("cone") => "Cone",
                Some("torus") => "Torus",
                _ => "Object",
            };
            source.unwrap_or(name).to_owned()
        };
        let name = item.fields.text("name");
        name.map_or_else(primitive, str::to_owned)
    }

    /// Makes the mesh that a change describes.
    fn shape(&self, item: &Item) -> Result<Option<Shape>, Fault> {
        let space = self.space;
        if item.fields.has("positions") {
            let flips = space.axes().is_some_and(|axes| axes.flips_winding());
            return Shape::own(item, |point| space.vector(point), flips).map(Some);
        }
        if !item.fields.has("primitive") {
            return Ok(None);
        }
        let size = item.fields.vector("size").unwrap_or([1.0; 3]);
        primitives::make(item, space.scale(size)).map(Some)
    }
}
