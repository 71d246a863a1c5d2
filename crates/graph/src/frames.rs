//! Frames for nodes that are in none: by what hangs together, or by kind, in one palette for all graphs.
//!
//! The Blender addon makes the same ones for groups that are there (`addons/vibesync/core/graph/framing.py`);
//! `tests/golden/framing.json` holds both to it.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::{Frame, Graph};
use crate::wiring::{GROUP_INPUT, GROUP_OUTPUT, REROUTE};

/// Nodes of a frame that can still be taken in at a glance.
const MOST: usize = 10;

/// What a node is for, and so its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Where values and geometry begin.
    Inputs,
    /// What changes geometry.
    Transforms,
    /// Where results go.
    Outputs,
    /// What computes.
    Math,
}

impl Role {
    /// All roles, in the order in which frames are suggested.
    pub const ALL: &[Role] = &[Role::Inputs, Role::Transforms, Role::Outputs, Role::Math];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Inputs => "inputs",
            Role::Transforms => "transforms",
            Role::Outputs => "outputs",
            Role::Math => "math",
        }
    }

    /// Blue, green, orange, purple: red, green, blue, alpha from 0 to 1.
    pub fn color(self) -> [f64; 4] {
        match self {
            Role::Inputs => [0.2, 0.4, 0.8, 1.0],
            Role::Transforms => [0.2, 0.6, 0.3, 1.0],
            Role::Outputs => [0.85, 0.5, 0.15, 1.0],
            Role::Math => [0.5, 0.3, 0.7, 1.0],
        }
    }

    /// The role of a type of node.
    pub fn for_type(idname: &str) -> Self {
        if is_input(idname) {
            Role::Inputs
        } else if is_output(idname) {
            Role::Outputs
        } else if idname.starts_with("GeometryNode") {
            Role::Transforms
        } else {
            Role::Math
        }
    }
}

fn is_input(idname: &str) -> bool {
    const EXACT: &[&str] = &[
        GROUP_INPUT,
        "ShaderNodeValue",
        "ShaderNodeRGB",
        "GeometryNodeMeshCircle",
        "GeometryNodeMeshCone",
        "GeometryNodeMeshCube",
        "GeometryNodeMeshCylinder",
        "GeometryNodeMeshGrid",
        "GeometryNodeMeshIcoSphere",
        "GeometryNodeMeshLine",
        "GeometryNodeMeshUVSphere",
        "GeometryNodeCurveArc",
        "GeometryNodeCurveSpiral",
        "GeometryNodeCurveStar",
        "GeometryNodeCurveQuadraticBezier",
        "GeometryNodeVolumeCube",
        "GeometryNodePoints",
    ];
    const BEGIN: &[&str] = &[
        "GeometryNodeInput",
        "FunctionNodeInput",
        "GeometryNodeCurvePrimitive",
        "GeometryNodeGridPrimitive",
    ];
    const ABOUT: &[&str] = &[
        "Tool",
        "Self",
        "Is",
        "Object",
        "Collection",
        "Camera",
        "Image",
    ];
    const WHAT: &[&str] = &["Info", "Object", "Camera", "Viewport"];
    let asks = |rest: &str| {
        let mut about = ABOUT.iter().filter_map(|word| rest.strip_prefix(word));
        about.any(|rest| WHAT.iter().any(|word| rest.ends_with(word)))
    };
    EXACT.contains(&idname)
        || BEGIN.iter().any(|begin| idname.starts_with(begin))
        || idname.strip_prefix("GeometryNode").is_some_and(asks)
}

fn is_output(idname: &str) -> bool {
    const EXACT: &[&str] = &[
        GROUP_OUTPUT,
        "GeometryNodeViewer",
        "GeometryNodeWarning",
        "GeometryNodeSetShadeSmooth",
        "GeometryNodeSetID",
    ];
    const BEGIN: &[&str] = &["GeometryNodeSetMaterial", "GeometryNodeStoreNamed"];
    EXACT.contains(&idname) || BEGIN.iter().any(|begin| idname.starts_with(begin))
}

/// What makes nodes belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Links.
    Connectivity,
    /// Roles.
    Type,
}

/// Frames for the nodes of a graph that are in none. Reroutes stay outside: they follow what they are between.
pub fn suggest_frames(graph: &Graph, strategy: Strategy) -> Vec<Frame> {
    let free = Free::of(graph);
    let groups = match strategy {
        Strategy::Type => free.by_role(),
        Strategy::Connectivity => free.connected(),
    };
    let parts = groups.iter().flat_map(|group| free.split(group));
    let mut taken: HashSet<String> = graph.nodes.iter().map(|node| node.id.clone()).collect();
    taken.extend(graph.frames.iter().map(|frame| frame.id.clone()));
    let mut titles: HashMap<Role, usize> = HashMap::new();
    parts
        .map(|part| {
            let role = free.mostly(&part);
            let number = titles.entry(role).or_default();
            *number += 1;
            let title = match *number {
                1 => role.name().to_owned(),
                number => format!("{} {number}", role.name()),
            };
            let mut id = format!("frame_{}", title.replace(' ', "_"));
            while !taken.insert(id.clone()) {
                id.push('_');
            }
            Frame {
                id,
                label: capitalized(&title),
                color: Some(role.color()),
                nodes: part
                    .iter()
                    .filter_map(|node| free.ids.get(*node))
                    .map(|it| (*it).to_owned())
                    .collect(),
                ..Frame::default()
            }
        })
        .collect()
}

