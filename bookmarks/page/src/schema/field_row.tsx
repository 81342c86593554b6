import { useSortable } from "@dnd-kit/sortable";
import { Badge, cn, IconButton } from "barq-web/kit";
import { GripVertical, Pencil, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Field } from "../api/client.ts";

export function FieldRow({
  field,
  onEdit,
  onDelete,
}: {
  field: Field;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const sortable = useSortable({ id: field.id });
  const label = field.label ?? field.name ?? "";
  const about = field.instruction ?? (field.options ?? []).join(", ");

  return (
    <li
      ref={sortable.setNodeRef}
      style={{
        transform: `translateY(${sortable.transform?.y ?? 0}px)`,
        transition: sortable.transition,
      }}
      className={cn(
        "flex items-center gap-2 border-b bg-surface px-2 py-2 first:rounded-t-xl last:rounded-b-xl last:border-0 sm:gap-3 sm:px-3",
        sortable.isDragging && "relative z-10 rounded-lg shadow-raised",
      )}
    >
      <button
        type="button"
        {...sortable.attributes}
        {...sortable.listeners}
        aria-label={t("schema:move", { label })}
        className="flex h-9 w-8 shrink-0 cursor-grab touch-none items-center justify-center rounded text-muted hover:bg-sunken"
      >
        <GripVertical aria-hidden className="size-4" />
      </button>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{label}</span>
          <Badge>{t(`schema:type.${field.type ?? "text"}`)}</Badge>
          {field.required && <Badge tone="accent">{t("schema:requiredBadge")}</Badge>}
          {field.show_on_card && <Badge tone="info">{t("schema:cardBadge")}</Badge>}
          {field.rule && <Badge tone="ok">{t("schema:ruleBadge")}</Badge>}
        </div>
        {about !== "" && <p className="truncate text-[13px] text-muted">{about}</p>}
      </div>
      <IconButton label={t("schema:edit", { label })} onClick={onEdit}>
        <Pencil />
      </IconButton>
      <IconButton label={t("schema:delete", { label })} onClick={onDelete}>
        <Trash2 />
      </IconButton>
    </li>
  );
}
