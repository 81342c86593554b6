import { Badge, cn } from "barq-web/kit";
import { Check, ExternalLink, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Stars } from "./stars.tsx";
import { bestRating, type FieldShape, isEmpty, type Value } from "./types.ts";

function Span({ minutes }: { minutes: number }) {
  const { t } = useTranslation();
  const whole = Math.round(minutes);
  const by = { h: Math.floor(whole / 60), m: whole % 60 };

  return (
    <span className="tabular-nums">{t(whole < 60 ? "values:minutes" : "values:hours", by)}</span>
  );
}

function Choices({ options, oneLine }: { options: string[]; oneLine?: boolean }) {
  return (
    <span className={cn("flex min-w-0 gap-1", oneLine ? "overflow-hidden" : "flex-wrap")}>
      {options.map((option) => (
        <Badge key={option} className={oneLine ? "shrink-0" : undefined}>
          {option}
        </Badge>
      ))}
    </span>
  );
}

function LinkValue({ address }: { address: string }) {
  const shown = address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");

  return (
    <a
      href={/^https?:\/\//.test(address) ? address : undefined}
      target="_blank"
      rel="noreferrer"
      className="inline-flex min-w-0 items-center gap-1 text-accent-ink underline-offset-2 hover:underline"
      onClick={(event) => event.stopPropagation()}
    >
      <span className="truncate">{shown}</span>
      <ExternalLink className="size-3.5 shrink-0" aria-hidden />
    </a>
  );
}

function YesNo({ value }: { value: boolean }) {
  const { t } = useTranslation();
  const Icon = value ? Check : Minus;

  return (
    <span className={cn("inline-flex items-center gap-1.5", !value && "text-muted")}>
      <Icon className="size-4" aria-hidden />
      {t(value ? "values:yes" : "values:no")}
    </span>
  );
}

/** How a value looks. `oneLine`: in the row of a table, where what is long is cut. */
export function FieldValue({
  field,
  value,
  oneLine,
}: {
  field: FieldShape;
  value: Value;
  oneLine?: boolean;
}) {
  const { t, i18n } = useTranslation();

  if (value === null || isEmpty(value)) {
    return null;
  }
  switch (field.type) {
    case "select":
      return <Choices options={[String(value)]} oneLine={oneLine} />;
    case "multi-select":
      return <Choices options={Array.isArray(value) ? value : [String(value)]} oneLine={oneLine} />;
    case "boolean":
      return <YesNo value={value === true} />;
    case "rating":
      return <Stars value={Number(value)} best={bestRating(field)} />;
    case "duration":
      return <Span minutes={Number(value)} />;
    case "number": {
      /* A year is no amount: 2025 stays 2025. */
      const number = Number(value).toLocaleString(i18n.language, {
        maximumFractionDigits: 6,
        useGrouping: Math.abs(Number(value)) >= 10_000,
      });
      return (
        <span className="tabular-nums">
          {field.unit ? t("values:withUnit", { number, unit: field.unit }) : number}
        </span>
      );
    }
    case "date": {
      const day = new Date(`${value}T00:00:00`);
      return (
        <time dateTime={String(value)} className="tabular-nums">
          {Number.isNaN(day.getTime())
            ? String(value)
            : day.toLocaleDateString(i18n.language, { dateStyle: "medium" })}
        </time>
      );
    }
    case "link":
      return <LinkValue address={String(value)} />;
    default:
      return (
        <span className={oneLine ? "block truncate" : "whitespace-pre-wrap break-words"}>
          {String(value)}
        </span>
      );
  }
}
