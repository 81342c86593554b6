import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import de from "./texts/de.json";
import en from "./texts/en.json";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

type Texts = Record<Language, Record<string, object>>;

const parts: Texts = { en: { kit: en }, de: { kit: de } };

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
    resources: { en: { ...parts.en, ...texts.en }, de: { ...parts.de, ...texts.de } },
    interpolation: { escapeValue: false } /* React does it */,
    returnNull: false,
  });
}

/** Texts of a part that comes in by itself, as a namespace of its own; also before startTexts(). */
export function addTexts(namespace: string, texts: Record<Language, object>) {
  for (const language of Object.keys(languages) as Language[]) {
    parts[language][namespace] = texts[language];
    if (i18next.isInitialized) {
      i18next.addResourceBundle(language, namespace, texts[language]);
    }
  }
}

export function setLanguage(language: Language) {
  localStorage.setItem("language", language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}
