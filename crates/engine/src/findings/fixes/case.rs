//! What a finding is about, as its ways out need it: ids, sources, roles.

use lanyard_access::Node;
use lanyard_access::findings::{Found, Listed, Part};

use super::shell::segment;
use crate::findings::Context;
use crate::findings::identity::named;
use crate::findings::scene::Named;
use crate::map::tables::{Lost, Origin, RoleEntry, ScopeEntry};
use crate::sources::azure::{Endpoints, endpoints};
use crate::view::{Fix, FixKind, Source, SourceKind};

/// A finding, and what it was told with.
#[derive(Clone, Copy)]
pub(super) struct Case<'c> {
    pub(super) context: Context<'c>,
    pub(super) found: &'c Found,
}

impl<'c> Case<'c> {
    /// Everything that a name in the finding's sentence stands for.
    pub(super) fn parts(self, name: &str) -> impl Iterator<Item = &'c Part> {
        self.found.parts.iter().filter(move |(of, _)| *of == name).map(|(_, part)| part)
    }

    pub(super) fn node(self, name: &str) -> Option<Node> {
        self.nodes(name).next()
    }

    pub(super) fn nodes(self, name: &str) -> impl Iterator<Item = Node> {
        self.parts(name).filter_map(|part| match part {
            Part::Node(node) => Some(*node),
            _ => None,
        })
    }

    pub(super) fn role(self) -> Option<&'c RoleEntry> {
        self.parts("role").find_map(|part| match part {
            Part::Role(role) => self.context.map.role_entries().get(*role as usize),
            _ => None,
        })
    }

    pub(super) fn scope(self, name: &str) -> Option<&'c ScopeEntry> {
        self.parts(name).find_map(|part| match part {
            Part::Scope(scope) => self.context.map.scope_entries().get(*scope as usize),
            _ => None,
        })
    }

    /// A right of somebody who is not held.
    pub(super) fn lost(self) -> Option<&'c Lost> {
        self.parts("principal").find_map(|part| match part {
            Part::Lost(at) => self.context.map.lost_entries().get(*at as usize),
            _ => None,
        })
    }

    /// The record that gives the right which the finding speaks of.
    pub(super) fn origin(self) -> Option<&'c Origin> {
        let assignment = self.found.parts.iter().find_map(|(_, part)| match part {
            Part::Assignment(at) => self.context.map.origin_entries().get(*at as usize),
            _ => None,
        });
        assignment.or_else(|| self.lost().map(|lost| &lost.origin))
    }

    /// What a name stands for in one of the scene's own lists.
    pub(super) fn listed(self, name: &str) -> Option<&'c Named> {
        self.parts(name).find_map(|part| match part {
            Part::Listed(list, at) if !matches!(list, Listed::Ambiguous | Listed::Breach) => named(self.context.lists, *list, *at),
            _ => None,
        })
    }

    /// The place of the source that is to be changed.
    pub(super) fn place(self) -> Option<u16> {
        let told = self.parts("place").find_map(|part| match part {
            Part::Place(place) => Some(*place),
            _ => None,
        });
        told.or_else(|| self.found.places.last().copied())
    }

    /// The source that is to be changed.
    pub(super) fn source(self) -> Option<&'c Source> {
        let id = self.context.map.directory().source_at(self.place()?).id;
        self.context.map.all_sources().iter().find(|source| source.id == id)
    }

    pub(super) fn kind(self) -> Option<SourceKind> {
        self.source().map(|source| source.settings.kind)
    }

    /// The source's base address, without a slash at its end. It may hold no user name or password: settings refuse those.
    pub(super) fn base(self) -> Option<String> {
        self.source().map(|source| source.settings.url.trim_end_matches('/').to_owned())
    }

    /// Where Graph and the Resource Manager of an Azure source are.
    pub(super) fn cloud(self) -> Option<Endpoints> {
        let settings = &self.source()?.settings;
        Some(endpoints(&settings.azure.as_ref()?.cloud, &settings.url))
    }

    /// The id of an account or group at its source.
    pub(super) fn id_of(self, node: Node) -> String {
        let directory = self.context.map.directory();
        match directory.graph().group_ordinal(node) {
            Some(group) => directory.id_of_group(group),
            None if node < directory.graph().accounts() => directory.id_of_account(node),
            None => directory.dangling_id(node - directory.graph().dangling_node(0)),
        }
    }

    /// Where Lanyard shows the first person whom it affects.
    pub(super) fn person_path(self, below: &str) -> Option<String> {
        let key = self.context.map.named_person(*self.found.people.first()?).key;
        let key = key.strip_prefix("person:").unwrap_or(&key);
        Some(format!("/people/{}{below}", segment(key)))
    }
}

/// A way out.
pub(super) fn fix(kind: FixKind, title: impl Into<String>, text: impl Into<String>, note: impl Into<String>) -> Fix {
    Fix {
        title: title.into(),
        kind,
        text: text.into(),
        note: Some(note.into()).filter(|note| !note.is_empty()),
        path: None,
    }
}

/// Something to do by hand; `path` is where in Lanyard.
pub(super) fn steps(title: impl Into<String>, steps: &[&str], path: Option<String>) -> Fix {
    let text: Vec<String> = steps.iter().zip(1..).map(|(step, number)| format!("{number}. {step}")).collect();
    Fix {
        title: title.into(),
        kind: FixKind::Steps,
        text: text.join("\n"),
        note: None,
        path,
    }
}
