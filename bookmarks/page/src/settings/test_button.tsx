import { useMutation } from "@tanstack/react-query";
import { ask, Button, cn, useErrorText } from "barq-web/kit";
import { CircleCheck, PlugZap, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.ts";
import type { Service } from "./options.ts";

/** Asks a service once, with what is set, and says what it said. */
export function TestButton({ service }: { service: Service }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const test = useMutation({
    mutationFn: () => ask(api.POST("/api/settings/test", { body: { service } })),
  });
  const works = test.data?.works ?? false;
  const said = test.error ? errorText(test.error) : test.data?.detail;

  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button disabled={test.isPending} onClick={() => test.mutate()}>
        <PlugZap />
        {t(`settings:test.${service}`)}
      </Button>
      <p
        role="status"
        className={cn(
          "flex min-w-0 flex-1 basis-52 items-center gap-2 text-[13px] [&_svg]:size-4 [&_svg]:shrink-0",
          test.isPending ? "text-muted" : works ? "text-ok" : "text-bad",
        )}
      >
        {test.isPending && t("settings:testing")}
        {!test.isPending && said !== undefined && (
          <>
            {works ? (
              <CircleCheck aria-label={t("settings:works")} />
            ) : (
              <TriangleAlert aria-label={t("settings:worksNot")} />
            )}
            <span className="min-w-0 break-words">{said}</span>
          </>
        )}
      </p>
    </div>
  );
}
