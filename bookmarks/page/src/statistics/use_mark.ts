import { useTranslation } from "react-i18next";
import type { FieldStatistics } from "./queries.ts";

/** A point on a field's scale in words: "2024", "1 h 20 min", "5 Nov 2026". */
export function useMark(field: Pick<FieldStatistics, "type" | "unit">) {
  const { t, i18n } = useTranslation();

  const words = (mark: number | string) => {
    if (typeof mark === "string") {
      return new Date(mark).toLocaleDateString(i18n.language, {
        dateStyle: "medium",
        timeZone: "UTC",
      });
    }
    if (field.type === "duration") {
      const whole = Math.round(mark);
      const by = { h: Math.floor(whole / 60), m: whole % 60 };
      return t(whole < 60 ? "values:minutes" : "values:hours", by);
    }
    const number = mark.toLocaleString(i18n.language, {
      maximumFractionDigits: 2,
      useGrouping: Math.abs(mark) >= 10_000,
    });
    return field.unit ? t("values:withUnit", { number, unit: field.unit }) : number;
  };

  return {
    words,
    between: (from: number | string, to: number | string) =>
      t("statistics:between", { from: words(from), to: words(to) }),
  };
}
