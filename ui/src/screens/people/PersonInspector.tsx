/** One person: what each system says, attributes, groups with the way in, timeline, raw documents. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Info, UserRoundX } from "lucide-react";
import { Fragment } from "react";
import { Link } from "react-router";
import { groupPath, offboardPath, personPath } from "../../components/address";
import { Attributes } from "../../components/Attributes";
import { buttonClass } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count, listed } from "../../components/format";
import { HeldRoles, Holdings } from "../../components/Holdings";
import { Inspector } from "../../components/Inspector";
import { DifferMark, InspectorActs, saidAt, SideBySide, sourceNamer, useLeadingAddress } from "../../components/InspectorParts";
import { InspectorTabs } from "../../components/InspectorTabs";
import { JoinedBy } from "../../components/JoinedBy";
import { Face, SourceMark } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { PastBanner, PastButton, pastNothing, usePast } from "../../components/Past";
import { RawView } from "../../components/RawView";
import { Timeline } from "../../components/Timeline";
import { api, type MembershipRow, type PersonDetail, type Source } from "../../ipc";
import { keys, useAsOf, useSources } from "../../ipc/queries";
import styles from "./PersonInspector.module.css";

interface Props {
  of: string;
  onClose: () => void;
}

export function PersonInspector(props: Props) {
  const past = usePast();
  return past === null ? <Present {...props} /> : <AsItWas {...props} at={past} />;
}

/** The person on another day: what each system held, and what that gave. */
function AsItWas({ of: personKey, onClose, at }: Props & { at: number }) {
  const sources = useSources().data ?? [];
  const now = useNow();
  const past = useAsOf(personKey, at);
  const was = past.data;
  const detail = was?.person ?? null;
  const row = detail?.row;
  const nothing = was && detail === null ? pastNothing(was, "person", now) : null;
  const held = detail?.accounts.map((a) => ({ key: a.key, source: sources.find((s) => s.id === a.source), attributes: a.attributes })) ?? [];
  const access = was?.access ?? null;
  return (
    <Inspector label={row?.name ?? "Person"} onClose={onClose} face={row && <Face name={row.name} type={row.accountType} big />} title={<bdi>{row?.name ?? "…"}</bdi>} note={row && [row.title, row.department].filter(Boolean).join(", ")} acts={<PastButton />}>
      <PastBanner past={was} at={at} />
      {past.error && <FaultView error={past.error} onRetry={() => void past.refetch()} />}
      {nothing && <Empty title={nothing.title}>{nothing.says}</Empty>}
      {detail && row && (
        <InspectorTabs
          label={`About ${row.name}, then`}
          tabs={[
            { id: "systems", title: "Systems", mark: <DifferMark lines={detail.compared} />, content: () => <Systems detail={detail} sources={sources} /> },
            { id: "attributes", title: "Attributes", content: () => <Attributes held={held} /> },
            { id: "access", title: "Access", content: () => (access ? <HeldRoles access={access} sources={sources} past /> : <Empty title="Access on that day cannot be told.">See above why.</Empty>) },
            { id: "groups", title: "Groups", mark: <small>{count(row.groups)}</small>, content: () => <Groups memberships={detail.memberships} sources={sources} /> },
          ]}
        />
      )}
    </Inspector>
  );
}

function Present({ of: personKey, onClose }: Props) {
  const sources = useSources().data ?? [];
  const person = useQuery({ queryKey: [...keys.directory, "person", personKey], queryFn: () => api.person(personKey), placeholderData: keepPreviousData });

  useLeadingAddress(person.isPlaceholderData ? undefined : person.data?.row.key, personKey, personPath);

  if (person.error) {
    return (
      <Inspector label="A person who cannot be shown" title="Cannot be shown" onClose={onClose}>
        <FaultView error={person.error} onRetry={() => void person.refetch()} />
      </Inspector>
    );
  }
  const detail = person.data;
  if (!detail) return <Inspector label="Person" title="…" onClose={onClose}>{null}</Inspector>;

  const { row, accounts } = detail;
  const held = accounts.map((a) => ({ key: a.key, source: sources.find((s) => s.id === a.source), attributes: a.attributes }));
  const note = [row.title, row.department].filter(Boolean).join(", ");

  return (
    <Inspector
      label={row.name}
      onClose={onClose}
      face={<Face name={row.name} type={row.accountType} big />}
      title={<bdi title={row.name}>{row.name}</bdi>}
      note={<bdi>{note || (row.accountType === "service" ? "Service account" : (row.userName ?? row.email ?? ""))}</bdi>}
      acts={<InspectorActs path={personPath(row.key)}><PastButton /><Link className={buttonClass()} to={offboardPath(row.key)}><UserRoundX className="s" />Walk out…</Link></InspectorActs>}
    >
      <InspectorTabs
        label={`About ${row.name}`}
        tabs={[
          { id: "systems", title: "Systems", mark: <DifferMark lines={detail.compared} />, content: () => <Systems detail={detail} sources={sources} /> },
          { id: "attributes", title: "Attributes", content: () => <Attributes held={held} /> },
          { id: "access", title: "Access", content: () => <Holdings identity={`person:${row.key}`} sources={sources} /> },
          { id: "groups", title: "Groups", mark: <small>{count(row.groups)}</small>, content: () => <Groups memberships={detail.memberships} sources={sources} /> },
          { id: "timeline", title: "Timeline", content: () => <Timeline of={row.key} sources={sources} /> },
          { id: "raw", title: "Raw", content: () => <RawView held={held} /> },
        ]}
      />
    </Inspector>
  );
}

