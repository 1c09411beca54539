//! Picture, map and documents become what the rules look at.

use std::collections::{BTreeSet, HashMap};

use lanyard_access::Node;
use lanyard_access::findings::scene::{Collections, Fate, Kind, Lost};
use lanyard_access::findings::{Collection, Place, Scene};

use super::{jobs, orphans, programs};
use crate::Error;
use crate::directory::SourceFacts;
use crate::map::Map;
use crate::record::{Documents, ItemKind, ResourceKind, Row};
use crate::view::{Coverage, CoverageState, Credential, CredentialState, Millis, Source, SourceId, SourceKind};

/// Somebody whom the authoritative source held once, and holds no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The id at the source.
    pub id: String,
    /// The name at that time.
    pub name: String,
}

/// What the scene needs besides picture, map and documents.
pub struct Beside<'b> {
    /// Now.
    pub now: Millis,
    /// The keys of the groups that are meant for restoring.
    pub restore_groups: &'b [String],
    /// Whether the keychain answered.
    pub keychain: bool,
    /// The credentials that Lanyard holds.
    pub credentials: &'b [Credential],
    /// Whom the authoritative source held once and holds no more.
    pub gone: &'b [Gone],
    /// Whether history knows a record of a source by this id.
    pub held_once: &'b dyn Fn(SourceId, &str) -> Result<bool, Error>,
}

/// What stands in one of the scene's lists, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its source's place.
    pub place: u16,
    /// Its id: unique within its source and list.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where its document is.
    pub row: Option<Row>,
    /// The node that it is, where it is one.
    pub node: Option<Node>,
}

/// The names of what rules find in the scene's own lists, in the same order.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Of `Scene::ambiguous`: the nodes.
    pub ambiguous: Vec<Vec<Node>>,
    /// Of `Scene::entities`.
    pub entities: Vec<Named>,
    /// Of `Scene::programs`.
    pub programs: Vec<Named>,
    /// Of `Scene::credentials`; the id is the key's.
    pub credentials: Vec<Named>,
    /// Of `Scene::tokens`; the id is the credential's.
    pub tokens: Vec<Named>,
    /// Of `Scene::jobs`.
    pub jobs: Vec<Named>,
    /// Of `Scene::job_errors`.
    pub job_errors: Vec<Named>,
}

/// The kind of a source, as rules name it.
pub fn kind(kind: SourceKind) -> Kind {
    match kind {
        SourceKind::Scim => Kind::Scim,
        SourceKind::Backstage => Kind::Backstage,
        SourceKind::Azure => Kind::Azure,
    }
}

