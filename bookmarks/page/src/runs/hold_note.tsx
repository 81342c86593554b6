import { useQuery } from "@tanstack/react-query";
import { Ago, Button } from "barq-web/kit";
import { CirclePause } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Hold } from "../api/client.ts";
import { holdsQuery, useEndHold } from "./use_holds.ts";

const services = ["youtube", "web", "yt-dlp", "gemini", "openai"] as const;

/** A service's name as people know it; `undefined` is one that this page does not. */
export function useServiceName() {
  const { t } = useTranslation();

  return (service: string) => {
    const known = services.find((one) => one === service);
    return known ? t(`runs:service.${known}`) : service;
  };
}

function HoldNote({ hold }: { hold: Hold }) {
  const { t, i18n } = useTranslation();
  const serviceName = useServiceName();
  const end = useEndHold();
  const until = new Date(hold.until);
  const isToday = until.toDateString() === new Date().toDateString();
  const time = until.toLocaleString(
    i18n.language,
    isToday ? { timeStyle: "short" } : { weekday: "short", hour: "2-digit", minute: "2-digit" },
  );

  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-warn/30 bg-warn-soft px-4 py-3 text-warn">
      <CirclePause aria-hidden className="size-5 shrink-0" />
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">
          {t("runs:heldUntil", { service: serviceName(hold.service), time })}{" "}
          <Ago at={hold.until} className="font-normal" />
        </p>
        <p className="break-words text-[13px]">{hold.reason}</p>
      </div>
      <Button
        size="sm"
        className="max-sm:h-9"
        disabled={end.isPending}
        onClick={() => end.mutate(hold.service)}
      >
        {t("runs:askAgain")}
      </Button>
    </li>
  );
}

/** What is left alone for a while, and why; nothing when nothing is. */
export function HoldNotes() {
  const { t } = useTranslation();
  const holds = useQuery(holdsQuery);

  return holds.data && holds.data.length > 0 ? (
    <ul aria-label={t("runs:holds")} className="flex flex-col gap-2">
      {holds.data.map((hold) => (
        <HoldNote key={hold.service} hold={hold} />
      ))}
    </ul>
  ) : null;
}
