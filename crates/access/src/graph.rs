//! Memberships as two compact tables: members of each group, groups of each member.

/// A node of the graph. Accounts are numbered first, then groups, then dangling ids, without gaps.
pub type Node = u32;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// An account.
    Account,
    /// A group.
    Group,
    /// An id that a group names as a member and that its source does not hold.
    Dangling,
}

/// Memberships as they come in: runs of members, one group after the other.
#[derive(Clone, Debug, Default)]
pub struct Memberships {
    /// The group of each run, and where the run starts in `members`.
    runs: Vec<(u32, u32)>,
    members: Vec<Node>,
}

impl Memberships {
    /// Adds a direct membership. Memberships of one group should come together: then nothing needs to be sorted later.
    pub fn push(&mut self, group: u32, member: Node) {
        if self.runs.last().is_none_or(|(last, _)| *last != group) {
            self.runs.push((group, self.members.len() as u32));
        }
        self.members.push(member);
    }

    /// How many were added.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Gives each member another number, for callers who learn the final numbers late.
    pub fn renumber(&mut self, number: impl Fn(Node) -> Node) {
        for member in &mut self.members {
            *member = number(*member);
        }
    }

    /// Each run as group, start and end.
    fn runs(&self) -> impl Iterator<Item = (u32, usize, usize)> {
        let ends = self
            .runs
            .iter()
            .skip(1)
            .map(|(_, start)| *start as usize)
            .chain([self.members.len()]);
        self.runs
            .iter()
            .zip(ends)
            .map(|((group, start), end)| (*group, *start as usize, end))
    }
}

/// Lists of numbers, one list per row, without an allocation per row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Lists of `rows` rows from pairs of row and item in any order; each row keeps the order in which its items came.
    /// Rows must be below `rows`.
    pub(crate) fn of_pairs(rows: u32, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0u32; rows as usize + 1];
        for (row, _) in pairs.clone() {
            starts[row as usize + 1] += 1;
        }
        for row in 0..rows as usize {
            starts[row + 1] += starts[row];
        }
        let mut items = vec![0u32; starts[rows as usize] as usize];
        let mut next = starts.clone();
        for (row, item) in pairs {
            items[next[row as usize] as usize] = item;
            next[row as usize] += 1;
        }
        Self { starts, items }
    }

    pub(crate) fn row(&self, row: usize) -> &[u32] {
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(start), Some(end)) => &self.items[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// Lists of `rows` rows from runs that may come in any order, or twice for one row.
    fn collect(rows: u32, edges: Memberships) -> Self {
        let ordered = edges.runs.windows(2).all(|pair| pair[0].0 < pair[1].0) && edges.runs.last().is_none_or(|(last, _)| *last < rows);
        let mut starts = vec![0u32; rows as usize + 1];
        for (row, start, end) in edges.runs() {
            if row < rows {
                starts[row as usize + 1] += (end - start) as u32;
            }
        }
        for row in 0..rows as usize {
            starts[row + 1] += starts[row];
        }
        if ordered {
            return Self {
                starts,
                items: edges.members,
            };
        }
        let mut items = vec![0u32; starts[rows as usize] as usize];
        let mut next = starts.clone();
        for (row, start, end) in edges.runs() {
            if row < rows {
                let at = next[row as usize] as usize;
                items[at..at + (end - start)].copy_from_slice(&edges.members[start..end]);
                next[row as usize] += (end - start) as u32;
            }
        }
        Self { starts, items }
    }

    /// Sorts each row and drops what is there twice, or is not below `limit`.
    fn tidy(&mut self, limit: u32) {
        let mut kept = 0usize;
        for row in 0..self.starts.len().saturating_sub(1) {
            let (start, end) = (self.starts[row] as usize, self.starts[row + 1] as usize);
            let sorted = self.items[start..end].windows(2).all(|pair| pair[0] < pair[1]);
            if !sorted {
                self.items[start..end].sort_unstable();
            }
            self.starts[row] = kept as u32;
            let mut last = None;
            for at in start..end {
                let item = self.items[at];
                if item < limit && last != Some(item) {
                    self.items[kept] = item;
                    kept += 1;
                    last = Some(item);
                }
            }
        }
        if let Some(end) = self.starts.last_mut() {
            *end = kept as u32;
        }
        self.items.truncate(kept);
        self.items.shrink_to_fit();
    }
}

