//! Microsoft Graph v1.0, as far as a reviewer of access needs it (<https://learn.microsoft.com/graph/api/overview>).

mod batch;
mod delta;
mod docs;
mod filter;
mod list;
mod password;
mod people;
mod permission;
mod sync;
mod write;

use std::time::Instant;

use serde_json::{Value, json};

use self::docs::{APPLICATION, Doc, GROUP, Kind, PLAIN, SERVICE, USER};
use self::permission::Needs;
use super::effect::Effect;
use super::limit::units_for;
use super::reply::{Ask, Reply};
use super::server::{Azure, Site, now};
use super::state::{Family, State};
use crate::company::access::Guid;
use crate::company::access::azure::ServicePrincipal;
use crate::journal::is_write;

/// The most ids that `getByIds` takes.
const MOST_IDS: usize = 1_000;

/// One request to Graph, with what is needed to answer it.
struct Graph<'a> {
    azure: &'a Azure,
    state: &'a State,
    ask: &'a Ask,
    /// Counts requests, each in a batch too: permissions go by it.
    number: u64,
}

impl Azure {
    /// Answers one request to Graph.
    pub(super) fn graph(&self, ask: &Ask) -> Reply {
        if ask.method == "POST" && ask.parts() == ["v1.0", "$batch"] {
            return batch::run(self, ask);
        }
        self.graph_one(ask)
    }

    /// Answers a request that is no batch.
    fn graph_one(&self, ask: &Ask) -> Reply {
        let number = self.count(Site::Graph);
        let (reply, effects) = self.graph_settled(ask, number);
        self.perform(effects);
        reply
    }

    /// The answer to a request, and what it does.
    fn graph_settled(&self, ask: &Ask, number: u64) -> (Reply, Vec<Effect>) {
        let state = self.state();
        let graph = Graph {
            azure: self,
            state: &state,
            ask,
            number,
        };
        let throttle = self.options().throttle;
        let units = cost(ask);
        let limit = throttle.graph_units.unwrap_or_else(|| units_for(state.tenant.users.len()));
        if let Err(seconds) = self.limits().take_units(units, limit, Instant::now()) {
            let reply = graph.refuse(429, "TooManyRequests", "Too many requests");
            let reply = if throttle.retry_after {
                reply.with("retry-after", seconds.to_string())
            } else {
                reply
            };
            return (reply, Vec::new());
        }
        let (reply, effects) = match (ask.caller, is_write(&ask.method, &ask.path)) {
            (Some(user), _) => (graph.as_user(user).unwrap_or_else(|refusal| refusal), Vec::new()),
            (None, false) => (graph.route().unwrap_or_else(|refusal| refusal), Vec::new()),
            (None, true) => graph.write().unwrap_or_else(|refusal| (refusal, Vec::new())),
        };
        let reply = reply
            .with("x-ms-resource-unit", units.to_string())
            .with("request-id", self.request_id());
        (reply, effects)
    }
}

/// Resource units of a request (<https://learn.microsoft.com/graph/throttling-limits#pattern>).
fn cost(ask: &Ask) -> u32 {
    let parts = ask.parts();
    let base: u32 = match parts.get(1..).unwrap_or_default() {
        [.., "transitiveMembers"] => 5,
        [.., "members"] | ["directoryObjects", "getByIds"] | ["groups"] => 3,
        ["users" | "applications"] | ["users", "delta"] => 2,
        _ => 1,
    };
    let less = u32::from(ask.parameter("$select").is_some());
    let more = u32::from(ask.parameter("$expand").is_some());
    (base + more).saturating_sub(less).max(1)
}

type Answer = Result<Reply, Reply>;

impl<'a> Graph<'a> {
    fn refuse(&self, status: u16, code: &str, message: &str) -> Reply {
        Reply::graph(status, code, message, &now(), &self.azure.request_id())
    }

    fn missing(&self, id: &str) -> Reply {
        let text = format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        self.refuse(404, "Request_ResourceNotFound", &text)
    }

