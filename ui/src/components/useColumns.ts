/** Which columns a person wants, kept in the data folder. */
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../ipc";
import { keys, useSetting } from "../ipc/queries";

export function useColumns<T extends { id: string; rank: number }>(screen: string, all: readonly T[], standard: readonly string[]) {
  const name = `${screen}.columns`;
  const client = useQueryClient();
  const setting = useSetting(name);
  const wanted = useMemo(() => {
    const kept = setting.data?.split(",").filter((id) => all.some((c) => c.id === id));
    return new Set(kept && kept.length > 0 ? kept : standard);
  }, [setting.data, all, standard]);
  const columns = useMemo(() => all.filter((c) => c.rank === 0 || wanted.has(c.id)), [all, wanted]);
  const choose = (ids: readonly string[]) => {
    const value = ids.join(",");
    client.setQueryData([...keys.setting, name], value);
    void api.setSetting(name, value);
  };
  return { columns, wanted, choose };
}
