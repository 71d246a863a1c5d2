//! Parts of events, drawn at random.

use vibesync_scene::Role;

use crate::fakes::BaseSeq;
use crate::fakes::edit::{ARMATURE, CAMERA, Edit, LIGHT};
use crate::fault_disk::Fault;
use crate::random::Random;

/// Highest number of an object: low enough that edits meet.
pub const OBJECTS: usize = 8;

/// Number of contents of meshes.
pub const CONTENTS: u8 = 3;

/// Draws an editor.
pub fn role(random: &mut Random) -> Role {
    random.one_of(Role::EDITORS)
}

/// Draws what an editor counts as seen.
pub fn rule(random: &mut Random) -> BaseSeq {
    random.one_of([BaseSeq::Applied, BaseSeq::Answered, BaseSeq::Named])
}

/// Draws a number of messages.
pub fn count(random: &mut Random) -> u8 {
    random.one_of([1, 2, 3, 5, 9])
}

/// Draws the content of a mesh.
pub fn content(random: &mut Random) -> u8 {
    random.up_to(usize::from(CONTENTS - 1)) as u8
}

/// Draws a fault of the disk.
pub fn fault(random: &mut Random) -> Fault {
    random.one_of([Fault::Crash, Fault::Crash, Fault::Full, Fault::Io])
}

/// Draws an edit of a user.
pub fn edit(random: &mut Random) -> Edit {
    let who = random.up_to(OBJECTS) as u8;
    let maybe = random.once_in(3);
    let other = random.up_to(OBJECTS) as u8;
    match random.up_to(23) {
        0..=3 => Edit::Create(who),
        4..=8 => Edit::Move(who, random.number() as i8),
        9..=10 => match random.up_to(8) as u8 {
            name if maybe => Edit::Lock(who, name > 2),
            name => Edit::Rename(who, name),
        },
        11..=12 => Edit::Parent(who, (!maybe).then_some(other)),
        13 => Edit::Delete(who),
        14..=15 => match other % 4 {
            LIGHT => Edit::Light(content(random)),
            CAMERA => Edit::Camera(content(random)),
            mesh => Edit::Mesh(mesh, content(random)),
        },
        18 => match random.up_to(4) {
            0 => Edit::Map(!maybe),
            1 => Edit::Image(content(random)),
            2 if maybe => Edit::DeleteImage,
            _ => Edit::Material(content(random)),
        },
        19 => Edit::Slot(other % 2, !maybe),
        20 => match random.up_to(3) {
            0 => Edit::DeleteMaterial,
            _ => Edit::Own(who, !maybe),
        },
        23 => match random.up_to(4) {
            0 => Edit::Render(who, !maybe),
            1 => Edit::Armature(content(random)),
            2 => Edit::Pose(who, random.number() as i8),
            _ => Edit::Instance(who, (!maybe).then_some(other)),
        },
        21 => match random.up_to(4) {
            0 => Edit::Ungroup(other),
            _ => Edit::Collection(other, !maybe),
        },
        22 => Edit::Group(who, (!maybe).then_some(other)),
        16 => Edit::Show(who, (!maybe).then_some(ARMATURE)),
        _ => Edit::Show(who, (!maybe).then_some(other % 4)),
    }
}
