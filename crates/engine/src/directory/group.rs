//! One linked group, whole: its groups per source, side by side, and the groups that it is in.

use lanyard_scim::urn;
use serde_json::Value;

use super::columns::{field, mark, time};
use super::person::{document, unread};
use super::{Collection, Directory, attributes, compare};
use crate::Error;
use crate::record::Documents;
use crate::view::{ComparedLine, GroupAccountDetail, GroupDetail, GroupRef, JoinKind};

impl Directory {
    /// The linked group that a group belongs to, by the group's key.
    ///
    /// # Errors
    /// When there is no such group, or a document cannot be read.
    pub fn group(&self, key: &str, documents: &dyn Documents) -> Result<GroupDetail, Error> {
        let group = self.group_record(key).ok_or_else(|| Error::NotFound {
            what: "group",
            name: key.to_owned(),
        })?;
        let cluster = self.linked.of(group);
        let mut caveats = self.caveats(&[Collection::Groups, Collection::Memberships]);
        let mut groups = Vec::new();
        for group in self.linked.members(cluster) {
            let document = document(documents, self.groups.row[*group as usize])?;
            if document.is_none() {
                caveats.push(unread(self.group_source(*group)));
            }
            groups.push(self.group_account(*group, document.as_ref()));
        }
        let mut parents: Vec<GroupRef> = self
            .parents_of(cluster)
            .into_iter()
            .map(|parent| self.linked.leader(parent))
            .map(|lead| GroupRef {
                key: self.group_key(lead),
                name: self.groups.name(lead),
            })
            .collect();
        parents.sort_by_cached_key(|parent| (super::fold::fold(&parent.name).into_owned(), parent.key.clone()));
        Ok(GroupDetail {
            row: self.group_row(cluster),
            compared: self.compared_groups(cluster),
            groups,
            parents,
            caveats,
            generation: self.generation,
        })
    }

    fn group_account(&self, group: u32, document: Option<&Value>) -> GroupAccountDetail {
        let source = self.group_source(group);
        let joined = self.joined_by(JoinKind::Group, group);
        GroupAccountDetail {
            key: self.group_key(group),
            source: source.id,
            id: self.groups.texts.original(group, field::GROUP_ID).into_owned(),
            name: self.groups.name(group),
            unconfirmed: self.groups.has(group, mark::UNCONFIRMED),
            read_at: source.read_at,
            created_at: time(self.groups.created[group as usize]),
            modified_at: time(self.groups.modified[group as usize]),
            members: self.member_count(group),
            dangling: self.counts[group as usize].dangling,
            joined_by: joined.rule,
            confidence: joined.confidence,
            decision: joined.decision,
            attributes: document
                .map(|document| attributes::sections(document, urn::GROUP, &["members"]))
                .unwrap_or_default(),
        }
    }

    fn compared_groups(&self, cluster: u32) -> Vec<ComparedLine> {
        let members = self.linked.members(cluster);
        let numbers = |label, number: &dyn Fn(u32) -> Option<u32>| {
            compare::line_of_texts(
                label,
                members
                    .iter()
                    .map(|group| number(*group).map(|number| number.to_string()))
                    .collect(),
            )
        };
        let mut lines = vec![
            compare::line_of_texts("Name", members.iter().map(|group| Some(self.groups.name(*group))).collect()),
            numbers("Direct members", &|group| self.member_count(group)),
            numbers("Nested groups", &|group| {
                self.member_count(group).map(|_| self.counts[group as usize].groups)
            }),
            numbers("People", &|group| self.people_count(group)),
            numbers("Members not found", &|group| {
                self.member_count(group).map(|_| self.counts[group as usize].dangling)
            }),
        ];
        lines.extend(self.missing_members(cluster));
        lines.retain(|line| line.cells.iter().any(|cell| cell.value.is_some()));
        lines
    }

    /// How many people are direct members at the leading source and not at another one, and the other way round.
    fn missing_members(&self, cluster: u32) -> Vec<ComparedLine> {
        let members = self.linked.members(cluster);
        if members.len() < 2 {
            return Vec::new();
        }
        let people = |group: u32| {
            let mut people: Vec<u32> = self
                .graph
                .member_accounts(group)
                .iter()
                .map(|account| self.people.of(*account))
                .collect();
            people.sort_unstable();
            people.dedup();
            self.member_count(group).map(|_| people)
        };
        let lead = people(members[0]);
        let without = |from: &[u32], others: &[u32]| {
            from.iter()
                .filter(|person| others.binary_search(person).is_err())
                .count()
                .to_string()
        };
        let cells = |count: &dyn Fn(&[u32], &[u32]) -> String| {
            let cell = |(at, group): (usize, &u32)| match (&lead, people(*group)) {
                (Some(lead), Some(own)) if at > 0 => Some(count(lead, &own)),
                _ => None,
            };
            members.iter().enumerate().map(cell).collect::<Vec<_>>()
        };
        let line = |label: &str, cells: Vec<Option<String>>| {
            let mut line = compare::line_of_texts(label, cells);
            for cell in &mut line.cells {
                cell.differs = cell.value.as_deref().is_some_and(|count| count != "0");
            }
            line
        };
        vec![
            line("Missing here", cells(&|lead, own| without(lead, own))),
            line("Only here", cells(&|lead, own| without(own, lead))),
        ]
    }
}