/// Who is a member of what: direct memberships, both ways.
///
/// Four bytes per membership and direction, four per node.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    accounts: u32,
    groups: u32,
    dangling: u32,
    /// By group ordinal: its members, ascending.
    members: Lists,
    /// By node: the groups that name it, ascending.
    parents: Lists,
}

impl Graph {
    /// The graph of so many accounts, groups and dangling ids. In `edges` groups are ordinals (from 0 on) and members are
    /// nodes; a membership of a group or a member that does not exist is left out, and one that comes twice counts once.
    pub fn new(accounts: u32, groups: u32, dangling: u32, edges: Memberships) -> Self {
        let nodes = accounts + groups + dangling;
        let mut members = Lists::collect(groups, edges);
        members.tidy(nodes);
        let mut starts = vec![0u32; nodes as usize + 1];
        for member in &members.items {
            starts[*member as usize + 1] += 1;
        }
        for node in 0..nodes as usize {
            starts[node + 1] += starts[node];
        }
        let mut items = vec![0u32; members.items.len()];
        // Each start moves to its row's end while the rows are filled, and is the next row's start then.
        for group in 0..groups {
            for member in members.row(group as usize) {
                let at = &mut starts[*member as usize];
                items[*at as usize] = accounts + group;
                *at += 1;
            }
        }
        starts.rotate_right(1);
        if let Some(first) = starts.first_mut() {
            *first = 0;
        }
        Self {
            accounts,
            groups,
            dangling,
            members,
            parents: Lists { starts, items },
        }
    }

    /// How many accounts there are.
    pub fn accounts(&self) -> u32 {
        self.accounts
    }

    /// How many groups there are.
    pub fn groups(&self) -> u32 {
        self.groups
    }

    /// How many dangling ids there are.
    pub fn dangling(&self) -> u32 {
        self.dangling
    }

    /// How many nodes there are in all.
    pub fn nodes(&self) -> u32 {
        self.accounts + self.groups + self.dangling
    }

    /// How many different memberships there are.
    pub fn memberships(&self) -> usize {
        self.members.items.len()
    }

    /// What a node stands for.
    pub fn kind(&self, node: Node) -> NodeKind {
        if node < self.accounts {
            NodeKind::Account
        } else if node - self.accounts < self.groups {
            NodeKind::Group
        } else {
            NodeKind::Dangling
        }
    }

    /// The node of a group.
    pub fn group_node(&self, group: u32) -> Node {
        self.accounts + group
    }

    /// The ordinal of a group's node; none for other nodes.
    pub fn group_ordinal(&self, node: Node) -> Option<u32> {
        node.checked_sub(self.accounts).filter(|group| *group < self.groups)
    }

    /// The node of a dangling id.
    pub fn dangling_node(&self, dangling: u32) -> Node {
        self.accounts + self.groups + dangling
    }

    /// The direct members of a group (by ordinal), ascending: accounts, then groups, then dangling ids.
    pub fn members(&self, group: u32) -> &[Node] {
        self.members.row(group as usize)
    }

    /// The direct members of a group that are accounts.
    pub fn member_accounts(&self, group: u32) -> &[Node] {
        let members = self.members(group);
        &members[..members.partition_point(|member| *member < self.accounts)]
    }

    /// The direct members of a group that are groups.
    pub fn member_groups(&self, group: u32) -> &[Node] {
        let members = &self.members(group)[self.member_accounts(group).len()..];
        &members[..members.partition_point(|member| *member < self.accounts + self.groups)]
    }

    /// The groups (nodes, ascending) that name a node as a direct member.
    pub fn groups_of(&self, node: Node) -> &[Node] {
        self.parents.row(node as usize)
    }
}
