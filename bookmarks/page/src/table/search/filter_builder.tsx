import { Button, Input, Select } from "barq-web/kit";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRoom } from "../room.ts";
import { quoted, STATES, withPart } from "./query.ts";
import { useKnown } from "./use_known.ts";

const RANGES = ["dur", "views", "published", "added"] as const;
const EXAMPLES = { dur: "10m", views: "10k", published: "2024-01-31", added: "2024-01-31" };
const BY_ORDER = ["=", ">", ">=", "<", "<="];
const BY_NAME = ["=", "!="];
const BY_TEXT = ["~", "="];

type Kind = "is" | "tag" | "channel" | "list" | (typeof RANGES)[number] | `field:${string}`;

/** Says the same as the search box, with a mouse. */
export function FilterBuilder({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const { look, setLook, fields, listId } = useRoom();
  const known = useKnown(true);
  const [kind, setKind] = useState<Kind>("is");
  const [compare, setCompare] = useState("=");
  const [value, setValue] = useState("");
  const [isNot, setNot] = useState("is");
  const field = fields?.find((one) => `field:${one.name}` === kind);
  const isRange = RANGES.some((one) => one === kind);

  const choices: Record<string, string[] | undefined> = {
    is: [...STATES],
    tag: known.tags,
    channel: known.channels.length <= 200 ? known.channels : undefined,
    list: known.lists,
  };
  const options = field
    ? field.type === "boolean"
      ? ["true", "false"]
      : (field.options ?? undefined)
    : choices[kind];
  const compares = isRange
    ? ["=", ">", "<"]
    : !field
      ? []
      : options
        ? BY_NAME
        : field.type === "text" || field.type === "link"
          ? BY_TEXT
          : BY_ORDER;
  const by = compares.includes(compare) ? compare : (compares[0] ?? "");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value === "") {
      return;
    }
    const said = field
      ? `${kind}${by}${quoted(value)}`
      : isRange
        ? `${kind}:${by === "=" ? "" : by}${value.trim()}`
        : `${kind}:${quoted(value)}`;
    setLook({ q: withPart(look.q ?? "", isNot === "not" ? `-${said}` : said) });
    onDone();
  };
  const label = (word: string) =>
    kind === "is"
      ? t(`table:is.${word}`)
      : field?.type === "boolean"
        ? t(word === "true" ? "table:yes" : "table:no")
        : word;

  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <Select
        label={t("table:filterWhat")}
        value={kind}
        choices={[
          ...(["is", "tag", "channel"] as const),
          ...(listId ? [] : (["list"] as const)),
          ...RANGES,
          ...(fields ?? []).map((one) => `field:${one.name}` as const),
        ].map((one) => ({
          value: one,
          label:
            fields?.find((other) => `field:${other.name}` === one)?.label ??
            t(`table:operator.${one}`),
        }))}
        onChange={(next) => {
          setKind(next as Kind);
          setValue("");
        }}
      />
      <div className="flex gap-2">
        {compares.length > 0 ? (
          <Select
            label={t("table:filterHow")}
            className="w-32 shrink-0"
            value={by}
            choices={compares.map((one) => ({ value: one, label: t(`table:compare.${one}`) }))}
            onChange={setCompare}
          />
        ) : (
          <Select
            label={t("table:filterHow")}
            className="w-32 shrink-0"
            value={isNot}
            choices={[
              { value: "is", label: t("table:compare.=") },
              { value: "not", label: t("table:compare.!=") },
            ]}
            onChange={setNot}
          />
        )}
        {options ? (
          <Select
            label={t("table:filterValue")}
            value={value || undefined}
            placeholder={t("table:filterValue")}
            choices={options.map((one) => ({ value: one, label: label(one) }))}
            onChange={setValue}
          />
        ) : (
          <Input
            aria-label={t("table:filterValue")}
            placeholder={isRange ? EXAMPLES[kind as keyof typeof EXAMPLES] : t("table:filterValue")}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </div>
      <Button type="submit" look="primary" disabled={value === ""}>
        {t("table:addFilter")}
      </Button>
    </form>
  );
}
