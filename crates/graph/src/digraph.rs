//! A directed graph: reachable nodes, and strongly connected components in topological order (Tarjan 1972).

/// A directed graph: for each node its successors.
pub struct Digraph(Vec<Vec<usize>>);

impl Digraph {
    /// Makes a graph without edges.
    pub fn new(nodes: usize) -> Self {
        Self(vec![Vec::new(); nodes])
    }

    /// Adds an edge; ignores one to or from a node that does not exist.
    pub fn add(&mut self, from: usize, to: usize) {
        if to < self.0.len()
            && let Some(next) = self.0.get_mut(from)
        {
            next.push(to);
        }
    }

    /// Returns the number of nodes.
    pub fn node_count(&self) -> usize {
        self.0.len()
    }

    /// Returns the nodes that edges from `node` lead to.
    pub fn successors(&self, node: usize) -> &[usize] {
        self.0.get(node).map_or(&[], Vec::as_slice)
    }

    /// Returns whether an edge leads from the node to itself.
    pub fn has_self_loop(&self, node: usize) -> bool {
        self.successors(node).contains(&node)
    }

    /// Returns for each node whether it is reachable from `start`. `start` is; the search does not continue from `end`.
    pub fn reachable(&self, start: usize, end: Option<usize>) -> Vec<bool> {
        let mut seen = vec![false; self.0.len()];
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            match seen.get_mut(node) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            if Some(node) != end {
                open.extend(self.successors(node));
            }
        }
        seen
    }

    /// Returns the strongly connected components, each before its successors. A component of several nodes is a cycle.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut search = TarjanSearch {
            state: vec![State::default(); self.0.len()],
            ..TarjanSearch::default()
        };
        for start in 0..self.0.len() {
            search.start_from(start, self);
        }
        search.components.reverse();
        search.components
    }
}

/// The state of a node during the search.
#[derive(Clone, Copy, Default)]
struct State {
    /// Order in which the search entered the node, from 1; 0 if it has not.
    entered: usize,
    /// The earliest entered node that is reachable from here and still open.
    low: usize,
    /// Whether the component of the node is still incomplete.
    open: bool,
}

#[derive(Default)]
struct TarjanSearch {
    state: Vec<State>,
    entered: usize,
    open: Vec<usize>,
    components: Vec<Vec<usize>>,
}

impl TarjanSearch {
    fn state(&self, node: usize) -> State {
        self.state.get(node).copied().unwrap_or_default()
    }

    fn start_from(&mut self, start: usize, graph: &Digraph) {
        if self.state(start).entered > 0 {
            return;
        }
        // The current path: each node, and how many of its edges are done. Not recursive, because a chain can be as
        // long as the graph.
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((node, done)) = path.last_mut() {
            let node = *node;
            let Some(next) = graph.successors(node).get(*done).copied() else {
                path.pop();
                self.leave(node);
                if let Some((before, _)) = path.last() {
                    self.set_low(*before, self.state(node).low);
                }
                continue;
            };
            *done += 1;
            let there = self.state(next);
            if there.entered == 0 {
                self.enter(next);
                path.push((next, 0));
            } else if there.open {
                self.set_low(node, there.entered);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.entered += 1;
        if let Some(state) = self.state.get_mut(node) {
            *state = State {
                entered: self.entered,
                low: self.entered,
                open: true,
            };
        }
        self.open.push(node);
    }

    fn set_low(&mut self, node: usize, low: usize) {
        if let Some(state) = self.state.get_mut(node) {
            state.low = state.low.min(low);
        }
    }

    /// Completes the component, if the node is the first one of it.
    fn leave(&mut self, node: usize) {
        let State { entered, low, .. } = self.state(node);
        if low < entered {
            return;
        }
        let first = self.open.iter().rposition(|open| *open == node);
        let component = self.open.split_off(first.unwrap_or(self.open.len()));
        for member in &component {
            if let Some(state) = self.state.get_mut(*member) {
                state.open = false;
            }
        }
        self.components.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: usize, pairs: &[(usize, usize)]) -> Digraph {
        let mut graph = Digraph::new(nodes);
        pairs.iter().for_each(|(from, to)| graph.add(*from, *to));
        graph
    }

    #[test]
    fn components_are_in_topological_order() {
        let found = graph(5, &[(0, 1), (1, 2), (2, 1), (2, 3), (4, 3)]).components();
        let at = |node: usize| found.iter().position(|it| it.contains(&node)).unwrap();
        assert!(at(0) < at(1) && at(1) < at(3) && at(4) < at(3));
        assert_eq!(at(1), at(2));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn long_chain_needs_no_recursion() {
        let pairs: Vec<_> = (0..100_000).map(|node| (node, node + 1)).collect();
        let found = graph(100_001, &pairs).components();
        assert!(found.iter().enumerate().all(|(at, it)| *it == [at]));
    }

    #[test]
    fn reachable_stops_at_end() {
        let found = graph(4, &[(0, 1), (1, 2), (2, 3)]).reachable(0, Some(2));
        assert_eq!(found, [true, true, true, false]);
    }
}
