//! Whom a run is about: the identity of the picture, system by system, with what it holds there.

use std::collections::BTreeMap;

use super::super::Engine;
use crate::Error;
use crate::deprovision::entry::Target;
use crate::deprovision::plans;
use crate::map::Named;
use crate::map::address::Address;
use crate::record::ResourceKind;
use crate::sources::doors::Thing;
use crate::spans;
use crate::view::{
    AccountDetail, CoverageState, JoinRule, MapQuery, PersonDetail, Plan, PlanSystem, RunSubject, Source, SourceId, SourceKind,
    SubjectAccount, TestIdentity,
};

/// By when each check must have passed, where a plan does not say.
pub const LIMIT_MS: u64 = 3_600_000;

/// The subject, and what it is in each system of the plan.
pub struct Subject {
    /// Whom it is about.
    pub who: RunSubject,
    /// System by system.
    pub targets: Vec<Target>,
    /// Its groups, by name.
    pub groups: Vec<String>,
    /// Sources that are not part of the run, and why that matters.
    pub left_out: Vec<String>,
    /// Whether a named test account is marked as one.
    pub marked: Option<bool>,
    /// What makes a text personal.
    pub terms: Vec<String>,
}

/// Why an account belongs to the identity, in words.
fn joined_by(rule: Option<JoinRule>) -> &'static str {
    match rule {
        None => "the leading account",
        Some(JoinRule::Decision) => "an admin's decision",
        Some(JoinRule::EntraId) => "Entra object id",
        Some(JoinRule::ExternalId) => "external id",
        Some(JoinRule::Email) => "e-mail address",
        Some(JoinRule::UserName) => "user name",
        Some(JoinRule::DisplayName) => "display name",
        Some(JoinRule::BackstageName) => "Backstage name",
    }
}

fn attribute<'a>(account: &'a AccountDetail, path: &str) -> Option<&'a str> {
    account
        .attributes
        .iter()
        .flat_map(|section| &section.attributes)
        .find(|line| line.path.eq_ignore_ascii_case(path))
        .map(|line| line.value.as_str())
}

impl Engine {
    /// The identity that a text means: by id, user name, address or name.
    pub(super) fn leaver_of(&self, text: &str) -> Result<PersonDetail, Error> {
        let key = match self.name_person(text)? {
            Named::One(node) => match Address::read(&node.key) {
                Some(Address::Person(key)) => key.to_owned(),
                _ => node.key,
            },
            Named::None => {
                return Err(Error::NotFound {
                    what: "person",
                    name: text.to_owned(),
                });
            }
            Named::Several(count, some) => {
                let some: Vec<String> = some.iter().take(3).map(|node| format!("{} ({})", node.name, node.id)).collect();
                return Err(Error::Input {
                    field: "Person",
                    problem: format!("{count} people fit “{text}”: {}; name one by id or user name", some.join(", ")),
                });
            }
        };
        self.person(&key)
    }

    /// User name and address of an account, as its source has them.
    fn names_of(&self, source: SourceId, id: &str) -> (Option<String>, Option<String>) {
        let directory = self.directory();
        let [user_name, email] = directory
            .account_of_key(&format!("{source}.{id}"))
            .map(|account| directory.names_of_account(account))
            .unwrap_or_default();
        (user_name, email)
    }

