import { Button, IconButton } from "barq-web/kit";
import { Check, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Field, WholeVideo } from "../../api/client.ts";
import { asValue, type FieldShape, isSame, type Value } from "../../values/types.ts";
import { FieldValue } from "../../values/value.tsx";
import type { Extract, Preview } from "./use_extract.ts";

function Line({
  field,
  preview,
  now,
  onTake,
}: {
  field: Field;
  preview: Preview;
  now: Value;
  onTake: (value: Value) => void;
}) {
  const { t } = useTranslation();
  const value = asValue(preview.values[field.name]);
  const why = preview.dropped?.[field.name];

  return (
    <div className="grid grid-cols-[minmax(6rem,9rem)_minmax(0,1fr)_auto] items-center gap-x-3">
      <dt className="text-muted">{field.label}</dt>
      <dd className="min-w-0 py-1">
        {why ? (
          <span className="text-warn">{t("detail:preview.dropped", { why })}</span>
        ) : value === null ? (
          <span className="text-muted">{t("detail:fields.empty")}</span>
        ) : (
          <FieldValue field={field} value={value} />
        )}
      </dd>
      {value !== null && !isSame(value, now) ? (
        <IconButton
          label={t("detail:preview.take", { field: field.label })}
          size="sm"
          onClick={() => onTake(value)}
        >
          <Check />
        </IconButton>
      ) : (
        <span className="text-muted text-xs">{value !== null && t("detail:preview.same")}</span>
      )}
    </div>
  );
}

/** What a dry run would have put into the fields: nothing is stored until somebody takes it. */
export function PreviewNote({
  extract,
  video,
  onSet,
}: {
  extract: Extract;
  video: WholeVideo;
  onSet: (field: FieldShape, value: Value) => void;
}) {
  const { t, i18n } = useTranslation();
  const { preview } = extract;

  if (!preview) {
    return null;
  }
  const fields = video.available_fields.filter(
    (field) => field.name in preview.values || field.name in (preview.dropped ?? {}),
  );
  return (
    <section
      aria-label={t("detail:preview.title")}
      className="mx-4 my-3 rounded-lg border bg-page px-3 py-2"
    >
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-medium">{t("detail:preview.title")}</h3>
        <Button size="sm" look="quiet" onClick={extract.forget}>
          <X />
          {t("detail:preview.forget")}
        </Button>
      </div>
      {fields.length === 0 && <p className="text-muted">{t("detail:preview.nothing")}</p>}
      <dl>
        {fields.map((field) => (
          <Line
            key={field.id}
            field={field}
            preview={preview}
            now={asValue(video.fields[field.name]?.value)}
            onTake={(value) => onSet(field, value)}
          />
        ))}
      </dl>
      {preview.tokens_in !== undefined && (
        <p className="mt-1 text-muted text-xs">
          {t("detail:preview.cost", {
            tokens: ((preview.tokens_in ?? 0) + (preview.tokens_out ?? 0)).toLocaleString(
              i18n.language,
            ),
          })}
        </p>
      )}
    </section>
  );
}
