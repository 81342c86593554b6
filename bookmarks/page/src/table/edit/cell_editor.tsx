import { onDemand, useOnDemand } from "barq-web/kit";
import { useCallback } from "react";
import type { Video } from "../../api/client.ts";
import type { Column } from "../columns/columns.ts";
import type { Leave } from "./in_cell.tsx";
import type { Edits } from "./use_edits.ts";
import { useTypedAhead } from "./use_typed_ahead.ts";

const code = onDemand(() => import("./editor.tsx"));

export type CellEditorProps = { video: Video; column: Column; edits: Edits; onLeave: Leave };

/** The editor of a cell, once its code is there. */
export function CellEditor(props: CellEditorProps) {
  const { onLeave } = props;
  const leave = useCallback(() => onLeave(), [onLeave]);
  const had = useOnDemand(code, true, leave);

  useTypedAhead(had !== undefined, leave);

  return had && <had.Editor {...props} />;
}

/** For when a row has been reached: who edits begins to type at once. */
export function fetchEditor() {
  code.fetch().catch(() => undefined);
}
