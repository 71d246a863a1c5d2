//! The ends of a request: an answer, a time limit, a lost editor.

use vibesync_protocol::{ClientMessage, Code, ErrorBody, Picture, SelectResult, ViewResult};
use vibesync_scene::{Look, Outcome, Phase, Role};
use vibesync_testkit::fakes::view::gray_png;

use super::stage::{Stage, claude};
use crate::harness::A;

#[test]
fn picture_reaches_the_agent_after_its_record() {
    let mut stage = Stage::new();
    let look = stage.look_with(|request| {
        request.look = Look::Camera;
        request.frame = vec![A];
    });
    let [view] = stage.views().try_into().unwrap();
    assert_eq!((view.look, view.size), (Look::Camera, 512));
    assert_eq!(view.deadline_ms, 10_000);
    stage.draw_with(look, |result| result.camera = "Camera".into());
    let answer = stage.answer(look);
    assert_eq!(answer.picture, Some(Picture(gray_png(512, 256).into())));
    assert_eq!((answer.width, answer.height), (512, 256));
    assert_eq!(
        (answer.editor, answer.camera.as_str()),
        (Role::Blender, "Camera")
    );
    let [(record, viewed)] = stage.logged().try_into().unwrap();
    assert_eq!((record.phase, record.outcome), (Phase::View, Outcome::Ok));
    assert_eq!(record.uuids, [A]);
    assert_eq!(answer.seq, stage.harness.engine.head_seq());
    assert_eq!(viewed.agent, Some(claude()));
    assert_eq!(
        (viewed.look, viewed.camera.as_str()),
        (Look::Camera, "Camera")
    );
    assert_eq!((viewed.width, viewed.height), (512, 256));
}

#[test]
fn selection_is_read_back_and_leaves_no_record() {
    let mut stage = Stage::new();
    let head = stage.harness.engine.head_seq();
    let select = stage.select(vec![A]);
    assert_eq!(stage.selects()[0].uuids, [A]);
    stage.selected(select, vec![A]);
    let answer = stage.selection(select);
    assert_eq!((answer.selected, answer.error), (vec![A], None));
    assert_eq!((answer.editor, answer.seq), (Role::Blender, head));
    let clear = stage.select(Vec::new());
    stage.selected(clear, Vec::new());
    assert!(stage.selection(clear).selected.is_empty());
    assert_eq!(stage.harness.engine.head_seq(), head);
}

#[test]
fn picture_that_is_no_png_of_its_size_is_refused() {
    let png = gray_png(512, 256);
    let cut = |length: usize| Some(Picture(png[..length].to_vec().into()));
    let with = |at: usize, byte: u8| {
        let mut bytes = png.clone();
        bytes[at] = byte;
        Some(Picture(bytes.into()))
    };
    let huge = || {
        let mut bytes = png.clone();
        bytes.resize((4 << 20) + 1, 0);
        Some(Picture(bytes.into()))
    };
    let pictures = [
        None,
        cut(0),
        cut(24),
        with(0, 0),
        with(19, 1),
        with(24, 16),
        with(25, 3),
        huge(),
    ];
    for (i, picture) in pictures.into_iter().enumerate() {
        let mut stage = Stage::new();
        let look = stage.look();
        stage.draw_with(look, |result| result.picture = picture.clone());
        assert_eq!(stage.code(look), Code::ResultUnusable, "{i}");
        assert!(stage.logged().is_empty());
    }
    for (width, height) in [(513, 256), (0, 0)] {
        let mut stage = Stage::new();
        let look = stage.look();
        stage.draw_with(look, |result| {
            (result.width, result.height) = (width, height);
            result.picture = Some(Picture(gray_png(width, height).into()));
        });
        assert_eq!(stage.code(look), Code::ResultUnusable, "{width}");
    }
    let mut stage = Stage::new();
    let look = stage.look();
    stage.draw_with(look, |result| result.picture = with(25, 6));
    assert_eq!(stage.answer(look).error, None, "RGBA");
}

#[test]
fn error_of_the_editor_reaches_the_agent_without_a_picture() {
    let mut stage = Stage::new();
    let look = stage.look();
    stage.draw_with(look, |result| {
        result.error = Some(ErrorBody {
            code: Code::EditorUnable,
            message: "x".repeat(10_000),
            location: String::new(),
            help: "anything".into(),
        });
    });
    let error = stage.error(look);
    assert_eq!(error.code, Code::EditorUnable);
    assert!(error.message.len() < 3_000);
    assert_eq!(error.help, Code::EditorUnable.help());
    assert!(stage.logged().is_empty());
}

