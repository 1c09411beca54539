/** A credential of Lanyard's own for the provider's token API: kept, forgotten, never shown. */
import { CircleCheck, CircleDashed } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { api, type RotationOptions } from "../../ipc";
import { useQueryClient } from "@tanstack/react-query";
import { keys } from "../../ipc/queries";
import { SecretField, type SecretHandle } from "./SecretField";
import styles from "./Start.module.css";
import { useDo } from "./useDo";

export function Manager({ options }: { options: RotationOptions }) {
  const client = useQueryClient();
  const field = useRef<SecretHandle>(null);
  const [given, setGiven] = useState(false);
  const [giving, setGiving] = useState(false);
  const { act, busy, error } = useDo();
  const send = async (ask: () => Promise<unknown>) => {
    const done = await act(async () => { await ask(); return true; }, true);
    if (done === undefined) return;
    setGiving(false);
    await client.invalidateQueries({ queryKey: [...keys.tokens, "options", options.source] });
  };
  return (
    <div className={styles.manager}>
      <div className={styles.line}>
        {options.manager ? <CircleCheck className="s good" /> : <CircleDashed className="s ne" />}
        <span className="grow">{options.manager ? "A credential of its own for the token API is kept." : "No credential of its own for the token API is kept."}<small>For providers that let no token make or revoke tokens. It goes to this source’s own origin alone.</small></span>
        {options.manager && <Button small isDisabled={busy} onPress={() => void send(() => api.forgetManager(options.source))}>Forget it</Button>}
        {!giving && <Button small onPress={() => setGiving(true)}>{options.manager ? "Another one…" : "Keep one…"}</Button>}
      </div>
      {giving && (
        <div className={styles.giving}>
          <SecretField ref={field} label="Credential for the token API" help="Goes straight into the keychain, and is never shown again." onGiven={setGiven} />
          <Button small isDisabled={!given || busy} onPress={() => void send(() => api.keepManager(options.source, field.current?.take() ?? ""))}>Keep it</Button>
          <Button small variant="quiet" onPress={() => { field.current?.take(); setGiving(false); }}>Cancel</Button>
        </div>
      )}
      {error !== null && <FaultView compact error={error} />}
    </div>
  );
}
