//! Random histories of an agent and people: after an undo each entity is what a simple model says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vibesync_scene::{Change, ComponentSet, Components, Entity, Role, Uuid};
use vibesync_testkit::edit::{Edit, Entities};

use super::*;

/// One event. Everybody sees each change before the next one.
#[derive(Clone, Copy, Debug)]
enum Event {
    Agent(Edit),
    Person(Role, Edit),
    Crash,
}

/// An entity, and what it would be without the agent's work after the last change of a person.
#[derive(Clone, Default)]
struct Model {
    /// Whether it exists once the agent's work is taken back: a person has made it or has worked on it.
    is_of_people: bool,
    components: Components,
    /// The components as they were before the agent's last run of writes; a component of the agent alone is not here.
    former: BTreeMap<&'static str, Components>,
}

impl Model {
    fn apply(&mut self, is_by_agent: bool, change: &Change) {
        match change {
            Change::Delete { .. } => self.is_of_people &= is_by_agent,
            Change::Create { components, .. } => {
                self.components = components.clone();
                self.former.clear();
                self.is_of_people = !is_by_agent;
            }
            Change::Update { components, .. } => {
                self.components.merge(components);
                self.is_of_people |= !is_by_agent;
            }
        }
        if !is_by_agent {
            let written = change.components().map(Components::set).unwrap_or_default();
            for name in written.names() {
                self.former.insert(name, self.components.only(only(name)));
            }
        }
    }

    fn without_agent(&self) -> Option<Components> {
        let mut components = self.components.clone();
        self.former
            .values()
            .for_each(|former| components.merge(former));
        self.is_of_people.then_some(components)
    }
}

fn only(name: &str) -> ComponentSet {
    [name].into_iter().collect()
}

fn event() -> impl Strategy<Value = Event> {
    let who = || 0..4_u8;
    let edit = || {
        prop_oneof![
            4 => who().prop_map(Edit::Create),
            4 => (who(), any::<i8>()).prop_map(|(who, x)| Edit::Move(who, x)),
            4 => (who(), 0..9_u8).prop_map(|(who, name)| Edit::Rename(who, name)),
            3 => who().prop_map(Edit::Delete),
            3 => (0..2_u8, 0..3_u8).prop_map(|(which, content)| Edit::Mesh(which, content)),
        ]
    };
    let role = prop_oneof![Just(Role::Blender), Just(Role::Unity)];
    prop_oneof![
        12 => edit().prop_map(Event::Agent),
        8 => (role, edit()).prop_map(|(role, edit)| Event::Person(role, edit)),
        1 => Just(Event::Crash),
    ]
}

/// The harness, and the model of each entity.
struct Run {
    harness: Harness,
    agent: Agent,
    since: u64,
    models: BTreeMap<Uuid, Model>,
}

impl Run {
    fn new() -> Self {
        let (harness, agent, since) = begin();
        let held = harness.editor(Role::Blender).entities.values();
        let model = |entity: &Entity| {
            let mut model = Model::default();
            model.apply(false, &Change::create_from(entity));
            (entity.uuid, model)
        };
        let models = held.map(model).collect();
        Self {
            harness,
            agent,
            since,
            models,
        }
    }

    fn happen(&mut self, event: Event) {
        let (is_by_agent, edit) = match event {
            Event::Agent(edit) => (true, edit),
            Event::Person(_, edit) => (false, edit),
            Event::Crash => return self.crash(),
        };
        let held: &Entities = &self.harness.editor(Role::Blender).entities;
        let changes = edit.changes(held);
        let scene = self.harness.engine.scene();
        let is_taken = |change: &Change| match change {
            Change::Create { uuid, .. } => scene.row(*uuid).is_some(),
            _ => false,
        };
        if changes.is_empty() || changes.iter().any(is_taken) {
            return;
        }
        for change in &changes {
            let model = self.models.entry(change.uuid()).or_default();
            // A change to the present value is none.
            let is_same = match (scene.live(change.uuid()), change) {
                (Some(entity), Change::Update { components, .. }) => {
                    entity.components.only(components.set()) == *components
                }
                _ => false,
            };
            if !is_same {
                model.apply(is_by_agent, change);
            }
        }
        match event {
            Event::Person(role, _) => super::edit(&mut self.harness, role, changes),
            _ => self.work(changes),
        }
    }

    fn work(&mut self, changes: Vec<Change>) {
        let head = self.harness.engine.head_seq();
        let id = self.agent.ask(&mut self.harness, head, changes);
        self.harness.settle();
        if answer(&self.harness, id).is_none_or(|(status, _)| status == AckStatus::Waiting) {
            allow(&mut self.harness, id);
        }
    }

    /// Crashes the daemon, and lets it run until the crash does not count: three that do begin safe mode, in which no agent
    /// undoes anything.
    fn crash(&mut self) {
        self.harness.crash();
        self.harness.now = self.harness.now.max(options().thresholds.steady_after_ms);
        self.harness.step(Input::Tick);
        self.harness.connect_all();
        connect_person(&mut self.harness);
        self.agent = Agent::connect_as(&mut self.harness, Some("claude"));
    }

    fn scene(&self) -> BTreeMap<Uuid, Components> {
        let rows = self.harness.engine.scene().rows();
        let live = rows.filter(|row| !row.tombstone);
        live.map(|row| (row.entity.uuid, row.entity.components.clone()))
            .collect()
    }

    fn expected(&self) -> BTreeMap<Uuid, Components> {
        let models = self.models.iter();
        let left = models.filter_map(|(uuid, model)| Some((*uuid, model.without_agent()?)));
        left.collect()
    }

    fn take_back(&mut self, asker: SessionId, operations: Vec<OperationId>) -> Option<OperationId> {
        let mut wanted = request(&mut self.harness, self.since);
        if !operations.is_empty() {
            wanted.since_seq = None;
            wanted.operations = operations;
        }
        let (.., operation) = ask_as(&mut self.harness, asker, wanted).unwrap();
        self.harness.assert_converged();
        operation
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn undo_leaves_what_people_made(events in prop::collection::vec(event(), 1..40), is_by_agent: bool) {
        let mut run = Run::new();
        for event in events {
            run.happen(event);
        }
        let asker = if is_by_agent { run.agent.0 } else { PERSON };
        let before = run.scene();
        let undone = run.take_back(asker, Vec::new());
        prop_assert_eq!(run.scene(), run.expected());
        let Some(undone) = undone else { return Ok(()) };
        let after = run.scene();
        run.take_back(asker, vec![undone]);
        // An agent's undo is its own work, and can be taken back. A person's is not.
        prop_assert_eq!(run.scene(), if is_by_agent { before } else { after });
    }
}
