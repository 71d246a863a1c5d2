//! What comes before what: the strongly connected components of a directed graph, sources first (Tarjan 1972).

/// For each node the nodes that its edges lead to.
pub struct Edges(pub Vec<Vec<usize>>);

impl Edges {
    /// A graph without edges.
    pub fn new(nodes: usize) -> Self {
        Self(vec![Vec::new(); nodes])
    }

    /// Adds an edge; what is outside is left out.
    pub fn add(&mut self, from: usize, to: usize) {
        if to < self.0.len()
            && let Some(next) = self.0.get_mut(from)
        {
            next.push(to);
        }
    }

    /// The nodes that an edge leads to.
    pub fn after(&self, node: usize) -> &[usize] {
        self.0.get(node).map_or(&[], Vec::as_slice)
    }

    /// Whether an edge leads back to where it begins.
    pub fn loops(&self, node: usize) -> bool {
        self.after(node).contains(&node)
    }

    /// Which nodes can be reached from one, itself included, without going on from `end`.
    pub fn reached(&self, start: usize, end: Option<usize>) -> Vec<bool> {
        let mut seen = vec![false; self.0.len()];
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            match seen.get_mut(node) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            if Some(node) != end {
                open.extend(self.after(node));
            }
        }
        seen
    }

    /// Components, each before those that its edges lead to. One of several nodes is a cycle.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut search = Search {
            state: vec![State::default(); self.0.len()],
            ..Search::default()
        };
        for start in 0..self.0.len() {
            search.from(start, self);
        }
        search.found.reverse();
        search.found
    }
}

#[derive(Clone, Copy, Default)]
struct State {
    /// When it was entered, from 1; 0 for not yet.
    entered: usize,
    /// The earliest entered that is reached from it and still open.
    low: usize,
    /// Whether its component is still open.
    open: bool,
}

#[derive(Default)]
struct Search {
    state: Vec<State>,
    entered: usize,
    open: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn state(&self, node: usize) -> State {
        self.state.get(node).copied().unwrap_or_default()
    }

    fn from(&mut self, start: usize, edges: &Edges) {
        if self.state(start).entered > 0 {
            return;
        }
        // The path that is being walked: each node, and how many of its edges have been looked at. Not recursive, since
        // a chain may be as long as the graph.
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((node, looked)) = path.last_mut() {
            let node = *node;
            let Some(next) = edges.after(node).get(*looked).copied() else {
                path.pop();
                self.leave(node);
                if let Some((before, _)) = path.last() {
                    self.lower(*before, self.state(node).low);
                }
                continue;
            };
            *looked += 1;
            let there = self.state(next);
            if there.entered == 0 {
                self.enter(next);
                path.push((next, 0));
            } else if there.open {
                self.lower(node, there.entered);
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

    fn lower(&mut self, node: usize, low: usize) {
        if let Some(state) = self.state.get_mut(node) {
            state.low = state.low.min(low);
        }
    }

    /// Closes the component that a node is the first of.
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
        self.found.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(nodes: usize, pairs: &[(usize, usize)]) -> Edges {
        let mut edges = Edges::new(nodes);
        pairs.iter().for_each(|(from, to)| edges.add(*from, *to));
        edges
    }

    #[test]
    fn sources_come_first_and_cycles_are_one() {
        let found = edges(5, &[(0, 1), (1, 2), (2, 1), (2, 3), (4, 3)]).components();
        let at = |node: usize| found.iter().position(|it| it.contains(&node)).unwrap();
        assert!(at(0) < at(1) && at(1) < at(3) && at(4) < at(3));
        assert_eq!(at(1), at(2));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_chain_of_any_length_is_walked() {
        let pairs: Vec<_> = (0..100_000).map(|node| (node, node + 1)).collect();
        let found = edges(100_001, &pairs).components();
        assert!(found.iter().enumerate().all(|(at, it)| *it == [at]));
    }

    #[test]
    fn what_is_reached_ends_where_it_is_told_to() {
        let found = edges(4, &[(0, 1), (1, 2), (2, 3)]).reached(0, Some(2));
        assert_eq!(found, [true, true, true, false]);
    }
}
