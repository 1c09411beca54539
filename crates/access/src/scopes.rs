//! The tree of scopes: what lies in what, answered without walking.

use crate::graph::Lists;
use crate::world::{Scope, ScopeIndex};

/// No scope.
const NONE: u32 = u32::MAX;

/// Which scope lies in which.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// By scope: the one that it lies in, once circles are cut.
    parents: Vec<u32>,
    children: Lists,
    /// By scope: its place in a walk over the trees, and the place after all that lies in it.
    spans: Vec<(u32, u32)>,
}

impl Scopes {
    /// A circle is cut above the scope of it that comes first.
    pub(crate) fn new(scopes: &[Scope]) -> Self {
        let count = scopes.len() as u32;
        let mut parents: Vec<u32> = scopes
            .iter()
            .map(|scope| scope.parent.filter(|parent| *parent < count).unwrap_or(NONE))
            .collect();
        // 0: not seen; otherwise the walk that saw it first.
        let mut seen = vec![0u32; scopes.len()];
        for start in 0..count {
            let mut at = start;
            while at != NONE && seen[at as usize] == 0 {
                seen[at as usize] = start + 1;
                at = parents[at as usize];
            }
            if at != NONE && seen[at as usize] == start + 1 {
                // The walk came back to itself: `at` is on a circle.
                let (mut first, mut round) = (at, parents[at as usize]);
                while round != at {
                    first = first.min(round);
                    round = parents[round as usize];
                }
                parents[first as usize] = NONE;
            }
        }
        let within = (0..count).filter(|scope| parents[*scope as usize] != NONE);
        let children = Lists::of_pairs(count, within.map(|scope| (parents[scope as usize], scope)));
        let mut spans = vec![(0, 0); scopes.len()];
        let mut place = 0;
        let mut path: Vec<(u32, usize)> = Vec::new();
        for root in (0..count).filter(|scope| parents[*scope as usize] == NONE) {
            path.push((root, 0));
            spans[root as usize].0 = place;
            place += 1;
            while let Some((scope, next)) = path.last_mut() {
                if let Some(child) = children.row(*scope as usize).get(*next) {
                    *next += 1;
                    spans[*child as usize].0 = place;
                    place += 1;
                    path.push((*child, 0));
                } else {
                    spans[*scope as usize].1 = place;
                    path.pop();
                }
            }
        }
        Self { parents, children, spans }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.parents.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// The scope that a scope lies in, once circles are cut.
    pub fn parent(&self, scope: ScopeIndex) -> Option<ScopeIndex> {
        self.parents.get(scope as usize).copied().filter(|parent| *parent != NONE)
    }

    /// The scopes that lie directly in a scope, ascending.
    pub fn children(&self, scope: ScopeIndex) -> &[ScopeIndex] {
        self.children.row(scope as usize)
    }

    /// Whether what is good on `above` and below it is good on `scope`: it is the same, or `scope` lies in it.
    pub fn holds(&self, above: ScopeIndex, scope: ScopeIndex) -> bool {
        match (self.spans.get(above as usize), self.spans.get(scope as usize)) {
            (Some((start, end)), Some((place, _))) => (*start..*end).contains(place),
            _ => false,
        }
    }

    /// A scope, the one that it lies in, and so on to the outermost.
    pub fn upwards(&self, scope: ScopeIndex) -> impl Iterator<Item = ScopeIndex> {
        let first = (scope < self.len()).then_some(scope);
        std::iter::successors(first, |at| self.parent(*at))
    }

    /// All that lies in a scope, at any depth, without itself; outer ones before inner ones.
    pub fn below(&self, scope: ScopeIndex) -> Vec<ScopeIndex> {
        let mut found = self.children(scope).to_vec();
        let mut place = 0;
        while let Some(at) = found.get(place) {
            found.extend_from_slice(self.children.row(*at as usize));
            place += 1;
        }
        found
    }
}
