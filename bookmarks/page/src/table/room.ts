import { createContext, useContext } from "react";
import type { Field } from "../api/client.ts";
import type { Look } from "../routes.tsx";
import type { Columns } from "./columns/use_columns.ts";
import type { Focus } from "./grid/use_focus.ts";
import type { Rows } from "./rows/use_rows.ts";
import type { Selection } from "./selection/use_selection.ts";

/** What the parts of one table of videos share: the table, its toolbar, its cards, its keys. */
export type Room = {
  listId: string | undefined;
  fields: Field[] | undefined;
  look: Look;
  setLook: (change: Partial<Look>, options?: { replace?: boolean }) => void;
  rows: Rows;
  columns: Columns;
  selection: Selection;
  focus: Focus;
};

export const RoomContext = createContext<Room | undefined>(undefined);

export function useRoom() {
  const room = useContext(RoomContext);
  if (!room) {
    throw new Error("outside of a room");
  }
  return room;
}