    /// Whom a plan with a person is about.
    pub(super) fn subject_of(&self, plan: &Plan, person: &PersonDetail, sources: &[Source]) -> Subject {
        let mut accounts = Vec::new();
        let mut terms = vec![person.row.name.clone()];
        for account in &person.accounts {
            let Some(source) = sources.iter().find(|source| source.id == account.source) else {
                continue;
            };
            let (user_name, email) = self.names_of(source.id, &account.id);
            let name = user_name.clone().unwrap_or_else(|| account.id.clone());
            terms.extend([user_name, email, Some(account.id.clone())].into_iter().flatten());
            accounts.push(SubjectAccount {
                source: source.id,
                source_name: source.settings.name.clone(),
                kind: source.settings.kind,
                id: account.id.clone(),
                user_name: name,
                joined_by: joined_by(account.joined_by).to_owned(),
            });
        }
        let mut targets = Vec::new();
        let mut left_out = Vec::new();
        for system in &plan.systems {
            let Some(source) = plans::find(sources, &system.source) else {
                continue;
            };
            let account = accounts.iter().find(|account| account.source == source.id);
            let read_in_full = source
                .coverage
                .iter()
                .filter(|coverage| coverage.collection == ResourceKind::User.collection())
                .all(|coverage| coverage.state == CoverageState::Complete)
                && source.last_full_at.is_some();
            if account.is_none() && read_in_full {
                left_out.push(format!(
                    "{}: no account of this person was there when it was last read in full.",
                    source.settings.name
                ));
                continue;
            }
            let detail = person.accounts.iter().find(|detail| detail.source == source.id);
            targets.push(self.target(system, source, account, &person.row.name, detail.map(|_| person)));
        }
        for account in &accounts {
            if !targets.iter().any(|target| target.source == account.source) {
                left_out.push(format!(
                    "{}: not part of the plan, though the person has an account there ({}); nothing is done and nothing is checked.",
                    account.source_name, account.user_name
                ));
            }
        }
        let lead = accounts.first();
        let marks = |account: &AccountDetail| {
            let said = [
                attribute(account, "title"),
                attribute(account, "userType"),
                attribute(account, "displayName"),
            ];
            said.into_iter().flatten().any(plans::marked)
        };
        let named = plan.subject.as_ref().and_then(|subject| subject.account.as_ref());
        terms.retain(|term| term.trim().chars().count() >= 3);
        terms.sort();
        terms.dedup();
        Subject {
            who: RunSubject {
                name: person.row.name.clone(),
                user_name: lead.map_or_else(|| person.row.name.clone(), |account| account.user_name.clone()),
                person: Some(person.row.key.clone()),
                test: named.is_some(),
                accounts: accounts.clone(),
            },
            groups: person.memberships.iter().map(|row| row.name.clone()).collect(),
            marked: named.map(|named| plans::marked(&named.user_name) || person.accounts.iter().any(marks)),
            targets,
            left_out,
            terms,
        }
    }

    fn target(
        &self,
        system: &PlanSystem,
        source: &Source,
        account: Option<&SubjectAccount>,
        name: &str,
        person: Option<&PersonDetail>,
    ) -> Target {
        let email = account.and_then(|account| self.names_of(source.id, &account.id).1);
        let groups: Vec<Thing> = person
            .into_iter()
            .flat_map(|person| &person.memberships)
            .filter(|row| row.source == source.id)
            .map(|row| Thing {
                id: row.key.split_once('.').map_or_else(|| row.key.clone(), |(_, id)| id.to_owned()),
                name: row.name.clone(),
                note: (!row.direct).then(|| format!("through {}", row.via.join(", "))),
                document: None,
            })
            .collect();
        let hint = match source.settings.kind {
            SourceKind::Scim => "scim.memberships",
            SourceKind::Azure => "entra.memberships",
            SourceKind::Backstage => "backstage.groups",
        };
        Target {
            source: source.id,
            source_name: source.settings.name.clone(),
            system: source.settings.kind,
            account: account.map(|account| account.id.clone()),
            user_name: account.map_or_else(|| name.to_owned(), |account| account.user_name.clone()),
            display_name: name.to_owned(),
            email,
            joined_by: account.map(|account| account.joined_by.clone()).unwrap_or_default(),
            cut: system.cut,
            limit_ms: limit_of(system),
            credential_url: system.credential_url.clone(),
            hints: if groups.is_empty() {
                BTreeMap::new()
            } else {
                BTreeMap::from([(hint.to_owned(), groups)])
            },
            control: None,
        }
    }

