/** What changed, newest first, on one thread: attribute by attribute, member by member. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Equal, EqualNot, Minus, Pencil, Plus, UserMinus, UserPlus } from "lucide-react";
import type { ReactNode } from "react";
import { api, type Change, type ChangeKind, type Source } from "../ipc";
import { keys } from "../ipc/queries";
import { Button } from "./controls";
import { Empty } from "./Empty";
import { FaultView } from "./FaultView";
import { count, dayHeading, exactTime, moment, timeOfDay } from "./format";
import { SourceMark } from "./marks";
import { useNow } from "./now";
import { RECORD_WORD, shortPath } from "./recordWords";
import styles from "./Timeline.module.css";

const PAGE = 60;

const KNOT: Record<ChangeKind, ReactNode> = {
  appeared: <UserPlus />, gone: <UserMinus />, set: <Plus />, changed: <Pencil />, cleared: <Minus />, memberAdded: <Plus />, memberRemoved: <Minus />,
};
export const CHANGE_SIGN: Record<ChangeKind, ReactNode> = {
  appeared: <Plus />, gone: <Minus />, set: <Plus />, changed: <EqualNot />, cleared: <Minus />, memberAdded: <Plus />, memberRemoved: <Minus />,
};

const Quote = ({ text }: { text: string | null }) => (text === null ? <span className="t3">nothing</span> : <bdi className={styles.value}>{text}</bdi>);

/** One change as a sentence; `self` when the page is about its owner, whose name is then left off. */
export function ChangeSentence({ change, self = false }: { change: Change; self?: boolean }) {
  const record = RECORD_WORD[change.resource];
  const who = self ? null : <>{record !== undefined && `${record} `}<bdi className="strong">{change.name}</bdi></>;
  const member = <bdi className="strong">{change.memberName ?? change.after ?? change.before ?? "someone"}</bdi>;
  const path = <code title={change.path ?? undefined}>{shortPath(change.path ?? "")}</code>;
  switch (change.kind) {
    case "appeared":
      return <>{who ?? (change.resource === "Group" ? "The group" : "The account")} came to be</>;
    case "gone":
      return <>{who ?? (change.resource === "Group" ? "The group" : "The account")} is gone; the deletion was confirmed</>;
    case "set":
      return <>{who && <>{who}: </>}{path} is now <Quote text={change.after} /></>;
    case "changed":
      return <>{who && <>{who}: </>}{path} was <Quote text={change.before} />, is now <Quote text={change.after} /></>;
    case "cleared":
      return <>{who && <>{who}: </>}{path} was <Quote text={change.before} />, is now empty</>;
    case "memberAdded":
      return <>{member} came into {who ?? "the group"}</>;
    case "memberRemoved":
      return <>{member} went out of {who ?? "the group"}</>;
  }
}

export function Timeline({ of, sources }: { of: string; sources: readonly Source[] }) {
  const now = useNow();
  const pages = useInfiniteQuery({
    queryKey: [...keys.directory, "timeline", of],
    queryFn: ({ pageParam }) => api.timeline(of, null, pageParam, PAGE),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const have = all.reduce((sum, page) => sum + page.changes.length, 0);
      return have < last.total && last.changes.length > 0 ? have : undefined;
    },
  });
  if (pages.error) return <FaultView compact error={pages.error} onRetry={() => void pages.refetch()} />;
  const first = pages.data?.pages[0];
  if (!first) return null;
  const changes = (pages.data?.pages ?? []).flatMap((page) => page.changes);
  const since = first.recordedSince;

  if (changes.length === 0) {
    return (
      <Empty title="Nothing has changed since Lanyard looks.">
        {since === null ? "Changes are recorded from the end of the first sync on." : `Recorded since ${moment(since, now)}. What happened before is not known here.`}
      </Empty>
    );
  }
  const days: { day: string; changes: Change[] }[] = [];
  for (const change of changes) {
    const day = dayHeading(change.seenAt, now);
    const last = days.at(-1);
    if (last?.day === day) last.changes.push(change);
    else days.push({ day, changes: [change] });
  }
  return (
    <div className={styles.timeline}>
      {days.map(({ day, changes: ofDay }) => (
        <section key={day} aria-label={day}>
          <h3>{day}</h3>
          <ol className={styles.thread}>
            {ofDay.map((change) => (
              <li key={change.seq}>
                <span className={styles.knot} aria-hidden="true">{KNOT[change.kind]}</span>
                <p>
                  <ChangeSentence change={change} self={change.key === of || change.resource === "User"} />
                </p>
                <p className={styles.when}>
                  <SourceMark source={sources.find((s) => s.id === change.source)} small />
                  <span>{sources.find((s) => s.id === change.source)?.settings.name}</span>
                  <time dateTime={new Date(change.seenAt).toISOString()} title={change.changedAt === null ? `Seen ${exactTime(change.seenAt)}` : `Happened ${exactTime(change.changedAt)}, as the source says; seen ${exactTime(change.seenAt)}`}>
                    seen {timeOfDay(change.seenAt)}
                  </time>
                </p>
              </li>
            ))}
          </ol>
        </section>
      ))}
      {pages.hasNextPage ? (
        <Button small onPress={() => void pages.fetchNextPage()} isDisabled={pages.isFetchingNextPage}>
          Show more, {count(first.total - changes.length)} left
        </Button>
      ) : (
        <p className={styles.start}>
          <Equal className="x" />
          {since === null ? "The start of what is recorded" : `Recorded since ${moment(since, now)}`}
        </p>
      )}
    </div>
  );
}
