//! The cost of a commit does not depend on the size of the scene: only the folders above a changed entity are
//! rewritten.

use vibesync_scene::Row;
use vibesync_store::audit::{Audit, AuditError};

use crate::audit::commit;
use crate::audit_git::objects;
use crate::sample::{PROJECT, entity, real, row};

/// A row whose uuid is spread over all folders, as random uuids are.
fn spread(n: u128) -> Row {
    let mut row = row(n % 251, "one", 1);
    row.entity.uuid =
        uuid::Uuid::from_u128(n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
    row
}

#[test]
fn one_change_of_many_entities_adds_seven_small_objects() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = Audit::open(real(), dir.path(), PROJECT).unwrap();
    let whole = (0..20_000).map(|n| Ok::<_, AuditError>(spread(n).entity));
    audit.add_snapshot(&commit(&[], 1), whole).unwrap();
    audit.flush().unwrap();
    let count = || objects(dir.path()).len();
    let before = count();
    assert!(before > 20_000 + 4_096, "{before}");
    let mut changed = spread(777);
    changed.entity.components = entity(1, "another").components;
    audit.commit(&commit(&[changed], 2)).unwrap();
    assert_eq!(
        count(),
        before + 7,
        "commit, root, entities, three folders, one file"
    );
    let pack = dir
        .path()
        .join(".git/objects/pack/pack-00000000000000000002-00000000000000000002-0000.pack");
    let bytes = std::fs::metadata(pack).unwrap().len();
    assert!(bytes < 4_096, "{bytes}");
    let repository = git2::Repository::open(dir.path()).unwrap();
    let newest = repository.revparse_single("main").unwrap();
    let (newest, before) = (newest.peel_to_commit().unwrap(), "main~1^{tree}");
    let before = repository.revparse_single(before).unwrap();
    let (before, after) = (before.peel_to_tree().unwrap(), newest.tree().unwrap());
    let changes = repository.diff_tree_to_tree(Some(&before), Some(&after), None);
    assert_eq!(changes.unwrap().deltas().len(), 1);
}
