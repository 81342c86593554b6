import { Badge, IconButton, Menu, MenuItem, MenuLine } from "barq-web/kit";
import { Eraser, FlaskConical, MoreHorizontal, Pencil, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field } from "../../api/client.ts";
import { FieldEditor } from "../../values/editor.tsx";
import { asValue, isEmpty, type SaidValue, type Value } from "../../values/types.ts";
import { FieldValue } from "../../values/value.tsx";
import { Said } from "./said.tsx";

type Props = {
  field: Field;
  said: SaidValue | undefined;
  isMissing: boolean;
  isBusy: boolean;
  onSet: (value: Value) => void;
  onExtract: (isDry: boolean) => void;
};

function FieldMenu({
  field,
  said,
  isBusy,
  onSet,
  onExtract,
  onEdit,
}: Props & { onEdit?: () => void }) {
  const { t } = useTranslation();

  return (
    <Menu
      trigger={
        <IconButton label={t("detail:fields.more", { field: field.label })} size="sm" look="faint">
          <MoreHorizontal />
        </IconButton>
      }
    >
      {onEdit && (
        <MenuItem onSelect={onEdit}>
          <Pencil />
          {t("detail:fields.edit")}
        </MenuItem>
      )}
      {said && (
        <MenuItem onSelect={() => onSet(null)}>
          <Eraser />
          {t("detail:fields.take")}
        </MenuItem>
      )}
      {(onEdit || said) && <MenuLine />}
      <MenuItem disabled={isBusy} onSelect={() => onExtract(false)}>
        <RefreshCw />
        {t("detail:fields.extractOne")}
      </MenuItem>
      <MenuItem disabled={isBusy} onSelect={() => onExtract(true)}>
        <FlaskConical />
        {t("detail:fields.tryOne")}
      </MenuItem>
    </Menu>
  );
}

/* A rating and a boolean are set by one press, so their editor stands there all the time. */
const onePress = new Set(["rating", "boolean"]);

function Shown({
  field,
  said,
  isMissing,
  onSet,
  isEditing,
  setEditing,
}: Pick<Props, "field" | "said" | "isMissing" | "onSet"> & {
  isEditing: boolean;
  setEditing: (on: boolean) => void;
}) {
  const { t } = useTranslation();
  const value = asValue(said?.value);

  if (isEditing || onePress.has(field.type)) {
    return (
      <FieldEditor
        field={field}
        value={value}
        autoFocus={isEditing}
        onSave={(next) => {
          setEditing(false);
          onSet(next);
        }}
        onCancel={() => setEditing(false)}
      />
    );
  }
  if (field.type === "link" && value !== null) {
    return <FieldValue field={field} value={value} />;
  }
  return (
    <button
      type="button"
      aria-label={t("detail:fields.editOf", { field: field.label })}
      className="-mx-2 min-h-8 w-[calc(100%+1rem)] rounded-md px-2 py-1 text-left hover:bg-sunken"
      onClick={() => setEditing(true)}
    >
      {isEmpty(value) ? (
        <span className={isMissing ? "text-bad" : "text-muted"}>
          {t(isMissing ? "detail:fields.missing" : "detail:fields.empty")}
        </span>
      ) : (
        <FieldValue field={field} value={value} />
      )}
    </button>
  );
}

export function FieldRow(props: Props) {
  const { t } = useTranslation();
  const { field, said, isMissing } = props;
  const [isEditing, setEditing] = useState(false);
  const canEdit = !onePress.has(field.type);

  return (
    <div className="grid grid-cols-[minmax(6rem,9rem)_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-2">
      <dt
        className="flex min-h-8 flex-wrap items-center gap-x-1.5 text-muted"
        title={field.instruction ?? undefined}
      >
        <span className="break-words">{field.label}</span>
        {field.required && (
          <Badge tone={isMissing ? "bad" : "plain"}>{t("detail:fields.required")}</Badge>
        )}
      </dt>
      <dd className="flex min-h-8 min-w-0 flex-col justify-center gap-1">
        <Shown {...props} isEditing={isEditing} setEditing={setEditing} />
        {said && <Said said={said} />}
      </dd>
      <dd>
        <FieldMenu {...props} onEdit={canEdit ? () => setEditing(true) : undefined} />
      </dd>
    </div>
  );
}
