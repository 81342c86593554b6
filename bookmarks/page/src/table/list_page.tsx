import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ErrorNote } from "barq-web/kit";
import { fieldsQuery, listQuery } from "../api/queries.ts";
import { Intake } from "./list/intake.tsx";
import { ListHeader } from "./list/list_header.tsx";
import { RoomView } from "./room_view.tsx";

const none: never[] = [];

export function ListPage() {
  const { listId } = useParams({ from: "/lists/$listId" });
  const list = useQuery(listQuery(listId));
  const fields = useQuery(fieldsQuery(listId));
  const error = list.error ?? fields.error;

  if (error) {
    return (
      <div className="p-6">
        <ErrorNote
          error={error}
          onRetry={() => {
            void list.refetch();
            void fields.refetch();
          }}
        />
      </div>
    );
  }
  return (
    <RoomView
      key={listId}
      listId={listId}
      fields={fields.data ?? none}
      header={
        <>
          <ListHeader listId={listId} list={list.data} />
          <Intake listId={listId} />
        </>
      }
    />
  );
}
