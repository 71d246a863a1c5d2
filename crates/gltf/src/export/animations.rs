//! Animations: the actions that entities play, as channels of the nodes that show them.

use std::collections::{BTreeMap, HashMap};

use gltf_json::accessor::Type;
use gltf_json::animation::{Animation, Channel, Property, Sampler, Target};
use gltf_json::validation::Checked::Valid;
use gltf_json::{Index, Node};
use uuid::Uuid;
use vibesync_scene::{
    ActionChannel, ActionSlot, BlobId, Entity, EntityKind, Invalid, KeyedAction, Transform,
    check_action,
};

use super::bulk::Bulk;
use super::curves::Curve;
use super::extras::extras;
use super::file::File;
use super::morphs;
use super::rigs::at_rest;
use super::tracks::{Clock, Meaning, Track, to_euler, track};
use crate::notes::Note;

/// An action with its bytes, checked.
struct Source<'a> {
    action: &'a KeyedAction,
    bytes: Bulk<'a>,
    clock: Clock,
}

/// An animation in work.
#[derive(Default)]
struct Draft {
    channels: Vec<Channel>,
    samplers: Vec<Sampler>,
    /// The samplers by the hash of their content: several entities may play one slot.
    known: HashMap<BlobId, Index<Sampler>>,
}

/// A value of a node over time.
struct Moving {
    node: Index<Node>,
    property: Property,
    meaning: Meaning,
    curves: Vec<Curve>,
}

impl Source<'_> {
    fn curve(&self, channel: &ActionChannel) -> Curve {
        let [first, _] = self.action.range;
        Curve::read(channel, &self.bytes, first)
    }
}

