import { closestCenter, DndContext, type DragEndEvent } from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { Button, Checkbox, IconButton, Input } from "barq-web/kit";
import { ArrowDown, ArrowUp, GripVertical } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRoom } from "../room.ts";
import type { Column } from "./columns.ts";

function Item({
  column,
  isShown,
  onShow,
  onMove,
}: {
  column: Column;
  isShown: boolean;
  onShow: (isShown: boolean) => void;
  onMove: (by: 1 | -1) => void;
}) {
  const { t } = useTranslation();
  const drag = useSortable({ id: column.id });
  const move = drag.transform;

  return (
    <li
      ref={drag.setNodeRef}
      className="flex h-9 items-center gap-2 rounded bg-raised pr-1 hover:bg-sunken"
      style={{
        transform: move ? `translateY(${move.y}px)` : undefined,
        transition: drag.transition,
        zIndex: drag.isDragging ? 1 : undefined,
      }}
    >
      <span
        {...drag.listeners}
        aria-hidden
        className="flex h-full cursor-grab touch-none items-center px-1 text-muted"
      >
        <GripVertical className="size-4" />
      </span>
      <Checkbox
        id={`show-${column.id}`}
        checked={isShown}
        onCheckedChange={(checked) => onShow(checked === true)}
      />
      <label
        htmlFor={`show-${column.id}`}
        className="min-w-0 flex-1 cursor-pointer truncate py-1.5"
      >
        {column.label}
      </label>
      <IconButton
        size="sm"
        label={t("table:moveUp", { column: column.label })}
        onClick={() => onMove(-1)}
      >
        <ArrowUp />
      </IconButton>
      <IconButton
        size="sm"
        label={t("table:moveDown", { column: column.label })}
        onClick={() => onMove(1)}
      >
        <ArrowDown />
      </IconButton>
    </li>
  );
}

/** Which columns there are, and in which order: by drag, or with the arrows. */
export function ColumnChooser() {
  const { t } = useTranslation();
  const { columns } = useRoom();
  const [typed, setTyped] = useState("");
  const found = columns.order
    .flatMap((id) => columns.all.filter((column) => column.id === id))
    .filter((column) => column.label.toLowerCase().includes(typed.trim().toLowerCase()));

  const move = (id: string, to: number) => {
    const from = columns.order.indexOf(id);
    if (to >= 0 && to < columns.order.length) {
      columns.arrange(arrayMove(columns.order, from, to));
    }
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over && over.id !== active.id) {
      move(String(active.id), columns.order.indexOf(String(over.id)));
    }
  };

  return (
    <div className="flex flex-col gap-2">
      <Input
        aria-label={t("table:findColumn")}
        placeholder={t("table:findColumn")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <DndContext collisionDetection={closestCenter} onDragEnd={onDragEnd}>
        <SortableContext
          items={found.map((column) => column.id)}
          strategy={verticalListSortingStrategy}
        >
          <ul>
            {found.map((column) => (
              <Item
                key={column.id}
                column={column}
                isShown={columns.shown[column.id] ?? false}
                onShow={(isShown) => columns.show(column.id, isShown)}
                onMove={(by) => move(column.id, columns.order.indexOf(column.id) + by)}
              />
            ))}
          </ul>
        </SortableContext>
      </DndContext>
      <Button look="quiet" size="sm" onClick={columns.reset}>
        {t("table:resetColumns")}
      </Button>
    </div>
  );
}