    fn id(&self, text: &str) -> Result<Guid, Reply> {
        text.parse()
            .map_err(|_| self.refuse(400, "Request_BadRequest", &format!("Invalid object identifier '{text}'.")))
    }

    fn route(&self) -> Answer {
        let parts = self.ask.parts();
        let Some(("v1.0", parts)) = parts.split_first().map(|(first, rest)| (*first, rest)) else {
            return Err(self.refuse(400, "BadRequest", "Invalid version."));
        };
        match (self.ask.method.as_str(), parts) {
            (_, ["servicePrincipals", id, "synchronization", rest @ ..]) => self.synchronization(id, rest),
            ("GET", [family @ ("users" | "groups" | "servicePrincipals"), rest @ ..]) => {
                // The names above are the families' own.
                let Some(family) = Family::named(family) else {
                    return Err(self.missing(""));
                };
                self.need(Needs::of(family))?;
                self.family(family, rest)
            }
            ("GET", ["applications", rest @ ..]) => {
                self.need(Needs::Applications)?;
                self.applications(rest)
            }
            ("GET", [by_app]) if write::in_brackets(by_app).is_some() => {
                self.need(Needs::Applications)?;
                self.applications(&[write::in_brackets(by_app).unwrap_or_default()])
            }
            ("POST", ["directoryObjects", "getByIds"]) => {
                self.need(Needs::Directory)?;
                self.by_ids()
            }
            ("GET", ["directoryObjects", id]) => {
                self.need(Needs::Directory)?;
                let (kind, doc) = docs::object(self.state, self.id(id)?).ok_or_else(|| self.missing(id))?;
                self.one(kind, doc, "directoryObjects")
            }
            ("GET", ["directory", "deletedItems", rest @ ..]) => {
                self.need(Needs::Users)?;
                self.deleted(rest)
            }
            ("GET", ["directoryRoles", rest @ ..]) => {
                self.need(Needs::Directory)?;
                self.directory_roles(rest)
            }
            ("GET", ["auditLogs", "provisioning"]) => self.provisioning_log(),
            ("GET", ["me", ..]) => Err(self.refuse(400, "BadRequest", "/me request is only valid with delegated authentication flow.")),
            ("GET", ["organization"]) => {
                self.need(Needs::Organization)?;
                self.page("organization", PLAIN, 1, |_| Some(docs::organization(self.state)))
            }
            ("GET" | "POST", _) => {
                let segment = parts.first().copied().unwrap_or_default();
                let text = format!("Resource not found for the segment '{segment}'.");
                Err(self.refuse(400, "BadRequest", &text))
            }
            _ => Err(self.refuse(405, "Request_BadRequest", "The method is not allowed on this resource.")),
        }
    }

    /// `/users`, `/groups`, `/servicePrincipals` and what lies below them.
    fn family(&self, family: Family, rest: &[&str]) -> Answer {
        let tenant = &self.state.tenant;
        match (family, rest) {
            (_, ["delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()"]) => self.delta(family),
            (Family::Users, []) => self.page("users", USER, tenant.users.len(), |place| {
                let user = &tenant.users[place];
                self.shown(user.id).then(|| docs::user(user, self.state, None))
            }),
            (Family::Groups, []) => self.page("groups", GROUP, tenant.groups.len(), |place| {
                let group = &tenant.groups[place];
                self.shown(group.id).then(|| docs::group(group, self.state))
            }),
            (Family::Services, []) => self.page("servicePrincipals", SERVICE, tenant.services.len(), |place| {
                let service = &tenant.services[place];
                self.shown(service.id).then(|| docs::service(service, self.state))
            }),
            (_, ["$count"]) => self.count(family),
            (_, [id, rest @ ..]) => {
                let id = self.named(family, id)?;
                match rest {
                    [] => {
                        let (kind, doc) = docs::object(self.state, id).ok_or_else(|| self.missing(&id.to_string()))?;
                        self.one(kind, doc, kind.odata)
                    }
                    [what, cast @ ..] => self.related(family, id, what, cast.first().copied()),
                }
            }
        }
    }

