import { useEffect } from "react";
import { Toaster as Sonner, toast } from "sonner";
import { useTheme } from "./theme.ts";
import { hear } from "./toast.ts";

export function Toasts() {
  const { isDark } = useTheme();

  /* After Sonner's own effect: what is said before that, it would not hear. */
  useEffect(() => hear(({ kind, text, options }) => void toast[kind](text, options)), []);

  return (
    <Sonner
      theme={isDark ? "dark" : "light"}
      position="bottom-center"
      toastOptions={{
        classNames: {
          toast: "!bg-raised !border-line !text-ink !shadow-raised",
          description: "!text-muted",
          actionButton: "!bg-accent !text-on-accent",
        },
      }}
    />
  );
}
