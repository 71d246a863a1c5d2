//! `scene_describe`: everything about a few entities, or the tree of objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vibesync_protocol::{Describe, DescribedEntity, QueryResult, Question};
use vibesync_scene::{Armature, Axes, Joint, KeyedAction, Mesh, Nodes, Transform, Uuid, Weights};

use super::tool::{CURSOR, Call, Hints, Tool, unexpected};
use crate::answer::{rounded, size, take_rows, without_nulls};
use crate::change::{SPACES, Space};
use crate::daemon::Fault;
use crate::escape;
use crate::schema::Shape::{Integer, Objects, Text, Texts};
use crate::schema::{Field, Kind};
use crate::text::MAX_NAME;

/// Most bytes of a graph in an answer.
const MAX_GRAPH: usize = 6_000;
/// Slots of a mesh or an action, collections of an object, or joints, that are described: an answer has no room for all
/// that there may be.
const MOST_SLOTS: usize = 50;

pub(super) const TOOL: Tool = Tool {
    name: "scene_describe",
    title: "Describe entities",
    about: "Entities by uuid, or the object tree below root (whole scene if neither). Local and world transform: \
            rotation is x, y, z, w. full adds node graphs and who changed what. Never vertex data.",
    hints: Hints::READ,
    input: &[
        Field {
            name: "uuids",
            kind: Kind::Uuids(50),
            about: "",
        },
        Field {
            name: "root",
            kind: Kind::Uuid,
            about: "Top of the tree",
        },
        Field {
            name: "depth",
            kind: Kind::Integer(0, 8),
            about: "Levels below the top; default 1",
        },
        Field {
            name: "detail",
            kind: Kind::Word(&["summary", "full"]),
            about: "",
        },
        Field {
            name: "space",
            kind: Kind::Word(SPACES),
            about: "Axes of transforms; default gltf (Y up)",
        },
        CURSOR,
    ],
    output: &[
        ("seq", Integer),
        ("total", Integer),
        ("entities", Objects),
        ("missing", Texts),
        ("next", Text),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let (uuids, root) = (arguments.uuids("uuids"), arguments.uuid("root"));
    if !uuids.is_empty() && root.is_some() {
        return Err(Fault::argument("root", "names a tree; leave out `uuids`"));
    }
    let skip = call.position()?.unwrap_or(0);
    let depth = arguments.integer("depth").unwrap_or(1);
    let question = Describe {
        uuids,
        root,
        depth: u32::try_from(depth).unwrap_or(1),
        skip,
        limit: 50,
    };
    let form = Form {
        axes: Space::named(arguments.text("space")).axes(),
        is_full: arguments.text("detail") == Some("full"),
    };
    match call.daemon.ask(Question::Describe(question))? {
        QueryResult::Describe {
            seq,
            total,
            described,
            missing,
            next,
        } => {
            let (rows, is_all) = take_rows(described.iter().map(|it| form.row(it)));
            let next = match is_all {
                true => next,
                false => Some(skip.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX))),
            };
            let next = next.map(|position| call.cursors.write(position));
            let missing = Some(missing).filter(|missing| !missing.is_empty());
            Ok(
                json!({"seq": seq, "total": total, "entities": rows, "missing": missing, "next": next}),
            )
        }
        other => Err(unexpected(&other)),
    }
}

/// The form in which entities are described.
struct Form {
    /// The axes of an editor; none for canonical space.
    axes: Option<Axes>,
    is_full: bool,
}

