//! Sorts linked items into columns, so that links lead to the right and few of them cross.

use std::collections::HashMap;

use crate::digraph::Digraph;

/// Number of passes that sort the columns by their neighbors.
const SWEEPS: usize = 4;

/// Returns the items in columns. Each item is to the right of those that lead to it, and near its neighbors.
pub(super) fn columns(items: &[usize], links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let index: HashMap<usize, usize> = items
        .iter()
        .enumerate()
        .map(|(index, item)| (*item, index))
        .collect();
    let mut forward = Digraph::new(items.len());
    let mut backward = Digraph::new(items.len());
    for (from, to) in links {
        if let (Some(from), Some(to)) = (index.get(from), index.get(to)) {
            forward.add(*from, *to);
            backward.add(*to, *from);
        }
    }
    let mut columns = assign_columns(&forward);
    sort_columns(&mut columns, &forward, &backward);
    let item = |index: usize| items.get(index).copied();
    let items_of = |column: Vec<usize>| column.into_iter().filter_map(item).collect();
    columns.into_iter().map(items_of).collect()
}

/// Puts each node one column to the right of the last one that leads to it. The nodes of a cycle get one column each, side
/// by side.
fn assign_columns(edges: &Digraph) -> Vec<Vec<usize>> {
    let mut rank = vec![0_usize; edges.node_count()];
    let mut is_done = vec![false; edges.node_count()];
    for component in edges.components() {
        let first = component.iter().filter_map(|node| rank.get(*node)).max();
        let first = first.copied().unwrap_or_default();
        for (step, node) in component.iter().enumerate() {
            if let (Some(rank), Some(is_done)) = (rank.get_mut(*node), is_done.get_mut(*node)) {
                (*rank, *is_done) = (first + step, true);
            }
        }
        for next in component.iter().flat_map(|node| edges.successors(*node)) {
            if let (Some(rank), Some(false)) = (rank.get_mut(*next), is_done.get(*next)) {
                *rank = (*rank).max(first + component.len());
            }
        }
    }
    let count = rank.iter().max().map_or(0, |last| last + 1);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (node, rank) in rank.into_iter().enumerate() {
        if let Some(column) = columns.get_mut(rank) {
            column.push(node);
        }
    }
    columns.retain(|column| !column.is_empty());
    columns
}

/// Sorts each column by the mean row of the neighbors in other columns, alternately to the left and to the right.
fn sort_columns(columns: &mut [Vec<usize>], forward: &Digraph, backward: &Digraph) {
    for sweep in 0..SWEEPS {
        let is_forward = sweep % 2 == 0;
        let neighbors = if is_forward { backward } else { forward };
        let numbered = columns.iter().flat_map(|column| column.iter().enumerate());
        let mut rows: HashMap<usize, usize> = numbered.map(|(row, node)| (*node, row)).collect();
        let count = columns.len();
        for step in 0..count {
            let index = if is_forward { step } else { count - 1 - step };
            let Some(column) = columns.get_mut(index) else {
                continue;
            };
            let mut means: Vec<(f64, usize)> = column
                .iter()
                .map(|node| (mean_row(*node, neighbors, &rows), *node))
                .collect();
            means.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            *column = means.into_iter().map(|(_, node)| node).collect();
            rows.extend(column.iter().enumerate().map(|(row, node)| (*node, row)));
        }
    }
}

/// Returns the mean row of the neighbors of a node; its own row if it has none.
fn mean_row(node: usize, neighbors: &Digraph, rows: &HashMap<usize, usize>) -> f64 {
    let linked = neighbors.successors(node);
    let counted = if linked.is_empty() {
        std::slice::from_ref(&node)
    } else {
        linked
    };
    let sum: usize = counted.iter().filter_map(|node| rows.get(node)).sum();
    #[allow(clippy::cast_precision_loss, reason = "a few thousand rows")]
    let mean = sum as f64 / counted.len() as f64;
    mean
}
