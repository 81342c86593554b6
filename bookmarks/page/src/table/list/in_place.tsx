import { cn } from "barq-web/kit";
import { type KeyboardEvent, useState } from "react";

/** Text that is edited where it stands: Enter or going elsewhere saves, Escape leaves. */
export function InPlace({
  value,
  label,
  placeholder,
  maxLength,
  className,
  onSave,
}: {
  value: string;
  label: string;
  placeholder?: string;
  maxLength: number;
  className?: string;
  onSave: (value: string) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const finish = () => {
    const next = typed?.trim();
    setTyped(undefined);
    if (next !== undefined && next !== value) {
      onSave(next);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") {
      event.currentTarget.blur();
    } else if (event.key === "Escape") {
      setTyped(undefined);
      requestAnimationFrame(
        () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
      );
    }
  };

  return (
    <input
      aria-label={label}
      placeholder={placeholder}
      maxLength={maxLength}
      className={cn(
        "-mx-1.5 w-full min-w-0 truncate rounded bg-transparent px-1.5 placeholder:text-muted hover:bg-sunken focus:bg-surface",
        className,
      )}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={finish}
      onKeyDown={onKeyDown}
    />
  );
}
