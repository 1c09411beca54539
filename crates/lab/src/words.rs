//! The words by which faults, quirks and settings are asked for: on the command line before the lab opens, and at its control
//! door while it runs.

use std::time::Duration;

use crate::azure::{AzureOptions, AzureQuirk};
use crate::backstage::{Feed, OrphanStrategy, PortalOptions, PortalQuirk};
use crate::faults::{Fault, duration};
use crate::provision::{OnDelete, ProvisionOptions};
use crate::scim::{FilterSupport, Quirk, ScimOptions, TokenHabit, TokenOptions};
use crate::serve::{LabError, LabOptions};

/// Everything that a word can turn, of a lab that is to be opened or of one that runs.
pub(crate) struct Knobs<'a> {
    pub(crate) provider: &'a mut ScimOptions,
    pub(crate) downstream: &'a mut ScimOptions,
    pub(crate) provisioning: &'a mut ProvisionOptions,
    pub(crate) portal: Option<&'a mut PortalOptions>,
    pub(crate) azure: Option<&'a mut AzureOptions>,
}

/// A setting that takes a word or a time behind a colon.
enum Setting {
    /// `late:5s`: writes take effect so much later.
    Late(Duration),
    /// `sessions:30s`: users' tokens and sessions are good for so long.
    Sessions(Duration),
    /// `recreates:10s`: the provider's cycle puts back what was written directly.
    Recreates(Duration),
    /// `delay:1s`: from a change at the provider to its arrival elsewhere.
    Delay(Duration),
    /// `on-delete:keep`, `on-delete:delete`, `on-delete:deactivate`.
    OnDelete(OnDelete),
    /// `orphans:keep`, `orphans:delete`: people come from a location, and whoever it no longer names is an orphan.
    Orphans(OrphanStrategy),
    /// `filters:ignored`, `filters:refused`, `filters:eq`, `filters:keys`: how much of a filter a SCIM server understands.
    Filters(FilterSupport),
    /// `tokens:two`, `tokens:lying` and the others: how tokens are treated.
    Tokens(TokenHabit),
    /// `tokens:overlap:30s`: a token that was revoked or replaced lives on for so long.
    Overlap(Duration),
    /// `tokens:start:2s`: a new token works only so much later.
    Start(Duration),
    /// `tokens:lifetime:60s`: a new token is good for so long.
    Lifetime(Option<Duration>),
    /// `sync:5s`: from one cycle of Entra's provisioning job to the next.
    Sync(Duration),
    /// `sync-takes:1s`: how long a cycle takes.
    SyncTakes(Duration),
    /// `sync-refuses:NAME`: the app refuses this user, by the provider's user name, when the job brings it.
    SyncRefuses(String),
    /// `grant:Application.ReadWrite.OwnedBy`: the Azure client has this permission.
    Grant(String),
}

/// The habits with tokens that Entra has with client secrets.
const OF_ENTRA: [TokenHabit; 3] = [TokenHabit::Lying, TokenHabit::Broken, TokenHabit::LoseMint];

impl Setting {
    fn read(word: &str) -> Option<Self> {
        let (name, value) = word.split_once(':')?;
        if name == "tokens" {
            return Some(match value.split_once(':') {
                Some(("overlap", time)) => Self::Overlap(duration(time)?),
                Some(("start", time)) => Self::Start(duration(time)?),
                Some(("lifetime", time)) => Self::Lifetime(Some(duration(time)?)),
                Some(_) => return None,
                None => Self::Tokens(value.parse().ok()?),
            });
        }
        Some(match (name, value) {
            ("sync", time) => Self::Sync(duration(time)?),
            ("sync-takes", time) => Self::SyncTakes(duration(time)?),
            ("sync-refuses", name) if !name.is_empty() => Self::SyncRefuses(name.to_owned()),
            ("grant", permission) if !permission.is_empty() => Self::Grant(permission.to_owned()),
            ("late", time) => Self::Late(duration(time)?),
            ("sessions", time) => Self::Sessions(duration(time)?),
            ("recreates", time) => Self::Recreates(duration(time)?),
            ("delay", time) => Self::Delay(duration(time)?),
            ("on-delete", "keep") => Self::OnDelete(OnDelete::Keep),
            ("on-delete", "delete") => Self::OnDelete(OnDelete::Delete),
            ("on-delete", "deactivate") => Self::OnDelete(OnDelete::Deactivate),
            ("orphans", "keep") => Self::Orphans(OrphanStrategy::Keep),
            ("orphans", "delete") => Self::Orphans(OrphanStrategy::Delete),
            ("filters", "ignored") => Self::Filters(FilterSupport::Ignored),
            ("filters", "refused") => Self::Filters(FilterSupport::Refused),
            ("filters", "eq") => Self::Filters(FilterSupport::EqOnly),
            ("filters", "keys") => Self::Filters(FilterSupport::EqOnKeys),
            _ => return None,
        })
    }
}