fn capitalized(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The nodes that are in no frame, by number, and the links between them.
struct Free<'g> {
    ids: Vec<&'g str>,
    roles: Vec<Role>,
    /// Whether it is the group's input or output.
    is_end: Vec<bool>,
    /// For each node its neighbors, in the order of the links.
    near: Vec<Vec<usize>>,
}

impl<'g> Free<'g> {
    fn of(graph: &'g Graph) -> Self {
        let framed: HashSet<&str> = graph
            .frames
            .iter()
            .flat_map(|frame| &frame.nodes)
            .map(String::as_str)
            .collect();
        let nodes = || {
            let nodes = graph.nodes.iter();
            nodes.filter(|node| node.idname != REROUTE && !framed.contains(node.id.as_str()))
        };
        let ids: Vec<&str> = nodes().map(|node| node.id.as_str()).collect();
        let index: HashMap<&str, usize> =
            ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut near = vec![Vec::new(); ids.len()];
        let origins = origins(graph);
        for link in &graph.links {
            let from = link.from.node.as_str();
            let from = origins.get(from).copied().unwrap_or(from);
            let ends = index
                .get(from)
                .copied()
                .zip(index.get(link.to.node.as_str()).copied());
            if let Some((from, to)) = ends {
                for (one, other) in [(from, to), (to, from)] {
                    if let Some(near) = near.get_mut(one) {
                        near.push(other);
                    }
                }
            }
        }
        Self {
            ids,
            roles: nodes().map(|node| Role::for_type(&node.idname)).collect(),
            is_end: nodes()
                .map(|node| [GROUP_INPUT, GROUP_OUTPUT].contains(&&*node.idname))
                .collect(),
            near,
        }
    }

    fn by_role(&self) -> Vec<Vec<usize>> {
        let of = |role: &Role| {
            let nodes = self.roles.iter().enumerate();
            nodes
                .filter(|(_, it)| *it == role)
                .map(|(node, _)| node)
                .collect()
        };
        Role::ALL.iter().map(of).collect()
    }

    /// Nodes that links hold together once the group's own inputs and outputs are left out; a lone node is no group.
    fn connected(&self) -> Vec<Vec<usize>> {
        let is_end = |node: usize| self.is_end.get(node).copied().unwrap_or(true);
        let mut seen = vec![false; self.ids.len()];
        let mut groups = Vec::new();
        for root in (0..self.ids.len()).filter(|node| !is_end(*node)) {
            let (mut open, mut group) = (vec![root], Vec::new());
            while let Some(node) = open.pop() {
                match seen.get_mut(node) {
                    Some(seen) if !*seen && !is_end(node) => *seen = true,
                    _ => continue,
                }
                group.push(node);
                open.extend(self.near.get(node).into_iter().flatten());
            }
            group.sort_unstable();
            if group.len() > 1 {
                groups.push(group);
            }
        }
        groups
    }

    /// A group in parts of at most [`MOST`] nodes, each of neighbors as far as there are any.
    fn split(&self, group: &[usize]) -> Vec<Vec<usize>> {
        let count = group.len().div_ceil(MOST).max(1);
        let size = group.len().div_ceil(count);
        let mut left: HashSet<usize> = group.iter().copied().collect();
        let mut firsts = group.iter().copied();
        let mut parts = Vec::new();
        while !left.is_empty() {
            let (mut part, mut waiting) = (Vec::new(), VecDeque::new());
            while !left.is_empty() && part.len() < size {
                let next = waiting
                    .pop_front()
                    .or_else(|| firsts.find(|node| left.contains(node)));
                let Some(node) = next else { break };
                if left.remove(&node) {
                    part.push(node);
                    let near = self.near.get(node).into_iter().flatten();
                    waiting.extend(near.filter(|it| left.contains(it)));
                }
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }

    /// The role that most nodes have; of several the one that comes first.
    fn mostly(&self, part: &[usize]) -> Role {
        let roles = || part.iter().filter_map(|node| self.roles.get(*node));
        let count = |role: &Role| roles().filter(|it| *it == role).count();
        let mut most = roles().next().copied().unwrap_or(Role::Math);
        for role in roles() {
            if count(role) > count(&most) {
                most = *role;
            }
        }
        most
    }
}

/// From each reroute to the node that its links come from in the end.
fn origins(graph: &Graph) -> HashMap<&str, &str> {
    let reroutes = graph.nodes.iter().filter(|node| node.idname == REROUTE);
    let reroutes: HashSet<&str> = reroutes.map(|node| node.id.as_str()).collect();
    let links = graph
        .links
        .iter()
        .filter(|link| reroutes.contains(link.to.node.as_str()));
    let before: HashMap<&str, &str> = links
        .map(|link| (link.to.node.as_str(), link.from.node.as_str()))
        .collect();
    let mut known: HashMap<&str, &str> = HashMap::new();
    for start in reroutes {
        let (mut at, mut path) = (start, HashSet::new());
        // Each reroute is walked once: the next walk that meets it knows where it ends.
        let end = loop {
            match (known.get(at), before.get(at)) {
                (Some(end), _) => break *end,
                (None, Some(next)) if path.insert(at) => at = next,
                _ => break at,
            }
        };
        known.extend(path.into_iter().map(|reroute| (reroute, end)));
    }
    known
}
