import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useRoom } from "../room.ts";
import { isOperator, tokens, without } from "./query.ts";

/** The parts of the query that filter, each of which can be taken away. */
export function Chips() {
  const { t } = useTranslation();
  const { look, setLook } = useRoom();
  const query = look.q ?? "";
  const parts = tokens(query).filter((token) => isOperator(token.operator) && token.value !== "");

  return parts.length === 0 ? null : (
    <ul aria-label={t("table:filters")} className="flex flex-wrap gap-1.5 px-4 pb-2">
      {parts.map((token) => (
        <li
          key={token.from}
          className="inline-flex h-7 max-w-full items-center rounded-full bg-accent-soft pl-2.5 text-[13px] text-accent-ink"
        >
          <span className="truncate">
            {token.isNot && <span className="mr-1">{t("table:not")}</span>}
            <span className="opacity-85">
              {token.operator === "field" ? "" : `${t(`table:operator.${token.operator}`)}: `}
            </span>
            <span className="font-medium">{token.value}</span>
          </span>
          <button
            type="button"
            aria-label={t("table:removeFilter", { filter: token.text })}
            className="ml-1 inline-flex size-7 shrink-0 items-center justify-center rounded-full hover:brightness-90"
            onClick={() => setLook({ q: without(query, token) || undefined })}
          >
            <X className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
}