/// The collections with the names under which their coverage is kept.
pub fn collections() -> [(Collection, &'static str); 22] {
    let of = |kind| ResourceKind::Item(kind).collection();
    [
        (Collection::Users, ResourceKind::User.collection()),
        (Collection::Groups, ResourceKind::Group.collection()),
        (Collection::Memberships, "Memberships"),
        (Collection::Services, ResourceKind::Service.collection()),
        (Collection::Entities, of(ItemKind::Entity)),
        (Collection::RbacRoles, of(ItemKind::RbacRole)),
        (Collection::RbacPolicies, of(ItemKind::RbacPolicy)),
        (Collection::RbacConditions, of(ItemKind::RbacCondition)),
        (Collection::AppRoleAssignments, of(ItemKind::AppRoleAssignment)),
        (Collection::ManagementGroups, of(ItemKind::ManagementGroup)),
        (Collection::Subscriptions, of(ItemKind::Subscription)),
        (Collection::RoleDefinitions, of(ItemKind::RoleDefinition)),
        (Collection::RoleAssignments, of(ItemKind::RoleAssignment)),
        (Collection::DenyAssignments, of(ItemKind::DenyAssignment)),
        (Collection::Eligibilities, of(ItemKind::Eligibility)),
        (Collection::RecoveryVaults, of(ItemKind::RecoveryVault)),
        (Collection::BackupVaults, of(ItemKind::BackupVault)),
        (Collection::ResourceGuards, of(ItemKind::ResourceGuard)),
        (Collection::GuardProxies, of(ItemKind::GuardProxy)),
        (Collection::LostPrincipals, of(ItemKind::LostPrincipal)),
        (Collection::ProvisioningJobs, "Provisioning jobs"),
        (Collection::ProvisioningErrors, "Provisioning errors"),
    ]
}

/// Whether a collection was read whole. A SCIM server without groups has none: that is whole. A part of another system that is not offered
/// may still be there for others to use, and is not evaluated.
fn is_whole(coverage: &Coverage, kind: SourceKind) -> bool {
    let offered = !coverage.reasons.iter().any(|reason| reason.code == "notOffered");
    (coverage.state == CoverageState::Complete && offered) || (kind == SourceKind::Scim && coverage.is_beside())
}

/// A source, as rules see it.
fn place(facts: &SourceFacts, source: Option<&Source>) -> Place {
    let coverage = source.map_or(&[][..], |source| &source.coverage);
    let of = |name: &str| coverage.iter().find(|coverage| coverage.collection == name);
    let mut whole: Collections = collections()
        .into_iter()
        .filter(|(_, name)| of(name).is_some_and(|coverage| is_whole(coverage, facts.kind)))
        .map(|(collection, _)| collection)
        .collect();
    // Where a server has no groups, nobody is in one.
    if facts.kind == SourceKind::Scim && !facts.has_groups && facts.read_at.is_some() {
        whole.add(Collection::Groups);
        whole.add(Collection::Memberships);
    }
    Place {
        kind: kind(facts.kind),
        authoritative: facts.authoritative,
        whole,
        read_at: facts.read_at,
        failed: source.is_some_and(|source| source.fault.is_some()),
        gaps: coverage
            .iter()
            .filter(|coverage| coverage.state != CoverageState::Complete && !coverage.is_beside())
            .count() as u32,
    }
}

/// The scene of a map, with the names of what stands in its own lists.
///
/// # Errors
/// When a document cannot be read.
pub fn scene<'m>(map: &'m Map, documents: &dyn Documents, beside: &Beside<'_>) -> Result<(Scene<'m>, Lists), Error> {
    let directory = map.directory();
    let mut scene = Scene::new(directory.graph(), map.world(), directory.identities(), directory.linked_groups());
    let mut lists = Lists::default();
    let of = |id: SourceId| map.all_sources().iter().find(|source| source.id == id);
    scene.now = beside.now;
    scene.places = directory.sources().iter().map(|facts| place(facts, of(facts.id))).collect();
    scene.accounts = directory.scene_accounts();
    scene.groups = directory.scene_groups();
    scene.roles = map.scene_roles();
    scene.scopes = map.scene_scopes();
    scene.origins = map.scene_origins();
    scene.differences = directory.scene_differences();
    scene.ambiguous = directory.scene_ambiguous();
    lists.ambiguous = scene
        .ambiguous
        .iter()
        .map(|open| {
            let node = |subject: &u32| if open.groups { scene.graph.group_node(*subject) } else { *subject };
            open.subjects.iter().map(node).collect()
        })
        .collect();
    scene.unsure = directory.namesakes_of_ambiguous();
    known_before(&mut scene, map, beside);
    scene.lost = lost(&scene, map, beside)?;
    programs::read(&mut scene, &mut lists, map, documents)?;
    orphans::read(&mut scene, &mut lists, map, documents)?;
    jobs::read(&mut scene, &mut lists, map);
    scene.keychain = beside.keychain;
    tokens(&mut scene, &mut lists, map, beside.credentials);
    scene.restore_groups = !map.restore_groups(beside.restore_groups).is_empty();
    (scene.restorers, scene.breaches) = map.scene_restorers(beside.restore_groups)?;
    Ok((scene, lists))
}

