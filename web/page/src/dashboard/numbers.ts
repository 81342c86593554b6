import { useTranslation } from "react-i18next";

/** Numbers as the reader writes them. */
export function useNumbers() {
  const { i18n } = useTranslation();
  const language = i18n.language;

  return {
    count: (value: number) => value.toLocaleString(language),
    rate: (value: number) =>
      value.toLocaleString(language, { maximumFractionDigits: value < 10 ? 1 : 0 }),
    bytes: (value: number) =>
      `${(value / 1024 / 1024).toLocaleString(language, { maximumFractionDigits: 1 })} MiB`,
  };
}
