import { Popover } from "radix-ui";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Chosen } from "./chosen.tsx";
import type { EditorProps } from "./editor.tsx";
import { focusNow } from "./focus.ts";
import { OptionList } from "./option_list.tsx";
import { type Item, optionsFor } from "./options.ts";
import { isSame, type Value } from "./types.ts";

function chosenOf(value: Value): string[] {
  return Array.isArray(value) ? value : value === null ? [] : [String(value)];
}

/**
 * One or several of a field's options, found by typing; any words, where a field has no options. The list
 * hangs below the box, above all else, so that it may stand in the row of a table.
 */
export function OptionPicker({
  field,
  value,
  label,
  autoFocus,
  suggestions,
  onSave,
  onCancel,
}: EditorProps & { label: string }) {
  const { t } = useTranslation();
  const isMany = field.type === "multi-select";
  const [chosen, setChosen] = useState(() => chosenOf(value));
  const [text, setText] = useState("");
  const [active, setActive] = useState<number>(); /* none has been marked by hand */
  const [isOpen, setOpen] = useState(autoFocus === true);
  const isOver = useRef(false);
  const id = useId();
  const items = optionsFor(field, text, chosen, suggestions ?? []);
  const first = isMany ? 0 : Math.max(0, field.options.indexOf(chosen[0] ?? ""));
  const at = Math.min(active ?? (text === "" ? first : 0), items.length - 1);

  const end = (now: string[]) => {
    const next = isMany ? now : (now[0] ?? null);
    const saved = Array.isArray(next) && next.length === 0 ? null : next;
    if (isOver.current) {
      return;
    }
    isOver.current = true;
    setOpen(false);
    if (isSame(saved, value) || (saved === null && chosenOf(value).length === 0)) {
      onCancel();
    } else {
      onSave(saved);
    }
  };
  const cancel = () => {
    isOver.current = true;
    setOpen(false);
    onCancel();
  };
  const toggle = (option: string) => {
    const isThere = chosen.includes(option);
    if (!isMany) {
      end(isThere ? [] : [option]);
      return;
    }
    isOver.current = false;
    setText("");
    setChosen(isThere ? chosen.filter((one) => one !== option) : [...chosen, option]);
  };

  const isTaking = (event: KeyboardEvent, item: Item) =>
    !event.ctrlKey &&
    !event.metaKey &&
    (isMany ? text !== "" : !item.isChosen && (text !== "" || active !== undefined));
  const onKeyDown = (event: KeyboardEvent) => {
    const item = items[at];
    const keys: Record<string, (() => void) | undefined> = {
      ArrowDown: () => setActive(at + 1 < items.length ? at + 1 : 0),
      ArrowUp: () => setActive(at > 0 ? at - 1 : items.length - 1),
      Escape: cancel,
      /* With nothing typed it ends, unless one of them was marked by hand. */
      Enter: () => (item && isTaking(event, item) ? toggle(item.option) : end(chosen)),
      " ": text === "" && isMany && item ? () => toggle(item.option) : undefined,
      Backspace:
        text === "" && chosen.length > 0
          ? () => (isMany ? setChosen(chosen.slice(0, -1)) : end([]))
          : undefined,
    };
    const run = keys[event.key];
    if (run && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      run();
    }
  };

  return (
    <Popover.Root open={isOpen}>
      <Popover.Anchor asChild>
        <div className="flex min-h-9 min-w-0 flex-1 flex-wrap items-center gap-1 rounded-md border border-line-strong bg-surface px-1.5 py-1 focus-within:border-accent">
          {isMany && <Chosen options={chosen} onRemove={toggle} />}
          <input
            role="combobox"
            aria-label={label}
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && items[at] ? `${id}-${at}` : undefined}
            ref={autoFocus ? focusNow : undefined}
            className="h-6 min-w-16 flex-1 bg-transparent px-1 placeholder:text-muted focus-visible:outline-none"
            placeholder={!isMany && chosen[0] ? chosen[0] : t("values:choose")}
            value={text}
            onFocus={() => setOpen(true)}
            onBlur={() => end(chosen)}
            onKeyDown={onKeyDown}
            onChange={(event) => {
              setText(event.target.value);
              setActive(undefined);
            }}
          />
        </div>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          role="presentation"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          className="z-50 min-w-[max(12rem,var(--radix-popover-trigger-width))] overflow-hidden rounded-lg border bg-raised shadow-raised"
        >
          <OptionList
            id={id}
            label={label}
            items={items}
            at={at}
            isMany={isMany}
            onPoint={setActive}
            onTake={toggle}
          />
          <p className="border-t px-3 py-1.5 text-muted text-xs">
            {t(isMany ? "values:manyHelp" : "values:oneHelp")}
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
