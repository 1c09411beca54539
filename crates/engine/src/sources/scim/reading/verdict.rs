//! What a reading amounts to: complete, or not and why not.

use super::super::ListEnd;
use super::{Linking, Reading, Stop};
use crate::view::CoverageReason;

impl Reading {
    /// The end of the list, in words with numbers.
    pub(in crate::sources) fn end(&self, collection: &str) -> ListEnd {
        let mut reasons = Vec::new();
        let mut because = |code: &str, text: String| reasons.push(CoverageReason { code: code.into(), text });
        let unique = self.unique();
        let read = unique + self.unreadable;
        let total = self.total();
        let of_total = total.map_or_else(String::new, |total| format!(" of {total}"));
        match &self.stop {
            Some(Stop::End) => {}
            // The same page again is as good as an end once everybody is there.
            Some(Stop::Repeat) if total == Some(read) && !self.totals.changed => {}
            Some(Stop::Repeat) => because(
                "pagesRepeat",
                format!("The server gives the same {collection} again instead of the next page: {read}{of_total} could be read."),
            ),
            Some(Stop::PageLimit) => because(
                "pageLimit",
                format!("Reading stopped after {} pages, with {read}{of_total} {collection}.", self.asked),
            ),
            Some(Stop::Budget) => because(
                "budget",
                format!("The request budget was used up after {read}{of_total} {collection}."),
            ),
            Some(Stop::Cancelled) | None => because("cancelled", format!("Reading was cancelled after {read}{of_total} {collection}.")),
            Some(Stop::Failed(why)) => because("failed", format!("Reading broke off after {read}{of_total} {collection}. {why}")),
        }
        let ended = matches!(self.stop, Some(Stop::End | Stop::Repeat));
        let whole =
            self.linking == Linking::Linked && !self.cursor_mode && self.gaps.as_ref().is_some_and(Vec::is_empty) && !self.end_moved;
        match total {
            _ if !ended => {}
            Some(total) if self.linking == Linking::Linked && !whole && read < total && !self.totals.changed => {
                because(
                    "endedEarly",
                    format!("The list ended after {read} {collection}, and the server counts {total}."),
                );
            }
            _ if self.linking == Linking::Linked && !self.cursor_mode && !whole => {
                because(
                    "shifted",
                    format!("The list moved while it was read: {collection} may have slipped through between two pages."),
                );
            }
            Some(total) if whole && read >= total => {}
            Some(total) if self.totals.changed && (!whole || read < total) => because(
                "shifted",
                format!(
                    "The list changed while it was read: {read} {collection} were read, and the server counts {total} now, {} at first.",
                    self.totals.first.unwrap_or(total)
                ),
            ),
            Some(total) if read < total && self.stop == Some(Stop::End) => {
                because(
                    "endedEarly",
                    format!("The list ended after {read} {collection}, and the server counts {total}."),
                );
            }
            Some(total) if read > total => {
                because(
                    "totalsDisagree",
                    format!("The server counts {total} {collection}, and gave {read} different ones."),
                );
            }
            Some(_) => {}
            None if self.stop != Some(Stop::End) => {
                because(
                    "totalsMissing",
                    format!("The server does not say how many {collection} it has, and the end of the list was not seen."),
                );
            }
            None => {}
        }
        if self.unreadable > 0 {
            because(
                "unreadable",
                format!(
                    "{} entries of the list have no id, or one that cannot be used; they were left out.",
                    self.unreadable
                ),
            );
        }
        ListEnd {
            complete: reasons.is_empty(),
            reasons,
            reported: total,
            unique,
            how: self.how(),
        }
    }

    fn how(&self) -> String {
        let by = if self.cursor_mode { "by cursor" } else { "by index" };
        match (self.asked, self.most_in_flight) {
            (0 | 1, _) => "one page".into(),
            (_, 0 | 1) => format!("pages of {} {by}", self.largest),
            (_, many) => format!("pages of {} {by}, {many} at once", self.largest),
        }
    }
}
