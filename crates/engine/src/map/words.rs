//! Paths in words: what each hop is, how far it goes, why, and out of which record it comes.

use lanyard_access::judge::{Extent, Reason};
use lanyard_access::world::{Assignment, Follow, State};
use lanyard_access::{Node, Path};

use super::tables::{Origin, RoleSort, ScopeSort, short};
use super::{Map, address};
use crate::record::ItemKind;
use crate::view::{AccessPath, AccessState, Hop, HopKind, Millis, Provenance, SourceKind};

/// A state as views tell it.
pub(super) fn state(state: State) -> AccessState {
    match state {
        State::Active => AccessState::Active,
        State::Conditional => AccessState::Conditional,
        State::Eligible => AccessState::Eligible,
        State::Denied => AccessState::Denied,
        State::NotFollowed => AccessState::NotFollowed,
    }
}

/// A day and time in UTC, to the minute.
pub(super) fn moment(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Whether a text is a bare GUID: an id that nobody was found for.
fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len());
    lengths.eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What a path leads to, besides its assignment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Goal<'a> {
    /// The scope that was asked about, where it may lie below the assignment's.
    pub scope: Option<u32>,
    /// What the role permits there, by the names that were asked for.
    pub actions: &'a [String],
    /// That in words: `restore`.
    pub deed: Option<&'a str>,
}

impl Map {
    /// A path as a person reads it.
    pub(super) fn path(&self, path: &Path, goal: Goal<'_>) -> AccessPath {
        let assignment = self.world.facts().assignments[path.assignment as usize];
        let mut hops = Vec::with_capacity(path.nodes.len() + 2);
        for pair in path.nodes.windows(2) {
            hops.push(self.membership_hop(pair[0], pair[1], hops.len(), &assignment));
        }
        hops.push(self.holds_hop(path, &assignment));
        if let Some(scope) = goal.scope.filter(|scope| *scope != assignment.scope) {
            hops.push(self.inherits_hop(assignment.scope, scope));
        }
        if !goal.actions.is_empty() || goal.deed.is_some() {
            hops.push(self.permits_hop(&assignment, goal));
        }
        AccessPath {
            state: state(path.state),
            title: self.title(path),
            hops,
            reasons: self.reasons(&path.reasons, path.assignment),
        }
    }

    fn title(&self, path: &Path) -> String {
        match path.nodes.as_slice() {
            [] | [_] => "Direct".into(),
            [_, group] => format!("By {}", self.end_ref(*group).name),
            [..] => "By nesting".into(),
        }
    }

    /// The way in a word or two: `Direct`, `by payments-sre in backup-operators`.
    pub(super) fn by(&self, path: &Path) -> String {
        let groups: Vec<String> = path.nodes.iter().skip(1).map(|node| self.end_ref(*node).name).collect();
        if groups.is_empty() {
            "Direct".into()
        } else {
            format!("by {}", groups.join(" in "))
        }
    }

    fn membership_hop(&self, member: Node, group: Node, place: usize, assignment: &Assignment) -> Hop {
        let directory = &self.directory;
        let graph = directory.graph();
        let ordinal = graph.group_ordinal(group).unwrap_or_default();
        let source = directory.place_of_group(ordinal);
        let (from, to) = (self.end_ref(member), self.end_ref(group));
        let nested = graph.group_ordinal(member).is_some();
        let system = self.system(source);
        let text = match (nested, system) {
            (false, _) => format!("{} is a direct member of {}", from.name, to.name),
            (true, SourceKind::Backstage) => format!("{} is a child of {}", from.name, to.name),
            (true, _) => format!("{} is nested in {}", from.name, to.name),
        };
        let mut notes = Vec::new();
        let mut hop_state = AccessState::Active;
        if nested && assignment.follow == Follow::Direct {
            hop_state = AccessState::NotFollowed;
            notes.push(format!(
                "{} does not follow this nesting: it counts direct members only",
                self.who_does_not_follow(assignment)
            ));
        } else if nested && let Some(apps) = self.apps_of(group) {
            notes.push(format!(
                "{apps} does not follow this nesting: SCIM provisioning and app roles count direct members only"
            ));
        }
        let (agree, disagree) = self.others_say(member, ordinal, nested);
        if !agree.is_empty() {
            let verb = if agree.len() == 1 { "says" } else { "say" };
            notes.push(format!("{} {verb} the same", agree.join(" and ")));
        }
        let member_key = directory.key_of_node(member);
        let group_key = directory.key_of_node(group);
        Hop {
            kind: if nested || place > 0 { HopKind::Nested } else { HopKind::Member },
            from,
            to,
            text,
            notes,
            state: hop_state,
            edge: Some(address::member(&group_key, &member_key)),
            provenance: vec![Provenance {
                source: self.source_id(source),
                record: self.group_record(ordinal),
                document: Some(group_key),
                read_at: directory.read_at(source),
                since: None,
                seen: None,
                by: None,
            }],
            disagree,
        }
    }

