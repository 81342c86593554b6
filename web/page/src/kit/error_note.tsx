import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { Problem } from "./problem.ts";

/** What went wrong in words a person can act on. */
export function useErrorText() {
  const { t } = useTranslation("kit");

  return (error: unknown) => {
    if (!(error instanceof Problem)) {
      return t("error.ours");
    }
    if (error.code === "away") {
      return t("error.away");
    }
    /* The message is the first of them in words. */
    return [
      error.message,
      ...error.errors
        .slice(1)
        .map(({ pointer, parameter, detail }) =>
          [pointer?.slice(2) ?? parameter, detail].filter(Boolean).join(": "),
        ),
    ].join(" ");
  };
}

export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation("kit");
  const text = useErrorText()(error);

  return (
    <div
      role="alert"
      className="flex items-center gap-3 rounded-md bg-bad-soft px-3 py-2 text-bad [&_svg]:size-4"
    >
      <TriangleAlert className="shrink-0" />
      <span className="min-w-0 flex-1 break-words">{text}</span>
      {onRetry && (
        <Button size="sm" onClick={onRetry}>
          {t("again")}
        </Button>
      )}
    </div>
  );
}
