import { Toaster as Sonner, toast } from "sonner";
import { useTheme } from "./theme.ts";

export { toast };

export function Toaster() {
  const { isDark } = useTheme();

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
