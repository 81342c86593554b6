import { Meter } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import type { Progress } from "./send.ts";

/** How far a file is on its way; what is sent is then read. */
export function UploadNote({ progress }: { progress: Progress | undefined }) {
  const { t, i18n } = useTranslation();
  const { sent, total } = progress ?? { sent: 0, total: 0 };
  const isSending = sent < total;
  const megabytes = (bytes: number) =>
    (bytes / 1e6).toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  const text = isSending
    ? t("intake:sending", { sent: megabytes(sent), total: megabytes(total) })
    : t("intake:reading");

  return (
    <div role="status" className="flex flex-col gap-2 py-6 text-center">
      <p className="text-muted">{text}</p>
      <Meter
        label={text}
        total={total}
        parts={[
          {
            label: text,
            value: sent,
            className: isSending ? "bg-accent" : "animate-pulse bg-accent",
          },
        ]}
      />
    </div>
  );
}
