import { IconButton, Kbd, Problem, useHotkeys } from "barq-web/kit";
import { Search, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRoom } from "../room.ts";
import { finished } from "./query.ts";
import { QueryError } from "./query_error.tsx";
import { suggest, takeSuggestion } from "./suggest.ts";
import { SuggestionList } from "./suggestion_list.tsx";
import { useKnown } from "./use_known.ts";

/* Somebody types on: not every letter is a question. */
const PAUSE_MS = 180;

/** The query as text, with what it could go on with; it is asked while it is typed. */
export function SearchBox() {
  const { t } = useTranslation();
  const { look, setLook, rows } = useRoom();
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const asked = look.q ?? "";
  const [text, setText] = useState(asked);
  const [before, setBefore] = useState(asked);
  const [caret, setCaret] = useState(0);
  const [isFocused, setFocused] = useState(false);
  const [isShut, setShut] = useState(false);
  const [at, setAt] = useState(-1);
  const known = useKnown(isFocused);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  /* The address has changed by other means than by typing. */
  if (asked !== before) {
    setBefore(asked);
    setText(asked);
  }
  useHotkeys({
    "/": () => {
      box.current?.focus();
      box.current?.select();
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const suggestions = useMemo(
    () => (isFocused && !isShut ? suggest(text, caret, known, new Date()) : []),
    [isFocused, isShut, text, caret, known],
  );
  const ask = (query: string, now = false) => {
    clearTimeout(timer.current);
    const go = () => {
      const q = now ? query.trim() : finished(query);
      setBefore(q);
      setLook({ q: q || undefined }, { replace: true });
    };
    if (now) {
      go();
    } else {
      timer.current = setTimeout(go, PAUSE_MS);
    }
  };
  const change = (query: string, to: number) => {
    setText(query);
    setCaret(to);
    setAt(-1);
    setShut(false);
    ask(query);
  };
  const take = (place: number) => {
    const suggestion = suggestions[place];
    if (suggestion) {
      const next = takeSuggestion(text, suggestion);
      change(next.query, next.caret);
      requestAnimationFrame(() => box.current?.setSelectionRange(next.caret, next.caret));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isListed = suggestions.length > 0;
    if (event.key === "ArrowDown" && isListed) {
      setAt((at + 1) % suggestions.length);
    } else if (event.key === "ArrowUp" && isListed) {
      setAt(at <= 0 ? suggestions.length - 1 : at - 1);
    } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && isListed) {
      take(at);
    } else if (event.key === "Enter") {
      ask(text, true);
      setShut(true);
    } else if (event.key === "Escape") {
      if (isListed && at >= 0) {
        setAt(-1);
      } else {
        box.current?.blur();
      }
    } else {
      return;
    }
    event.preventDefault();
  };
  const error = rows.error instanceof Problem && rows.error.status === 422 ? rows.error : undefined;
  const isListed = suggestions.length > 0;

  return (
    <search className="relative min-w-0 flex-1 basis-64">
      <Search className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label={t("table:search")}
        aria-expanded={isListed}
        aria-controls={isListed ? `${id}-list` : undefined}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        aria-invalid={error !== undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        placeholder={t("table:searchHint")}
        maxLength={2000}
        className="h-9 w-full rounded-md border border-line-strong bg-surface pr-9 pl-8 placeholder:text-muted aria-[invalid=true]:border-bad"
        value={text}
        onChange={(event) => change(event.target.value, event.target.selectionStart ?? 0)}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => {
          setFocused(true);
          setShut(false);
        }}
        onBlur={() => setFocused(false)}
        onKeyDown={onKeyDown}
      />
      {text !== "" ? (
        <IconButton
          label={t("table:clearSearch")}
          size="sm"
          className="absolute top-1 right-1"
          onClick={() => {
            change("", 0);
            ask("", true);
          }}
        >
          <X />
        </IconButton>
      ) : (
        !isFocused && <Kbd className="absolute top-2 right-2 max-sm:hidden">/</Kbd>
      )}
      {isListed && (
        <SuggestionList id={id} suggestions={suggestions} at={at} onPoint={setAt} onTake={take} />
      )}
      {error && <QueryError id={`${id}-error`} query={asked} error={error} isCovered={isListed} />}
    </search>
  );
}