    /// Whom a plan that makes a test identity is about. `{run}` still stands for the run's number.
    pub(super) fn identity_of(&self, plan: &Plan, create: &TestIdentity, sources: &[Source]) -> Result<Subject, Error> {
        let mut targets = Vec::new();
        for system in &plan.systems {
            let Some(source) = plans::find(sources, &system.source) else {
                continue;
            };
            let mut target = self.target(system, source, None, &create.display_name, None);
            target.user_name.clone_from(&create.user_name);
            target.email = Some(create.email.clone().unwrap_or_else(|| create.user_name.clone()));
            if plans::same_name(&create.source, &source.settings.name) {
                target
                    .hints
                    .insert("scim.joinGroup".into(), self.groups_named(source, &create.groups)?);
            }
            targets.push(target);
        }
        let left_out = sources
            .iter()
            .filter(|source| source.settings.enabled && !targets.iter().any(|target| target.source == source.id))
            .map(|source| {
                format!(
                    "{}: not part of the plan; whether the identity arrives there and goes again is not evaluated.",
                    source.settings.name
                )
            })
            .collect();
        let first = create.user_name.split("{run}").next().unwrap_or_default();
        Ok(Subject {
            who: RunSubject {
                name: create.display_name.clone(),
                user_name: create.user_name.clone(),
                person: None,
                test: true,
                accounts: Vec::new(),
            },
            groups: create.groups.clone(),
            marked: None,
            targets,
            left_out,
            terms: Some(first.to_owned())
                .filter(|first| first.chars().count() >= 4)
                .into_iter()
                .collect(),
        })
    }

    /// The groups of these names at a source.
    fn groups_named(&self, source: &Source, names: &[String]) -> Result<Vec<Thing>, Error> {
        let directory = self.current()?;
        let mut found = Vec::new();
        for name in names {
            let mut hits = (0..directory.graph().groups()).filter(|group| {
                directory.source_at(directory.place_of_group(*group)).id == source.id
                    && (directory.name_of_group(*group).to_lowercase() == name.trim().to_lowercase()
                        || directory.id_of_group(*group) == name.trim())
            });
            match (hits.next(), hits.next()) {
                (Some(group), None) => found.push(Thing {
                    id: directory.id_of_group(group),
                    name: directory.name_of_group(group),
                    note: None,
                    document: None,
                }),
                (Some(_), Some(_)) => {
                    return Err(Error::Input {
                        field: "Plan",
                        problem: format!("{} has more than one group “{name}”; name it by its id", source.settings.name),
                    });
                }
                (None, _) => {
                    return Err(Error::Input {
                        field: "Plan",
                        problem: format!(
                            "{} has no group “{name}”, as far as it was read; name another, or sync first",
                            source.settings.name
                        ),
                    });
                }
            }
        }
        Ok(found)
    }

    /// Privileged roles that a person holds alone, in words; an error where the map cannot tell.
    pub(super) fn sole_roles(&self, person: &str) -> Result<Vec<String>, String> {
        let said = |error: Error| error.to_string();
        let map = self.map().map_err(said)?;
        let access = map.access_of(person).map_err(said)?;
        let mut sole = Vec::new();
        for holding in access.holdings.iter().filter(|holding| holding.privileged) {
            let query = MapQuery {
                focus: Some(holding.role.key.clone()),
                ..MapQuery::default()
            };
            let rows = map.table_list(&query).map_err(said)?;
            let another = rows.rows(0).any(|row| {
                row.scope.key == holding.scope.key && row.role.key == holding.role.key && row.identity.key != access.identity.key
            });
            if !another {
                sole.push(format!("{} on {}", holding.role.name, holding.scope.name));
            }
        }
        sole.sort();
        sole.dedup();
        if sole.is_empty()
            && let Some(caveat) = access.caveats.first()
        {
            return Err(caveat.text.clone());
        }
        Ok(sole)
    }
}

/// By when each check at a system must have passed, in milliseconds.
fn limit_of(system: &PlanSystem) -> u64 {
    span(system.limit.as_deref(), LIMIT_MS)
}

/// A length of time of a plan that was checked, or what stands for one that is left out.
pub fn span(text: Option<&str>, left_out: u64) -> u64 {
    text.and_then(|text| spans::read(text).ok()).unwrap_or(left_out)
}
