/** The members of a group at one source: those it names itself, or everyone through nested groups. */
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { groupPath, personPath } from "../../components/address";
import { WhichSource } from "../../components/Attributes";
import { SearchField, Segments } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { Face, Glyph } from "../../components/marks";
import { useWindowed } from "../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../components/VirtualGrid";
import { api, type MemberPage, type MemberRow, type MemberScope, type Source } from "../../ipc";
import styles from "./GroupInspector.module.css";

const COLUMNS: readonly Column<MemberRow>[] = [
  {
    id: "name", label: "Member", min: 150, grow: 2, rank: 0,
    cell: (row) => (
      <span className={styles.who} data-face>
        {row.memberType === "dangling" ? <Glyph name="notEvaluated" label="names nothing that the source holds" /> : <Face name={row.name} type={row.memberType === "group" ? "group" : (row.accountType ?? "person")} />}
        {row.memberType === "dangling" ? <code className="t3">{row.name}</code> : <bdi title={row.name}>{row.name}</bdi>}
      </span>
    ),
  },
  { id: "state", label: "State", min: 26, rank: 0, align: "center", head: <span aria-hidden="true" />, cell: (row) => (row.state === "active" || row.state === "disabled" || row.state === "unstated" ? <Glyph name={row.state} label={row.state === "unstated" ? "state not told" : row.state} /> : null) },
  {
    id: "how", label: "How", min: 130, grow: 1.2, rank: 0,
    cell: (row) => (
      <span className={styles.via}>
        {row.memberType === "dangling" ? "not held by the source" : row.direct ? (row.memberType === "group" ? "group, direct" : "direct") : <>via <bdi>{row.via.join(" › ")}</bdi></>}
      </span>
    ),
  },
  { id: "userName", label: "User name", min: 150, grow: 1, rank: 2, cell: (row) => <code className="cut t3">{row.userName}</code> },
];

export function Members({ held, nested }: { held: readonly { key: string; source: Source | undefined }[]; nested: boolean }) {
  const navigate = useNavigate();
  const grid = useRef<GridHandle>(null);
  const [chosen, setChosen] = useState("");
  const [scope, setScope] = useState<MemberScope>("direct");
  const [search, setSearch] = useState("");
  const key = held.find((h) => h.key === chosen)?.key ?? held[0]?.key ?? "";
  const question = { key, scope, search };
  const members = useWindowed<MemberRow, MemberPage>("members", question, (offset, limit) => api.members({ ...question, offset, limit }));

  return (
    <div className={styles.members}>
      <div className={styles.tools}>
        <SearchField label="Search members" value={search} onChange={setSearch} placeholder="Search members" onDown={() => grid.current?.focus()} />
        {nested && (
          <Segments
            label="Which members"
            value={scope}
            onChange={setScope}
            options={[{ id: "direct", text: "Direct" }, { id: "nested", text: "With nested" }]}
          />
        )}
      </div>
      <div className={styles.which}>
        <WhichSource held={held} chosen={key} onChange={setChosen} />
      </div>
      {members.page?.caveats.map((c) => <p key={c.text} className={`${styles.which} xs t2`}>{c.text}</p>)}
      <div className={styles.grid}>
        {members.error && !members.stale ? (
          <FaultView error={members.error} onRetry={members.retry} />
        ) : (
          <VirtualGrid
            ref={grid}
            label="Members"
            columns={COLUMNS}
            total={members.total}
            row={members.row}
            rowKey={(row) => row.key}
            selected={null}
            onOpen={(row) => {
              if (row.memberType !== "dangling") void navigate(row.memberType === "group" ? groupPath(row.key) : personPath(row.key));
            }}
            onRange={members.onRange}
            listKey={JSON.stringify(question)}
            stale={members.stale}
            empty={members.loading ? null : <Empty title={search === "" ? "No members." : "No member matches."} />}
          />
        )}
      </div>
    </div>
  );
}