impl Form {
    fn row(&self, described: &DescribedEntity) -> Value {
        let row = &described.row;
        let components = &row.entity.components;
        let above_zero = |count: u32| Some(count).filter(|count| *count > 0);
        let changed = row.changed.after(0).last();
        let members = components.collections.as_ref();
        let (slots, own) = (components.slots.as_ref(), components.materials.as_ref());
        without_nulls(json!({
            "uuid": row.entity.uuid,
            "kind": row.entity.kind,
            "name": components.name.as_ref().map(|name| escape(name, MAX_NAME)),
            "depth": above_zero(described.depth),
            "parent": components.parent.and_then(|it| it.uuid),
            "data": components.data.and_then(|it| it.uuid),
            "visible": components.visibility.map(|it| it.visible),
            "version": row.version,
            "by": changed.and_then(|it| it.by),
            "children": above_zero(described.children),
            "users": above_zero(described.users),
            "transform": components.transform.as_ref().map(|it| self.transform(it)),
            "world": described.world.as_ref().map(|it| self.transform(it)),
            "mesh": components.mesh.as_deref().map(mesh),
            "light": components.light,
            "camera": components.camera,
            "joints": components.armature.as_ref().map(|it| self.joints(it)),
            "groups": components.weights.as_ref().map(|it| self.groups(it)),
            "armature": components.skin.and_then(|it| it.armature),
            "posed": components.pose.as_ref().map(|it| it.joints.len()),
            "pbr": components.pbr,
            "emission": components.emission,
            "maps": components.maps,
            "image": components.image,
            "slots": slots.map(|it| it.materials.iter().take(MOST_SLOTS).collect::<Vec<_>>()),
            "materials": own.map(|it| it.own.iter().take(MOST_SLOTS).collect::<BTreeMap<_, _>>()),
            "collection": components.collection,
            "collections": members.map(|it| it.names.iter().take(MOST_SLOTS).collect::<Vec<_>>()),
            "instance": components.instance.and_then(|it| it.of),
            "render_visible": components.render_visibility.map(|it| it.visible),
            "action": components.action.as_deref().map(action),
            "animation": components.animation,
            "prefab": components.prefab,
            "locks": components.locks,
            "nodes": components.nodes.as_ref().map(|it| self.nodes(it)),
            "changed": self.is_full.then_some(&row.changed),
            "quarantine": row.quarantine,
        }))
    }

    fn transform(&self, transform: &Transform) -> Value {
        let Transform {
            translation,
            rotation,
            scale,
        } = *transform;
        let (translation, rotation, scale) = match self.axes {
            None => (translation, rotation, scale),
            Some(axes) => (
                axes.vector_from_canonical(translation),
                axes.rotation_from_canonical(rotation),
                axes.scale(scale),
            ),
        };
        json!({"translation": rounded(translation), "rotation": rounded(rotation), "scale": rounded(scale)})
    }

    /// Describes vertex groups: their number, and in full form names.
    fn groups(&self, weights: &Weights) -> Value {
        match self.is_full {
            true => weights
                .groups
                .iter()
                .take(MOST_SLOTS)
                .map(|it| escape(it, MAX_NAME))
                .collect(),
            false => weights.groups.len().into(),
        }
    }

    /// Describes joints: their number, and in full form names, parents and lengths.
    fn joints(&self, armature: &Armature) -> Value {
        let name = |uuid: &Uuid| {
            armature
                .joints
                .get(uuid)
                .map(|it| escape(&it.name, MAX_NAME))
        };
        let joint = |joint: &Joint| {
            without_nulls(json!({
                "name": escape(&joint.name, MAX_NAME),
                "parent": joint.parent.as_ref().and_then(name),
                "length": joint.length,
                "deform": joint.deform,
            }))
        };
        let listed: Vec<Value> = armature
            .joints
            .values()
            .take(MOST_SLOTS)
            .map(joint)
            .collect();
        let listed = self.is_full.then_some(listed);
        without_nulls(json!({"count": armature.joints.len(), "listed": listed}))
    }

    /// Describes a graph: its size, or all of it if it is small enough.
    fn nodes(&self, nodes: &Nodes) -> Value {
        let Some(graph) = &nodes.graph else {
            return json!({"count": 0});
        };
        let count = graph.get("nodes").and_then(Value::as_array).map(Vec::len);
        let is_small = size(graph) <= MAX_GRAPH;
        without_nulls(json!({
            "count": count,
            "graph": Some(graph).filter(|_| self.is_full && is_small),
            "too_large": (self.is_full && !is_small).then_some(true),
        }))
    }
}

fn action(action: &KeyedAction) -> Value {
    let slots = action.slots.iter().take(MOST_SLOTS);
    let slots =
        slots.map(|it| json!({"id": it.id, "kind": it.kind, "channels": it.channels.len()}));
    json!({
        "fps": action.fps,
        "range": action.range,
        "loop": action.is_loop,
        "slots": slots.collect::<Vec<_>>(),
    })
}

fn mesh(mesh: &Mesh) -> Value {
    json!({
        "vertices": mesh.vertex_count,
        "triangles": mesh.corner_count / 3,
        "submeshes": mesh.submeshes.len(),
        "buffers": mesh.buffers.keys().collect::<Vec<_>>(),
    })
}
