//! Looks through viewports, and selections.

use serde_json::{Value, json};
use vibesync_protocol::{Code, ErrorBody};
use vibesync_scene::{Look, Role};

use crate::client::{Client, ERAS, Era};
use crate::fake::{Fake, HOSTILE, object};

/// The base64 of the fake's picture.
const DATA: &str = "iVBORyBhbmQgc28gb24=";

async fn view(daemon: Fake, era: Era, arguments: Value) -> Value {
    let (mut client, _) = Client::open(daemon, era).await;
    let params = json!({"name": "scene_view", "arguments": arguments});
    client.request("tools/call", params).await
}

fn unable() -> Option<ErrorBody> {
    Some(ErrorBody {
        code: Code::EditorUnable,
        message: "Blender has no window".into(),
        location: String::new(),
        help: Code::EditorUnable.help().into(),
    })
}

#[tokio::test]
async fn picture_is_an_image_and_not_a_part_of_the_fields() {
    for era in ERAS {
        let fake = Fake::new();
        let arguments =
            json!({"editor": "blender", "look": "side", "frame": [object(1)], "size": 300});
        let result = view(fake.clone(), era, arguments).await;
        let image = json!({"type": "image", "data": DATA, "mimeType": "image/png"});
        assert_eq!(result["content"][1], image);
        assert_eq!(result["content"].as_array().unwrap().len(), 2);
        let fields = json!({"width": 300, "height": 1, "editor": "blender", "seq": 500});
        assert_eq!(result["structuredContent"], fields);
        let asked = fake.looked.lock().unwrap()[0].clone();
        assert_eq!((asked.editor, asked.look), (Role::Blender, Look::Side));
        assert_eq!((asked.frame, asked.size), (vec![object(1)], 300));
    }
}

#[tokio::test]
async fn look_has_defaults_and_the_camera_is_harmless_text() {
    let fake = Fake {
        name: Some(HOSTILE.into()),
        ..Fake::new()
    };
    let result = view(fake.clone(), Era::Modern, json!({"editor": "unity"})).await;
    let camera = result["structuredContent"]["camera"].as_str().unwrap();
    assert!(
        !camera.contains('\u{202E}') && !camera.contains('\n'),
        "{camera}"
    );
    let asked = fake.looked.lock().unwrap()[0].clone();
    assert_eq!((asked.editor, asked.look), (Role::Unity, Look::View));
    assert_eq!((asked.frame.len(), asked.size), (0, 768));
}

#[tokio::test]
async fn refusal_has_no_picture() {
    let fake = Fake {
        window_error: unable(),
        ..Fake::new()
    };
    let result = view(fake.clone(), Era::Modern, json!({"editor": "blender"})).await;
    assert_eq!(result["isError"], true);
    assert_eq!(result["content"].as_array().unwrap().len(), 1);
    assert_eq!(result["structuredContent"]["error"]["code"], "VS-9206");
    let (mut client, _) = Client::open(fake, Era::Modern).await;
    let arguments = json!({"editor": "blender", "uuids": []});
    let (answer, is_error) = client.call("selection_set", arguments).await;
    assert!(is_error && answer["error"]["code"] == "VS-9206", "{answer}");
}

#[tokio::test]
async fn selection_is_told_as_it_was_read_back() {
    let (mut client, _) = Client::open(Fake::new(), Era::Modern).await;
    let arguments = json!({"editor": "blender", "uuids": [object(2), object(1)]});
    let (answer, is_error) = client.call("selection_set", arguments).await;
    assert!(!is_error);
    let selected = json!([object(2), object(1)]);
    assert_eq!(
        answer,
        json!({"selected": selected, "editor": "blender", "seq": 500})
    );
}

#[tokio::test]
async fn wrong_arguments_are_refused_with_their_name() {
    let (mut client, _) = Client::open(Fake::new(), Era::Modern).await;
    let many = vec![object(1); 201];
    for (tool, arguments, place) in [
        ("scene_view", json!({}), "editor"),
        ("scene_view", json!({"editor": "agent"}), "editor"),
        (
            "scene_view",
            json!({"editor": "unity", "size": 255}),
            "size",
        ),
        (
            "scene_view",
            json!({"editor": "unity", "look": "back"}),
            "look",
        ),
        (
            "scene_view",
            json!({"editor": "unity", "frame": many}),
            "frame",
        ),
        ("selection_set", json!({"editor": "unity"}), "uuids"),
        ("selection_set", json!({"uuids": []}), "editor"),
        (
            "selection_set",
            json!({"editor": "unity", "uuids": many}),
            "uuids",
        ),
    ] {
        let (answer, is_error) = client.call(tool, arguments.clone()).await;
        assert!(is_error, "{tool} {arguments}");
        assert_eq!(
            answer["error"]["place"], place,
            "{tool} {arguments}: {answer}"
        );
    }
}
