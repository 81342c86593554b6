import {
  clockTime,
  IconButton,
  Input,
  Menu,
  MenuCheck,
  MenuItem,
  MenuLine,
  toast,
} from "barq-web/kit";
import { ChevronDown, ChevronUp, Copy, MoreHorizontal, Search as SearchIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client.ts";
import { type Cue, textOf } from "./cues.ts";
import type { Search } from "./use_hits.ts";

type Transcripts = Schemas["Transcript"]["transcripts"];

function More({
  cues,
  transcripts,
  chosen,
  onChoose,
}: {
  cues: Cue[];
  transcripts: Transcripts;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const copy = (text: string) =>
    navigator.clipboard.writeText(text).then(
      () => toast.success(t("detail:transcript.copied")),
      () => toast.error(t("detail:transcript.notCopied")),
    );
  const languages = new Intl.DisplayNames([i18n.language], { type: "language", fallback: "code" });
  const nameOf = (one: Transcripts[number]) => {
    const by = {
      language: one.language ? languages.of(one.language) : t("detail:transcript.unknown"),
    };
    return t(one.is_auto ? "detail:transcript.auto" : "detail:transcript.byHand", by);
  };

  return (
    <Menu
      trigger={
        <IconButton label={t("detail:transcript.more")} size="sm">
          <MoreHorizontal />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => copy(textOf(cues))}>
        <Copy />
        {t("detail:transcript.copy")}
      </MenuItem>
      <MenuItem onSelect={() => copy(textOf(cues, clockTime))}>
        <Copy />
        {t("detail:transcript.copyTimes")}
      </MenuItem>
      {transcripts.length > 1 && <MenuLine />}
      {transcripts.length > 1 &&
        transcripts.map((one) => (
          <MenuCheck key={one.id} checked={one.id === chosen} onChange={() => onChoose(one.id)}>
            {nameOf(one)}
          </MenuCheck>
        ))}
    </Menu>
  );
}

export function SearchBar({
  search,
  ...more
}: {
  search: Search;
  cues: Cue[];
  transcripts: Transcripts;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslation();

  return (
    <search className="flex shrink-0 items-center gap-1 border-b px-4 py-1.5">
      <div className="relative min-w-0 flex-1">
        <SearchIcon className="absolute top-2 left-2 size-4 text-muted" aria-hidden />
        <Input
          type="text"
          aria-label={t("detail:transcript.search")}
          placeholder={t("detail:transcript.search")}
          isSmall
          className="pl-8"
          value={search.words}
          onChange={(event) => search.find(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              search.step(event.shiftKey ? -1 : 1);
            } else if (event.key === "Escape" && search.words !== "") {
              event.stopPropagation();
              search.find("");
            }
          }}
        />
      </div>
      {search.words.trim() !== "" && (
        <>
          <span role="status" className="px-1 text-muted text-xs tabular-nums">
            {t("detail:transcript.hits", { number: search.number, count: search.count })}
          </span>
          <IconButton
            label={t("detail:transcript.previousHit")}
            size="sm"
            disabled={search.count === 0}
            onClick={() => search.step(-1)}
          >
            <ChevronUp />
          </IconButton>
          <IconButton
            label={t("detail:transcript.nextHit")}
            size="sm"
            disabled={search.count === 0}
            onClick={() => search.step(1)}
          >
            <ChevronDown />
          </IconButton>
        </>
      )}
      <More {...more} />
    </search>
  );
}
