import { Tabs } from "barq-web/kit";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WholeVideo } from "../../api/client.ts";
import { AboutTab } from "../about/about_tab.tsx";
import { DescriptionTab } from "../description/description_tab.tsx";
import { FieldsTab } from "../fields/fields_tab.tsx";
import { NotesTab } from "../notes/notes_tab.tsx";
import { TranscriptTab } from "../transcript/transcript_tab.tsx";
import type { useChange } from "../use_change.ts";

function Counted({ text, count }: { text: string; count: number }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      {text}
      {count > 0 && (
        <span className="rounded-full bg-sunken px-1.5 text-muted text-xs tabular-nums">
          {count}
        </span>
      )}
    </span>
  );
}

/* The one that was open last is open for the next video, too. */
let last = "fields";

export function DetailTabs({
  video,
  change,
}: {
  video: WholeVideo;
  change: ReturnType<typeof useChange>;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(last);

  return (
    <Tabs
      value={open}
      onChange={(tab) => {
        last = tab;
        setOpen(tab);
      }}
      label={t("detail:tabs.name")}
      className="min-h-96 flex-1 [&_[role=tablist]]:px-5 [&>[role=tabpanel]]:overflow-y-auto"
      tabs={[
        {
          value: "fields",
          label: t("detail:tabs.fields"),
          content: <FieldsTab video={video} onSet={change.setValue} />,
        },
        {
          value: "transcript",
          label: t("detail:tabs.transcript"),
          content: <TranscriptTab videoId={video.id} />,
        },
        {
          value: "notes",
          label: <Counted text={t("detail:tabs.notes")} count={video.notes.length} />,
          content: <NotesTab video={video} />,
        },
        {
          value: "description",
          label: t("detail:tabs.description"),
          content: <DescriptionTab video={video} />,
        },
        { value: "about", label: t("detail:tabs.about"), content: <AboutTab video={video} /> },
      ]}
    />
  );
}