/// Which server a word is for, and the word.
fn split(text: &str) -> (&str, &str) {
    text.split_once('/').unwrap_or(("", text))
}

/// A setting of one server is nothing for another.
fn only(server: &str, wanted: &[&str]) -> Result<(), LabError> {
    let fits = server.is_empty() || wanted.contains(&server);
    fits.then_some(()).ok_or_else(|| LabError::NotThere(server.to_owned()))
}

impl Knobs<'_> {
    /// Turns on what a text names: a fault (`429:no-retry-after@0.1`), a quirk (`lowercase-resources`), or a setting
    /// (`late:5s`), with the server before it (`ledgerly/deaf`) or for every one that knows it.
    ///
    /// # Errors
    /// When there is no such server, fault, quirk or setting, or what stands behind it does not fit.
    pub(crate) fn on(&mut self, text: &str) -> Result<(), LabError> {
        let (server, word) = self.addressed(text)?;
        if let Some(setting) = Setting::read(word) {
            return self.set(server, &setting);
        }
        if self.quirk(server, word, true) {
            return Ok(());
        }
        let fault: Fault = word.parse()?;
        self.each_fault_list(server, |faults| faults.push(fault));
        Ok(())
    }

    /// Turns off what [`Knobs::on`] turned on by the same text. A setting goes back to what it is without a word.
    ///
    /// # Errors
    /// As [`Knobs::on`].
    pub(crate) fn off(&mut self, text: &str) -> Result<(), LabError> {
        let (server, word) = self.addressed(text)?;
        if let Some(setting) = Setting::read(word) {
            return match setting {
                Setting::Late(_) => self.set(server, &Setting::Late(Duration::ZERO)),
                Setting::Sessions(_) => self.set(server, &Setting::Sessions(Duration::from_secs(3600))),
                Setting::Recreates(_) => {
                    self.provisioning.cycle = None;
                    Ok(())
                }
                Setting::Delay(_) => self.set(server, &Setting::Delay(ProvisionOptions::default().delay)),
                Setting::Filters(_) => self.set(server, &Setting::Filters(FilterSupport::Full)),
                Setting::OnDelete(_) => self.set(server, &Setting::OnDelete(OnDelete::Deactivate)),
                Setting::Tokens(habit) => self.tokens(server, OF_ENTRA.contains(&habit), |options| {
                    options.habits.remove(&habit);
                }),
                Setting::Overlap(_) => self.set(server, &Setting::Overlap(Duration::ZERO)),
                Setting::Start(_) => self.set(server, &Setting::Start(Duration::ZERO)),
                Setting::Lifetime(_) => self.set(server, &Setting::Lifetime(None)),
                Setting::Sync(_) => self.set(server, &Setting::Sync(AzureOptions::default().sync_every)),
                Setting::SyncTakes(_) => self.set(server, &Setting::SyncTakes(AzureOptions::default().sync_takes)),
                Setting::SyncRefuses(name) => {
                    only(server, &["azure"])?;
                    if let Some(azure) = self.azure_at(server) {
                        azure.sync_refuses.remove(&name);
                    }
                    Ok(())
                }
                Setting::Grant(permission) => {
                    only(server, &["azure"])?;
                    if let Some(azure) = self.azure_at(server) {
                        azure.permissions.remove(&permission);
                    }
                    Ok(())
                }
                Setting::Orphans(_) => {
                    if let Some(portal) = &mut self.portal {
                        (portal.feed, portal.orphans) = (Feed::Provider, OrphanStrategy::Delete);
                    }
                    Ok(())
                }
            };
        }
        if self.quirk(server, word, false) {
            return Ok(());
        }
        let fault: Fault = word.parse()?;
        self.each_fault_list(server, |faults| faults.retain(|other| *other != fault));
        Ok(())
    }

    fn addressed<'t>(&self, text: &'t str) -> Result<(&'t str, &'t str), LabError> {
        let (server, word) = split(text);
        match server {
            "" | "idp" | "ledgerly" => Ok((server, word)),
            "portal" if self.portal.is_some() => Ok((server, word)),
            "azure" if self.azure.is_some() => Ok((server, word)),
            _ => Err(LabError::UnknownServer(server.to_owned())),
        }
    }

    fn scim(&mut self, server: &str) -> impl Iterator<Item = &mut ScimOptions> {
        let server = server.to_owned();
        [("idp", &mut *self.provider), ("ledgerly", &mut *self.downstream)]
            .into_iter()
            .filter(move |(name, _)| server.is_empty() || server == *name)
            .map(|(_, options)| options)
    }

    fn portal_at(&mut self, server: &str) -> Option<&mut PortalOptions> {
        self.portal.as_deref_mut().filter(|_| matches!(server, "" | "portal"))
    }

    fn azure_at(&mut self, server: &str) -> Option<&mut AzureOptions> {
        self.azure.as_deref_mut().filter(|_| matches!(server, "" | "azure"))
    }

    /// Switches a quirk wherever it is known. Tells whether it was anywhere.
    fn quirk(&mut self, server: &str, word: &str, on: bool) -> bool {
        fn switch<T: Ord>(quirks: &mut std::collections::BTreeSet<T>, quirk: T, on: bool) {
            if on {
                quirks.insert(quirk);
            } else {
                quirks.remove(&quirk);
            }
        }
        let mut known = false;
        if let Ok(quirk) = word.parse::<Quirk>() {
            for options in self.scim(server) {
                known = true;
                switch(&mut options.quirks, quirk, on);
            }
        }
        if let (Ok(quirk), Some(portal)) = (word.parse::<PortalQuirk>(), self.portal_at(server)) {
            known = true;
            switch(&mut portal.quirks, quirk, on);
        }
        if let (Ok(quirk), Some(azure)) = (word.parse::<AzureQuirk>(), self.azure_at(server)) {
            known = true;
            switch(&mut azure.quirks, quirk, on);
        }
        known
    }

    fn each_fault_list(&mut self, server: &str, mut change: impl FnMut(&mut Vec<Fault>)) {
        for options in self.scim(server) {
            change(&mut options.faults);
        }
        if let Some(portal) = self.portal_at(server) {
            change(&mut portal.faults);
        }
        if let Some(azure) = self.azure_at(server) {
            change(&mut azure.faults);
        }
    }

    /// Changes how tokens are treated, at Entra too if it knows that.
    fn tokens(&mut self, server: &str, entra: bool, mut change: impl FnMut(&mut TokenOptions)) -> Result<(), LabError> {
        only(
            server,
            if entra {
                &["idp", "ledgerly", "azure"]
            } else {
                &["idp", "ledgerly"]
            },
        )?;
        self.scim(server).for_each(|options| change(&mut options.tokens));
        if let Some(azure) = self.azure_at(server).filter(|_| entra) {
            change(&mut azure.tokens);
        }
        Ok(())
    }

    fn set(&mut self, server: &str, setting: &Setting) -> Result<(), LabError> {
        match *setting {
            Setting::Late(time) => {
                only(server, &["idp", "ledgerly", "azure"])?;
                self.scim(server).for_each(|options| options.effect_after = time);
                if let Some(azure) = self.azure_at(server) {
                    azure.replication = time;
                }
            }
            Setting::Filters(support) => {
                only(server, &["idp", "ledgerly"])?;
                self.scim(server).for_each(|options| options.filter = support);
            }
            Setting::Sessions(time) => {
                self.scim(server).for_each(|options| options.session_lifetime = time);
                if let Some(portal) = self.portal_at(server) {
                    portal.user_token_lifetime = time;
                }
                if let Some(azure) = self.azure_at(server) {
                    azure.token_life = time;
                }
            }
            Setting::Recreates(time) => {
                only(server, &["idp"])?;
                self.provisioning.cycle = Some(time);
            }
            Setting::Delay(time) => {
                only(server, &["idp"])?;
                self.provisioning.delay = time;
            }
            Setting::OnDelete(on_delete) => {
                only(server, &["idp"])?;
                self.provisioning.on_delete = on_delete;
            }
            Setting::Tokens(habit) => self.tokens(server, OF_ENTRA.contains(&habit), |options| {
                options.habits.insert(habit);
            })?,
            Setting::Overlap(time) => self.tokens(server, true, |options| options.overlap = time)?,
            Setting::Start(time) => self.tokens(server, true, |options| options.start = time)?,
            Setting::Lifetime(time) => self.tokens(server, false, |options| options.lifetime = time)?,
            Setting::Sync(time) => {
                only(server, &["azure"])?;
                if let Some(azure) = self.azure_at(server) {
                    azure.sync_every = time;
                }
            }
            Setting::SyncTakes(time) => {
                only(server, &["azure"])?;
                if let Some(azure) = self.azure_at(server) {
                    azure.sync_takes = time;
                }
            }
            Setting::SyncRefuses(ref name) => {
                only(server, &["azure"])?;
                if let Some(azure) = self.azure_at(server) {
                    azure.sync_refuses.insert(name.clone());
                }
            }
            Setting::Grant(ref permission) => {
                only(server, &["azure"])?;
                if let Some(azure) = self.azure_at(server) {
                    azure.permissions.insert(permission.clone());
                }
            }
            Setting::Orphans(strategy) => {
                only(server, &["portal"])?;
                let portal = self
                    .portal
                    .as_deref_mut()
                    .ok_or_else(|| LabError::UnknownServer("portal".to_owned()))?;
                (portal.feed, portal.orphans) = (Feed::Location, strategy);
            }
        }
        Ok(())
    }
}