    fn shown(&self, id: Guid) -> bool {
        !self.state.is_hidden(id)
    }

    /// An object of a family by its id; a user also by its principal name.
    fn named(&self, family: Family, text: &str) -> Result<Guid, Reply> {
        let here = |id: Guid| match family {
            Family::Users => self.state.user(id).is_some(),
            Family::Groups => self.state.group(id).is_some(),
            Family::Services => self.state.service(id).is_some(),
        };
        if family == Family::Users && text.contains('@') {
            let named = self.state.tenant.users.iter().find(|user| user.upn.eq_ignore_ascii_case(text));
            return named.map(|user| user.id).filter(|id| here(*id)).ok_or_else(|| self.missing(text));
        }
        let id = self.id(text)?;
        if here(id) { Ok(id) } else { Err(self.missing(text)) }
    }

    /// What an object leads to: members, owners, groups, app roles.
    fn related(&self, family: Family, id: Guid, what: &str, cast: Option<&str>) -> Answer {
        let state = self.state;
        let ids: Vec<Guid> = match (family, what) {
            (Family::Groups, "members") => {
                self.need(Needs::Members)?;
                state.group(id).map(|group| group.members.clone()).unwrap_or_default()
            }
            (Family::Groups, "transitiveMembers") => {
                self.need(Needs::Members)?;
                state.below(id)
            }
            (Family::Groups, "owners") => state.group(id).map(|group| group.owners.clone()).unwrap_or_default(),
            (Family::Services, "owners") => state.service(id).map(|service| service.owners.clone()).unwrap_or_default(),
            (Family::Users | Family::Services, "ownedObjects") => {
                let groups = state.tenant.groups.iter().filter(|group| group.owners.contains(&id));
                let services = state.tenant.services.iter().filter(|service| service.owners.contains(&id));
                groups.map(|group| group.id).chain(services.map(|service| service.id)).collect()
            }
            (_, "memberOf") => {
                let groups = state.tenant.groups.iter().filter(|group| group.members.contains(&id));
                groups.map(|group| group.id).collect()
            }
            (_, "transitiveMemberOf") => {
                let mut groups: Vec<Guid> = state.groups_of(id).into_iter().collect();
                groups.sort_unstable();
                groups
            }
            (_, "appRoleAssignments") => {
                self.need(Needs::AppRoles)?;
                return self.app_roles(|one| one.principal == id);
            }
            (Family::Services, "appRoleAssignedTo") => {
                self.need(Needs::Applications)?;
                return self.app_roles(|one| one.resource == id);
            }
            (Family::Services, "federatedIdentityCredentials") => {
                let list = state.service(id).map(|service| docs::federated(service, true));
                return self.values("federatedIdentityCredentials", &list.unwrap_or_default());
            }
            _ => {
                let text = format!("Resource not found for the segment '{what}'.");
                return Err(self.refuse(400, "BadRequest", &text));
            }
        };
        let bare = !self.has(Needs::Users);
        self.page("directoryObjects", PLAIN, ids.len(), |place| {
            let (kind, doc) = docs::object(state, ids[place])?;
            if cast.is_some_and(|cast| cast != kind.odata) {
                return None;
            }
            Some(self.member(kind, doc, bare))
        })
    }

    /// An object in a list of several types: it says which it is. Without the right to read users they show their id only.
    fn member(&self, kind: Kind, doc: Doc, bare: bool) -> Doc {
        let mut member = Doc::new();
        member.insert("@odata.type".to_owned(), json!(format!("#{}", kind.odata)));
        let select = self.ask.parameter("$select");
        if bare && kind.odata == USER.odata {
            member.insert("id".to_owned(), doc.get("id").cloned().unwrap_or_default());
            return member;
        }
        // Names that this type does not have are left out: the list is of several types.
        member.extend(docs::project(doc, kind, select, false).unwrap_or_default());
        member
    }