/// Marks accounts whose people the authority held once: by the id that provisioning leaves as the external id, or by name.
fn known_before(scene: &mut Scene<'_>, map: &Map, beside: &Beside<'_>) {
    let Some(lead) = scene.authority().filter(|_| !beside.gone.is_empty()) else {
        return;
    };
    let ids = beside.gone.iter().map(|gone| gone.id.clone()).collect();
    let names = beside
        .gone
        .iter()
        .map(|gone| gone.name.to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    for account in map.directory().accounts_like(lead, &ids, &names) {
        scene.accounts[account as usize].known_before = true;
    }
}

/// Rights of nobody that is held, with whom they were once.
fn lost(scene: &Scene<'_>, map: &Map, beside: &Beside<'_>) -> Result<Vec<Lost>, Error> {
    let mut all = map.scene_lost();
    let entries = map.lost_entries();
    let ghost = |lost: &Lost| lost.fate == Fate::Ghost;
    // What the catalog would call a person, for ghosts; the user name that Entra still knows, for others.
    let name_of = |lost: &Lost, at: usize| {
        let id = &entries[at].id;
        if ghost(lost) {
            let user = id.strip_prefix("user:").and_then(|rest| rest.split_once('/'));
            return user.map(|(_, name)| name.to_owned());
        }
        let user_name = map.lost_word_of(&entries[at]).and_then(|word| word.user_name.as_deref());
        user_name.map(str::to_lowercase)
    };
    let mut names: [BTreeSet<String>; 2] = Default::default();
    for (at, right) in all.iter().enumerate() {
        names[usize::from(ghost(right))].extend(name_of(right, at));
    }
    let [plain, catalog] = names.map(|names| names.into_iter().collect::<Vec<_>>());
    let directory = map.directory();
    let called = [
        directory.identities_called(&plain, false),
        directory.identities_called(&catalog, true),
    ];
    let mut known: HashMap<u32, bool> = HashMap::new();
    for (at, right) in all.iter_mut().enumerate() {
        right.was = name_of(right, at)
            .and_then(|name| called[usize::from(ghost(right))].get(&name).copied())
            // Of somebody who is there, a name in a catalog's role may be new, or wrong: only of a leaver is it what was left.
            .filter(|person| !ghost(right) || is_off(scene, *person));
        if ghost(right) {
            let entry = &entries[at];
            let source = directory.source_at(entry.place).id;
            right.held_once = match known.get(&right.principal) {
                Some(known) => *known,
                None => (beside.held_once)(source, &entry.id)?,
            };
            known.insert(right.principal, right.held_once);
        }
    }
    Ok(all)
}

/// Whether somebody is switched off wherever it is told, and is so somewhere.
fn is_off(scene: &Scene<'_>, person: u32) -> bool {
    let mut states = scene.identities.members(person).iter().map(|node| scene.accounts[*node as usize]);
    let lead = scene.authority();
    let leading: Vec<Option<bool>> = states
        .clone()
        .filter(|account| Some(account.place) == lead)
        .map(|account| account.active)
        .collect();
    if leading.is_empty() {
        states.clone().any(|account| account.active == Some(false)) && states.all(|account| account.active != Some(true))
    } else {
        leading.iter().all(|active| *active == Some(false))
    }
}

fn tokens(scene: &mut Scene<'_>, lists: &mut Lists, map: &Map, credentials: &[Credential]) {
    for credential in credentials.iter().filter(|credential| credential.held) {
        let sources = map.directory().sources();
        let Some(place) = sources.iter().position(|facts| facts.id == credential.source) else {
            continue;
        };
        scene.tokens.push(lanyard_access::findings::scene::Token {
            place: place as u16,
            due: matches!(credential.state, CredentialState::Due | CredentialState::Expired),
            old_lives: credential.state == CredentialState::OldLives,
            refused: credential.state == CredentialState::Refused,
            days_left: credential.days_left,
        });
        lists.tokens.push(Named {
            place: place as u16,
            id: credential.id.clone(),
            name: credential.name.clone(),
            row: None,
            node: None,
        });
    }
}
