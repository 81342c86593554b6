import { Popover } from "radix-ui";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Leave } from "./editor.tsx";
import { OptionList } from "./option_list.tsx";

const fits = (option: string, typed: string) =>
  option.toLowerCase().includes(typed.trim().toLowerCase());

/**
 * One or many of some words: typing finds them, arrows move, Enter takes. Of many, Enter with nothing typed
 * saves. `isOpen`: any other word will do, too.
 */
export function OptionEditor({
  chosen,
  options,
  label,
  isMany,
  isOpen,
  onSave,
  onLeave,
}: {
  chosen: string[];
  options: string[];
  label: string;
  isMany?: boolean;
  isOpen?: boolean;
  onSave: (words: string[]) => void;
  onLeave: Leave;
}) {
  const { t } = useTranslation();
  const id = useId();
  const [words, setWords] = useState(chosen);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(Math.max(0, options.indexOf(chosen[0] ?? "")));
  const isOver = useRef(false);

  const known = [...options, ...words.filter((word) => !options.includes(word))];
  const found = known.filter((option) => fits(option, typed));
  const isNew =
    isOpen &&
    typed.trim() !== "" &&
    !known.some((one) => one.toLowerCase() === typed.trim().toLowerCase());
  const rows = isNew ? [...found, typed.trim()] : found;
  const marked = Math.min(at, rows.length - 1);

  const finish = (save: string[] | undefined, to?: "next" | "before") => {
    if (!isOver.current) {
      isOver.current = true;
      if (save) {
        onSave(save);
      }
      onLeave(to);
    }
  };
  const take = (word: string | undefined) => {
    if (word === undefined) {
      return;
    }
    if (!isMany) {
      finish([word]);
      return;
    }
    setWords(words.includes(word) ? words.filter((one) => one !== word) : [...words, word]);
    setTyped("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const isEmpty = typed === "";
    switch (event.key) {
      case "ArrowDown":
        setAt(Math.min(rows.length - 1, marked + 1));
        break;
      case "ArrowUp":
        setAt(Math.max(0, marked - 1));
        break;
      case "Enter":
        if (isMany && isEmpty) {
          finish(words);
        } else {
          take(rows[marked]);
        }
        break;
      case " ":
        if (!isMany || !isEmpty) {
          return;
        }
        take(rows[marked]);
        break;
      case "Backspace":
        if (!isEmpty) {
          return;
        }
        if (isMany) {
          setWords(words.slice(0, -1));
        } else {
          finish([]);
        }
        break;
      case "Tab":
        finish(isMany ? words : undefined, event.shiftKey ? "before" : "next");
        break;
      case "Escape":
        finish(undefined);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <Popover.Root open onOpenChange={(open) => !open && finish(isMany ? words : undefined)}>
      <Popover.Anchor className="absolute inset-0 outline-2 outline-accent -outline-offset-2" />
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          align="start"
          sideOffset={2}
          collisionPadding={8}
          className="z-50 w-64 overflow-hidden rounded-lg border bg-raised shadow-raised outline-none"
          onCloseAutoFocus={(event) => event.preventDefault()}
          onEscapeKeyDown={(event) => event.preventDefault() /* ours, below: it saves nothing */}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          <input
            aria-label={label}
            role="combobox"
            aria-expanded
            aria-controls={id}
            aria-activedescendant={marked >= 0 ? `${id}-${marked}` : undefined}
            placeholder={t(isOpen ? "table:findOrMake" : "table:findOption")}
            className="h-9 w-full border-b bg-transparent px-3 outline-none placeholder:text-muted"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <OptionList
            id={id}
            label={label}
            options={rows}
            chosen={words}
            marked={marked}
            newest={isNew ? found.length : undefined}
            isMany={isMany}
            onPoint={setAt}
            onTake={take}
          />
          <p className="border-t px-3 py-1.5 text-muted text-xs">
            {t(isMany ? "table:manyHelp" : "table:oneHelp")}
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