    /// The record of a group's members.
    pub(crate) fn group_record(&self, group: u32) -> String {
        let id = self.directory.id_of_group(group);
        match self.system(self.directory.place_of_group(group)) {
            SourceKind::Scim => format!("Group {}", short(&id)),
            SourceKind::Backstage => id,
            SourceKind::Azure => format!("groups/{}/members", short(&id)),
        }
    }

    fn who_does_not_follow(&self, assignment: &Assignment) -> String {
        match self.roles[assignment.role as usize].sort {
            RoleSort::Owner => "Backstage's ownership".into(),
            RoleSort::App => format!("The assignment to {}", self.scopes[assignment.scope as usize].name),
            _ => "The system".into(),
        }
    }

    /// Applications that a group is assigned to, where nesting is not followed.
    fn apps_of(&self, group: Node) -> Option<String> {
        let facts = self.world.facts();
        let mut names: Vec<&str> = self
            .world
            .held_by(group)
            .iter()
            .map(|at| &facts.assignments[*at as usize])
            .filter(|given| given.follow == Follow::Direct && self.roles[given.role as usize].sort == RoleSort::App)
            .map(|given| &*self.scopes[given.scope as usize].name)
            .collect();
        names.sort_unstable();
        names.dedup();
        match names.as_slice() {
            [] => None,
            [one] => Some((*one).to_owned()),
            [first, others @ ..] => Some(format!("{first} (and {} more)", others.len())),
        }
    }

