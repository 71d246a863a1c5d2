//! Resources, subscriptions to them, and prompts.

use serde_json::{Value, json};

use crate::client::{Client, ERAS, Era};
use crate::fake::{Fake, object};

fn entity(number: u128) -> String {
    format!("vibesync://entity/{}", object(number))
}

#[tokio::test]
async fn listed_resources_can_be_read() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::new(), era).await;
        let listed = client.request("resources/list", json!({})).await;
        let listed = listed["resources"].as_array().unwrap().iter();
        let mut uris: Vec<String> = listed
            .map(|it| it["uri"].as_str().unwrap().into())
            .collect();
        uris.extend([entity(1), format!("vibesync://scene/tree/{}", object(1))]);
        for uri in uris {
            let read = client.request("resources/read", json!({"uri": uri})).await;
            assert_eq!(read["contents"][0]["uri"], uri);
            let text = read["contents"][0]["text"].as_str().unwrap();
            if uri.contains("capabilities") {
                assert!(
                    text == "No add-ons.\n" || text.contains("\"total\":0"),
                    "{text}"
                );
                continue;
            }
            let value: Value = serde_json::from_str(text).unwrap();
            assert!(value["seq"].is_u64(), "{uri}: {value}");
        }
    }
}

#[tokio::test]
async fn unknown_resource_has_the_error_of_its_era() {
    for (era, code) in [(Era::Legacy, -32002), (Era::Modern, -32602)] {
        let (mut client, _) = Client::open(Fake::new(), era).await;
        let uri = "file:///etc/passwd";
        let answer = client.answer("resources/read", json!({"uri": uri})).await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert_eq!(answer["error"]["data"]["uri"], uri);
    }
}

#[tokio::test]
async fn resource_without_a_daemon_names_the_command() {
    let (mut client, _) = Client::open(Fake::absent(), Era::Legacy).await;
    let answer = client
        .answer("resources/read", json!({"uri": "vibesync://history"}))
        .await;
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("VS-6003") && message.contains("vibesync run"),
        "{message}"
    );
}

#[tokio::test]
async fn legacy_subscriber_hears_of_its_entity_alone() {
    let daemon = Fake::new();
    let (mut client, _) = Client::open(daemon.clone(), Era::Legacy).await;
    for number in [1, 2] {
        client
            .request("resources/subscribe", json!({"uri": entity(number)}))
            .await;
    }
    client
        .request("resources/unsubscribe", json!({"uri": entity(2)}))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    daemon.change(object(2));
    client
        .expect_silence(std::time::Duration::from_millis(1_500))
        .await;
    daemon.change(object(1));
    let notice = client.notice().await;
    assert_eq!(notice["method"], "notifications/resources/updated");
    assert_eq!(notice["params"]["uri"], entity(1));
}

#[tokio::test]
async fn modern_listener_hears_of_what_it_was_granted() {
    let daemon = Fake::new();
    let (mut client, _) = Client::open(daemon.clone(), Era::Modern).await;
    let filter = json!({"resourceSubscriptions": [entity(1), "file:///etc/passwd"]});
    let id = client
        .start("subscriptions/listen", json!({"notifications": filter}))
        .await;
    let granted = client.notice().await;
    assert_eq!(
        granted["method"],
        "notifications/subscriptions/acknowledged"
    );
    let uris = &granted["params"]["notifications"]["resourceSubscriptions"];
    assert_eq!(*uris, json!([entity(1)]));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    daemon.change(object(1));
    let notice = client.notice().await;
    assert_eq!(notice["params"]["uri"], entity(1));
    let subscription = &notice["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
    assert_eq!(*subscription, json!(id));
}

#[tokio::test]
async fn number_of_subscriptions_is_bounded() {
    let (mut client, _) = Client::open(Fake::new(), Era::Legacy).await;
    for number in 1..=64 {
        client
            .request("resources/subscribe", json!({"uri": entity(number)}))
            .await;
    }
    let answer = client
        .answer("resources/subscribe", json!({"uri": entity(65)}))
        .await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    client
        .request("resources/subscribe", json!({"uri": entity(64)}))
        .await;
}

#[tokio::test]
async fn prompt_is_written_from_its_arguments() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::absent(), era).await;
        let listed = client.request("prompts/list", json!({})).await;
        assert_eq!(listed["prompts"].as_array().unwrap().len(), 4);
        let params = json!({"name": "work_on_scene", "arguments": {"goal": "a wall"}});
        let prompt = client.request("prompts/get", params).await;
        let text = prompt["messages"][0]["content"]["text"].as_str().unwrap();
        assert!(text.starts_with("Goal: a wall\n"), "{text}");
        let params = json!({"name": "work_on_scene", "arguments": {}});
        let answer = client.answer("prompts/get", params).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

/// Returns the values that complete an argument.
async fn complete(client: &mut Client, about: Value, name: &str, typed: &str) -> Value {
    let argument = json!({"name": name, "value": typed});
    let params = json!({"ref": about, "argument": argument});
    let answer = client.request("completion/complete", params).await;
    answer["completion"]["values"].clone()
}

#[tokio::test]
async fn uuid_of_an_address_is_completed_by_name() {
    for era in ERAS {
        let (mut client, about) = Client::open(Fake::new(), era).await;
        assert!(about["capabilities"]["completions"].is_object(), "{about}");
        for uri in ["vibesync://entity/{uuid}", "vibesync://scene/tree/{uuid}"] {
            let about = json!({"type": "ref/resource", "uri": uri});
            let all = complete(&mut client, about.clone(), "uuid", "").await;
            let first = object(1).to_string();
            assert!(all.as_array().unwrap().contains(&json!(first)), "{all}");
            let none = complete(&mut client, about.clone(), "uuid", "no such name").await;
            assert_eq!(none, json!([]));
            let other = complete(&mut client, about, "name", "").await;
            assert_eq!(other, json!([]));
        }
    }
}

#[tokio::test]
async fn words_of_prompts_are_completed() {
    let (mut client, _) = Client::open(Fake::new(), Era::Modern).await;
    let prompt = |name: &str| json!({"type": "ref/prompt", "name": name});
    let versions = complete(&mut client, prompt("make_graph"), "blender", "4").await;
    assert_eq!(versions, json!(["4.2", "4.5"]));
    let roles = complete(&mut client, prompt("review_changes"), "by", "u").await;
    assert_eq!(roles, json!(["unity"]));
    let codes = complete(&mut client, prompt("explain"), "what", "vs-400").await;
    assert!(
        codes.as_array().unwrap().contains(&json!("VS-4001")),
        "{codes}"
    );
    let free = complete(&mut client, prompt("make_graph"), "brief", "st").await;
    assert_eq!(free, json!([]));
}
