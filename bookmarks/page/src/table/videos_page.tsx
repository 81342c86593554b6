import { useTranslation } from "react-i18next";
import { Intake } from "./list/intake.tsx";
import { RoomView } from "./room_view.tsx";

/** Everything, over all lists. */
export function VideosPage() {
  const { t } = useTranslation();

  return (
    <RoomView
      listId={undefined}
      fields={undefined}
      header={
        <>
          <h1 className="truncate px-4 pt-3 pb-1 font-semibold text-lg">{t("nav:videos")}</h1>
          <Intake listId={null} />
        </>
      }
    />
  );
}
