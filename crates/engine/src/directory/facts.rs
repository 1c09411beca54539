//! What the directory must know of each source besides its rows: what was read, and what that leaves unsaid.

use crate::record::ResourceKind;
use crate::view::{Caveat, Coverage, CoverageState, Millis, Source, SourceId, SourceKind};

/// A collection of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collection {
    /// Its users.
    Users,
    /// Its groups.
    Groups,
    /// Its groups' members.
    Memberships,
    /// Its programs' accounts, where it keeps them apart from people.
    Services,
}

impl Collection {
    /// The name under which coverage is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
            Self::Memberships => "Memberships",
            Self::Services => ResourceKind::Service.collection(),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Users => "people",
            Self::Groups => "groups",
            Self::Memberships => "group members",
            Self::Services => "service principals",
        }
    }
}

/// A source, as far as the directory needs to know it.
#[derive(Clone, Debug)]
pub struct SourceFacts {
    /// Its number.
    pub id: SourceId,
    /// What kind of system it is.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
    /// Whether it leads: the identity provider that others follow.
    pub authoritative: bool,
    /// Whether it is counted. Rows of a disabled source are left out.
    pub enabled: bool,
    /// How far its users were read.
    pub users_complete: CoverageState,
    /// How far its groups were read.
    pub groups_complete: CoverageState,
    /// How far its groups' members were read.
    pub members_complete: CoverageState,
    /// When it was last read.
    pub read_at: Option<Millis>,
    /// Why a collection is not complete, in plain words, without the source's name.
    pub caveats: Vec<(Collection, String)>,
    /// Whether the server has groups at all; where it has none, that none were read is nothing to tell.
    pub has_groups: bool,
}

impl SourceFacts {
    /// The facts in a source's view.
    pub fn of(source: &Source) -> Self {
        let all = [Collection::Users, Collection::Groups, Collection::Memberships];
        let coverage = |collection: Collection| source.coverage.iter().find(|coverage| coverage.collection == collection.name());
        let state = |collection| coverage(collection).map_or(CoverageState::NotEvaluated, |coverage| coverage.state);
        let reasons = |collection| {
            let reasons = coverage(collection).into_iter().flat_map(|coverage| &coverage.reasons);
            reasons.map(move |reason| (collection, reason.text.clone()))
        };
        // Most sources have none: their absence is told by their coverage's word, not by its lack.
        let services =
            coverage(Collection::Services).is_some_and(|coverage| coverage.state != CoverageState::Complete && !coverage.is_beside());
        let all = all.into_iter().chain(services.then_some(Collection::Services));
        let no_groups = |coverage: &Coverage| coverage.collection == Collection::Groups.name() && coverage.is_beside();
        Self {
            id: source.id,
            kind: source.settings.kind,
            name: source.settings.name.clone(),
            authoritative: source.settings.authoritative,
            enabled: source.settings.enabled,
            users_complete: state(Collection::Users),
            groups_complete: state(Collection::Groups),
            members_complete: state(Collection::Memberships),
            read_at: source.coverage.iter().filter_map(|coverage| coverage.read_at).max(),
            caveats: all.flat_map(reasons).collect(),
            has_groups: !source.coverage.iter().any(no_groups),
        }
    }

    /// How far a collection was read.
    pub fn state(&self, collection: Collection) -> CoverageState {
        match collection {
            Collection::Users => self.users_complete,
            Collection::Groups => self.groups_complete,
            Collection::Memberships => self.members_complete,
            Collection::Services if self.caveats.iter().any(|(of, _)| *of == Collection::Services) => CoverageState::Incomplete,
            Collection::Services => CoverageState::Complete,
        }
    }

    /// Whether something of a collection is missing that the server has.
    pub fn has_gap(&self, collection: Collection) -> bool {
        let of_groups = matches!(collection, Collection::Groups | Collection::Memberships);
        self.state(collection) != CoverageState::Complete && (!of_groups || self.has_groups)
    }

    /// What cannot be said about these collections.
    pub fn caveats(&self, collections: &[Collection]) -> Vec<Caveat> {
        let gaps = || collections.iter().copied().filter(|collection| self.has_gap(*collection));
        let nothing = |collection| self.state(collection) == CoverageState::NotEvaluated;
        let say = |text: String| Caveat {
            source: Some(self.id),
            text,
        };
        if self.read_at.is_none() && gaps().any(|_| true) && gaps().all(nothing) && self.caveats.is_empty() {
            return vec![say(format!("{}: not synced yet; nothing is known about it", self.name))];
        }
        let tell = |collection: Collection| {
            let what = collection.in_words();
            let reasons: Vec<&str> = self
                .caveats
                .iter()
                .filter(|(of, _)| *of == collection)
                .map(|(_, text)| text.as_str())
                .collect();
            let because = if reasons.is_empty() {
                String::new()
            } else {
                format!(": {}", reasons.join("; "))
            };
            say(if nothing(collection) {
                format!("{}: {what} were not read; nothing is known about them{because}", self.name)
            } else {
                format!("{}: not all {what} were read; there may be more{because}", self.name)
            })
        };
        gaps().map(tell).collect()
    }
}