function Systems({ detail, sources }: { detail: PersonDetail; sources: readonly Source[] }) {
  const named = sourceNamer(sources);
  const none = detail.row.slots.filter((s) => s.state === "noAccount").map((s) => named(s.source));
  const unread = detail.row.slots.filter((s) => s.state === "notEvaluated").map((s) => named(s.source));
  const joined = detail.accounts.map((a, n) => {
    const [name, userName, email] = ["Display name", "User name", "E-mail"].map((label) => saidAt(detail.compared, label, n));
    return { ...a, subject: { key: a.key, source: a.source, name: name ?? detail.row.name, detail: userName ?? email ?? a.id } };
  });
  return (
    <SideBySide
      records={detail.accounts}
      lines={detail.compared}
      sources={sources}
      notes={
        <>
          {none.length > 0 && <li><Info className="s" /><span>No account in {listed(none)}.</span></li>}
          {unread.length > 0 && <li><Info className="s" /><span>{listed(unread)} {unread.length === 1 ? "was" : "were"} not read, so an account there would not show.</span></li>}
          {detail.caveats.filter((c) => !unread.some((name) => c.text.startsWith(name))).map((c) => <li key={c.text}><Info className="s" /><span>{c.text}</span></li>)}
        </>
      }
    >
      <JoinedBy kind="account" type={detail.row.accountType} records={joined} sources={sources} />
    </SideBySide>
  );
}

/** Sources that say the same stand on one row. */
export function joinMemberships(rows: readonly MembershipRow[]): { row: MembershipRow; sources: number[] }[] {
  const out = new Map<string, { row: MembershipRow; sources: number[] }>();
  for (const row of rows) {
    const id = JSON.stringify([row.name, row.direct, row.via]);
    const known = out.get(id);
    if (known) {
      if (!known.sources.includes(row.source)) known.sources.push(row.source);
    } else out.set(id, { row, sources: [row.source] });
  }
  return [...out.values()];
}

function Groups({ memberships, sources }: { memberships: readonly MembershipRow[]; sources: readonly Source[] }) {
  if (memberships.length === 0) return <Empty title="In no group.">Every group that was read was looked at. What could not be read is told under Systems.</Empty>;
  const joined = joinMemberships(memberships);
  const kinds = [
    { title: "Direct", rows: joined.filter((m) => m.row.direct) },
    { title: "Through nesting", rows: joined.filter((m) => !m.row.direct) },
  ];
  return (
    <>
      {kinds.filter((k) => k.rows.length > 0).map(({ title, rows }) => (
        <section key={title} className={styles.groups} aria-label={title}>
          <h3 className={parts.sect}>
            {title} <span className="t3">{count(rows.length)}</span>
          </h3>
          <ul>
            {rows.map(({ row, sources: ids }) => (
              <li key={`${row.key}-${row.via.join()}`}>
                <Link to={groupPath(row.key)} className={styles.group}>
                  <bdi className="strong cut">{row.name}</bdi>
                  {row.via.length > 0 && (
                    <span className={styles.via}>
                      by way of{" "}
                      {row.via.map((name, n) => (
                        <Fragment key={name}>
                          {n > 0 && " › "}
                          <bdi>{name}</bdi>
                        </Fragment>
                      ))}
                    </span>
                  )}
                </Link>
                <span className={styles.marks}>
                  {ids.map((id) => {
                    const source = sources.find((s) => s.id === id);
                    return (
                      <span key={id} title={source?.settings.name}>
                        <SourceMark source={source} small />
                        <span className="sr">{source?.settings.name}</span>
                      </span>
                    );
                  })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
