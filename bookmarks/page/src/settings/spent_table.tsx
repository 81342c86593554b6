import { useTranslation } from "react-i18next";
import type { components } from "../api/schema.ts";
import { useServiceName } from "../runs/hold_note.tsx";

type Spent = components["schemas"]["Spent"];

/** Who was asked in the last 30 days, for which list, and what it came to. */
export function SpentTable({
  spent,
  money,
  number,
}: {
  spent: Spent[];
  money: (millionths: number) => string;
  number: (value: number) => string;
}) {
  const { t } = useTranslation();
  const serviceName = useServiceName();
  const cell = "px-2 py-1.5 text-right tabular-nums first:pl-0 last:pr-0";

  return (
    <section
      aria-label={t("settings:spent")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="relative overflow-x-auto"
    >
      <table className="w-full text-[13px]">
        <thead className="text-muted">
          <tr className="border-b [&_th]:font-medium">
            <th className={`${cell} !text-left`}>{t("settings:service")}</th>
            <th className={`${cell} !text-left`}>{t("settings:list")}</th>
            <th className={cell}>{t("settings:calls")}</th>
            <th className={cell}>{t("settings:unitsHead")}</th>
            <th className={cell}>{t("settings:tokensHead")}</th>
            <th className={cell}>{t("settings:cost")}</th>
          </tr>
        </thead>
        <tbody>
          {spent.slice(0, 20).map((one) => (
            <tr
              key={`${one.service} ${one.model} ${one.list_id}`}
              className="border-b last:border-0"
            >
              <td className={`${cell} !text-left`}>{one.model ?? serviceName(one.service)}</td>
              <td className={`${cell} max-w-40 truncate !text-left`}>{one.list_name ?? "–"}</td>
              <td className={cell}>{number(one.calls)}</td>
              <td className={cell}>{number(one.units)}</td>
              <td className={cell}>{number(one.tokens_in + one.tokens_out)}</td>
              <td className={cell}>{money(one.cost_millionths)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
