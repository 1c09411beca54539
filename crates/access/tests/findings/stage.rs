//! A small company to plant faults in: four systems, everything read, nothing wrong.

use lanyard_access::correlate::{Key, Rule, Step, Subjects, correlate};
use lanyard_access::findings::scene::{
    Account, Ambiguous, Breach, Difference, Entity, Group, Job, JobError, Lost, Origin, Program, ProgramCredential, Restorer, Role,
    RoleSort, Scope, Token,
};
use lanyard_access::findings::{Collection, Found, Kind, Outcome, Part, Place, Scene, Settings, evaluate, rules};
use lanyard_access::world::{Assignment, Deny, Facts, Follow, Permits, State, World};
use lanyard_access::{Clusters, Graph, Memberships};

pub const IDP: u16 = 0;
pub const APP: u16 = 1;
pub const PORTAL: u16 = 2;
pub const TENANT: u16 = 3;
pub const NOW: i64 = 1_000 * DAY;
pub const DAY: i64 = 24 * 3_600_000;

/// All collections that there are.
pub const ALL: [Collection; 22] = [
    Collection::Users,
    Collection::Groups,
    Collection::Memberships,
    Collection::Services,
    Collection::Entities,
    Collection::RbacRoles,
    Collection::RbacPolicies,
    Collection::RbacConditions,
    Collection::AppRoleAssignments,
    Collection::ManagementGroups,
    Collection::Subscriptions,
    Collection::RoleDefinitions,
    Collection::RoleAssignments,
    Collection::DenyAssignments,
    Collection::Eligibilities,
    Collection::RecoveryVaults,
    Collection::BackupVaults,
    Collection::ResourceGuards,
    Collection::GuardProxies,
    Collection::LostPrincipals,
    Collection::ProvisioningJobs,
    Collection::ProvisioningErrors,
];

/// Who is a member, or holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Account(u32),
    Group(u32),
}

/// A company under construction. Accounts and groups are numbered from 0 on, each for itself.
#[derive(Clone, Default)]
pub struct Stage {
    pub places: Vec<Place>,
    /// With the person that each belongs to.
    pub accounts: Vec<(Account, u32)>,
    /// With the team that each is.
    pub groups: Vec<(Group, u32)>,
    pub members: Vec<(u32, Who)>,
    pub roles: Vec<Role>,
    pub scopes: Vec<Scope>,
    pub assignments: Vec<(Who, u32, u32, State, Origin)>,
    pub denies: Vec<(Who, u32)>,
    pub lost: Vec<Lost>,
    /// Accounts, and what differs.
    pub differences: Vec<(u32, u32, u32)>,
    pub ambiguous: Vec<Ambiguous>,
    pub entities: Vec<(Entity, Option<Who>)>,
    /// The account, whether it is ours, managed, its owners, how many of them are gone.
    pub programs: Vec<Program>,
    pub credentials: Vec<ProgramCredential>,
    pub tokens: Vec<Token>,
    pub jobs: Vec<Job>,
    pub job_errors: Vec<JobError>,
    pub keychain: bool,
    pub restore_groups: bool,
    /// By the number of a person.
    pub restorers: Vec<Restorer>,
    pub breaches: Vec<Breach>,
}

struct Joined<'a>(&'a [(u16, u32)]);

impl Subjects for Joined<'_> {
    fn count(&self) -> u32 {
        self.0.len() as u32
    }

    fn rank(&self, subject: u32) -> u32 {
        self.0[subject as usize].0.into()
    }

    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str> {
        (key == Key::UserName).then(|| {
            *scratch = format!("p{}", self.0[subject as usize].1);
            scratch.as_str()
        })
    }
}

fn clusters(all: &[(u16, u32)]) -> Clusters {
    let step = Step {
        rule: Rule::UserName,
        leading: Key::UserName,
        others: Key::UserName,
    };
    correlate(&Joined(all), &[step])
}

