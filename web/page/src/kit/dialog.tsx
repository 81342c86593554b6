import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./button.tsx";
import { cn } from "./cn.ts";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Buttons, at the bottom. */
  actions?: ReactNode;
  className?: string;
  children?: ReactNode;
};

function Frame({ place, ...props }: Props & { place: string }) {
  const { t } = useTranslation("kit");

  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          {...(props.description ? {} : { "aria-describedby": undefined })}
          /* The dialog itself, not its first button: that one's tooltip would take the first Escape. */
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className={cn(
            "fixed z-40 flex flex-col border bg-raised shadow-raised outline-none",
            place,
            props.className,
          )}
        >
          <header className="flex items-start gap-4 border-b px-5 py-3.5">
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-semibold text-base">{props.title}</Radix.Title>
              {props.description && (
                <Radix.Description className="mt-0.5 text-[13px] text-muted">
                  {props.description}
                </Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={t("close")} size="sm" className="-mr-1.5">
                <X />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{props.children}</div>
          {props.actions && (
            <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">
              {props.actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** In the middle; on a phone at the bottom, as wide as it is. */
export function Dialog(props: Props) {
  return (
    <Frame
      {...props}
      place="inset-x-0 bottom-0 max-h-[92dvh] rounded-t-xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[min(36rem,calc(100vw-2rem))] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl"
    />
  );
}

/** At the side. */
export function Sheet({ side = "right", ...props }: Props & { side?: "left" | "right" }) {
  return (
    <Frame
      {...props}
      place={cn(
        "inset-y-0 w-[min(30rem,100vw)]",
        side === "right" ? "right-0 border-l" : "left-0 border-r",
      )}
    />
  );
}
