import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import de from "./texts/de.json";
import en from "./texts/en.json";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

type Texts = Record<Language, Record<string, object>>;
type Loaders = Record<Language, () => Promise<{ default: Record<string, object> }>>;

const parts: Texts = { en: { kit: en }, de: { kit: de } };
let loaders: Loaders | undefined;

/* "en-GB" has the texts of "en" and the days and numbers of Britain. */
export function languageOf(tag: string) {
  return tag.slice(0, 2) as Language;
}

/** As the browser's owner speaks it: of the regions they have named, the first of this language. */
function regional(language: Language) {
  return navigator.languages.find((one) => languageOf(one) === language) ?? language;
}

function chosen() {
  const wished = [localStorage.getItem("language") ?? "", ...navigator.languages];

  return regional(wished.map(languageOf).find((one) => one in languages) ?? "en");
}

/** The texts of a language, when somebody reads it. */
async function load(language: Language) {
  const { default: texts } = (await loaders?.[language]()) ?? { default: {} };

  for (const [namespace, words] of Object.entries(texts)) {
    addTo(language, namespace, words);
  }
}

function addTo(language: Language, namespace: string, words: object) {
  parts[language][namespace] = words;
  if (i18next.isInitialized) {
    i18next.addResourceBundle(language, namespace, words);
  }
}

/** `texts` have a page's own namespaces, a file for each language; the kit has its own beside them. */
export async function startTexts(texts?: Loaders) {
  const tag = chosen();

  loaders = texts;
  document.documentElement.lang = tag;
  await load(languageOf(tag));
  await i18next.use(initReactI18next).init({
    lng: tag,
    fallbackLng: "en",
    resources: parts,
    interpolation: { escapeValue: false } /* React does it */,
    returnNull: false,
  });
}

/** Texts of a part that comes in by itself, as a namespace of its own; also before startTexts(). */
export function addTexts(namespace: string, texts: Record<Language, object>) {
  for (const language of Object.keys(languages) as Language[]) {
    addTo(language, namespace, texts[language]);
  }
}

export async function setLanguage(language: Language) {
  const tag = regional(language);

  localStorage.setItem("language", language);
  await load(language);
  document.documentElement.lang = tag;
  await i18next.changeLanguage(tag);
}
