/** One check: what was seen last, what remains, the last question and its answer, the way out. */
import { KeyRound, ShieldMinus, Terminal } from "lucide-react";
import { useState } from "react";
import { Button, copyText } from "../../components/controls";
import { duration, exactTime, moment, plural } from "../../components/format";
import { useNow } from "../../components/now";
import { toast } from "../../components/toasts";
import { VERDICT_WORD, VerdictGlyph } from "../../components/verdicts";
import type { Check, Run } from "../../ipc";
import styles from "./Checks.module.css";
import { Asked, CommandText } from "./Exchange";
import { HandOverDialog, WaiveDialog } from "./RunDialogs";

export function CheckDetail({ run, check }: { run: Run; check: Check }) {
  const now = useNow();
  const [open, setOpen] = useState<"waive" | "hand" | null>(null);
  const wanted = run.needs.find((n) => n.kind === "credential" && n.check === check.id);
  const decide = run.needs.some((n) => n.kind === "decide" && n.check === check.id);
  const command = check.wayOut?.command ?? null;
  const diff = check.wayOut?.form === "diff";
  const says = check.says || (check.verdict === "pending" ? "It is asked once the account is cut." : VERDICT_WORD[check.verdict]);
  return (
    <div className={styles.detail} data-testid="check-detail">
      <h3><VerdictGlyph verdict={check.verdict} /><span>{says}</span></h3>
      {check.remains.length > 0 && <ul className={styles.remains} aria-label="What remains">{check.remains.map((r) => <li key={r}><bdi>{r}</bdi></li>)}</ul>}
      <dl className={styles.facts}>
        {check.before !== "" && <div><dt>Before</dt><dd>{check.before}</dd></div>}
        <div><dt>Limit</dt><dd>{duration(check.limitMs)}</dd></div>
        <div><dt>Asked</dt><dd>{check.polls === 0 ? "not yet" : plural(check.polls, "time")}</dd></div>
        {check.controls.length > 0 && <div><dt>Bears on</dt><dd>{check.controls.join(", ")}</dd></div>}
      </dl>
      {check.waiver !== null && (
        <p className="xs t2"><ShieldMinus className="s warn" /> Waived by {check.waiver.by}, <span title={exactTime(check.waiver.at)}>{moment(check.waiver.at, now)}</span>, until <span title={exactTime(check.waiver.until)}>{moment(check.waiver.until, now)}</span>: <bdi>{check.waiver.reason}</bdi></p>
      )}
      {check.last !== null && <Asked asked={check.last} note={check.polls > 1 ? `, ${check.polls} times so far` : ""} marks={check.remains} />}
      {command !== null && diff && <CommandText text={command} form="diff" title="Way out, as a change to the configuration" />}
      <div className={styles.out}>
        <p>{check.wayOut !== null && <><b className="strong">Way out:</b> {check.wayOut.words} Nothing of it is sent by this run.</>}</p>
        <div>
          {command !== null && !diff && <CopyCommand text={command} form={check.wayOut?.form ?? "the"} />}
          {wanted && <Button icon={<KeyRound className="s" />} onPress={() => setOpen("hand")}>Hand it over…</Button>}
          {decide && <Button icon={<ShieldMinus className="s" />} onPress={() => setOpen("waive")}>Waive…</Button>}
        </div>
      </div>
      {open === "waive" && <WaiveDialog run={run} check={check.id} onClose={() => setOpen(null)} />}
      {open === "hand" && wanted?.kind === "credential" && <HandOverDialog run={run} check={check.id} wanted={wanted.says} onClose={() => setOpen(null)} />}
    </div>
  );
}

const CopyCommand = ({ text, form }: { text: string; form: string }) => (
  <Button icon={<Terminal className="s" />} onPress={() => void copyText(text).then(() => toast("good", "The command was copied.", text))}>
    Copy {form} command
  </Button>
);
