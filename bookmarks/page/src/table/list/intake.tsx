import { lazy, Suspense } from "react";

const AddBox = lazy(() =>
  import("../../intake/add_box.tsx").then((all) => ({ default: all.AddBox })),
);

/** The box that takes anything; its place is there before it is. */
export function Intake({ listId }: { listId: string | null }) {
  return (
    <div className="min-h-10 px-4 pb-1">
      <Suspense>
        <AddBox listId={listId} />
      </Suspense>
    </div>
  );
}
