//! Headers of messages: valid ones are parsed, others are refused with their code.

use serde_json::{Value, json};
use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, FrameDecoder, Limits, Query, QueryResult, WireError,
    encode, parse_client, parse_daemon,
};

fn read(header: &str) -> Result<ClientMessage, WireError> {
    let bytes = encode(header.as_bytes(), &[] as &[&[u8]]).unwrap();
    let frame = FrameDecoder::new(Limits::SESSION)
        .decode(bytes.into())
        .unwrap();
    parse_client(&frame).map(|(message, _)| message)
}

fn parse(value: &Value) -> Result<ClientMessage, Code> {
    read(&value.to_string()).map_err(|error| error.code)
}

#[test]
fn query_is_parsed_from_a_flat_object() {
    let id = "00000000-0000-0000-0000-000000000001";
    let message =
        parse(&json!({"type": "query", "request_id": id, "what": "status", "attachments": []}));
    assert!(
        matches!(
            message,
            Ok(ClientMessage::Query {
                what: Query::Status,
                ..
            })
        ),
        "{message:?}"
    );
}

#[test]
fn only_the_answer_to_a_batch_may_have_a_longer_header() {
    let id = "00000000-0000-0000-0000-000000000001";
    let long = " ".repeat(Limits::SESSION.header_bytes as usize);
    let applied = format!(r#"{{"type":"applied","batch_id":"{id}","results":[]}}{long}"#);
    let ping = format!(r#"{{"type":"ping","nonce":1,"head_seq":0}}{long}"#);
    let read = |header: &str, limits| {
        let bytes = encode(header.as_bytes(), &[] as &[&[u8]]).unwrap();
        let decoder = FrameDecoder::new(limits);
        decoder.frame_len(&bytes)?;
        parse_client(&decoder.decode(bytes.into())?)
    };
    let code = |header, limits| read(header, limits).err().map(|error| error.code);
    assert_eq!(code(&applied, Limits::LARGE_BATCHES), None);
    let invalid = Some(Code::HeaderInvalid);
    assert_eq!(code(&ping, Limits::LARGE_BATCHES), invalid);
    assert_eq!(code(&applied, Limits::SESSION), invalid);
}

#[test]
fn editor_state_is_accepted_without_objects() {
    let id = "00000000-0000-0000-0000-000000000001";
    let said = |message: Value| match parse(&message) {
        Ok(ClientMessage::EditorState { objects, .. }) => objects.map(|objects| objects.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(said(json!({"type": "editor_state", "state": "edit"})), None);
    assert_eq!(
        said(json!({"type": "editor_state", "state": "edit", "objects": null})),
        None
    );
    let listed = json!({"type": "editor_state", "state": "edit", "objects": [id]});
    assert_eq!(said(listed), Some(1));
}

#[test]
fn documented_intent_is_parsed() {
    let id = "00000000-0000-0000-0000-000000000001";
    let rotation =
        json!({"translation": [1, 2, 3.5], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]});
    let intent = json!({
        "type": "intent", "operation_id": id, "project_id": id, "schema_version": 1, "base_seq": 4, "label": "Move",
        "changes": [
            {"op": "update", "uuid": id, "components": {"transform": rotation, "parent": {"uuid": null}}},
            {"op": "delete", "uuid": id},
        ],
    });
    let Ok(ClientMessage::Intent(read)) = parse(&intent) else {
        panic!("not read")
    };
    assert_eq!(read.changes.len(), 2);
}

#[test]
fn unknown_types_fields_and_deep_nesting_are_refused() {
    assert_eq!(
        parse(&json!({"type": "explode"})),
        Err(Code::MessageUnknown)
    );
    assert_eq!(
        parse(&json!({"type": "welcome"})),
        Err(Code::MessageUnknown)
    );
    assert_eq!(parse(&json!({"no_type": 1})), Err(Code::MessageUnknown));
    assert_eq!(
        parse(&json!({"type": "goodbye", "reason": "x", "extra": 1})),
        Err(Code::MessageMalformed)
    );
    assert_eq!(
        parse(&json!({"type": "goodbye"})),
        Err(Code::MessageMalformed)
    );
    let mut deep = json!(1);
    for _ in 0..80 {
        deep = json!([deep]);
    }
    assert_eq!(
        parse(&json!({"type": "goodbye", "reason": deep})),
        Err(Code::HeaderInvalid)
    );
}

#[test]
fn a_number_beyond_float64_is_refused() {
    let text = r#"{"type":"ping","nonce":1,"head_seq":1e999}"#;
    assert_eq!(read(text).unwrap_err().code, Code::MessageMalformed);
}

#[test]
fn code_is_parsed_from_its_own_text() {
    for code in Code::ALL {
        assert_eq!(code.as_str().parse::<Code>().unwrap(), *code);
        assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
    }
}

/// Parses a message of the daemon.
fn parse_answer(header: &str) -> Result<DaemonMessage, WireError> {
    let bytes = encode(header.as_bytes(), &[] as &[&[u8]]).unwrap();
    let frame = FrameDecoder::new(Limits::SESSION).decode(bytes.into());
    parse_daemon(&frame.unwrap()).map(|(message, _)| message)
}

#[test]
fn result_is_the_same_whatever_the_order_of_its_fields() {
    let id = "00000000-0000-0000-0000-000000000001";
    let result = QueryResult::Changes {
        seq: 7,
        uuids: vec![id.parse().unwrap()],
        more: false,
    };
    let expected = DaemonMessage::Result {
        request_id: id.parse().unwrap(),
        result,
    };
    let rest = format!(r#""seq":7,"uuids":["{id}"],"more":false"#);
    for header in [
        serde_json::to_string(&expected).unwrap(),
        format!(r#"{{"type":"result","request_id":"{id}","what":"changes",{rest}}}"#),
        format!(r#"{{"type":"result","what":"changes",{rest},"request_id":"{id}"}}"#),
        format!(r#"{{"type":"result",{rest},"what":"changes","request_id":"{id}","new":[1]}}"#),
        format!(r#"{{"request_id":"{id}","type":"result",{rest},"what":"changes"}}"#),
        format!(
            r#"{{"type":"result","attachments":[],"request_id":"{id}","what":"changes",{rest}}}"#
        ),
    ] {
        assert_eq!(parse_answer(&header).unwrap(), expected, "{header}");
    }
    for header in [
        format!(r#"{{"type":"result","what":"changes",{rest}}}"#),
        format!(r#"{{"type":"result","request_id":"{id}",{rest}}}"#),
        format!(r#"{{"type":"result","request_id":"{id}","what":"changed",{rest}}}"#),
        format!(r#"{{"type":"result","request_id":"{id}","what":"changes"}}"#),
    ] {
        let error = parse_answer(&header).unwrap_err();
        assert_eq!(error.code, Code::MessageMalformed, "{header}");
    }
}
