//! The end of a run: all faults stop, both editors converge, and the result survives one more loss of power.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_engine::Input;
use vibesync_protocol::{ClientMessage, ResetRequest};
use vibesync_scene::{
    Collections, ComponentSet, Entity, InstanceId, Locks, Role, Scope, SessionId, Uuid,
};

use super::end::End;
use super::events::make_honest;
use super::plan::PROJECT;
use super::violation::{Check, Violation, must};
use super::world::World;
use crate::FakeEditor;
use crate::fakes::edit::{Entities, as_known};

/// Rounds of messages after which the world must be at rest.
const ROUNDS: usize = 20_000;

/// Times that lost blobs are waited for.
const LOOKS: usize = 4;

/// Milliseconds that exceed every timeout except the silence of an editor.
const LONGEST_WAIT: u64 = 14_000;

impl World {
    /// Stops all faults, reconnects everybody, and checks the final invariants.
    pub fn finale(&mut self) -> Check {
        self.trace.say(|| "faults stop".to_owned());
        if self.daemon.is_none() && self.disk.is_dead() {
            self.disk.reboot();
        }
        self.disk.revive();
        self.start()?;
        if self.over {
            return Ok(());
        }
        must(
            self.daemon.is_some(),
            "the daemon starts once faults stop",
            String::new,
        )?;
        for role in Role::EDITORS {
            if let Some(end) = self.ends.get_mut(&role) {
                end.silent = false;
                make_honest(&mut end.person.editor);
            }
            self.disconnect(role)?;
        }
        for role in Role::EDITORS {
            self.connect(role)?;
        }
        self.settle()?;
        self.forgive()?;
        self.settle()?;
        self.wait_for_lost_blobs()?;
        self.end_previews()?;
        self.wait_for_agents()?;
        self.settle()?;
        self.check_converged()?;
        self.check_agents_ended()?;
        self.ledger.check_ends()?;
        self.counts
            .add("acknowledged operations", self.ledger.acknowledged() as u64);
        self.die();
        self.disk.reboot();
        self.start()?;
        self.check_projections()
    }

    /// Waits until every editor that holds a lost mesh was asked for it.
    fn wait_for_lost_blobs(&mut self) -> Check {
        for _ in 0..LOOKS {
            let status = self.daemon.as_ref().map(|daemon| daemon.engine.status());
            if status.is_some_and(|status| status.lost > 0) {
                self.pass(LONGEST_WAIT * 5)?;
                self.settle()?;
            }
        }
        Ok(())
    }

    /// Lets a person reset every breaker that opened while editors lied and died.
    fn forgive(&mut self) -> Check {
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let stopped = daemon.engine.failures().iter();
        let stopped = stopped.filter(|(_, trouble)| trouble.open);
        let scopes: Vec<Scope> = stopped.map(|(scope, _)| scope.clone()).collect();
        let (instance, session) = (InstanceId(self.id()), SessionId(self.id()));
        let mut person = FakeEditor::new(Role::Cli, instance, PROJECT);
        let hello = Box::new(person.hello(String::new(), String::new()));
        self.decide(Input::Connected { session, hello })?;
        for scope in scopes {
            self.counts.one("breakers reset");
            let request = ResetRequest {
                request_id: self.id(),
                scope,
                who: "a person".into(),
                why: "faults stopped".into(),
            };
            let message = Box::new(ClientMessage::Reset(request));
            self.decide(Input::Message { session, message })?;
        }
        let reason = "done".into();
        self.decide(Input::Disconnected { session, reason })?;
        self.finish()
    }

    /// Runs until no message is on its way and nothing waits for a timeout.
    fn settle(&mut self) -> Check {
        for _ in 0..ROUNDS {
            self.finish()?;
            let mut ends = self.ends.values();
            let busy = ends.any(|end| !end.to_daemon.is_empty() || !end.to_editor.is_empty());
            if busy || !self.outside.is_empty() {
                self.return_outside()?;
                for role in Role::EDITORS {
                    self.editor_hears(role, 1);
                    self.daemon_hears(role, 1)?;
                }
                continue;
            }
            let deadline = self.daemon.as_ref().and_then(|daemon| daemon.deadline());
            match deadline.filter(|at| *at < self.now + LONGEST_WAIT) {
                Some(at) if !self.is_at_rest() => self.pass(at.saturating_sub(self.now))?,
                _ => return Ok(()),
            }
        }
        must(false, "the world comes to rest", || {
            format!("not in {ROUNDS} rounds")
        })
    }

    /// Returns true if only news about silent editors can still arrive with time.
    fn is_at_rest(&self) -> bool {
        self.daemon.as_ref().is_none_or(|daemon| {
            let status = daemon.engine.status();
            let idle = |owed, in_flight| owed == 0 && in_flight == 0;
            status.waiting_intents == 0
                && status.open_transactions == 0
                && status.sessions.iter().all(|it| idle(it.owed, it.in_flight))
        })
    }

