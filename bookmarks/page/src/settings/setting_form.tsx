import { Badge, Button, Field, Input } from "barq-web/kit";
import { Trash2 } from "lucide-react";
import { type ComponentProps, type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Name } from "./options.ts";
import { usePutSettings } from "./use_settings.ts";

/** One setting: what it is now, in `stored`; where the environment has it, it is shown and no more. */
export function SettingForm({
  name,
  stored,
  from,
  isSet,
  ...input
}: {
  name: Name;
  stored: string;
  from: "environment" | "settings" | null;
  isSet: boolean;
} & ComponentProps<typeof Input>) {
  const { t } = useTranslation();
  const put = usePutSettings();
  const [text, setText] = useState<string | undefined>(undefined);
  const isFixed = from === "environment";
  const isChanged = text !== undefined && text.trim() !== stored;
  const save = (value: string | null) =>
    put.mutate({ [name]: value }, { onSuccess: () => setText(undefined) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChanged) {
      save(text.trim() === "" ? null : text.trim());
    }
  };

  return (
    <form onSubmit={submit}>
      <Field label={t(`settings:option.${name}.label`)} hint={t(`settings:option.${name}.hint`)}>
        {(wires) => (
          <div className="flex flex-wrap items-center gap-2">
            <Input
              {...wires}
              autoComplete="off"
              spellCheck={false}
              className="min-w-40 flex-1"
              disabled={isFixed}
              value={text ?? stored}
              onChange={(event) => setText(event.target.value)}
              {...input}
            />
            {isFixed && <Badge tone="info">{t("settings:fromEnvironment")}</Badge>}
            {isChanged && (
              <Button type="submit" look="primary" disabled={put.isPending}>
                {t("kit:save")}
              </Button>
            )}
            {!isFixed && isSet && !isChanged && (
              <Button
                look="quiet"
                aria-label={t("settings:removeNamed", { name: t(`settings:option.${name}.label`) })}
                disabled={put.isPending}
                onClick={() => save(null)}
              >
                <Trash2 />
              </Button>
            )}
          </div>
        )}
      </Field>
    </form>
  );
}
