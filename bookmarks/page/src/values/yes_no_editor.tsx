import { cn } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { focusNow } from "./focus.ts";

/** Yes, no, or nothing said: pressing what is set takes it away. */
export function YesNoEditor({
  value,
  label,
  autoFocus,
  onChange,
  onCancel,
}: {
  value: boolean | null;
  label: string;
  autoFocus?: boolean;
  onChange: (value: boolean | null) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();

  return (
    <fieldset
      aria-label={label}
      className="inline-flex w-fit self-start rounded-md border border-line-strong bg-surface p-0.5"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onCancel();
        }
      }}
    >
      {[true, false].map((one) => (
        <button
          key={String(one)}
          type="button"
          ref={autoFocus && one === (value ?? true) ? focusNow : undefined}
          aria-pressed={value === one}
          onClick={() => onChange(value === one ? null : one)}
          className={cn(
            "h-6 rounded px-2.5 text-[13px] max-sm:h-8",
            value === one
              ? "bg-accent-soft font-medium text-accent-ink"
              : "text-muted hover:text-ink",
          )}
        >
          {t(one ? "values:yes" : "values:no")}
        </button>
      ))}
    </fieldset>
  );
}
