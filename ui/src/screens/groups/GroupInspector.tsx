/** One group: what each system says, members direct and nested, parents, attributes, timeline, raw documents. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Info, Waypoints } from "lucide-react";
import { Link } from "react-router";
import { groupPath } from "../../components/address";
import { Attributes } from "../../components/Attributes";
import { buttonClass } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count, listed, plural } from "../../components/format";
import { mapAddress } from "../../components/Holdings";
import { Inspector } from "../../components/Inspector";
import { DifferMark, InspectorActs, SideBySide, sourceNamer, useLeadingAddress } from "../../components/InspectorParts";
import { InspectorTabs } from "../../components/InspectorTabs";
import { JoinedBy } from "../../components/JoinedBy";
import { Face } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { PastBanner, PastButton, pastNothing, usePast } from "../../components/Past";
import { RawView } from "../../components/RawView";
import { Timeline } from "../../components/Timeline";
import { api, type GroupDetail, type GroupRow, type Source } from "../../ipc";
import { keys, useAsOf, useSources } from "../../ipc/queries";
import styles from "./GroupInspector.module.css";
import { Members } from "./Members";

const summary = (row: GroupRow): string => {
  if (row.members === null) return "Its source does not list members";
  const people = row.people === null || row.nestedGroups === 0 ? "" : `, ${plural(row.people, "person", "people")} in all`;
  return row.members === 0 ? "No members" : `${plural(row.members, "member")}${row.nestedGroups > 0 ? `, ${count(row.nestedGroups)} of them ${row.nestedGroups === 1 ? "a group" : "groups"}` : ""}${people}`;
};

interface Props {
  of: string;
  onClose: () => void;
}

export function GroupInspector(props: Props) {
  const past = usePast();
  return past === null ? <Present {...props} /> : <AsItWas {...props} at={past} />;
}

/** The group on another day. */
function AsItWas({ of: groupKey, onClose, at }: Props & { at: number }) {
  const sources = useSources().data ?? [];
  const now = useNow();
  const past = useAsOf(groupKey, at);
  const was = past.data;
  const detail = was?.group ?? null;
  const row = detail?.row;
  const nothing = was && detail === null ? pastNothing(was, "group", now) : null;
  const held = detail?.groups.map((g) => ({ key: g.key, source: sources.find((s) => s.id === g.source), attributes: g.attributes })) ?? [];
  return (
    <Inspector label={row?.name ?? "Group"} onClose={onClose} face={row && <Face name={row.name} type="group" big />} title={<bdi>{row?.name ?? "…"}</bdi>} note={row && summary(row)} acts={<PastButton />}>
      <PastBanner past={was} at={at} />
      {past.error && <FaultView error={past.error} onRetry={() => void past.refetch()} />}
      {nothing && <Empty title={nothing.title}>{nothing.says}</Empty>}
      {detail && row && (
        <InspectorTabs
          label={`About ${row.name}, then`}
          tabs={[
            { id: "systems", title: "Systems", mark: <DifferMark lines={detail.compared} />, content: () => <Systems detail={detail} sources={sources} /> },
            { id: "groups", title: "Groups", mark: <small>{count(row.parents)}</small>, content: () => <Parents detail={detail} /> },
            { id: "attributes", title: "Attributes", content: () => <Attributes held={held} /> },
          ]}
        />
      )}
    </Inspector>
  );
}

