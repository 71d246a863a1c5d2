//! A daemon in memory that carries changes out on a scene of its own.

use std::sync::{Arc, Mutex};

use vibesync_mcp::{
    CallRequest, Called, ChangeRequest, Daemon, Diff, DiffRequest, Fault, HistoryLine,
    HistoryRequest, LogLine, LogRequest, Page, Plan, Progress, State, UndoPlan, UndoRequest, Wait,
};
use vibesync_protocol::{
    Capability, DescribedEntity, ErrorBody, LeftOut, LeftOutReason, PlannedChange, QueryResult,
    Question, RestoreRequest, SelectAnswer, SelectRequest, Status, ViewAnswer, ViewRequest,
};
use vibesync_scene::{
    Author, Change, Code, Components, DataRef, EntityKind, OperationId, Parent, Role, Scene,
    Transform, Uuid, Visibility, compose,
};

use crate::fake::Fake;

/// The scene, and what was asked for.
#[derive(Clone, Default)]
pub struct FakeScene {
    state: Arc<Mutex<Content>>,
}

#[derive(Default)]
struct Content {
    scene: Scene,
    seq: u64,
    requests: Vec<ChangeRequest>,
    planned: Vec<ChangeRequest>,
    restores: Vec<RestoreRequest>,
    undos: Vec<UndoRequest>,
    /// The answer to the next change, in place of carrying it out.
    answer: Option<Progress>,
    /// Time that a change takes.
    is_slow: bool,
}

impl FakeScene {
    /// Makes a change as a person. Returns its sequence.
    pub fn edit(&self, change: &Change) -> u64 {
        let mut content = self.state.lock().unwrap();
        content.apply(change)
    }

    pub fn create(&self, uuid: Uuid, parent: Option<Uuid>, transform: Transform) {
        let components = Components {
            name: Some(format!("Object {}", uuid.as_u128())),
            transform: Some(transform),
            visibility: Some(Visibility { visible: true }),
            parent: Some(Parent { uuid: parent }),
            data: Some(DataRef { uuid: None }),
            ..Components::default()
        };
        let kind = EntityKind::Object;
        self.edit(&Change::Create {
            uuid,
            kind,
            components,
        });
    }

    pub fn seq(&self) -> u64 {
        self.state.lock().unwrap().seq
    }

    pub fn components(&self, uuid: Uuid) -> Option<Components> {
        let content = self.state.lock().unwrap();
        Some(content.scene.live(uuid)?.components.clone())
    }

    pub fn requests(&self) -> Vec<ChangeRequest> {
        self.state.lock().unwrap().requests.clone()
    }

    pub fn planned(&self) -> Vec<ChangeRequest> {
        self.state.lock().unwrap().planned.clone()
    }

    pub fn restores(&self) -> Vec<RestoreRequest> {
        self.state.lock().unwrap().restores.clone()
    }

    pub fn undos(&self) -> Vec<UndoRequest> {
        self.state.lock().unwrap().undos.clone()
    }

    /// Answers the next change in this way.
    pub fn answer_next(&self, state: State, error: Option<ErrorBody>) {
        let progress = Progress {
            error,
            ..Progress::new(state, Some(7))
        };
        self.state.lock().unwrap().answer = Some(progress);
    }

    /// Lets each change wait for its end for ever.
    pub fn never_end(&self) {
        self.state.lock().unwrap().is_slow = true;
    }
}

impl Content {
    fn apply(&mut self, change: &Change) -> u64 {
        self.seq += 1;
        let author = Author {
            seq: self.seq,
            by: Some(Role::Blender),
            base_seq: 0,
        };
        self.scene.apply(change, &author);
        self.seq
    }

    fn world(&self, uuid: Uuid) -> Option<Transform> {
        let components = &self.scene.live(uuid)?.components;
        let own = components.transform?;
        let above = components.parent.and_then(|it| self.world(it.uuid?));
        Some(above.map_or(own, |above| compose(&above, &own)))
    }

    fn describe(&self, uuid: Uuid, depth: u32) -> DescribedEntity {
        DescribedEntity {
            row: self.scene.row(uuid).unwrap().clone(),
            world: self.world(uuid),
            children: self.scene.children(uuid).count() as u32,
            users: 0,
            depth,
        }
    }

    fn tree(&self, uuid: Uuid, depth: u32, found: &mut Vec<DescribedEntity>) {
        found.push(self.describe(uuid, depth));
        for child in self.scene.children(uuid) {
            self.tree(child, depth + 1, found);
        }
    }
}

impl Daemon for FakeScene {
    fn capabilities(&self) -> Result<Vec<Capability>, Fault> {
        Ok(Vec::new())
    }

    fn capability_changes(&self) -> u64 {
        0
    }

    fn call(&self, _request: &CallRequest, _wait: &Wait) -> Result<Called, Fault> {
        Err(Fault::new(
            Code::CapabilityUnknown,
            "addon_id",
            "no add-ons",
        ))
    }

