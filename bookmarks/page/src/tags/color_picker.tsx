import { Button, cn, Popover } from "barq-web/kit";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TagDot } from "./tag_dot.tsx";

/* Apart from each other by hue, and seen by day and by night. */
const palette = {
  red: "#e5484d",
  orange: "#f0752a",
  amber: "#e2a610",
  green: "#30a46c",
  teal: "#12a594",
  blue: "#0b87e0",
  indigo: "#5b5bd6",
  purple: "#9a55c9",
  pink: "#d6409f",
  grey: "#8b8d98",
};

export function ColorPicker({
  color,
  label,
  onChange,
}: {
  color: string | null;
  label: string;
  onChange: (color: string | null) => void;
}) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const choose = (next: string | null) => {
    setOpen(false);
    onChange(next);
  };

  return (
    <Popover
      label={label}
      open={isOpen}
      onOpenChange={setOpen}
      className="w-56"
      trigger={
        <button
          type="button"
          aria-label={label}
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-md hover:bg-sunken"
        >
          <TagDot color={color} className="size-3.5" />
        </button>
      }
    >
      <div className="grid grid-cols-5 gap-1">
        {Object.entries(palette).map(([name, value]) => (
          <button
            key={name}
            type="button"
            aria-label={t(`tags:colors.${name}`)}
            aria-pressed={color === value}
            title={t(`tags:colors.${name}`)}
            className={cn(
              "inline-flex size-9 items-center justify-center rounded-md hover:bg-sunken",
              color === value && "bg-accent-soft",
            )}
            onClick={() => choose(value)}
          >
            <TagDot color={value} className="size-5" />
          </button>
        ))}
      </div>
      <Button size="sm" look="quiet" className="mt-2 w-full" onClick={() => choose(null)}>
        {t("tags:noColor")}
      </Button>
    </Popover>
  );
}