    fn app_roles(&self, wanted: impl Fn(&crate::company::access::azure::AppRoleAssignment) -> bool) -> Answer {
        let all: Vec<_> = self
            .state
            .tenant
            .app_roles
            .iter()
            .filter(|one| wanted(one) && self.shown(one.principal))
            .collect();
        self.page("appRoleAssignments", PLAIN, all.len(), |place| {
            Some(docs::app_role_assignment(all[place], self.state))
        })
    }

    fn applications(&self, rest: &[&str]) -> Answer {
        let services: Vec<&ServicePrincipal> = (self.state.tenant.services.iter())
            .filter(|service| service.application.is_some() && self.shown(service.id))
            .collect();
        let find = |id: &str| self.application_at(id);
        match rest {
            [] => self.page("applications", APPLICATION, services.len(), |place| {
                docs::application(services[place], self.state)
            }),
            [id] => {
                let doc = docs::application(find(id)?, self.state).ok_or_else(|| self.missing(id))?;
                self.one(APPLICATION, doc, "applications")
            }
            [id, "federatedIdentityCredentials"] => {
                let list = docs::federated(find(id)?, false);
                self.values("federatedIdentityCredentials", &list)
            }
            [id, "owners"] => {
                let owners = find(id)?.owners.clone();
                self.page("directoryObjects", PLAIN, owners.len(), |place| {
                    let (kind, doc) = docs::object(self.state, owners[place])?;
                    Some(self.member(kind, doc, false))
                })
            }
            _ => Err(self.refuse(400, "BadRequest", "Resource not found for the segment.")),
        }
    }

    fn by_ids(&self) -> Answer {
        let bad = |text: &str| self.refuse(400, "Request_BadRequest", text);
        let Some(ids) = self.ask.body["ids"].as_array() else {
            return Err(bad("The parameter 'ids' is missing."));
        };
        if ids.len() > MOST_IDS {
            return Err(bad("The number of ids must not be greater than 1000."));
        }
        let types: Vec<&str> = self.ask.body["types"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let wanted = |kind: Kind| {
            types.is_empty()
                || types
                    .iter()
                    .any(|one| kind.odata.ends_with(&format!(".{one}")) || *one == "directoryObject")
        };
        let mut found = Vec::new();
        for id in ids {
            let text = id.as_str().unwrap_or_default();
            let Ok(id) = text.parse::<Guid>() else {
                return Err(bad(&format!("Invalid GUID:{text}")));
            };
            // Whoever is not there is left out without a word.
            if let Some((kind, doc)) = docs::object(self.state, id).filter(|(kind, _)| wanted(*kind)) {
                found.push(Value::Object(self.member(kind, doc, false)));
            }
        }
        self.values("directoryObjects", &found)
    }

    fn deleted(&self, rest: &[&str]) -> Answer {
        let bin = &self.state.tenant.deleted;
        match rest {
            [cast] if *cast == USER.odata => self.page("directoryObjects/microsoft.graph.user", USER, bin.len(), |place| {
                let (user, at) = &bin[place];
                Some(docs::user(user, self.state, Some(*at)))
            }),
            ["microsoft.graph.group" | "microsoft.graph.application" | "microsoft.graph.servicePrincipal"] => {
                self.values("directoryObjects", &[])
            }
            [id] if id.parse::<Guid>().is_ok() => {
                let id = self.id(id)?;
                let (user, at) = bin
                    .iter()
                    .find(|(user, _)| user.id == id)
                    .ok_or_else(|| self.missing(&id.to_string()))?;
                let mut doc = docs::user(user, self.state, Some(*at));
                doc.insert("@odata.type".to_owned(), json!("#microsoft.graph.user"));
                self.one(PLAIN, doc, "directoryObjects")
            }
            _ => Err(self.refuse(
                400,
                "Request_BadRequest",
                "The type of the deleted items must be given by an OData cast, microsoft.graph.user for example.",
            )),
        }
    }
}