    fn view(&self, _request: &ViewRequest, _wait: &Wait) -> Result<ViewAnswer, Fault> {
        Err(Fault::new(Code::EditorUnable, "editor", "no editor"))
    }

    fn select(&self, _request: &SelectRequest, _wait: &Wait) -> Result<SelectAnswer, Fault> {
        Err(Fault::new(Code::EditorUnable, "editor", "no editor"))
    }

    fn change(&self, request: &ChangeRequest, wait: &Wait) -> Result<Progress, Fault> {
        let mut content = self.state.lock().unwrap();
        content.requests.push(request.clone());
        if let Some(answer) = content.answer.take() {
            return Ok(answer);
        }
        for change in &request.changes {
            content.apply(change);
        }
        let seq = Some(content.seq);
        if content.is_slow {
            drop(content);
            while !wait.is_over() {
                std::thread::sleep(wait.slice());
            }
            return Ok(Progress::new(State::Pending, seq));
        }
        Ok(Progress::new(State::Verified, seq))
    }

    fn plan(&self, request: &ChangeRequest) -> Result<Plan, Fault> {
        let mut content = self.state.lock().unwrap();
        content.planned.push(request.clone());
        let changes = request.changes.iter().map(|change| PlannedChange {
            uuid: change.uuid(),
            op: "update".into(),
            kind: EntityKind::Object,
            name: None,
            components: Vec::new(),
        });
        Ok(Plan {
            seq: content.seq,
            changes: changes.collect(),
            total: request.changes.len() as u64,
            waits_for: None,
        })
    }

    fn restore(
        &self,
        request: &RestoreRequest,
        _wait: &Wait,
    ) -> Result<(Option<Plan>, Option<Progress>), Fault> {
        let mut content = self.state.lock().unwrap();
        content.restores.push(request.clone());
        let plan = Plan {
            seq: 3,
            changes: Vec::new(),
            total: 0,
            waits_for: None,
        };
        let progress = Progress::new(State::Unchanged, None);
        Ok((Some(plan), (!request.dry_run).then_some(progress)))
    }

    fn undo(
        &self,
        request: &UndoRequest,
        _wait: &Wait,
    ) -> Result<(Option<UndoPlan>, Option<Progress>), Fault> {
        let mut content = self.state.lock().unwrap();
        content.undos.push(request.clone());
        let taken_back = PlannedChange {
            uuid: Uuid::from_u128(1),
            op: "update".into(),
            kind: EntityKind::Object,
            name: None,
            components: vec!["transform".into()],
        };
        let stays = LeftOut {
            by: Some(Role::Unity),
            seq: Some(content.seq),
            ..LeftOut::new(
                Uuid::from_u128(3),
                ["transform"].into_iter(),
                LeftOutReason::Changed,
            )
        };
        let progress = Progress::new(State::Verified, Some(content.seq));
        let plan = UndoPlan {
            changes: vec![taken_back],
            total: 1,
            left_out: vec![stays],
            left_out_total: 1,
        };
        Ok((Some(plan), (!request.dry_run).then_some(progress)))
    }

    fn operation(&self, id: OperationId, _wait: &Wait) -> Result<Option<Progress>, Fault> {
        let content = self.state.lock().unwrap();
        let is_known = content.requests.iter().any(|it| it.operation_id == id);
        Ok(is_known.then(|| Progress::new(State::Verified, Some(content.seq))))
    }

    fn status(&self) -> Result<Status, Fault> {
        Fake::new().status()
    }

    fn ask(&self, question: Question) -> Result<QueryResult, Fault> {
        let content = self.state.lock().unwrap();
        let seq = content.seq;
        let Question::Describe(question) = question else {
            let uuids = Vec::new();
            return Ok(QueryResult::Changes {
                seq,
                uuids,
                more: false,
            });
        };
        let mut found = Vec::new();
        match question.root {
            Some(root) => content.tree(root, 0, &mut found),
            None => {
                let live = question.uuids.iter().copied();
                let live = live.filter(|uuid| content.scene.live(*uuid).is_some());
                found.extend(live.map(|uuid| content.describe(uuid, 0)));
            }
        }
        let (skip, limit) = (question.skip as usize, question.limit as usize);
        let total = found.len();
        Ok(QueryResult::Describe {
            seq,
            total: total as u64,
            described: found.into_iter().skip(skip).take(limit).collect(),
            missing: Vec::new(),
            next: (skip + limit < total).then_some(question.skip + question.limit),
        })
    }

    fn log(&self, _request: &LogRequest) -> Result<Page<LogLine>, Fault> {
        Err(Fault::new(Code::NoDaemon, "", "no log"))
    }

    fn history(&self, _request: &HistoryRequest) -> Result<Page<HistoryLine>, Fault> {
        Ok(Page {
            seq: self.seq(),
            items: Vec::new(),
            next: None,
        })
    }

    fn diff(&self, _request: &DiffRequest) -> Result<Diff, Fault> {
        Err(Fault::new(Code::NoDaemon, "", "no history"))
    }
}
