//! Plans: the files of the data folder.

use super::super::Engine;
use crate::Error;
use crate::deprovision::plans::{self, Files, Known, SaveError};
use crate::spans;
use crate::view::{Millis, PlanFile, PlanProblem, PlanSummary, RunQuery, RunSummary, Source};

impl Engine {
    pub(super) fn plan_files(&self) -> Files {
        Files::of(&self.inner.data_dir)
    }

    /// The plans of the data folder, by file name, with what is wrong with each, when it is due, and its last run.
    ///
    /// # Errors
    /// When the folder or the ledger cannot be read. A plan that cannot be read is in the list, with why.
    pub fn plans(&self) -> Result<Vec<PlanSummary>, Error> {
        let files = self.plan_files();
        let failed = |source| Error::File {
            path: files.folder().display().to_string(),
            source,
        };
        let sources = self.sources()?;
        let runs = self.runs(&RunQuery {
            limit: 500,
            ..RunQuery::default()
        })?;
        let mut all = Vec::new();
        for name in files.names().map_err(failed)? {
            let opened = match files.text(&name) {
                Ok(Some(text)) => opened(&name, text, &sources),
                Ok(None) => continue,
                Err(error) => unreadable(&name, &error),
            };
            let last_run = opened
                .plan
                .as_ref()
                .and_then(|plan| runs.runs.iter().find(|run| run.plan == plan.name && !run.dry_run))
                .cloned();
            all.push(summary(opened, last_run, crate::sync::now()));
        }
        Ok(all)
    }

    /// One plan, open.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::File`].
    pub fn plan_file(&self, file: &str) -> Result<PlanFile, Error> {
        let files = self.plan_files();
        let text = files.text(file).map_err(|source| Error::File {
            path: files.folder().join(file).display().to_string(),
            source,
        })?;
        let text = text.ok_or_else(|| Error::NotFound {
            what: "plan",
            name: file.to_owned(),
        })?;
        Ok(opened(file, text, &self.sources()?))
    }

    /// What a plan's text says, and what is wrong with it. Nothing is kept.
    ///
    /// # Errors
    /// When the ledger or the cache cannot be read.
    pub fn check_plan(&self, text: &str) -> Result<PlanFile, Error> {
        Ok(opened("", text.to_owned(), &self.sources()?))
    }

    /// Saves a plan: with `over`, in place of the revision that was opened; without, as a new file. Without a file's name, it is called after the
    /// plan. A plan with problems is saved all the same: it may be half done.
    ///
    /// # Errors
    /// [`Error::Refused`] where the file is not as it was when it was opened; [`Error::Input`] for a name that is none; [`Error::File`].
    pub fn save_plan(&self, file: Option<&str>, text: &str, over: Option<&str>) -> Result<PlanFile, Error> {
        let file = match file.map(str::trim).filter(|file| !file.is_empty()) {
            Some(file) => file.to_owned(),
            None => plans::read(text)
                .plan
                .map(|plan| plans::file_name(&plan.name))
                .ok_or_else(|| Error::Input {
                    field: "File",
                    problem: "the text cannot be read as a plan; give the file a name to keep it as it is".into(),
                })?,
        };
        match self.plan_files().save(&file, text, over) {
            Ok(()) => {}
            Err(SaveError::Name) => {
                return Err(Error::Input {
                    field: "File",
                    problem: "the name of one file that ends in .yaml".into(),
                });
            }
            Err(SaveError::Changed(now)) => {
                let what = match (now, over) {
                    (Some(_), None) => format!("there is a plan “{file}” already"),
                    (Some(now), Some(_)) => format!("{file} was changed since it was opened; it is at revision {now} now"),
                    (None, _) => format!("{file} is not there any more"),
                };
                return Err(Error::Refused {
                    code: "plan.changed",
                    what,
                    next: "Open it again and put your change into it, or save under another name.".into(),
                });
            }
            Err(SaveError::File(path, source)) => return Err(Error::File { path, source }),
        }
        let revision = plans::revision(text);
        self.note(
            "plan.saved",
            None,
            format!("Saved the plan {file} (revision {revision})"),
            serde_json::json!({ "file": file, "revision": revision, "before": over }),
        )?;
        self.plan_file(&file)
    }
}

/// A text as an open file.
pub(super) fn opened(file: &str, text: String, sources: &[Source]) -> PlanFile {
    let read = plans::read(&text);
    let problems = plans::check(&read, &Known { sources });
    PlanFile {
        file: file.to_owned(),
        revision: plans::revision(&text),
        text,
        plan: read.plan,
        problems,
    }
}

fn unreadable(file: &str, error: &std::io::Error) -> PlanFile {
    PlanFile {
        file: file.to_owned(),
        text: String::new(),
        revision: String::new(),
        plan: None,
        problems: vec![PlanProblem {
            line: 1,
            column: 1,
            message: format!("the file cannot be read: {error}"),
            warning: false,
        }],
    }
}

fn summary(opened: PlanFile, last_run: Option<RunSummary>, now: Millis) -> PlanSummary {
    let plan = opened.plan;
    let schedule = plan.as_ref().and_then(|plan| plan.schedule.clone());
    let span = |text: &str| spans::read(text).ok().and_then(|ms| Millis::try_from(ms).ok());
    let every = schedule.as_ref().and_then(|schedule| span(&schedule.every));
    let remind = schedule
        .as_ref()
        .and_then(|schedule| schedule.remind.as_deref())
        .and_then(span)
        .unwrap_or(0);
    // A plan that was never run is due now.
    let due_at = every.map(|every| last_run.as_ref().map_or(now, |run| run.planned_at + every));
    PlanSummary {
        file: opened.file,
        name: plan.as_ref().map(|plan| plan.name.clone()).unwrap_or_default(),
        description: plan.as_ref().map(|plan| plan.description.clone()).unwrap_or_default(),
        kind: plan.as_ref().map(|plan| plan.kind),
        revision: opened.revision,
        systems: plan
            .map(|plan| plan.systems.into_iter().map(|system| system.source).collect())
            .unwrap_or_default(),
        problems: opened.problems,
        every: schedule.map(|schedule| schedule.every),
        due_at,
        remind: due_at.is_some_and(|due| due - remind <= now),
        last_run,
    }
}

/// Refuses a plan that has problems.
pub(super) fn sound(file: &PlanFile) -> Result<crate::view::Plan, Error> {
    let wrong: Vec<PlanProblem> = file.problems.iter().filter(|problem| !problem.warning).cloned().collect();
    match &file.plan {
        Some(plan) if wrong.is_empty() => Ok(plan.clone()),
        _ => Err(Error::Plan {
            file: if file.file.is_empty() {
                "the plan".to_owned()
            } else {
                file.file.clone()
            },
            problems: wrong,
        }),
    }
}
