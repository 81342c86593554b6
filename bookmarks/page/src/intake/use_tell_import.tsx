import { useNavigate } from "@tanstack/react-router";
import { toast, useErrorText } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { countsOf, type Told } from "./report.ts";

/** Says what came of an import, and leads to its run. */
export function useTellImport() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();

  return (told: Told[]) => {
    const counts = countsOf(told);
    const runId = told.findLast(({ report }) => report?.run_id)?.report?.run_id;
    const about = (["expanding", "present", "failed", "skipped"] as const)
      .filter((outcome) => counts[outcome] > 0)
      .map((outcome) => t(`intake:count.${outcome}`, { count: counts[outcome] }))
      .join(" · ");

    for (const { source, error } of told.filter((one) => one.error !== undefined)) {
      toast.error(
        source.name === "" ? errorText(error) : t("intake:notRead", { file: source.name }),
        {
          description: source.name === "" ? undefined : errorText(error),
        },
      );
    }
    if (told.some(({ report }) => report)) {
      toast.success(t("intake:done", { count: counts.added }), {
        description: about === "" ? undefined : about,
        duration: 8000,
        action: runId
          ? {
              label: t("intake:showRun"),
              onClick: () => void navigate({ to: "/runs/$runId", params: { runId } }),
            }
          : undefined,
      });
    }
  };
}
