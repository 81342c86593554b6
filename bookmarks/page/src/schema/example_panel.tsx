import { useQuery } from "@tanstack/react-query";
import { Button, ErrorNote, Select } from "barq-web/kit";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field } from "../api/client.ts";
import { type Found, someVideosQuery, useExample } from "./use_example.ts";

function useValueText() {
  const { t } = useTranslation();

  return (value: unknown): string => {
    if (value === null || value === undefined) {
      return t("schema:noValue");
    }
    if (typeof value === "boolean") {
      return t(value ? "schema:yes" : "schema:no");
    }
    return Array.isArray(value) ? value.join(", ") : String(value);
  };
}

function FoundValues({ fields, found }: { fields: Field[]; found: Found }) {
  const { t } = useTranslation();
  const valueText = useValueText();

  return (
    <dl className="flex flex-col divide-y rounded-lg border">
      {fields.map((field) => {
        const name = field.name ?? "";
        const why = found.dropped?.[name];

        return (
          <div key={field.id} className="px-3 py-2">
            <dt className="text-[13px] text-muted">{field.label}</dt>
            <dd className="break-words">{valueText(found.values[name])}</dd>
            {why && <dd className="text-[13px] text-warn">{t("schema:dropped", { why })}</dd>}
          </div>
        );
      })}
    </dl>
  );
}

/** What the fields would be for one video, beside them; nothing of it is kept. */
export function ExamplePanel({ listId, fields }: { listId: string; fields: Field[] }) {
  const { t } = useTranslation();
  const videos = useQuery(someVideosQuery(listId)).data ?? [];
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const { start, told, isRunning } = useExample(listId);
  const videoId = chosen ?? videos[0]?.id;

  return (
    <aside
      aria-labelledby="example-title"
      className="flex flex-col gap-3 self-start rounded-xl border bg-surface p-4"
    >
      <h2 id="example-title" className="font-semibold text-base">
        {t("schema:example")}
      </h2>
      <p className="text-[13px] text-muted">
        {t(videos.length > 0 ? "schema:exampleAbout" : "schema:exampleEmpty")}
      </p>
      {videoId && (
        <>
          <Select
            label={t("schema:exampleVideo")}
            value={videoId}
            choices={videos.map((video) => ({
              value: video.id,
              label: video.own_title ?? video.title ?? video.youtube_id,
            }))}
            onChange={setChosen}
          />
          <Button disabled={isRunning || fields.length === 0} onClick={() => start.mutate(videoId)}>
            <FlaskConical />
            {t(isRunning ? "schema:trying" : "schema:try")}
          </Button>
        </>
      )}
      <div aria-live="polite" className="flex flex-col gap-2">
        {start.error && <ErrorNote error={start.error} />}
        {told?.failed && <p className="text-bad">{told.failed}</p>}
        {told?.found && <FoundValues fields={fields} found={told.found} />}
        {told?.found?.tokens_in !== undefined && (
          <p className="text-[13px] text-muted">
            {t("schema:exampleTokens", {
              count: told.found.tokens_in + (told.found.tokens_out ?? 0),
            })}
          </p>
        )}
      </div>
    </aside>
  );
}