impl<'a> File<'a> {
    /// Adds an animation for each action that an entity plays.
    pub fn add_animations(&mut self) -> Result<(), Invalid> {
        let mut players: BTreeMap<Uuid, Vec<(&'a Entity, u32)>> = BTreeMap::new();
        for entity in self.entities.values() {
            let animation = entity.components.animation.as_deref();
            let played = animation.and_then(|it| Some((it.action?, it.slot?)));
            if let Some((action, slot)) = played {
                players.entry(action).or_default().push((entity, slot));
            }
        }
        for (uuid, players) in players {
            let entity = self.entities.get(&uuid);
            if let Some(action) = entity.and_then(|it| it.components.action.as_deref()) {
                self.add_animation(uuid, action, &players)?;
            }
        }
        Ok(())
    }

    fn add_animation(
        &mut self,
        uuid: Uuid,
        action: &KeyedAction,
        players: &[(&Entity, u32)],
    ) -> Result<(), Invalid> {
        let name = self.name(uuid);
        let bytes = Bulk::read(&action.buffers, self.read)?;
        check_action(action, &bytes.pieces(), &name)?;
        let rate = f64::from(action.fps.num) / f64::from(action.fps.den);
        let mut source = Source {
            action,
            bytes,
            clock: Clock { start: 0.0, rate },
        };
        let first = first_frame(&source);
        if first < 0.0 {
            self.notes.add(Note::NegativeFrames, &name);
            source.clock.start = first;
        }
        let mut draft = Draft::default();
        for (player, slot) in players {
            let mut slots = action.slots.iter();
            let slot = slots.find(|it| it.id == *slot && it.kind == player.kind);
            if let Some(slot) = slot {
                self.play(&mut draft, &source, player, slot);
            }
        }
        if !draft.channels.is_empty() {
            self.root.push(Animation {
                extensions: None,
                extras: extras(uuid),
                channels: draft.channels,
                name: Some(name),
                samplers: draft.samplers,
            });
        }
        Ok(())
    }

    /// Adds the channels of an entity that plays a slot.
    fn play(&mut self, draft: &mut Draft, source: &Source<'_>, player: &Entity, slot: &ActionSlot) {
        let mut is_whole = true;
        let moving = match slot.kind {
            EntityKind::Object => self.moving_object(source, player, slot, &mut is_whole),
            EntityKind::Mesh => self.moving_mesh(source, player, slot),
            _ => Vec::new(),
        };
        is_whole &= !matches!(slot.kind, EntityKind::Light | EntityKind::Camera);
        for it in moving {
            let time = (source.clock, source.action.range);
            match track(&it.curves, it.meaning, time, self.numbers_left) {
                Some(track) => self.add_channel(draft, &it, &track),
                None => is_whole = false,
            }
        }
        if !is_whole {
            let name = self.name(player.uuid);
            self.notes.add(Note::Animation, &name);
        }
    }

    /// Returns the values that a slot moves of an object and of its joints. Clears `is_whole` if there are others.
    fn moving_object(
        &self,
        source: &Source<'_>,
        player: &Entity,
        slot: &ActionSlot,
        is_whole: &mut bool,
    ) -> Vec<Moving> {
        let mut groups: BTreeMap<(Option<Uuid>, &str), Vec<&ActionChannel>> = BTreeMap::new();
        for channel in &slot.channels {
            let group = groups.entry((channel.joint, &channel.path));
            group.or_default().push(channel);
        }
        let mut moving = Vec::new();
        for ((joint, path), channels) in &groups {
            let has_rotation = groups.contains_key(&(*joint, "rotation"));
            let target = self.node_and_place(player, *joint);
            let target = target.filter(|_| *path != "euler" || !has_rotation);
            let form = target.and_then(|(node, place)| Some((node, property(path, &place)?)));
            let Some((node, (property, meaning, numbers))) = form else {
                *is_whole = false;
                continue;
            };
            let mut curves: Vec<Curve> = numbers.into_iter().map(Curve::Fixed).collect();
            for channel in channels {
                if let Some(curve) = curves.get_mut(usize::from(channel.component)) {
                    *curve = source.curve(channel);
                }
            }
            moving.push(Moving {
                node,
                property,
                meaning,
                curves,
            });
        }
        moving
    }

    /// Returns the node of an object or of one of its joints, and where it is.
    fn node_and_place(
        &self,
        object: &Entity,
        joint: Option<Uuid>,
    ) -> Option<(Index<Node>, Transform)> {
        let Some(joint) = joint else {
            let place = object.components.transform.unwrap_or(Transform::IDENTITY);
            return Some((*self.node_of.get(&object.uuid)?, place));
        };
        let node = *self.joints.get(&object.uuid)?.nodes.get(&joint)?;
        let data = object.components.data?.uuid?;
        let armature = self.entities.get(&data)?.components.armature.as_deref()?;
        let pose = object.components.pose.as_deref();
        let posed = pose.and_then(|pose| pose.joints.get(&joint).copied());
        Some((node, posed.unwrap_or_else(|| at_rest(armature, joint))))
    }

    /// Returns the weights that a slot moves of each node that shows a mesh.
    fn moving_mesh(&self, source: &Source<'_>, player: &Entity, slot: &ActionSlot) -> Vec<Moving> {
        let (names, weights) = morphs::names_and_weights(&player.components);
        let nodes = self.mesh_nodes.get(&player.uuid);
        let moving = nodes.into_iter().flatten().map(|node| {
            let pairs = names.iter().zip(&weights);
            let curves = pairs.map(|(name, weight)| {
                let mut channels = slot.channels.iter();
                let channel = channels.find(|it| it.key.as_deref() == Some(*name));
                channel.map_or(Curve::Fixed(f64::from(*weight)), |it| source.curve(it))
            });
            Moving {
                node: *node,
                property: Property::MorphTargetWeights,
                meaning: Meaning::Numbers,
                curves: curves.collect(),
            }
        });
        // A slot whose keys the mesh does not have moves nothing.
        let is_moving = |it: &Moving| !it.curves.iter().all(|it| matches!(it, Curve::Fixed(_)));
        moving.filter(is_moving).collect()
    }

    fn add_channel(&mut self, draft: &mut Draft, moving: &Moving, track: &Track) {
        let (size, kind) = match moving.property {
            Property::Translation | Property::Scale => (3, Type::Vec3),
            Property::Rotation => (4, Type::Vec4),
            Property::MorphTargetWeights => (1, Type::Scalar),
        };
        let numbers = track.times.iter().chain(&track.numbers);
        let mut content: Vec<u8> = numbers.flat_map(|it| it.to_le_bytes()).collect();
        content.extend([track.form as u8, size]);
        let known = draft.known.entry(BlobId::hash(&content));
        let sampler = *known.or_insert_with(|| {
            self.numbers_left = self.numbers_left.saturating_sub(track.numbers.len());
            let (root, binary) = (&mut self.root, &mut self.binary);
            draft.samplers.push(Sampler {
                extensions: None,
                extras: None,
                input: binary.numbers(root, &track.times, (1, Type::Scalar), true),
                interpolation: Valid(track.form),
                output: binary.numbers(root, &track.numbers, (size, kind), false),
            });
            Index::new(draft.samplers.len() as u32 - 1)
        });
        draft.channels.push(Channel {
            sampler,
            target: Target {
                extensions: None,
                extras: None,
                node: moving.node,
                path: Valid(moving.property),
            },
            extensions: None,
            extras: None,
        });
    }
}

/// Returns the property of a node that a path moves, and its numbers where nothing moves it; none if glTF has none.
fn property(path: &str, place: &Transform) -> Option<(Property, Meaning, Vec<f64>)> {
    Some(match path {
        "translation" => {
            let numbers = place.translation.to_vec();
            (Property::Translation, Meaning::Numbers, numbers)
        }
        "scale" => (Property::Scale, Meaning::Numbers, place.scale.to_vec()),
        "rotation" => (
            Property::Rotation,
            Meaning::Rotation,
            place.rotation.to_vec(),
        ),
        "euler" => {
            let numbers = to_euler(place.rotation).to_vec();
            (Property::Rotation, Meaning::Euler, numbers)
        }
        _ => return None,
    })
}

/// Returns the first frame at which a curve of an action counts.
fn first_frame(source: &Source<'_>) -> f64 {
    let channels = source.action.channels().map(|(_, it)| source.curve(it));
    let times = channels.filter_map(|it| it.times(source.action.range));
    times.map(|[first, _]| first).fold(f64::INFINITY, f64::min)
}
