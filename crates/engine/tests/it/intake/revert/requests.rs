//! Requests to take back an agent's work: their senders, operations and answers.

use super::*;

#[test]
fn person_at_an_editor_gets_the_values_too() {
    for role in Role::EDITORS {
        let (mut harness, agent, since) = begin();
        work(
            &mut harness,
            &agent,
            vec![renamed(A, "X"), object(B, "B", None)],
        );
        let session = harness.session_of(role);
        let wanted = request(&mut harness, since);
        let message = Box::new(ClientMessage::Revert(wanted));
        harness.step(Input::Message { session, message });
        harness.settle();
        harness.assert_converged();
        let held = &harness.editor(role).entities;
        assert_eq!(held[&A].components.name.as_deref(), Some("A"), "{role:?}");
        assert!(!held.contains_key(&B), "{role:?}");
    }
}

#[test]
fn undo_of_an_undo_brings_the_work_back() {
    let (mut harness, agent, since) = begin();
    work(
        &mut harness,
        &agent,
        vec![renamed(A, "X"), object(B, "B", None)],
    );
    let wanted = request(&mut harness, since);
    let (_, _, undone) = ask_as(&mut harness, agent.0, wanted).unwrap();
    let mut again = request(&mut harness, since);
    again.since_seq = None;
    again.operations = vec![undone.unwrap()];
    ask_as(&mut harness, agent.0, again).unwrap();
    harness.assert_converged();
    assert_eq!(name(&harness, A).unwrap(), "X");
    assert_eq!(name(&harness, B).unwrap(), "B");
}

#[test]
fn one_operation_is_taken_back_beneath_later_ones() {
    let (mut harness, agent, _) = begin();
    let first = work(&mut harness, &agent, vec![renamed(A, "X")]);
    work(&mut harness, &agent, vec![moved(A, 2.0)]);
    let mut wanted = request(&mut harness, 0);
    wanted.since_seq = None;
    wanted.operations = vec![first];
    ask_as(&mut harness, PERSON, wanted).unwrap();
    assert_eq!(
        (name(&harness, A).unwrap(), place(&harness, A)),
        ("A".into(), 2.0)
    );
}

#[test]
fn request_without_range_or_with_unknown_operation_is_refused() {
    let (mut harness, _, since) = begin();
    let mut both = request(&mut harness, since);
    both.operations = vec![OperationId(harness.id())];
    assert_eq!(
        ask_as(&mut harness, PERSON, both.clone()),
        Err(Code::IntentShape)
    );
    both.since_seq = None;
    assert_eq!(
        ask_as(&mut harness, PERSON, both.clone()),
        Err(Code::IntentShape)
    );
    both.operations.clear();
    assert_eq!(ask_as(&mut harness, PERSON, both), Err(Code::IntentShape));
}

#[test]
fn agent_takes_back_nothing_kept_and_hears_nothing_of_it() {
    let (mut harness, agent, since) = begin();
    let made = vec![renamed(A, "X"), object(B, "B", None), object(C, "C", None)];
    work(&mut harness, &agent, made);
    edit(&mut harness, Role::Blender, vec![guarded(A, true)]);
    edit(&mut harness, Role::Blender, vec![parented(A, Some(B))]);
    let wanted = request(&mut harness, since);
    let (changes, left_out, _) = ask_as(&mut harness, agent.0, wanted).unwrap();
    assert_eq!(changes, [(C, "delete".to_owned())]);
    let told: Vec<_> = left_out.iter().map(|it| (it.uuid, it.seq)).collect();
    assert_eq!(told, [(B, None)]);
    assert_eq!(name(&harness, A).unwrap(), "X");
    let (changes, _) = undo(&mut harness, since);
    assert_eq!(changes, [A], "a person takes it back");
}
