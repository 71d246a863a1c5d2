//! Atomic replacement of small files.

use std::path::Path;

use vibesync_store::disk::{Access, Disk};
use vibesync_store::durable::{write, write_on, write_private};
use vibesync_testkit::{Fault, FaultDisk, Tear};

#[test]
fn file_has_old_or_new_content_after_a_crash() {
    let (path, old, new) = (Path::new("/p/f"), vec![1; 1000], vec![2; 2000]);
    for at in 0..6 {
        for seed in 0..50 {
            let disk = FaultDisk::new(seed, Tear::Garbage);
            disk.put(path, &old);
            disk.fail(at, Fault::Crash);
            let written = write_on(&disk, path, &new, Access::Default);
            disk.reboot();
            let found = disk.bytes(path).unwrap();
            assert!(
                found == new || (found == old && written.is_err()),
                "operation {at}, seed {seed}"
            );
        }
    }
}

#[test]
fn old_file_stays_when_a_write_fails() {
    let path = Path::new("/p/f");
    for at in 0..3 {
        let disk = FaultDisk::new(at, Tear::Prefix);
        disk.put(path, b"old");
        disk.fail(at, Fault::Full);
        assert!(write_on(&disk, path, b"new", Access::Default).is_err());
        assert_eq!(disk.list(Path::new("/p")).unwrap(), ["f"]);
        assert_eq!(disk.bytes(path).unwrap(), b"old");
    }
}

#[test]
fn file_is_replaced_on_the_real_disk() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    for content in ["first", "second"] {
        write(&path, content.as_bytes()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
    write_private(&path, b"secret").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(write(&dir.path().join("no/folder"), b"x").is_err());
}