impl Stage {
    /// Five people at the provider, three of them in each other system; a team that is the same everywhere and holds a role in two of them.
    pub fn healthy() -> Self {
        let mut stage = Self::default();
        for kind in [Kind::Scim, Kind::Scim, Kind::Backstage, Kind::Azure] {
            stage.places.push(Place {
                kind,
                authoritative: stage.places.is_empty(),
                whole: ALL.into_iter().collect(),
                read_at: Some(NOW - 1_000),
                failed: false,
                gaps: 0,
            });
        }
        for person in 0..5 {
            stage.account(IDP, person);
        }
        for place in [APP, PORTAL, TENANT] {
            for person in 0..3 {
                stage.account(place, person);
            }
        }
        for place in [IDP, APP, PORTAL, TENANT] {
            let team = stage.group(place, 0);
            for person in 0..3 {
                stage.members.push((team, stage.of(place, person)));
            }
        }
        let scope = stage.scope(TENANT);
        let role = stage.role(TENANT, RoleSort::BuiltIn, false);
        stage.give(stage.team(TENANT, 0), role, scope, Origin::RoleAssignment);
        let (everything, own) = (stage.scope(PORTAL), stage.role(PORTAL, RoleSort::Own, false));
        stage.give(stage.team(PORTAL, 0), own, everything, Origin::RbacMember);
        stage.keychain = true;
        stage.restore_groups = true;
        stage
    }

    /// Adds an active account of a person.
    pub fn account(&mut self, place: u16, person: u32) -> u32 {
        let account = Account {
            place,
            active: (place != PORTAL).then_some(true),
            ..Account::default()
        };
        self.accounts.push((account, person));
        self.accounts.len() as u32 - 1
    }

    /// The number of a person's account at a place.
    pub fn number(&self, place: u16, person: u32) -> u32 {
        let found = self
            .accounts
            .iter()
            .position(|(account, of)| account.place == place && *of == person);
        found.unwrap() as u32
    }

    pub fn of(&self, place: u16, person: u32) -> Who {
        Who::Account(self.number(place, person))
    }

    pub fn at(&mut self, place: u16, person: u32) -> &mut Account {
        let number = self.number(place, person);
        &mut self.accounts[number as usize].0
    }

    /// Adds a group that lists its members.
    pub fn group(&mut self, place: u16, team: u32) -> u32 {
        let group = Group {
            place,
            listed: true,
            unconfirmed: false,
        };
        self.groups.push((group, team));
        self.groups.len() as u32 - 1
    }

    pub fn team(&self, place: u16, team: u32) -> Who {
        let found = self.groups.iter().position(|(group, of)| group.place == place && *of == team);
        Who::Group(found.unwrap() as u32)
    }

    pub fn scope(&mut self, place: u16) -> u32 {
        self.scopes.push(Scope {
            place,
            there: Some(true),
            ..Scope::default()
        });
        self.scopes.len() as u32 - 1
    }

    pub fn role(&mut self, place: u16, sort: RoleSort, privileged: bool) -> u32 {
        self.roles.push(Role {
            place,
            sort,
            privileged,
            restores: false,
        });
        self.roles.len() as u32 - 1
    }

    pub fn give(&mut self, who: Who, role: u32, scope: u32, origin: Origin) -> u32 {
        let state = if origin == Origin::Eligibility {
            State::Eligible
        } else {
            State::Active
        };
        self.assignments.push((who, role, scope, state, origin));
        self.assignments.len() as u32 - 1
    }

    fn node(&self, who: Who) -> u32 {
        match who {
            Who::Account(account) => account,
            Who::Group(group) => self.accounts.len() as u32 + group,
        }
    }

