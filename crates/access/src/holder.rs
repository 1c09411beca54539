//! An account with what is above it and matters: which assignments it comes by, and what judges them.

use crate::above::Above;
use crate::graph::Node;
use crate::judge::Judge;
use crate::marks::{Nature, Record};
use crate::numbers::Numbered;
use crate::permits::Said;
use crate::upward::Met;
use crate::world::{DenyIndex, RoleIndex};

/// An account (or a group, for what it hands on) with what is above it.
pub(crate) struct Holder {
    node: Node,
    /// The nodes above it that matter, itself included.
    pub(crate) met: Vec<Met>,
    /// The memberships that lead there; nothing unless they were walked.
    pub(crate) above: Above,
    /// Denies that are for it.
    pub(crate) denies: Vec<DenyIndex>,
    /// Its roles of the Backstage plugin.
    pub(crate) policies: Vec<RoleIndex>,
    /// By pair of permission and action: what those roles say. For a question: by permission asked.
    pub(crate) said: Numbered<Said>,
}

impl Judge<'_> {
    /// What is above a node. Where nothing is cut and everything matters, that is known; it is walked otherwise.
    pub(crate) fn holder(&self, node: Node) -> Holder {
        let known = match (self.leads, self.cut) {
            (None, None) => self.world.upward.above(self.graph, &self.world.marks, node),
            _ => None,
        };
        let (met, above) = match known {
            Some(met) => (met, Above::default()),
            None => self.walked(node, |group| self.leads.is_none_or(|leads| leads.has(group))),
        };
        let mut holder = Holder {
            node,
            denies: self.denies(&met),
            met,
            above,
            policies: Vec::new(),
            said: Numbered::default(),
        };
        self.add_policies(&mut holder);
        holder
    }

    /// Walks from a node over the groups that are kept.
    fn walked(&self, node: Node, keep: impl Fn(Node) -> bool) -> (Vec<Met>, Above) {
        let above = Above::new(self.graph, node, |group, member| {
            keep(group) && self.cut.is_none_or(|cut| !cut.member(group, member))
        });
        let met = above.places.iter().zip(0..).filter_map(|((node, _, depth), place)| {
            let mark = self.world.marks.of(*node)?;
            Some(Met::walked(mark, *depth, place))
        });
        (met.collect(), above)
    }

    /// Walks from a holder to what is wanted, so that all ways there can be told; what leads elsewhere is no longer met.
    pub(crate) fn walk_to(&self, holder: &mut Holder, wanted: impl Fn(&Record) -> bool) {
        let goals: Vec<u32> = holder
            .met
            .iter()
            .map(|met| met.mark)
            .filter(|mark| self.records(*mark).any(&wanted))
            .collect();
        if goals.is_empty() {
            holder.met.clear();
        } else if holder.above.places.is_empty() {
            (holder.met, holder.above) = self.walked(holder.node, |group| self.world.upward.leads(self.graph, group, &goals));
        }
    }

    /// The nodes of a shortest way from a holder to what it met.
    pub(crate) fn way(&self, holder: &Holder, met: &Met) -> Vec<Node> {
        if holder.above.places.is_empty() {
            self.world.upward.way(holder.node, met)
        } else {
            holder.above.way(met.place)
        }
    }

    /// What a mark holds itself, without what is cut.
    fn records(&self, mark: u32) -> impl Iterator<Item = &Record> {
        let cut = self.cut;
        let records = self.world.marks.records(mark).iter();
        records.filter(move |record| cut.is_none_or(|cut| !cut.assignment(record.at)))
    }

    /// Each assignment above a holder that bears on the question, with where its principal is.
    pub(crate) fn each(&self, holder: &Holder, mut take: impl FnMut(&Record, &Met)) {
        for met in &holder.met {
            for record in self.records(met.mark).filter(|record| self.bears(record.role)) {
                take(record, met);
            }
        }
    }

    /// The denies that are for a node, without those that except it.
    fn denies(&self, met: &[Met]) -> Vec<DenyIndex> {
        let mut found = self.world.everybody.clone();
        for met in met {
            found.extend_from_slice(self.world.marks.denies(met.mark));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|deny| {
            let except = &self.world.facts().denies[*deny as usize].except;
            let excepts = |node: &Node| {
                self.world
                    .marks
                    .of(*node)
                    .is_some_and(|mark| met.iter().any(|met| met.mark == mark))
            };
            !except.iter().any(excepts)
        });
        found
    }

    /// The roles of the Backstage plugin that come by any way that is followed, and what they say together.
    fn add_policies(&self, holder: &mut Holder) {
        for met in &holder.met {
            for record in self.records(met.mark).filter(|record| record.nature == Nature::Policies) {
                if record.followed(met.depth) && !holder.policies.contains(&record.role) {
                    holder.policies.push(record.role);
                }
            }
        }
        holder.policies.sort_unstable();
        for role in &holder.policies {
            for (pair, said) in self.says(*role) {
                let all = holder.said.entry(pair).or_default();
                *all = all.and(said);
            }
        }
    }
}
