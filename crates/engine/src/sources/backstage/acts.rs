//! What a run writes to Backstage. Nothing here is sent: each request is made as it will go. What Backstage's API does not let anybody change, since
//! it comes from a file, is written out for a person.
//!
//! <https://backstage.io/docs/features/software-catalog/software-catalog-api>,
//! <https://github.com/backstage/community-plugins/blob/main/workspaces/rbac/plugins/rbac-backend/docs/apis.md>

use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::BackstageClient;
use super::catalog::parts;
use crate::record::backstage::{Entity, RbacRole};
use crate::sources::SourceError;
use crate::sources::doors::{self, Asked, Deed, Repeat, Write};

const JSON: (&str, &str) = ("Content-Type", "application/json");
/// Annotations that say where the catalog has an entity from: the file itself, and where it was registered.
/// <https://backstage.io/docs/features/software-catalog/well-known-annotations>
const LOCATIONS: [&str; 2] = ["backstage.io/managed-by-location", "backstage.io/managed-by-origin-location"];

fn unusable(problem: &str) -> SourceError {
    SourceError::Setting {
        field: "Request",
        problem: problem.into(),
        next: "Sync the source, and plan the run anew.".into(),
    }
}

/// A segment of an address: one that an address would lose names something else.
fn segment(text: &str) -> Result<&str, SourceError> {
    if text.trim().is_empty() || matches!(text, "." | "..") || text.contains(['/', '\\']) {
        return Err(unusable("a name cannot stand in an address"));
    }
    Ok(text)
}

fn read(document: &Value) -> Option<Entity> {
    Entity::read(document.to_string().as_bytes())
}

/// A field of a line of comma separated values, as the RBAC plugin's policy file has them.
fn line(parts: &[&str]) -> String {
    parts.join(", ")
}

impl BackstageClient {
    fn at(&self, segments: &[&str]) -> Url {
        self.http().without_own_query(&self.http().below(segments.iter().copied()))
    }

    /// Takes an entity out of the catalog. `entity` is its document as it was just read, by [`BackstageClient::look_at_entity`]: its `uid` is
    /// another one after each time that it is taken in anew. An entity that its source still has comes back.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the document has no `uid`.
    pub fn unregister(&self, entity: &Value) -> Result<Write, SourceError> {
        let uid = entity["metadata"]["uid"]
            .as_str()
            .ok_or_else(|| unusable("the entity has no uid"))?;
        let url = self.at(&["api", "catalog", "entities", "by-uid", segment(uid)?]);
        Ok(Write::new(&Method::DELETE, url, None, Repeat::Safe))
    }

    /// How a person takes an entity out at its source, so that it does not come back: which file, and what of it.
    pub fn unregister_by_hand(entity: &Value) -> Deed {
        let read = read(entity).unwrap_or_default();
        let reference = read.reference().unwrap_or_else(|| "the entity".into());
        let from = LOCATIONS.iter().find_map(|name| read.annotation(name));
        let what = match from {
            Some(from) if from.starts_with("url:") || from.starts_with("file:") => {
                let kind = read.kind.as_deref().unwrap_or("User");
                let name = read.metadata.name.as_deref().unwrap_or_default();
                let file = from.split_once(':').map_or(from, |(_, file)| file);
                format!(
                    "Take {reference} out of {file}: the whole document between two lines of --- that reads\n\
                     - kind: {kind}\n-   metadata:\n-     name: {name}\n\
                     and its name out of spec.members of groups in the same file."
                )
            }
            Some(from) => format!("Take the person out of the system that {reference} comes from ({from}), and wait for its next cycle."),
            None => format!("Take {reference} out of the system that the catalog has it from; it does not say which one that is."),
        };
        Deed::ByHand {
            why: "An entity that its source still has comes back after it was taken out of the catalog.".into(),
            what,
        }
    }

    /// Takes a member out of a role. `role` is its document, as [`BackstageClient::look_at_roles`] gives it: a role can be changed only where it
    /// comes from, so that for one of a file it is written out what to change there. A role that is left without a member is in the plan to say.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the document is no role, or the role does not name the member.
    pub fn leave_role(&self, role: &Value, member: &str) -> Result<Deed, SourceError> {
        let read = RbacRole::read(role.to_string().as_bytes()).ok_or_else(|| unusable("the role cannot be read"))?;
        let name = read.name.clone().ok_or_else(|| unusable("the role has no name"))?;
        let members = read.member_references.clone().unwrap_or_default();
        // The plugin compares members letter by letter: what goes is what stands there.
        let own = members
            .iter()
            .find(|own| own.trim().eq_ignore_ascii_case(member.trim()))
            .ok_or_else(|| unusable("the role does not name the member"))?
            .clone();
        match read.metadata.source.as_deref().unwrap_or("rest") {
            "rest" | "" => {}
            "csv-file" => {
                return Ok(Deed::ByHand {
                    why: format!("{name} comes from the policy file, and only that changes it."),
                    what: format!(
                        "Take this line out of the file that permission.rbac.policies-csv-file names:\n- {}\n\
                         The backend reads it again by itself where policyFileReload is on, else when it is started anew.",
                        line(&["g", &own, &name])
                    ),
                });
            }
            "configuration" => {
                return Ok(Deed::ByHand {
                    why: format!("{name} comes from the app's configuration, and only that changes it."),
                    what: format!("Take {own} out of permission.rbac.admin.users in app-config.yaml, and start the backend anew."),
                });
            }
            provider => {
                return Ok(Deed::ByHand {
                    why: format!("{name} comes from {provider}, and only that changes it."),
                    what: format!("Take {own} out of {name} at {provider}, and wait for its next cycle."),
                });
            }
        }
        let (_, namespace, short) = parts(&name).ok_or_else(|| unusable("the role's name is no reference"))?;
        let base = self.at(&["api", "permission", "roles", "role", segment(namespace)?, segment(short)?]);
        let mut one = base.clone();
        one.query_pairs_mut().append_pair("memberReferences", &own);
        let rest: Vec<&String> = members.iter().filter(|other| **other != own).collect();
        let mut writes = vec![Write::new(&Method::DELETE, one, None, Repeat::Safe)];
        // A backend that does not know the short way takes the role as a whole. One without members is not to be had that way.
        if !rest.is_empty() {
            let whole = json!({
                "oldRole": { "memberReferences": members, "name": name },
                "newRole": { "memberReferences": rest, "name": name },
            });
            writes.push(Write::new(&Method::PUT, base, Some(&whole), Repeat::Safe).header(JSON.0, JSON.1));
        }
        Ok(Deed::Writes(writes))
    }

    /// Has an entity processed at once, so that what its source says now shows sooner.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the text is no reference.
    pub fn refresh(&self, reference: &str) -> Result<Write, SourceError> {
        parts(reference).ok_or_else(|| unusable("it is no reference of an entity"))?;
        let url = self.at(&["api", "catalog", "refresh"]);
        let body = json!({ "entityRef": reference });
        Ok(Write::new(&Method::POST, url, Some(&body), Repeat::Safe).header(JSON.0, JSON.1))
    }

    /// See [`crate::sources::Client::send_write`].
    ///
    /// # Errors
    /// As there.
    pub async fn send_write(&self, write: &Write, cancel: &CancellationToken) -> Result<Asked, SourceError> {
        doors::send(self.http(), write, cancel).await
    }
}
