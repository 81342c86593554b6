import { Badge, cn } from "barq-web/kit";
import { t } from "i18next";
import { Check, ExternalLink, Minus } from "lucide-react";
import { Stars } from "./stars.tsx";
import { bestRating, type FieldShape, isEmpty, type Value } from "./types.ts";
import { dateText, numberText } from "./words.ts";

function Span({ minutes }: { minutes: number }) {
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
        <Badge key={option} className={oneLine ? "min-w-8" : undefined}>
          <span className="truncate">{option}</span>
        </Badge>
      ))}
    </span>
  );
}

function LinkValue({ address, oneLine }: { address: string; oneLine?: boolean }) {
  const shown = address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");

  return (
    <a
      href={/^https?:\/\//.test(address) ? address : undefined}
      target="_blank"
      rel="noreferrer"
      tabIndex={oneLine ? -1 : undefined /* the table has keys of its own */}
      className="inline-flex min-w-0 items-center gap-1 text-accent-ink underline-offset-2 hover:underline"
      onClick={(event) => event.stopPropagation()}
    >
      <span className="truncate">{shown}</span>
      <ExternalLink className="size-3.5 shrink-0" aria-hidden />
    </a>
  );
}

function YesNo({ value }: { value: boolean }) {
  const Icon = value ? Check : Minus;

  return (
    <span className={cn("inline-flex items-center gap-1.5", !value && "text-muted")}>
      <Icon className="size-4" aria-hidden />
      {t(value ? "values:yes" : "values:no")}
    </span>
  );
}

/*
 * How a value looks. `oneLine`: in the row of a table, where what is long is cut. There are thousands of
 * them there: none subscribes to the language, with which whatever shows it comes anew.
 */
export function FieldValue({
  field,
  value,
  oneLine,
}: {
  field: FieldShape;
  value: Value;
  oneLine?: boolean;
}) {
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
      const number = numberText(Number(value));
      return (
        <span className="tabular-nums">
          {field.unit ? t("values:withUnit", { number, unit: field.unit }) : number}
        </span>
      );
    }
    case "date":
      return (
        <time dateTime={String(value)} className="truncate tabular-nums">
          {dateText(String(value))}
        </time>
      );
    case "link":
      return <LinkValue address={String(value)} oneLine={oneLine} />;
    default:
      return (
        <span className={oneLine ? "block truncate" : "whitespace-pre-wrap break-words"}>
          {String(value)}
        </span>
      );
  }
}
