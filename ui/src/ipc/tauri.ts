/** The real door: Tauri's commands and a channel for events. */
import { Channel, invoke as tauriInvoke } from "@tauri-apps/api/core";
import type { EngineEvent } from "./types/EngineEvent";

export function invoke(command: string, args: Record<string, unknown>): Promise<unknown> {
  return tauriInvoke(command, args);
}

export async function subscribe(onEvent: (event: EngineEvent) => void): Promise<void> {
  const channel = new Channel<EngineEvent>();
  channel.onmessage = onEvent;
  await tauriInvoke("subscribe", { channel });
}
