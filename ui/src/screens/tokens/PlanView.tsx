/** What a rotation will do, stage by stage, with the exact requests. Nothing was sent yet that changes anything. */
import { Hand, Info, OctagonX, Siren } from "lucide-react";
import { Time } from "../../components/controls";
import parts from "../../components/parts.module.css";
import { RequestText } from "../../components/RequestText";
import type { ProviderToken, RotationPlan } from "../../ipc";
import styles from "./Start.module.css";

interface Props {
  plan: RotationPlan;
  /** The one that was chosen as the present one. */
  oldId: string | null;
  leaked: boolean;
  onOldId: (id: string | null) => void;
}

export function PlanView({ plan, oldId, leaked, onOldId }: Props) {
  return (
    <div className={styles.plan} data-testid="rotation-plan">
      {plan.blocks.length > 0 && (
        <section className={styles.blocks} aria-label="What stands in the way">
          <OctagonX className="s bad" />
          <div><b>It cannot begin yet</b><ul>{plan.blocks.map((says) => <li key={says}>{says}</li>)}</ul></div>
        </section>
      )}
      {leaked && <p className={`${styles.note} ${styles.leaked}`}><Siren className="s" />{revokesFirst(plan) ? "The old one is revoked first." : "The old one is revoked as soon as there is a new one: the provider makes that only for who holds one that works."} What uses it stands still until it has the new one.</p>}
      {plan.tokens.length > 0 && <Tokens tokens={plan.tokens} chosen={oldId ?? plan.oldId} onChoose={onOldId} />}
      <ol className={styles.stages} aria-label="Stages">
        {plan.stages.map((stage, n) => (
          <li key={stage.stage}>
            <span className={styles.no} aria-hidden="true">{n + 1}</span>
            <div>
              <p className={styles.stageHead}><b>{stage.title}</b>{stage.byHand && <span className={`${parts.tag} ${parts.tagWarn}`}><Hand className="x" />needs you</span>}</p>
              <p className="xs t2">{stage.says}</p>
              {stage.requests.map((request) => <div key={`${request.method} ${request.url}`} className={parts.well}><RequestText request={request} /></div>)}
            </div>
          </li>
        ))}
      </ol>
      {plan.notes.length > 0 && <ul className={styles.notes} aria-label="To know beforehand">{plan.notes.map((says) => <li key={says}><Info className="s" />{says}</li>)}</ul>}
      <p className="t3 xs">Nothing was sent yet that changes anything. Each write stands in the audit log before and after it is sent; the values never do.</p>
    </div>
  );
}

/** The tokens as the provider lists them; one of them is the present one, by which it is revoked. */
const Tokens = ({ tokens, chosen, onChoose }: { tokens: readonly ProviderToken[]; chosen: string | null; onChoose: (id: string | null) => void }) => (
  <fieldset className={styles.choices}>
    <legend>Which of the provider’s tokens is the present one</legend>
    <table className={`${parts.table} ${styles.tokens}`}>
      <thead><tr><th><span className="sr">Present one</span></th><th scope="col">Name</th><th scope="col">Made</th><th scope="col">Ends</th><th scope="col">Used</th></tr></thead>
      <tbody>
        {tokens.map((t) => (
          <tr key={t.id}>
            <td><input type="radio" name="rotation-old" aria-label={t.name === "" ? t.id : t.name} checked={chosen === t.id} disabled={t.revoked} onChange={() => onChoose(t.id)} /></td>
            <td><bdi>{t.name === "" ? t.id : t.name}</bdi> <code className="t3">{t.id}</code> {t.ours && <span className={parts.tag}>likely ours</span>}{t.revoked && <span className={`${parts.tag} ${parts.tagWarn}`}>revoked{t.worksUntil !== null && <>, works until <Time at={t.worksUntil} form="stamp" /></>}</span>}</td>
            <td className="t2"><Time at={t.createdAt} none="not told" /></td>
            <td className="t2"><Time at={t.expiresAt} none="never" /></td>
            <td className="t2"><Time at={t.usedAt} none="not told" /></td>
          </tr>
        ))}
      </tbody>
    </table>
    {chosen === null && <p className="warn xs">None is chosen: it is then revoked by hand.</p>}
  </fieldset>
);

/** Whether the old one goes before there is a new one. */
const revokesFirst = ({ stages }: RotationPlan): boolean => stages.findIndex((s) => s.stage === "revoke") < stages.findIndex((s) => s.stage === "make");
