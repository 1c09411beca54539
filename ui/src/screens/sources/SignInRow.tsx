/** Signing in through the browser, and picking a certificate: what comes of it stays with the engine, and the form holds its number only. */
import { CircleCheck, FileKey2, LogIn } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, Id } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { api, type SignInPrompt, type SourceSettings } from "../../ipc";
import { Row } from "./FormParts";
import styles from "./Form.module.css";

interface SignInProps {
  settings: () => SourceSettings | null;
  stored: boolean;
  signIn: string | null;
  onSignedIn: (id: string | null) => void;
  problem?: string;
}

export function SignInRow({ settings, stored, signIn, onSignedIn, problem }: SignInProps) {
  const [prompt, setPrompt] = useState<SignInPrompt | null>(null);
  const [error, setError] = useState<unknown>(null);
  const running = useRef<string | null>(null);

  // Who leaves the form leaves the sign-in too.
  useEffect(() => () => {
    if (running.current !== null) void api.cancelSignIn(running.current);
  }, []);

  const cancel = () => {
    const id = running.current;
    running.current = null;
    setPrompt(null);
    if (id !== null) void api.cancelSignIn(id);
  };

  const begin = async () => {
    const asked = settings();
    if (asked === null) return;
    setError(null);
    onSignedIn(null);
    try {
      const begun = await api.beginSignIn(asked);
      running.current = begun.id;
      setPrompt(begun);
      await api.finishSignIn(begun.id);
      if (running.current === begun.id) onSignedIn(begun.id);
    } catch (refused) {
      if (running.current !== null || prompt === null) setError(refused);
    } finally {
      running.current = null;
      setPrompt(null);
    }
  };

  return (
    <Row field="secret" label="Sign-in" problem={problem} help={stored ? "A sign-in is kept in the keychain; sign in again to replace it." : "What comes of it goes into the keychain of this machine, and is never shown."}>
      {signIn !== null ? (
        <p className={styles.line} role="status"><CircleCheck className="s good" />Signed in. It is kept once the source is saved.</p>
      ) : prompt ? (
        <div className={styles.signIn} role="status">
          <p>{prompt.message}</p>
          <Id text={prompt.url} what="address" />
          {prompt.userCode !== null && <p className={styles.code}><Id text={prompt.userCode} what="code" /></p>}
          <div><Button small onPress={cancel}>Cancel the sign-in</Button></div>
        </div>
      ) : (
        <div><Button id="source-secret" aria-label="Sign in…" icon={<LogIn className="s" />} onPress={() => void begin()} data-testid="sign-in">Sign in…</Button></div>
      )}
      {error !== null && <FaultView compact error={error} />}
    </Row>
  );
}

export function CertificateRow({ stored, picked, onPicked, problem }: { stored: boolean; picked: string | null; onPicked: (id: string) => void; problem?: string }) {
  const [error, setError] = useState<unknown>(null);
  const pick = async () => {
    setError(null);
    try {
      const id = await api.pickSecretFile();
      if (id !== null) onPicked(id);
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <Row field="secret" label="Certificate" problem={problem} help={stored ? "One is kept in the keychain; choose a file to replace it." : "A PEM file with the certificate and its private key, without a passphrase. It goes into the keychain of this machine, and never into the window."}>
      <div className={styles.line}>
        <Button id="source-secret" small aria-label={picked === null ? "Choose a PEM file… with the certificate" : "Another file… with the certificate"} icon={<FileKey2 className="x" />} onPress={() => void pick()}>{picked === null ? "Choose a PEM file…" : "Another file…"}</Button>
        {picked !== null && <span className={styles.line}><CircleCheck className="s good" />Read. It is kept once the source is saved.</span>}
      </div>
      {error !== null && <FaultView compact error={error} />}
    </Row>
  );
}
