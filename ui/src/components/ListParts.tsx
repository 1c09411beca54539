/** The parts above and below a list: columns, facets with saved filters, caveats, the legend. */
import { useQueryClient } from "@tanstack/react-query";
import { Check, Columns3, Info, Plus, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button as AriaButton, DialogTrigger, Dialog, Input, Label, Menu, MenuItem, MenuTrigger, Popover, TextField, ToggleButton, type Selection } from "react-aria-components";
import { api, type Caveat, type SavedFilter, type Source } from "../ipc";
import { keys, useSavedFilters } from "../ipc/queries";
import { Button, IconButton, Tooltip } from "./controls";
import { count } from "./format";
import { Glyph, type GlyphName } from "./marks";
import { toast } from "./toasts";
import styles from "./ListParts.module.css";
import parts from "./parts.module.css";

export function ColumnMenu({ all, wanted, onChange }: { all: readonly { id: string; label: string; rank: number }[]; wanted: ReadonlySet<string>; onChange: (ids: readonly string[]) => void }) {
  return (
    <MenuTrigger>
      <IconButton label="Choose columns">
        <Columns3 />
      </IconButton>
      <Popover className={parts.popover} placement="bottom end">
        <Menu
          className={parts.menu}
          aria-label="Columns"
          selectionMode="multiple"
          selectedKeys={[...wanted]}
          onSelectionChange={(chosen: Selection) => onChange(all.filter((c) => chosen === "all" || chosen.has(c.id)).map((c) => c.id))}
        >
          {all
            .filter((c) => c.rank > 0)
            .map((column) => (
              <MenuItem key={column.id} id={column.id} className={parts.menuItem} textValue={column.label}>
                <Check className={parts.tick} />
                {column.label}
              </MenuItem>
            ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

interface FacetsProps<F extends string> {
  screen: "people" | "groups";
  label: string;
  facets: readonly { id: F; text: string; count: number | undefined; always?: boolean }[];
  facet: F;
  onFacet: (facet: F) => void;
  search: string;
  filter: string | null;
  onSaved: (saved: SavedFilter) => void;
  source: Source | undefined;
  onNoSource: () => void;
}

/** Ready-made narrowings with their counts, then what was saved. */
export function Facets<F extends string>({ screen, label, facets, facet, onFacet, search, filter, onSaved, source, onNoSource }: FacetsProps<F>) {
  const client = useQueryClient();
  const saved = (useSavedFilters().data ?? []).filter((s) => s.screen === screen);
  const inUse = saved.find((s) => s.search === search && s.filter === filter && (search !== "" || filter !== null));
  const refresh = () => client.invalidateQueries({ queryKey: keys.saved });
  const canSave = (search !== "" || filter !== null) && inUse === undefined;

  return (
    <div className={styles.chips} role="group" aria-label={label}>
      {source && (
        <ToggleButton className={parts.chip} isSelected onChange={onNoSource}>
          Only {source.settings.name}
          <X className="x" />
        </ToggleButton>
      )}
      {facets
        .filter((f) => f.always === true || f.id === facet || (f.count ?? 0) > 0)
        .map((f) => (
          <ToggleButton key={f.id} className={parts.chip} isSelected={facet === f.id && inUse === undefined} onChange={() => onFacet(f.id)} data-testid={`facet-${f.id}`}>
            {f.text}
            {f.count !== undefined && <b>{count(f.count)}</b>}
          </ToggleButton>
        ))}
      {saved.length > 0 && <span className={styles.divide} aria-hidden="true" />}
      {saved.map((s) => (
        <span key={s.name} className={styles.saved}>
          <Tooltip text={[s.search, s.filter].filter(Boolean).join("  ·  ")}>
            <ToggleButton className={parts.chip} isSelected={s === inUse} onChange={() => onSaved(s)}>
              {s.name}
            </ToggleButton>
          </Tooltip>
          {s === inUse && (
            <IconButton tiny label={`Forget the filter ${s.name}`} onPress={() => void api.forgetFilter(screen, s.name).then(refresh)}>
              <X className="x" />
            </IconButton>
          )}
        </span>
      ))}
      {canSave && <SaveFilter screen={screen} search={search} filter={filter} taken={saved.map((s) => s.name)} onSaved={() => void refresh()} />}
    </div>
  );
}

function SaveFilter({ screen, search, filter, taken, onSaved }: { screen: string; search: string; filter: string | null; taken: string[]; onSaved: () => void }) {
  const [name, setName] = useState("");
  return (
    <DialogTrigger>
      <Tooltip text="Save this search and filter">
        <AriaButton className={`${parts.iconBtn} ${styles.add}`} aria-label="Save this filter">
          <Plus className="s" />
        </AriaButton>
      </Tooltip>
      <Popover className={parts.popover} placement="bottom end">
        <Dialog className={styles.save} aria-label="Save this filter">
          {({ close }) => (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (name.trim() === "") return;
                void api.saveFilter({ name: name.trim(), screen, search, filter }).then(() => {
                  onSaved();
                  toast("good", `Saved as “${name.trim()}”.`);
                  close();
                });
              }}
            >
              <TextField value={name} onChange={setName} autoFocus className={styles.saveField}>
                <Label>Name</Label>
                <div className={parts.field}>
                  <Input placeholder="Payments leads" />
                </div>
              </TextField>
              <p className="xs t3">{taken.includes(name.trim()) ? "Takes the place of the one with this name." : "Kept in this data folder."}</p>
              <Button type="submit" variant="primary" isDisabled={name.trim() === ""}>
                Save
              </Button>
            </form>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** What the list cannot say, in one quiet line. */
export function Caveats({ caveats }: { caveats: readonly Caveat[] }) {
  const [all, setAll] = useState(false);
  const [first] = caveats;
  if (!first) return null;
  return (
    <div className={styles.caveats} data-testid="caveats">
      <Info className="s" />
      <div className="grow">
        {(all ? caveats : [first]).map((caveat) => (
          <p key={caveat.text} className={all ? "" : "cut"}>
            <bdi>{caveat.text}</bdi>
          </p>
        ))}
      </div>
      {caveats.length > 1 && (
        <button type="button" className={parts.link} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Less" : `and ${caveats.length - 1} more`}
        </button>
      )}
    </div>
  );
}

export const Legend = ({ items, end }: { items: readonly { glyph: GlyphName; text: string }[]; end?: ReactNode }) => (
  <div className={styles.foot}>
    {items.map(({ glyph, text }) => (
      <span key={text} className={styles.key}>
        <Glyph name={glyph} small />
        {text}
      </span>
    ))}
    {end !== undefined && <span className={styles.footEnd}>{end}</span>}
  </div>
);
