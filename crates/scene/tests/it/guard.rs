//! The entities that people keep from agents, as the golden vectors have them.

use std::collections::BTreeSet;

use serde::Deserialize;
use vibesync_scene::{
    Author, Change, Components, DataRef, EntityKind, Guard, KeptEntities, Parent, Scene, Uuid,
};

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    entities: Vec<Entity>,
    kept: BTreeSet<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entity {
    uuid: Uuid,
    kind: EntityKind,
    parent: Option<Uuid>,
    data: Option<Uuid>,
    human_only: Option<bool>,
    #[serde(default)]
    deleted: bool,
}

impl Entity {
    fn create(&self) -> Change {
        let of_object = |components| match self.kind {
            EntityKind::Object => components,
            _ => Components::default(),
        };
        Change::Create {
            uuid: self.uuid,
            kind: self.kind,
            components: of_object(Components {
                parent: Some(Parent { uuid: self.parent }),
                data: Some(DataRef { uuid: self.data }),
                guard: self.human_only.map(|human_only| Guard { human_only }),
                ..Components::default()
            }),
        }
    }
}

#[test]
fn kept_entities_are_those_of_the_golden_vectors() {
    let text = include_str!("../../../../tests/golden/guard.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    for case in vectors.cases {
        let mut scene = Scene::default();
        let author = Author::authority(1);
        for entity in &case.entities {
            scene.apply(&entity.create(), &author);
        }
        let deleted = case.entities.iter().filter(|it| it.deleted);
        for entity in deleted {
            scene.apply(&Change::Delete { uuid: entity.uuid }, &author);
        }
        let kept = KeptEntities::new(&scene);
        let all = case.entities.iter().map(|it| it.uuid);
        let found: BTreeSet<Uuid> = all.filter(|uuid| kept.contains(*uuid)).collect();
        assert_eq!(found, case.kept, "{}", case.name);
        let live = found.iter().filter(|uuid| scene.live(**uuid).is_some());
        assert_eq!(kept.live_count(), live.count(), "{}", case.name);
    }
}
