import { useQuery } from "@tanstack/react-query";
import { ask, Empty, ErrorNote } from "barq-web/kit";
import { Captions } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client.ts";
import { Chapters } from "./chapters.tsx";
import { CueList } from "./cue_list.tsx";
import { SearchBar } from "./search_bar.tsx";
import { useHits } from "./use_hits.ts";

/* Below ["video", id], so that what makes the video old makes this old, too. */
function useTranscript(videoId: string, transcriptId: string | undefined) {
  return useQuery({
    queryKey: ["video", videoId, "transcript", transcriptId],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/videos/{id}/transcript", {
          params: { path: { id: videoId }, query: { transcript_id: transcriptId } },
          signal,
        }),
      ),
  });
}

export function TranscriptTab({ videoId }: { videoId: string }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>();
  const transcript = useTranscript(videoId, chosen);
  const search = useHits(transcript.data?.cues);

  if (transcript.error) {
    return (
      <div className="p-4">
        <ErrorNote error={transcript.error} onRetry={() => transcript.refetch()} />
      </div>
    );
  }
  if (!transcript.data) {
    return null;
  }
  const { cues, chapters, transcripts, transcript_id } = transcript.data;
  return (
    <div className="flex h-full flex-col">
      {cues.length > 0 && (
        <SearchBar
          search={search}
          cues={cues}
          transcripts={transcripts}
          chosen={transcript_id ?? undefined}
          onChoose={setChosen}
        />
      )}
      {chapters.length > 0 && <Chapters chapters={chapters} isOpen={cues.length === 0} />}
      {cues.length > 0 ? (
        <CueList cues={cues} words={search.words} hit={search.hit} />
      ) : (
        <Empty icon={<Captions />} title={t("detail:transcript.none")}>
          {t("detail:transcript.noneText")}
        </Empty>
      )}
    </div>
  );
}
