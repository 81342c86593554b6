import { cn } from "barq-web/kit";
import { t } from "i18next";
import { Check, FileDown, Minus, Sparkles, User, Wand2 } from "lucide-react";
import type { Field, Video } from "../../api/client.ts";
import { clock, dateText, minutesText, numberText } from "./words.ts";

export type Value = Video["fields"][string];

export const chip =
  "inline-block max-w-full truncate rounded bg-sunken px-1.5 py-px text-[13px] leading-5";

function Stars({ value, of }: { value: number; of: number }) {
  return (
    <span role="img" aria-label={t("table:stars", { value, of })} className="tracking-tight">
      <span className="text-accent">{"★".repeat(Math.round(value))}</span>
      <span className="text-line-strong">{"★".repeat(Math.max(0, of - Math.round(value)))}</span>
    </span>
  );
}

function YesNo({ value }: { value: boolean }) {
  return (
    <span className={cn("inline-flex items-center gap-1.5", !value && "text-muted")}>
      {value ? <Check className="size-4 text-ok" /> : <Minus className="size-4" />}
      {t(value ? "table:yes" : "table:no")}
    </span>
  );
}

function Link({ address }: { address: string }) {
  const isWeb = /^https?:\/\//i.test(address);
  const text = address.replace(/^https?:\/\/(www\.)?/i, "");

  return isWeb ? (
    <a
      href={address}
      target="_blank"
      rel="noopener noreferrer"
      tabIndex={-1}
      className="truncate text-accent-ink underline-offset-2 hover:underline"
    >
      {text}
    </a>
  ) : (
    <span className="truncate">{address}</span>
  );
}

/** A value as its field's type is read. */
export function ValueText({ field, value }: { field: Field; value: unknown }) {
  if (Array.isArray(value)) {
    return (
      <span className="flex min-w-0 gap-1 overflow-hidden">
        {value.map((one) => (
          <span key={String(one)} className={cn(chip, "shrink-0")}>
            {String(one)}
          </span>
        ))}
      </span>
    );
  }
  if (typeof value === "boolean") {
    return <YesNo value={value} />;
  }
  if (typeof value === "number") {
    if (field.type === "rating") {
      return <Stars value={value} of={field.max ?? 5} />;
    }
    const text = field.type === "duration" ? minutesText(value) : numberText(value);
    return (
      <span className="truncate tabular-nums">
        {text}
        {field.unit && field.type === "number" && <span className="text-muted"> {field.unit}</span>}
      </span>
    );
  }
  const text = String(value ?? "");
  switch (field.type) {
    case "select":
      return <span className={chip}>{text}</span>;
    case "date":
      return <span className="truncate tabular-nums">{dateText(text)}</span>;
    case "link":
      return <Link address={text} />;
    default:
      return <span className="truncate">{text}</span>;
  }
}

const marks = { model: Sparkles, rule: Wand2, import: FileDown, person: User };

/** Who said so, small; pointing at it tells more. */
export function Mark({ value }: { value: Value }) {
  const Icon = marks[value.source];
  const said = value.quote
    ? `\n${t("table:quote", { quote: value.quote, at: clock(value.at_seconds) })}`
    : "";
  const text = t(`table:source.${value.source}`, {
    model: [value.model, value.model_version].filter(Boolean).join(" ") || t("table:aModel"),
  });

  return (
    <span
      role="img"
      aria-label={text + said}
      data-tip={text + said}
      className="ml-auto shrink-0 pl-1 text-muted opacity-55 group-hover/row:opacity-100"
    >
      <Icon className="size-3" />
    </span>
  );
}
