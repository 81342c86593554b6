import { type ReactNode, useId, useRef, useState } from "react";

/** A cell that stands alone: pressing it opens its editor, and it has the focus again when that is left. */
export function Box({
  label,
  text,
  children,
}: {
  label: string;
  text: ReactNode;
  children: (leave: () => void) => ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const leave = () => {
    setOpen(false);
    button.current?.focus();
  };

  return (
    <div className="flex flex-col gap-1">
      <span id={id} className="text-[13px] text-muted">
        {label}
      </span>
      <div className="relative h-10 rounded-md border border-line-strong">
        <button
          ref={button}
          type="button"
          aria-labelledby={`${id} ${id}-text`}
          className="flex size-full items-center gap-1 overflow-hidden rounded-md px-2.5 text-left"
          onClick={() => setOpen(true)}
        >
          <span id={`${id}-text`} className="flex min-w-0 items-center gap-1">
            {text}
          </span>
        </button>
        {isOpen && children(leave)}
      </div>
    </div>
  );
}
