/** Walking somebody out: everything that they hold, soft or hard per system, then the plan. */
import { ListChecks, Lock, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import { RadioButton, RadioField, RadioGroup } from "react-aria-components";
import { Link, useNavigate, useParams } from "react-router";
import { personPath, runPath } from "../../components/address";
import { Button, Segments } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { listed, plural } from "../../components/format";
import { Face, SystemMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { api, type Cut, type CutMeaning, type Leaver, type LeaverHolding, type LeaverSystem, type Plan } from "../../ipc";
import { useLeaver } from "../../ipc/queries";
import styles from "./Offboard.module.css";
import { planYaml } from "./planYaml";
import { CUT_WORD } from "./runWords";
import { useAct } from "./useAct";

const HOLD_WORD: Record<string, string> = {
  account: "Account", group: "Groups", role: "Roles", eligible: "Can activate", restore: "Can restore", entity: "Catalog entities", ownedGroup: "Owns groups", servicePrincipal: "Owns service principals", credential: "Credentials", session: "Sessions",
};

export function OffboardScreen() {
  const { key = "" } = useParams();
  const leaver = useLeaver(key);
  if (leaver.error) return <FaultView error={leaver.error} onRetry={() => void leaver.refetch()} />;
  if (!leaver.data) return null;
  return <Choices key={key} person={key} leaver={leaver.data} />;
}

/** What the plan does where nothing was chosen yet: as the engine proposes it. */
const proposed = (leaver: Leaver, system: LeaverSystem): Cut => leaver.plan.systems.find((s) => s.source === system.sourceName)?.cut ?? "follow";

/** The plan with the cuts that were chosen; systems in the engine's order, and those that it left out last. */
export function chosenPlan(leaver: Leaver, cuts: ReadonlyMap<number, Cut>, watch: string): Plan {
  const known = leaver.plan.systems.map((s) => s.source);
  const all = [...leaver.plan.systems, ...leaver.systems.filter((s) => !known.includes(s.sourceName)).map((s) => ({ source: s.sourceName, cut: "follow" as const, also: [], notCritical: [], byHand: [] }))];
  return {
    ...leaver.plan,
    watch: watch.trim() === "" ? null : watch.trim(),
    systems: all.map((s) => {
      const system = leaver.systems.find((x) => x.sourceName === s.source);
      return { ...s, cut: (system && cuts.get(system.source)) ?? s.cut };
    }),
  };
}

function Choices({ person, leaver }: { person: string; leaver: Leaver }) {
  const navigate = useNavigate();
  const { act, busy, error } = useAct();
  const [cuts, setCuts] = useState<ReadonlyMap<number, Cut>>(() => new Map(leaver.systems.map((s) => [s.source, proposed(leaver, s)])));
  const [watch, setWatch] = useState(leaver.plan.watch ?? "");
  const [how, setHow] = useState<"run" | "dry">("run");
  const { who } = leaver;
  const sole = leaver.systems.flatMap((s) => s.holds.filter((h) => h.sole).map((h) => ({ ...h, at: s.sourceName })));
  const go = async () => {
    const run = await act(() => api.planRun({ plan: { text: planYaml(chosenPlan(leaver, cuts, watch)) }, person: who.person ?? person, dryRun: how === "dry" }), true);
    if (run) void navigate(runPath(run.id));
  };
  const written = leaver.systems.filter((s) => writing(cuts.get(s.source) ?? "follow"));
  const hard = written.filter((s) => !meaningOf(s, cuts.get(s.source) ?? "follow").undoable);
  return (
    <div className={styles.screen} data-testid="offboard">
      <header className={styles.head}>
        <Face name={who.name} type="person" big />
        <div className="grow">
          <h1>Walk out <bdi>{who.name}</bdi></h1>
          <p><Link to={personPath(person)} className={parts.link}>{who.userName}</Link>, {plural(leaver.systems.reduce((n, s) => n + s.holds.length, 0), "thing")} held in {plural(leaver.systems.length, "system")}. Nothing is written before you have seen and agreed to each step.</p>
        </div>
      </header>
      <div className={styles.main}>
        {leaver.systems.map((system) => <System key={system.source} system={system} cut={cuts.get(system.source) ?? "follow"} onCut={(cut) => setCuts(new Map(cuts).set(system.source, cut))} />)}
      </div>
      <aside className={styles.side} aria-label="The plan">
        <section>
          <h2 className={parts.sect}>What would be done</h2>
          <ul className={styles.sum}>
            {leaver.systems.map((s) => <li key={s.source}><SystemMark kind={s.kind} downstream={s.follows !== null} small /><bdi className="cut">{s.sourceName}</bdi><span>{CUT_WORD[cuts.get(s.source) ?? "follow"]}</span></li>)}
          </ul>
        </section>
        {sole.length > 0 && (
          <section>
            <h2 className={parts.sect}>Only theirs</h2>
            <ul className={styles.sole}>{sole.map((h) => <li key={`${h.at}/${h.id}`}><b className="strong"><bdi>{h.name}</bdi></b> at {h.at}: nobody else holds it afterwards.</li>)}</ul>
          </section>
        )}
        {leaver.notEvaluated.length > 0 && (
          <section>
            <h2 className={parts.sect}>Not evaluated</h2>
            {leaver.notEvaluated.map((text) => <p key={text}>{text}</p>)}
          </section>
        )}
        <section className={styles.ask}>
          <label>Watch afterwards for<input value={watch} onChange={(e) => setWatch(e.target.value)} placeholder="2h, 7d" /></label>
          <Segments label="What is written" value={how} options={[{ id: "run", text: "Run it" }, { id: "dry", text: "Dry run" }]} onChange={setHow} />
          <p>{how === "dry" ? "Nothing is written at all." : written.length === 0 ? "No system is written to: the checks alone are asked." : `Written to: ${listed(written.map((s) => s.sourceName))}.`}{how === "run" && hard.length > 0 && <span className="warn"> It cannot be undone at {listed(hard.map((s) => s.sourceName))}.</span>}</p>
          <Button variant="primary" icon={<ListChecks className="s" />} isDisabled={busy} onPress={() => void go()}>{busy ? "Planning…" : "Show the plan step by step"}</Button>
          {error !== null && <FaultView compact error={error} onRetry={() => void go()} />}
        </section>
      </aside>
    </div>
  );
}

function meaningOf(system: LeaverSystem, cut: Cut): CutMeaning {
  switch (cut) {
    case "disable": return system.disable;
    case "delete": return system.delete;
    case "follow": return { offered: true, says: system.follows === null ? "Nothing is written here; it is only checked." : `${system.follows} provisions it: a cut there arrives here, and is checked.`, undoable: true };
    case "byHand": return { offered: true, says: "A person does it by written steps; it is verified all the same.", undoable: true };
  }
}

const CUTS: readonly Cut[] = ["follow", "disable", "delete", "byHand"];
const writing = (cut: Cut) => cut === "disable" || cut === "delete";

/** Whether a way can be chosen: what is written has to be offered there, and allowed. */
const canChoose = (system: LeaverSystem, cut: Cut): boolean => meaningOf(system, cut).offered && (system.writable || !writing(cut));

function System({ system, cut, onCut }: { system: LeaverSystem; cut: Cut; onCut: (cut: Cut) => void }) {
  const [all, setAll] = useState(false);
  const [list, means] = [useId(), useId()];
  const meaning = meaningOf(system, cut);
  return (
    <section className={styles.system} aria-label={system.sourceName} data-testid={`leaver-${system.source}`}>
      <div className={styles.title}>
        <SystemMark kind={system.kind} downstream={system.follows !== null} />
        <h2 className="cut"><bdi>{system.sourceName}</bdi></h2>
        {system.follows !== null && <span className={parts.tag}>follows {system.follows}</span>}
        <span className="grow" />
        <RadioGroup className={styles.cuts} aria-label={`What is done at ${system.sourceName}`} aria-describedby={means} value={cut} onChange={(v) => onCut(CUTS.find((c) => c === v) ?? "follow")}>
          {CUTS.map((c) => (
            <RadioField key={c} value={c} isDisabled={!canChoose(system, c)}>
              <RadioButton className={styles.cut}><CutWord cut={c} /></RadioButton>
            </RadioField>
          ))}
        </RadioGroup>
      </div>
      <p className={styles.means}>
        <span id={means}><b>{CUT_WORD[cut]}.</b> {meaning.says}{writing(cut) && <> <Undoable meaning={meaning} /></>}</span>
        <Button small variant="quiet" aria-expanded={all} aria-controls={all ? list : undefined} aria-label={`${all ? "Less of" : "Compare"} what each way does at ${system.sourceName}`} onPress={() => setAll(!all)}>{all ? "Less" : "Compare"}</Button>
      </p>
      {all && (
        <dl id={list} className={styles.ways}>
          {CUTS.map((c) => {
            const of = meaningOf(system, c);
            return <div key={c} data-chosen={c === cut || undefined}><dt>{CUT_WORD[c]}</dt><dd>{of.offered ? of.says : `Not offered here. ${of.says}`}{of.offered && writing(c) && <> <Undoable meaning={of} /></>}</dd></div>;
          })}
        </dl>
      )}
      {!system.writable && (
        <p className={styles.off}><Lock className="s" /><span>Writing to {system.sourceName} is off: it can be checked, or done by hand. <Link className={parts.link} to={`/sources/${system.source}/edit`}>Switch writing on</Link> to choose Soft or Hard.</span></p>
      )}
      {writing(cut) && system.follows !== null && <p className={styles.warn}><TriangleAlert className="s" /><span>{system.follows} provisions {system.sourceName} and may undo a direct write with its next cycle. The better place to act is {system.follows}.</span></p>}
      <Holds holds={system.holds} />
    </section>
  );
}

/** The word, of which the eye is shown the beginning. */
function CutWord({ cut }: { cut: Cut }) {
  const [short, rest] = CUT_WORD[cut].split(":");
  return <>{short}{rest !== undefined && <span className="sr">:{rest}</span>}</>;
}

const Undoable = ({ meaning }: { meaning: CutMeaning }) => (meaning.undoable ? <span className="t3">Can be undone.</span> : <span className="warn">Cannot be undone.</span>);

function Holds({ holds }: { holds: readonly LeaverHolding[] }) {
  const kinds = [...new Set(holds.map((h) => h.what))];
  return (
    <div className={styles.holds}>
      {kinds.map((what) => {
        const own = holds.filter((h) => h.what === what);
        return (
          <div key={what}>
            <h3>{HOLD_WORD[what] ?? what} {own.length > 1 && own.length}</h3>
            <ul>
              {own.map((h) => <li key={h.id}><bdi>{h.name}</bdi> <span>{h.how}</span>{h.sole && <> <b className={`${parts.tag} ${parts.tagWarn}`}>only theirs</b></>}</li>)}
            </ul>
          </div>
        );
      })}
    </div>
  );
}
