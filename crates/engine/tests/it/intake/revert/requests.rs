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

#[test]
fn what_a_person_worked_on_returns_when_its_agent_deleted_it() {
    let (mut harness, agent, since) = begin();
    work(&mut harness, &agent, vec![object(B, "B", None)]);
    edit(&mut harness, Role::Unity, vec![moved(B, 2.0)]);
    work(&mut harness, &agent, vec![Change::Delete { uuid: B }]);
    work(&mut harness, &agent, vec![object(C, "C", None)]);
    work(&mut harness, &agent, vec![Change::Delete { uuid: C }]);
    let (changes, left_out) = undo(&mut harness, since);
    assert_eq!((changes, left_out), (vec![B], Vec::new()));
    assert_eq!(place(&harness, B), 2.0);
}

#[test]
fn undo_that_waited_spares_what_somebody_did_meanwhile() {
    for meanwhile in [false, true] {
        let (mut harness, agent, since) = begin();
        let head = harness.engine.head_seq();
        // To delete what is not verified yet, the undo waits.
        let done = vec![renamed(A, "Agent's"), object(B, "B", None)];
        agent.ask(&mut harness, head, done);
        let wanted = request(&mut harness, since);
        let id = OperationId(wanted.request_id);
        let message = Box::new(ClientMessage::Revert(wanted));
        let session = PERSON;
        harness.step(Input::Message { session, message });
        assert_eq!(answer(&harness, id), None);
        if meanwhile {
            harness.edit(Role::Blender, vec![renamed(A, "Person's")]);
            harness.deliver_to_daemon(Role::Blender);
        }
        harness.settle();
        let (expected, held) = match meanwhile {
            false => (ACCEPTED, "A"),
            true => ((AckStatus::Refused, Some(Code::Stale)), "Person's"),
        };
        assert_eq!(answer(&harness, id), Some(expected));
        assert_eq!(name(&harness, A).as_deref(), Some(held));
    }
}
