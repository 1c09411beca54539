//! Everything that a person holds, and a plan to walk them out.

use super::super::Engine;
use super::plans::opened;
use crate::Error;
use crate::deprovision::plans as files;
use crate::sources::doors::meanings;
use crate::view::{
    AccessOf, AccessState, Cut, Leaver, LeaverHolding, LeaverSystem, PersonDetail, Plan, PlanGuards, PlanSystem, RunKind, SlotState,
    Source, SourceKind,
};

impl Engine {
    /// Everything that a person holds in every system, with a plan made from it. Nothing is asked of any system.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Input`] for the person; when the cache or the ledger cannot be read.
    pub fn leaver(&self, person: &str) -> Result<Leaver, Error> {
        let person = self.leaver_of(person)?;
        let sources = self.sources()?;
        let access = self.access_of(&person.row.key)?;
        let sole = self.sole_roles(&person.row.key);
        let mut not_evaluated: Vec<String> = person
            .caveats
            .iter()
            .chain(&access.caveats)
            .map(|caveat| caveat.text.clone())
            .collect();
        if let Err(why) = &sole {
            not_evaluated.push(format!("Whether it holds a privileged role alone: {why}"));
        }
        not_evaluated.push("Open sessions and live tokens are not in the picture; the run asks about them.".into());
        not_evaluated.sort();
        not_evaluated.dedup();
        let lead = sources.iter().find(|source| source.settings.authoritative);
        let held: Vec<&Source> = sources
            .iter()
            .filter(|source| person.accounts.iter().any(|account| account.source == source.id))
            .collect();
        let systems: Vec<LeaverSystem> = held
            .iter()
            .map(|source| system(source, lead, &person, &access, sole.as_deref().unwrap_or_default()))
            .collect();
        let plan = proposed(&held, lead);
        let text = files::write(&plan).map_err(|problem| Error::Input { field: "Plan", problem })?;
        let subject = self.subject_of(&plan, &person, &sources);
        Ok(Leaver {
            who: subject.who,
            systems,
            not_evaluated,
            plan: opened("", text.clone(), &sources).plan.unwrap_or(plan),
            plan_text: text,
        })
    }
}

fn system(source: &Source, lead: Option<&Source>, person: &PersonDetail, access: &AccessOf, sole: &[String]) -> LeaverSystem {
    let mut holds = Vec::new();
    for account in person.accounts.iter().filter(|account| account.source == source.id) {
        holds.push(LeaverHolding {
            what: "account".into(),
            name: person.row.user_name.clone().unwrap_or_else(|| person.row.name.clone()),
            how: match account.state {
                SlotState::Active => "active".into(),
                SlotState::Disabled => "disabled".into(),
                _ => "kept, though the last reading did not show it".into(),
            },
            sole: false,
            id: account.id.clone(),
        });
        if source.settings.kind == SourceKind::Backstage {
            holds.push(LeaverHolding {
                what: "entity".into(),
                name: account.id.clone(),
                how: "the catalog's entity of the person".into(),
                sole: false,
                id: account.id.clone(),
            });
        }
    }
    for row in person.memberships.iter().filter(|row| row.source == source.id) {
        holds.push(LeaverHolding {
            what: "group".into(),
            name: row.name.clone(),
            how: if row.direct {
                "directly".into()
            } else {
                format!("through {}", row.via.join(", "))
            },
            sole: false,
            id: row.key.split_once('.').map_or_else(|| row.key.clone(), |(_, id)| id.to_owned()),
        });
    }
    for holding in access.holdings.iter().filter(|holding| holding.role.source == source.id) {
        let name = format!("{} on {}", holding.role.name, holding.scope.name);
        let what = match (holding.can_restore, holding.state) {
            (true, _) => "restore",
            (false, AccessState::Eligible) => "eligible",
            _ => "role",
        };
        holds.push(LeaverHolding {
            what: what.into(),
            sole: sole.contains(&name),
            name,
            how: holding.by.clone(),
            id: holding.role.id.clone(),
        });
    }
    let host = url::Url::parse(&source.settings.url)
        .ok()
        .and_then(|url| url.host_str().map(ToOwned::to_owned));
    let meanings = meanings(source.settings.kind, &host.unwrap_or_default());
    LeaverSystem {
        source: source.id,
        source_name: source.settings.name.clone(),
        kind: source.settings.kind,
        writable: source.settings.allow_writes,
        follows: lead
            .filter(|lead| lead.id != source.id && source.settings.kind == SourceKind::Scim)
            .map(|lead| lead.settings.name.clone()),
        holds,
        disable: meanings.disable,
        delete: meanings.delete,
    }
}

/// A plan that cuts at the authority, takes away what does not follow it, and checks everywhere.
fn proposed(held: &[&Source], lead: Option<&Source>) -> Plan {
    let mut sources: Vec<&Source> = held.to_vec();
    sources.sort_by_key(|source| !source.settings.authoritative);
    let leads = lead.is_some_and(|lead| held.iter().any(|source| source.id == lead.id));
    let systems = sources.into_iter().map(|source| {
        let own = source.settings.authoritative || !leads;
        let also: &[&str] = match source.settings.kind {
            SourceKind::Scim if own => &["scim.leaveGroups"],
            SourceKind::Azure if source.settings.allow_writes => &[
                "entra.revokeSessions",
                "entra.leaveGroups",
                "azure.removeAssignments",
                "azure.removeEligibility",
            ],
            _ => &[],
        };
        let cut = match source.settings.kind {
            SourceKind::Scim if own && source.settings.allow_writes => Cut::Disable,
            SourceKind::Azure if source.settings.allow_writes => Cut::Disable,
            SourceKind::Backstage if source.settings.allow_writes => Cut::Delete,
            _ => Cut::Follow,
        };
        PlanSystem {
            source: source.settings.name.clone(),
            cut,
            also: if source.settings.allow_writes {
                let roles: &[&str] = if source.settings.kind == SourceKind::Backstage {
                    &["backstage.leaveRoles"]
                } else {
                    also
                };
                roles.iter().map(ToString::to_string).collect()
            } else {
                Vec::new()
            },
            ..PlanSystem::default()
        }
    });
    Plan {
        lanyard: files::FORMAT.into(),
        name: "Leaver".into(),
        description: "Made from what the person holds.".into(),
        kind: RunKind::Offboarding,
        subject: None,
        systems: systems.collect(),
        poll: None,
        arrive: None,
        watch: None,
        guards: PlanGuards::default(),
        schedule: None,
    }
}