impl LabOptions {
    /// Adds a fault (`429:no-retry-after@0.1`), a quirk (`lowercase-resources`) or a setting (`late:5s`), as the command line
    /// names it: for every server that knows it, or for one with `idp/`, `ledgerly/`, `portal/` or `azure/` before it. Tokens
    /// of Azure are given out whatever goes wrong.
    ///
    /// # Errors
    /// When there is no such server, fault, quirk or setting, or what stands behind it does not fit.
    pub fn add_fault(&mut self, text: &str) -> Result<(), LabError> {
        self.knobs().on(text)
    }

    fn knobs(&mut self) -> Knobs<'_> {
        Knobs {
            provider: &mut self.provider,
            downstream: &mut self.downstream,
            provisioning: &mut self.provisioning,
            portal: self.portal.as_mut(),
            azure: self.azure.as_mut(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 11] = [
        "ledgerly/deaf",
        "azure/late:2s",
        "idp/recreates:5s",
        "portal/orphans:keep",
        "portal/503@1",
        "sessions-live-on",
        "ledgerly/filters:ignored",
        "ledgerly/tokens:two",
        "tokens:overlap:30s",
        "azure/tokens:lying",
        "azure/grant:Synchronization.Read.All",
    ];

    #[test]
    fn a_word_turns_what_it_names_and_nothing_else() {
        let mut options = LabOptions::whole();
        for word in WORDS {
            options.add_fault(word).unwrap_or_else(|error| panic!("{word}: {error}"));
        }
        assert!(options.downstream.quirks.contains(&Quirk::Deaf) && !options.provider.quirks.contains(&Quirk::Deaf));
        let azure = options.azure.as_ref().expect("whole");
        assert_eq!(
            (azure.replication, options.provider.effect_after),
            (Duration::from_secs(2), Duration::ZERO)
        );
        // Both kinds of servers have a quirk of this name.
        assert!(azure.quirks.contains(&AzureQuirk::SessionsLiveOn) && options.downstream.quirks.contains(&Quirk::SessionsLiveOn));
        assert_eq!(options.provisioning.cycle, Some(Duration::from_secs(5)));
        let portal = options.portal.as_ref().expect("whole");
        assert_eq!(
            (portal.feed, portal.orphans, portal.faults.len()),
            (Feed::Location, OrphanStrategy::Keep, 1)
        );
        assert!(options.provider.faults.is_empty());
        assert_eq!(
            (options.downstream.filter, options.provider.filter),
            (FilterSupport::Ignored, FilterSupport::Full)
        );
        let (ledgerly, idp) = (&options.downstream.tokens, &options.provider.tokens);
        assert!(ledgerly.habits.contains(&TokenHabit::Two) && idp.habits.is_empty());
        let overlap = Duration::from_secs(30);
        assert_eq!((ledgerly.overlap, idp.overlap, azure.tokens.overlap), (overlap, overlap, overlap));
        assert!(azure.tokens.habits.contains(&TokenHabit::Lying) && azure.permissions.contains("Synchronization.Read.All"));
        for wrong in [
            "mars/deaf",
            "azure/deaf",
            "ledgerly/recreates:5s",
            "portal/late:1s",
            "late:soon",
            "orphans:eat",
            "azure/filters:eq",
            "azure/tokens:two",
            "portal/tokens:two",
            "tokens:overlap:soon",
            "tokens:many",
            "tokens:later:2s",
            "idp/sync:2s",
            "idp/grant:User.Read.All",
        ] {
            assert!(options.add_fault(wrong).is_err(), "{wrong}");
        }
        for word in WORDS {
            options.knobs().off(word).unwrap_or_else(|error| panic!("{word}: {error}"));
        }
        assert_eq!(options.downstream.filter, FilterSupport::Full);
        assert_eq!(options.downstream.tokens, TokenOptions::default());
        assert!(options.downstream.quirks.is_empty() && options.provisioning == ProvisionOptions::default());
        assert!(
            options
                .portal
                .is_some_and(|portal| portal.faults.is_empty() && portal.feed == Feed::Provider)
        );
        assert!(
            options
                .azure
                .is_some_and(|azure| azure.replication.is_zero() && azure.quirks.is_empty() && azure.tokens == TokenOptions::default())
        );
    }
}
