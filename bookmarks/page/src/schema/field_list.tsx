import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { useTranslation } from "react-i18next";
import type { Field } from "../api/client.ts";
import { FieldRow } from "./field_row.tsx";
import { useDeleteField, useOrderFields } from "./use_field_changes.ts";

/** The fields in their order, which is changed by dragging, or with Space and the arrows. */
export function FieldList({
  listId,
  fields,
  onEdit,
}: {
  listId: string;
  fields: Field[];
  onEdit: (field: Field) => void;
}) {
  const { t } = useTranslation();
  const order = useOrderFields(listId);
  const remove = useDeleteField(listId);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const indexOf = (id: unknown) => fields.findIndex((field) => field.id === id);
  const moved = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) {
      order.mutate(arrayMove(fields, indexOf(active.id), indexOf(over.id)));
    }
  };

  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={moved}>
      <SortableContext items={fields} strategy={verticalListSortingStrategy}>
        <ul aria-label={t("nav:fields")} className="self-start rounded-xl border bg-surface">
          {fields.map((field) => (
            <FieldRow
              key={field.id}
              field={field}
              onEdit={() => onEdit(field)}
              onDelete={() => remove(field)}
            />
          ))}
        </ul>
      </SortableContext>
    </DndContext>
  );
}
