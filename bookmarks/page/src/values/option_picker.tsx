import { cn } from "barq-web/kit";
import { Check, Plus, X } from "lucide-react";
import { Popover } from "radix-ui";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EditorProps } from "./editor.tsx";
import { focusNow } from "./focus.ts";
import { optionsFor } from "./options.ts";
import { isSame, type Value } from "./types.ts";

function chosenOf(value: Value): string[] {
  return Array.isArray(value) ? value : value === null ? [] : [String(value)];
}

function Chosen({ options, onRemove }: { options: string[]; onRemove: (option: string) => void }) {
  const { t } = useTranslation();

  return options.map((option) => (
    <span
      key={option}
      className="inline-flex h-6 max-w-full items-center gap-0.5 rounded bg-sunken pl-1.5 font-medium text-xs"
    >
      <span className="truncate">{option}</span>
      <button
        type="button"
        tabIndex={-1}
        aria-label={t("values:remove", { option })}
        className="rounded p-1 text-muted hover:text-ink"
        onMouseDown={(event) => event.preventDefault() /* the focus stays in the box */}
        onClick={() => onRemove(option)}
      >
        <X className="size-3" aria-hidden />
      </button>
    </span>
  ));
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
  const [active, setActive] = useState(0);
  const [isOpen, setOpen] = useState(autoFocus === true);
  const isOver = useRef(false);
  const id = useId();
  const items = optionsFor(field, text, chosen, suggestions ?? []);
  const at = Math.min(active, items.length - 1);

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

  const onKeyDown = (event: KeyboardEvent) => {
    const item = items[at];
    const keys: Record<string, (() => void) | undefined> = {
      ArrowDown: () => setActive(at + 1 < items.length ? at + 1 : 0),
      ArrowUp: () => setActive(at > 0 ? at - 1 : items.length - 1),
      Escape: cancel,
      Enter: () => (item && !event.ctrlKey && !event.metaKey ? toggle(item.option) : end(chosen)),
      Backspace:
        text === "" && isMany && chosen.length > 0
          ? () => setChosen(chosen.slice(0, -1))
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
              setActive(0);
            }}
          />
        </div>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          role="listbox"
          id={id}
          aria-label={label}
          aria-multiselectable={isMany}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          className="z-50 max-h-64 min-w-[max(12rem,var(--radix-popover-trigger-width))] overflow-y-auto rounded-lg border bg-raised p-1 shadow-raised"
        >
          {items.map((item, index) => (
            <div
              key={item.option}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={item.isChosen}
              className={cn(
                "flex h-8 cursor-pointer items-center gap-2 rounded px-2",
                index === at && "bg-accent-soft text-accent-ink",
              )}
              onMouseMove={() => index !== at && setActive(index)}
              onClick={() => toggle(item.option)}
              onKeyDown={() => undefined}
            >
              {item.isNew ? (
                <Plus className="size-4 shrink-0" aria-hidden />
              ) : (
                <Check
                  className={cn("size-4 shrink-0", !item.isChosen && "invisible")}
                  aria-hidden
                />
              )}
              <span className="truncate">
                {item.isNew ? t("values:make", { option: item.option }) : item.option}
              </span>
            </div>
          ))}
          {items.length === 0 && (
            <div
              role="option"
              aria-selected={false}
              aria-disabled
              tabIndex={-1}
              className="px-2 py-1.5 text-muted"
            >
              {t("values:noOption")}
            </div>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
