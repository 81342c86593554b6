import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn.ts";

const box =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink placeholder:text-muted " +
  "disabled:opacity-60 aria-[invalid=true]:border-bad";

export function Input({
  isSmall,
  className,
  ...rest
}: ComponentProps<"input"> & { isSmall?: boolean }) {
  return <input className={cn(box, isSmall ? "h-8" : "h-9", className)} {...rest} />;
}

/** `className` says how high it is, too. */
export function Textarea({ className = "min-h-20 py-2", ...rest }: ComponentProps<"textarea">) {
  return <textarea className={cn(box, className)} {...rest} />;
}

/** A labelled input: `children` is given the ids to wire label, hint and error to it. */
export function Field({
  label,
  hint,
  error,
  className,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string;
  className?: string;
  children: (wires: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
}) {
  const id = useId();
  const about = error || hint ? `${id}-about` : undefined;

  return (
    <div className={cn("flex flex-col gap-1", className)}>
      <label htmlFor={id} className="font-medium text-[13px]">
        {label}
      </label>
      {children({ id, "aria-describedby": about, "aria-invalid": error !== undefined })}
      {about && (
        <div id={about} className={cn("text-[13px]", error ? "text-bad" : "text-muted")}>
          {error ?? hint}
        </div>
      )}
    </div>
  );
}