#[test]
fn silence_ends_after_ten_seconds_and_a_late_answer_is_dropped() {
    let mut stage = Stage::new();
    let look = stage.look();
    let select = stage.select(vec![A]);
    stage.wait(9_999);
    assert!(stage.answers(look).is_empty());
    stage.wait(1);
    assert_eq!(stage.code(look), Code::EditorUnable);
    assert_eq!(stage.selection_code(select), Code::EditorUnable);
    stage.draw(look);
    assert_eq!(stage.answers(look).len(), 1);
    assert!(stage.logged().is_empty(), "nobody got the picture");
    assert_eq!(
        stage
            .harness
            .engine
            .next_deadline()
            .filter(|at| *at < 60_000),
        None
    );
}

#[test]
fn editor_has_one_request_at_a_time() {
    let mut stage = Stage::new();
    let first = stage.look();
    let second = stage.select(vec![A]);
    let third = stage.look();
    let unity = stage.look_with(|request| request.editor = Role::Unity);
    assert_eq!(stage.views().len(), 1);
    assert!(stage.selects().is_empty());
    assert_eq!(stage.views_of(Role::Unity)[0].request_id, unity);
    stage.wait(4_000);
    stage.draw(first);
    assert_eq!(stage.selects()[0].request_id, second);
    assert_eq!(stage.selects()[0].deadline_ms, 6_000, "waiting counts");
    assert_eq!(stage.views().len(), 1);
    stage.draw(third);
    assert!(stage.answers(third).is_empty(), "it was not asked for yet");
    stage.selected(second, vec![A]);
    assert_eq!(stage.views()[1].request_id, third);
    stage.draw(third);
    assert_eq!(stage.answer(third).error, None);
}

#[test]
fn number_of_waiting_requests_is_bounded() {
    let mut stage = Stage::new();
    for _ in 0..9 {
        stage.select(vec![A]);
    }
    let tenth = stage.select(vec![A]);
    let error = stage.selection(tenth).error.unwrap();
    assert_eq!(error.code, Code::EditorUnable);
    assert!(
        error.message.contains("8 requests wait"),
        "{}",
        error.message
    );
}

#[test]
fn lost_editor_ends_its_requests_at_once() {
    let mut stage = Stage::new();
    let (first, second) = (stage.look(), stage.look());
    let unity = stage.look_with(|request| request.editor = Role::Unity);
    stage.harness.disconnect(Role::Blender);
    assert_eq!(stage.code(first), Code::EditorUnable);
    assert_eq!(stage.code(second), Code::EditorUnable);
    assert!(stage.answers(unity).is_empty());
    stage.harness.connect(Role::Blender);
    stage.draw(first);
    assert_eq!(stage.answers(first).len(), 1);
}

#[test]
fn lost_agent_keeps_the_editor_busy_until_it_answers() {
    let mut stage = Stage::new();
    let first = stage.look();
    let waiting = stage.look();
    let session = stage.agent;
    stage.harness.step(vibesync_engine::Input::Disconnected {
        session,
        reason: "test".into(),
    });
    stage.agent = stage.other_agent("other");
    let next = stage.look();
    assert_eq!(stage.views().len(), 1, "it still draws");
    stage.draw(first);
    assert!(stage.logged().is_empty(), "nobody got the picture");
    assert_eq!(stage.views()[1].request_id, next, "not the waiting one");
    stage.draw(waiting);
    stage.draw(next);
    assert!(stage.answers(first).is_empty() && stage.answers(waiting).is_empty());
    assert_eq!(stage.answer(next).error, None);
}

#[test]
fn answers_of_others_and_of_another_kind_are_not_taken() {
    let mut stage = Stage::new();
    let look = stage.look();
    let unity = stage.harness.wires[&Role::Unity].session.unwrap();
    let result = ViewResult {
        request_id: look,
        ..ViewResult::default()
    };
    stage.send(unity, ClientMessage::ViewResult(result.clone()));
    stage.send(stage.agent, ClientMessage::ViewResult(result));
    assert!(stage.answers(look).is_empty());
    stage.blender_sends(ClientMessage::SelectResult(SelectResult {
        request_id: look,
        ..SelectResult::default()
    }));
    assert_eq!(stage.code(look), Code::ResultUnusable);
    let select = stage.select(vec![A]);
    stage.draw(select);
    assert_eq!(stage.selection_code(select), Code::ResultUnusable);
}