    /// Asks the rules.
    pub fn ask(&self, settings: &Settings) -> Outcome {
        let mut edges = Memberships::default();
        let mut members = self.members.clone();
        members.sort_unstable();
        for (group, who) in members {
            edges.push(group, self.node(who));
        }
        let graph = Graph::new(self.accounts.len() as u32, self.groups.len() as u32, 0, edges);
        let facts = Facts {
            roles: self
                .roles
                .iter()
                .map(|_| lanyard_access::world::Role { permits: Permits::Name })
                .collect(),
            scopes: self.scopes.iter().map(|_| lanyard_access::world::Scope { parent: None }).collect(),
            assignments: self
                .assignments
                .iter()
                .map(|(who, role, scope, state, _)| Assignment {
                    principal: self.node(*who),
                    role: *role,
                    scope: *scope,
                    state: *state,
                    follow: Follow::Nested,
                })
                .collect(),
            denies: self
                .denies
                .iter()
                .map(|(who, scope)| Deny {
                    whom: lanyard_access::world::Whom::These(vec![self.node(*who)]),
                    except: Vec::new(),
                    scope: *scope,
                    below: true,
                    blocks: Vec::new(),
                    conditional: false,
                })
                .collect(),
        };
        let world = World::new(&graph, facts);
        let people: Vec<(u16, u32)> = self.accounts.iter().map(|(account, person)| (account.place, *person)).collect();
        let teams: Vec<(u16, u32)> = self.groups.iter().map(|(group, team)| (group.place, *team)).collect();
        let (identities, linked) = (clusters(&people), clusters(&teams));
        let mut scene = Scene::new(&graph, &world, &identities, &linked);
        scene.now = NOW;
        scene.places.clone_from(&self.places);
        scene.accounts = self.accounts.iter().map(|(account, _)| *account).collect();
        scene.groups = self.groups.iter().map(|(group, _)| *group).collect();
        scene.roles.clone_from(&self.roles);
        scene.scopes.clone_from(&self.scopes);
        scene.origins = self.assignments.iter().map(|(.., origin)| *origin).collect();
        scene.lost.clone_from(&self.lost);
        scene.differences = self
            .differences
            .iter()
            .map(|(lead, other, attributes)| Difference {
                lead: *lead,
                other: *other,
                attributes: *attributes,
            })
            .collect();
        scene.ambiguous.clone_from(&self.ambiguous);
        scene.entities = self
            .entities
            .iter()
            .map(|(entity, who)| Entity {
                node: who.map(|who| self.node(who)),
                ..*entity
            })
            .collect();
        scene.programs.clone_from(&self.programs);
        scene.credentials.clone_from(&self.credentials);
        scene.tokens.clone_from(&self.tokens);
        scene.jobs.clone_from(&self.jobs);
        scene.job_errors.clone_from(&self.job_errors);
        scene.keychain = self.keychain;
        scene.restore_groups = self.restore_groups;
        scene.restorers = self
            .restorers
            .iter()
            .map(|way| Restorer {
                identity: identities.of(way.identity),
                ..*way
            })
            .collect();
        scene.breaches = self
            .breaches
            .iter()
            .map(|breach| Breach {
                identity: identities.of(breach.identity),
                ..*breach
            })
            .collect();
        evaluate(&scene, settings)
    }

    /// The ids of the rules that speak, one for each finding.
    pub fn speaks(&self) -> Vec<&'static str> {
        let outcome = self.ask(&Settings::default());
        outcome.found.iter().map(|found| rules::all()[found.rule].id).collect()
    }

    /// What makes a finding this one, in names that do not change when accounts are added behind the others.
    pub fn key(&self, found: &Found) -> String {
        let accounts = self.accounts.len() as u32;
        let part = |part: &Part| match part {
            Part::Node(node) if *node >= accounts => format!("g{}", node - accounts),
            Part::Identity(_) => {
                // Clusters are numbered anew: the person is told by its accounts.
                format!("{:?}", found.places)
            }
            part => format!("{part:?}"),
        };
        let parts: Vec<String> = found.key.iter().map(part).collect();
        format!("{} {}", rules::all()[found.rule].id, parts.join(" "))
    }
}