    /// Which other sources hold the same group and say the same of a member, and which say otherwise.
    fn others_say(&self, member: Node, group: u32, nested: bool) -> (Vec<String>, Vec<String>) {
        let directory = &self.directory;
        let (graph, own) = (directory.graph(), directory.place_of_group(group));
        let linked = directory.linked_groups();
        let (mut agree, mut disagree) = (Vec::new(), Vec::new());
        for other in linked.members(linked.of(group)) {
            let place = directory.place_of_group(*other);
            if place == own {
                continue;
            }
            let name = self.source_name(place).to_owned();
            let twins: &[u32] = match graph.group_ordinal(member) {
                Some(inner) => linked.members(linked.of(inner)),
                None if member < graph.accounts() => directory.identities().members(directory.identities().of(member)),
                None => continue,
            };
            let members = graph.members(*other);
            let says = twins.iter().any(|twin| {
                let node = if nested { graph.group_node(*twin) } else { *twin };
                members.binary_search(&node).is_ok()
            });
            if says {
                agree.push(name);
            } else if directory.members_listed(*other) && directory.read_in_full(place, true) {
                disagree.push(if nested {
                    format!("{name} has no such nesting")
                } else {
                    format!("{name} has no such member")
                });
            }
        }
        agree.sort_unstable();
        agree.dedup();
        disagree.sort_unstable();
        disagree.dedup();
        disagree.retain(|text| {
            !agree
                .iter()
                .any(|name| text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(" has")))
        });
        (agree, disagree)
    }

    fn holds_hop(&self, path: &Path, assignment: &Assignment) -> Hop {
        let from = self.end_ref(assignment.principal);
        let role = self.role_ref(assignment.role);
        let origin = &self.origins[path.assignment as usize];
        let entry = &self.roles[assignment.role as usize];
        let scope = &self.scopes[assignment.scope as usize].name;
        let owns = entry.sort == RoleSort::Owner;
        let text = match (owns, entry.sort, assignment.state) {
            (true, ..) => format!("{} owns {scope}", from.name),
            (_, RoleSort::App, _) => format!("{} is assigned {} of {scope}", from.name, role.name),
            (_, RoleSort::Superuser, _) => format!("{} is a superuser of {scope}", from.name),
            (_, _, State::Eligible) => format!("{} can activate {} on {scope}", from.name, role.name),
            _ => format!("{} holds {} on {scope}", from.name, role.name),
        };
        let mut notes = self.origin_notes(origin, assignment);
        if origin.kind == Some(ItemKind::RoleAssignment) || origin.kind == Some(ItemKind::Eligibility) {
            let denied = path.reasons.iter().any(|reason| matches!(reason, Reason::Deny { .. }));
            let conditional = origin.more.as_ref().is_some_and(|more| more.condition.is_some());
            if !self.was_read(origin.place, ItemKind::DenyAssignment) {
                notes.push("Whether a deny assignment applies is not evaluated: they were not read, or not all".into());
            } else if !denied && !conditional {
                notes.push("No condition, no deny assignment applies".into());
            } else if !denied {
                notes.push("No deny assignment applies".into());
            }
        }
        Hop {
            kind: if owns { HopKind::Owns } else { HopKind::Holds },
            from,
            to: role,
            text,
            notes,
            state: state(if path.state == State::NotFollowed {
                assignment.state
            } else {
                path.state
            }),
            edge: Some(self.assignment_address(path.assignment)),
            provenance: vec![self.origin_provenance(origin)],
            disagree: Vec::new(),
        }
    }

    /// The address of an assignment.
    pub(super) fn assignment_address(&self, at: u32) -> String {
        let origin = &self.origins[at as usize];
        address::assignment(self.source_id(origin.place), &origin.id)
    }

    fn origin_notes(&self, origin: &Origin, assignment: &Assignment) -> Vec<String> {
        let mut notes = Vec::new();
        if assignment.state == State::Eligible {
            notes.push(match origin.more.as_ref().and_then(|more| more.until) {
                Some(until) => format!("Eligible until {}", moment(until)),
                None => "Eligible without an end".into(),
            });
        } else if let Some(until) = origin.more.as_ref().and_then(|more| more.until) {
            notes.push(format!("Ends {}", moment(until)));
        }
        if let Some(condition) = origin.more.as_ref().and_then(|more| more.condition.as_deref()) {
            notes.push(format!("Condition: {condition}"));
        }
        if self.roles[assignment.role as usize].sort == RoleSort::Superuser {
            notes.push("Named in Lanyard's settings: no API of Backstage tells its superusers".into());
        }
        notes
    }

    /// Where an assignment comes from.
    pub(super) fn origin_provenance(&self, origin: &Origin) -> Provenance {
        let source = self.source_id(origin.place);
        Provenance {
            source,
            record: origin.record.to_string(),
            document: origin.row.is_some().then(|| address::assignment(source, &origin.id)),
            read_at: self.directory.read_at(origin.place),
            since: origin.more.as_ref().and_then(|more| more.since),
            seen: None,
            by: origin
                .more
                .as_ref()
                .and_then(|more| more.by.as_deref())
                .map(|by| self.maker(origin.place, by)),
        }
    }

    /// Who set something up: by name, where the source holds them or knows what became of them; the tenant itself; else the bare id, as such.
    fn maker(&self, place: u16, by: &str) -> String {
        let tenant = self
            .sources
            .iter()
            .find(|source| source.id == self.source_id(place))
            .and_then(|source| source.settings.azure.as_ref());
        let word = self.lost_words.get(&(place, by.to_lowercase().into()));
        if let Some(name) = word.and_then(|word| word.name.as_ref()) {
            format!("{name} ({})", word.map_or("", |word| &*word.what))
        } else if tenant.is_some_and(|azure| azure.tenant.eq_ignore_ascii_case(by)) {
            format!("{} itself", self.source_name(place))
        } else if self.system(place) == SourceKind::Azure && is_guid(by) {
            format!("{by}, which is no account or group that was read")
        } else {
            by.to_owned()
        }
    }

    fn inherits_hop(&self, above: u32, scope: u32) -> Hop {
        let (from, to) = (self.scope_ref(above), self.scope_ref(scope));
        let entry = &self.scopes[scope as usize];
        let way: Vec<&str> = self
            .world
            .scopes()
            .upwards(scope)
            .skip(1)
            .take_while(|at| *at != above)
            .map(|at| &*self.scopes[at as usize].name)
            .collect();
        let notes = if way.is_empty() {
            Vec::new()
        } else {
            vec![format!("By way of {}", way.into_iter().rev().collect::<Vec<_>>().join(", "))]
        };
        Hop {
            kind: HopKind::Inherits,
            text: format!("What is held on {} is good on {} below it", from.name, to.name),
            notes,
            state: AccessState::Active,
            edge: None,
            provenance: vec![Provenance {
                source: self.source_id(entry.place),
                record: to.id.clone(),
                document: entry.row.is_some().then(|| to.key.clone()),
                read_at: self.directory.read_at(entry.place),
                since: None,
                seen: None,
                by: None,
            }],
            from,
            to,
            disagree: Vec::new(),
        }
    }

    fn permits_hop(&self, assignment: &Assignment, goal: Goal<'_>) -> Hop {
        let role = self.role_ref(assignment.role);
        let scope = self.scope_ref(goal.scope.unwrap_or(assignment.scope));
        let entry = &self.roles[assignment.role as usize];
        let deed = goal.deed.map_or_else(|| "do it".to_owned(), str::to_owned);
        let record = match entry.sort {
            RoleSort::BuiltIn => format!("Built-in role {}", short(&entry.id)),
            RoleSort::Custom => format!("Custom role {}", short(&entry.id)),
            RoleSort::Rbac => match &entry.note {
                Some(source) => format!("{} ({source})", entry.id),
                None => entry.id.to_string(),
            },
            sort => sort.words().to_owned(),
        };
        let source = self.source_id(entry.place);
        Hop {
            kind: HopKind::Permits,
            text: format!("{} may {deed}", role.name),
            notes: goal.actions.to_vec(),
            state: AccessState::Active,
            edge: None,
            provenance: vec![Provenance {
                source,
                record,
                document: entry.row.is_some().then(|| role.key.clone()),
                read_at: self.directory.read_at(entry.place),
                since: None,
                seen: None,
                by: None,
            }],
            from: role,
            to: scope,
            disagree: Vec::new(),
        }
    }

    /// Reasons in words.
    pub(super) fn reasons(&self, reasons: &[Reason], assignment: u32) -> Vec<String> {
        let origin = self.origins.get(assignment as usize);
        let more = origin.and_then(|origin| origin.more.as_deref());
        let tell = |reason: &Reason| match reason {
            Reason::Condition => match more.and_then(|more| more.condition.as_deref()) {
                Some(condition) => format!("Under a condition, which is shown and not decided: {condition}"),
                None => "Under a condition, which is not decided".into(),
            },
            Reason::Eligible => match more.and_then(|more| more.until) {
                Some(until) => format!("Can be activated until {}", moment(until)),
                None => "Can be activated".into(),
            },
            Reason::NotFollowed => match self.world.assignment(assignment) {
                Some(given) => format!(
                    "{} counts direct members only: nesting is not followed",
                    self.who_does_not_follow(given)
                ),
                None => "Nesting is not followed".into(),
            },
            Reason::Deny { deny, extent } => self.denied(*deny, *extent),
            Reason::PolicyDenies { role, policy, extent } => {
                let what = self.policy(*role, *policy);
                let role = &self.roles[*role as usize].name;
                match extent {
                    Extent::All => format!("Denied by {role}: {what}; a deny goes over every allow"),
                    _ => format!("In part denied by {role}: {what}"),
                }
            }
            Reason::PolicyCondition { role, policy } => {
                let what = self.policy(*role, *policy);
                let condition = match more.and_then(|more| more.condition.as_deref()) {
                    Some(condition) => format!(": {condition}"),
                    None => String::new(),
                };
                format!("{} allows {what} under a condition{condition}", self.roles[*role as usize].name)
            }
            Reason::Unknown => "The role's definition was not read: what it permits is not evaluated".into(),
        };
        // The assignment's own condition is told once.
        let own = reasons
            .contains(&Reason::Condition)
            .then(|| self.world.assignment(assignment).map(|given| given.role))
            .flatten();
        let repeats = |reason: &&Reason| matches!(reason, Reason::PolicyCondition { role, .. } if own == Some(*role));
        let mut all: Vec<String> = Vec::new();
        for text in reasons.iter().filter(|reason| !repeats(reason)).map(tell) {
            if !all.contains(&text) {
                all.push(text);
            }
        }
        all
    }

    fn denied(&self, deny: u32, extent: Extent) -> String {
        let entry = &self.denies[deny as usize];
        let facts = &self.world.facts().denies[deny as usize];
        let scope = &self.scopes[facts.scope as usize].name;
        let head = format!("“{}” on {scope} ({})", entry.name, entry.record);
        match extent {
            Extent::All => format!("Denied by {head}"),
            Extent::Part => format!("In part denied by {head}"),
            Extent::Below => format!("Denied below, by {head}"),
            Extent::Condition => format!("Denied under a condition, which is not decided, by {head}"),
        }
    }

    fn policy(&self, role: u32, policy: u32) -> String {
        match &self.world.facts().roles[role as usize].permits {
            lanyard_access::world::Permits::Policies(policies) => policies.get(policy as usize).map_or_else(
                || "a policy".to_owned(),
                |policy| format!("{} {}", policy.permission, policy.action),
            ),
            _ => "a policy".into(),
        }
    }

    /// Whether a scope is one that backups can be restored from.
    pub(super) fn is_vault(&self, scope: u32) -> bool {
        self.scopes[scope as usize].sort.is_vault()
    }

    /// Whether a scope is a Backstage permission, an entity, or a Backstage as a whole.
    pub(super) fn is_backstage(&self, scope: u32) -> bool {
        matches!(
            self.scopes[scope as usize].sort,
            ScopeSort::Backstage | ScopeSort::Permission | ScopeSort::Entity
        )
    }
}