function Present({ of: groupKey, onClose }: Props) {
  const sources = useSources().data ?? [];
  const group = useQuery({ queryKey: [...keys.directory, "group", groupKey], queryFn: () => api.group(groupKey), placeholderData: keepPreviousData });

  useLeadingAddress(group.isPlaceholderData ? undefined : group.data?.row.key, groupKey, groupPath);

  if (group.error) {
    return (
      <Inspector label="A group that cannot be shown" title="Cannot be shown" onClose={onClose}>
        <FaultView error={group.error} onRetry={() => void group.refetch()} />
      </Inspector>
    );
  }
  const detail = group.data;
  if (!detail) return <Inspector label="Group" title="…" onClose={onClose}>{null}</Inspector>;
  const { row } = detail;
  const held = detail.groups.map((g) => ({ key: g.key, source: sources.find((s) => s.id === g.source), attributes: g.attributes }));

  return (
    <Inspector
      label={row.name}
      onClose={onClose}
      face={<Face name={row.name} type="group" big />}
      title={<bdi title={row.name}>{row.name}</bdi>}
      note={summary(row)}
      acts={
        <InspectorActs path={groupPath(row.key)}>
          <PastButton />
          <Link className={buttonClass()} to={mapAddress(`group:${row.key}`)}><Waypoints className="s" />Show in the map</Link>
        </InspectorActs>
      }
    >
      <InspectorTabs
        label={`About ${row.name}`}
        tabs={[
          { id: "systems", title: "Systems", mark: <DifferMark lines={detail.compared} />, content: () => <Systems detail={detail} sources={sources} /> },
          { id: "members", title: "Members", mark: row.members === null ? undefined : <small>{count(row.members)}</small>, content: () => <Members key={row.key} held={held} nested={row.nestedGroups > 0} /> },
          { id: "groups", title: "Groups", mark: <small>{count(row.parents)}</small>, content: () => <Parents detail={detail} /> },
          { id: "attributes", title: "Attributes", content: () => <Attributes held={held} /> },
          { id: "timeline", title: "Timeline", content: () => <Timeline of={row.key} sources={sources} /> },
          { id: "raw", title: "Raw", content: () => <RawView held={held} /> },
        ]}
      />
    </Inspector>
  );
}

function Systems({ detail, sources }: { detail: GroupDetail; sources: readonly Source[] }) {
  const named = sourceNamer(sources);
  const none = detail.row.slots.filter((s) => s.state === "noAccount").map((s) => named(s.source));
  const unread = detail.row.slots.filter((s) => s.state === "notEvaluated").map((s) => named(s.source));
  const joined = detail.groups.map((g) => ({ ...g, subject: { key: g.key, source: g.source, name: g.name, detail: g.id } }));
  return (
    <SideBySide
      records={detail.groups}
      lines={detail.compared}
      sources={sources}
      notes={
        <>
          {none.length > 0 && <li><Info className="s" /><span>Not held by {listed(none)}.</span></li>}
          {unread.length > 0 && <li><Info className="s" /><span>{listed(unread)} {unread.length === 1 ? "was" : "were"} not read in full, so it may be there too.</span></li>}
          {detail.groups.filter((g) => g.dangling > 0).map((g) => (
            <li key={g.key}>
              <Info className="s" />
              <span>{plural(g.dangling, "member")} at {named(g.source)} {g.dangling === 1 ? "names" : "name"} no account or group that it holds.</span>
            </li>
          ))}
          {detail.groups.filter((g) => g.members === null).map((g) => (
            <li key={`${g.key}-m`}><Info className="s" /><span>{named(g.source)} does not list members; who is in it there is not evaluated.</span></li>
          ))}
          {detail.caveats.map((c) => <li key={c.text}><Info className="s" /><span>{c.text}</span></li>)}
        </>
      }
    >
      <JoinedBy kind="group" type="group" records={joined} sources={sources} />
    </SideBySide>
  );
}

const Parents = ({ detail }: { detail: GroupDetail }) =>
  detail.parents.length === 0 ? (
    <Empty title="Inside no other group.">Nobody gets into another group by way of this one.</Empty>
  ) : (
    <section className={styles.parents} aria-label="Groups that it is a member of">
      <h3 className={parts.sect}>A member of</h3>
      <ul>
        {detail.parents.map((parent) => (
          <li key={parent.key}>
            <Link to={groupPath(parent.key)}>
              <Face name={parent.name} type="group" />
              <bdi className="cut">{parent.name}</bdi>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
