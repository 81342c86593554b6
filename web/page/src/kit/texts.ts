import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import de from "./texts/de.json";
import en from "./texts/en.json";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

type Texts = Record<Language, Record<string, object>>;

function chosen(): Language {
  const wished = [localStorage.getItem("language"), ...navigator.languages];
  const known = wished.map((one) => one?.slice(0, 2)).find((one) => one && one in languages);
  return (known as Language | undefined) ?? "en";
}

/** `texts` are a page's own namespaces, by language; the kit has its own beside them. */
export function startTexts(texts: Texts) {
  const language = chosen();

  document.documentElement.lang = language;
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { kit: en, ...texts.en }, de: { kit: de, ...texts.de } },
    interpolation: { escapeValue: false } /* React does it */,
    returnNull: false,
  });
}

export function setLanguage(language: Language) {
  localStorage.setItem("language", language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}