    /// Returns the meshes that cannot be read and that an editor lacks. No editor may hold such a mesh: it would have sent
    /// it again.
    fn lost_meshes(&self, authority: &Entities) -> Result<BTreeSet<Uuid>, Violation> {
        let mut lost = BTreeSet::new();
        for (uuid, entity) in authority {
            if self.unreadable(entity.components.blobs()).is_empty() {
                continue;
            }
            let row = self.ledger.state().scene.row(*uuid);
            let version = row.map_or(0, |row| row.version);
            let equals = |end: &End| end.person.editor.entities.get(uuid) == Some(entity);
            if self.ends.values().all(equals) {
                // Nobody has read the blob, so nobody knows.
                continue;
            }
            for (role, end) in &self.ends {
                let editor = &end.person.editor;
                let held = editor.versions.get(uuid);
                let holds = held.is_some_and(|held| *held >= version);
                must(
                    !holds || !equals(end),
                    "what an editor holds is not lost",
                    || format!("{} holds {uuid}", role.as_str()),
                )?;
            }
            lost.insert(*uuid);
        }
        Ok(lost)
    }

    /// Returns what an editor must hold: it may lack lost meshes, and show something else instead.
    fn without_lost(
        &self,
        authority: &Entities,
        held: &Entities,
        lost: &BTreeSet<Uuid>,
    ) -> Entities {
        let mut expected = authority.clone();
        for uuid in lost {
            match held.get(uuid) {
                Some(entity) => expected.insert(*uuid, entity.clone()),
                None => expected.remove(uuid),
            };
        }
        for (uuid, entity) in &mut expected {
            let data = entity.components.data.and_then(|data| data.uuid);
            if let (Some(held), true) = (held.get(uuid), data.is_some_and(|it| lost.contains(&it)))
            {
                entity.components.data = held.components.data;
            }
            let maps = entity.components.maps.as_ref();
            let map = maps.and_then(|maps| maps.base_color.as_ref());
            if let (Some(held), true) = (
                held.get(uuid),
                map.is_some_and(|it| lost.contains(&it.image)),
            ) {
                entity.components.maps.clone_from(&held.components.maps);
            }
        }
        expected
    }

    fn check_converged(&self) -> Check {
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let live = daemon.engine.scene().rows().filter(|row| !row.tombstone);
        let authority: BTreeMap<_, _> = live
            .map(|row| (row.entity.uuid, row.entity.clone()))
            .collect();
        let lost = self.lost_meshes(&authority)?;
        for (role, end) in &self.ends {
            let editor = &end.person.editor;
            let authority = self.without_lost(&authority, &editor.entities, &lost);
            let known = editor.components().collect();
            let held = comparable(&editor.entities, known);
            let authority = comparable(&authority, known);
            must(
                held == authority,
                "both editors hold what the authority holds",
                || {
                    let all = held.keys().chain(authority.keys());
                    let mut pairs = all.map(|it| (held.get(it), authority.get(it)));
                    let pair = pairs.find(|(held, right)| held != right);
                    format!("{} and the authority: {pair:?}", role.as_str())
                },
            )?;
            must(editor.outbox.is_empty(), "every intent is answered", || {
                format!("{} still waits for {:?}", role.as_str(), editor.outbox)
            })?;
        }
        let told = daemon.engine.status().lost;
        let is_lost = |it: &&Entity| !self.unreadable(it.components.blobs()).is_empty();
        let unreadable = authority.values().filter(is_lost).count();
        must(
            told <= unreadable,
            "only what cannot be read is withheld",
            || format!("{told} entities, {unreadable} cannot be read"),
        )?;
        must(
            self.is_at_rest(),
            "nothing waits once everything is done",
            || format!("{:?}", daemon.engine.status()),
        )
    }
}

/// Returns the components that an editor knows, without guards, locks, slots and maps that are empty: none are
/// the same.
fn comparable(entities: &Entities, known: ComponentSet) -> Entities {
    let mut entities = as_known(entities, known);
    for entity in entities.values_mut() {
        let guard = &mut entity.components.guard;
        *guard = guard.filter(|guard| guard.human_only);
        let locks = &mut entity.components.locks;
        locks.take_if(|locks| **locks == Locks::default());
        let slots = &mut entity.components.slots;
        slots.take_if(|slots| slots.materials.is_empty());
        let maps = &mut entity.components.maps;
        maps.take_if(|maps| maps.count() == 0);
        let own = &mut entity.components.materials;
        own.take_if(|materials| materials.own.is_empty());
        let collections = &mut entity.components.collections;
        collections.take_if(|it| **it == Collections::default());
        let instance = &mut entity.components.instance;
        instance.take_if(|it| it.of.is_none());
        let rendered = &mut entity.components.render_visibility;
        rendered.take_if(|it| it.visible);
    }
    entities
}
