import { Field, Input, Textarea } from "barq-web/kit";
import { useTranslation } from "react-i18next";
import { type Draft, has } from "./draft.ts";

/** What only some types have: options, bounds, a length, a unit. */
export function TypeParts({
  draft,
  onChange,
}: {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}) {
  const { t } = useTranslation();
  const { type } = draft;
  const line = (name: "min" | "max" | "max_length" | "unit") => (
    <Field key={name} label={t(`schema:part.${name}`)} className="flex-1">
      {(wires) => (
        <Input
          {...wires}
          inputMode={name === "unit" ? "text" : "decimal"}
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );

  return (
    <>
      {has.options(type) && (
        <Field
          label={t("schema:part.options")}
          hint={t(type === "select" ? "schema:optionsHint" : "schema:optionsFreeHint")}
        >
          {(wires) => (
            <Textarea
              {...wires}
              rows={5}
              className="field-sizing-content max-h-60 min-h-28 py-2"
              value={draft.options}
              onChange={(event) => onChange({ options: event.target.value })}
            />
          )}
        </Field>
      )}
      <div className="flex gap-3 empty:hidden">
        {has.bounds(type) && [line("min"), line("max")]}
        {has.stars(type) && line("max")}
        {has.unit(type) && line("unit")}
        {has.length(type) && line("max_length")}
      </div>
    </>
  );
}
