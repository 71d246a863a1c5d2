//! `vibesync projects add|remove|list`.

use serde_json::Value;

use crate::service_user::ServiceUser;

#[test]
fn projects_are_added_listed_and_removed() {
    let user = ServiceUser::new(600.0);
    let empty = user.run(&["projects", "list"]);
    assert_eq!(
        (empty.code, &*empty.out),
        (Some(0), "no projects: vibesync projects add DIR\n")
    );
    user.add("project");
    user.add("zweites Projekt");
    let id = std::fs::read_to_string(user.root("project/.vibesync/project.json")).unwrap();
    assert!(id.contains("project_id"), "it has an identity: {id}");
    let again = user.run(&["--project", "project", "projects", "add"]);
    assert!(
        again.code == Some(0) && again.out.contains("in the list already"),
        "{again:?}"
    );
    let list = user.run(&["projects", "list"]).out;
    let expected = "not supervised  ~/project\nnot supervised  ~/zweites Projekt\n";
    assert_eq!(list, expected);
    let daemon = user.project.start();
    let list = user.run(&["projects", "list", "--json"]).out;
    let first: Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    assert_eq!(first["state"], "serving");
    assert_eq!(first["pid"], daemon.pid());
    std::fs::remove_dir_all(user.root("zweites Projekt")).unwrap();
    let list = user.run(&["projects", "list"]).out;
    assert!(list.contains("missing folder  ~/zweites Projekt"), "{list}");
    let removed = user.run(&["projects", "remove", "zweites Projekt"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let unknown = user.run(&["projects", "remove", "zweites Projekt"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert_eq!(user.run(&["projects", "list"]).out.lines().count(), 1);
}

#[test]
fn served_project_can_be_added() {
    let user = ServiceUser::new(600.0);
    let _daemon = user.project.start();
    user.add("project");
}

#[test]
fn folder_inside_or_around_a_project_is_refused() {
    let user = ServiceUser::new(600.0);
    std::fs::create_dir_all(user.root("a/robot/art")).unwrap();
    user.add("a/robot");
    for folder in ["a", "a/robot/art", "nowhere"] {
        let refused = user.run(&["projects", "add", folder]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.err.starts_with("error VS-6001: "), "{refused:?}");
    }
    assert!(!user.root("a/.vibesync").exists(), "nothing was made");
}

#[test]
fn list_of_a_newer_version_is_not_overwritten() {
    let user = ServiceUser::new(600.0);
    let text = r#"{"schema_version":2,"projects":{}}"#;
    user.project.file("../config/vibesync/projects.json", text);
    let list = user.root("config/vibesync/projects.json");
    for command in ["add", "remove", "list"] {
        let refused = user.run(&["--project", "project", "projects", command]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.err.contains("VS-5008"), "{refused:?}");
    }
    assert_eq!(std::fs::read_to_string(list).unwrap(), text);
}
