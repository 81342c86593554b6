import { Ago, IconButton } from "barq-web/kit";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Note, WholeVideo } from "../../api/client.ts";
import { MomentLink } from "../moment_link.tsx";
import { useMoment } from "../player/playback.ts";
import { NoteForm } from "./note_form.tsx";
import { useNotes } from "./use_notes.ts";

function OneNote({ note, notes }: { note: Note; notes: ReturnType<typeof useNotes> }) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);

  if (isEditing) {
    return (
      <li className="px-4 py-3">
        <NoteForm
          text={note.text}
          at={note.at_seconds ?? undefined}
          isTimed={note.at_seconds !== null}
          onSave={(text, at_seconds) => {
            setEditing(false);
            notes.change.mutate({ id: note.id, text, at_seconds });
          }}
          onCancel={() => setEditing(false)}
        />
      </li>
    );
  }
  return (
    <li className="group px-4 py-2.5">
      <div className="flex min-h-7 items-center gap-2 text-muted text-xs">
        {note.at_seconds !== null && (
          <MomentLink seconds={note.at_seconds} className="-ml-1 px-1 text-[13px]" />
        )}
        <Ago at={note.updated_at} />
        <span className="flex-1" />
        <span className="-mr-2 flex">
          <IconButton label={t("detail:notes.edit")} size="sm" onClick={() => setEditing(true)}>
            <Pencil className="!size-3.5" />
          </IconButton>
          <IconButton label={t("detail:notes.delete")} size="sm" onClick={() => notes.remove(note)}>
            <Trash2 className="!size-3.5" />
          </IconButton>
        </span>
      </div>
      <p className="whitespace-pre-wrap break-words">{note.text}</p>
    </li>
  );
}

export function NotesTab({ video }: { video: WholeVideo }) {
  const { t } = useTranslation();
  const notes = useNotes(video);
  /* Whole seconds are enough, and a form that is drawn four times a second is not needed. */
  const at = useMoment((moment) => (moment.isStarted ? Math.floor(moment.seconds) : undefined));

  return (
    <div>
      <div className="border-b px-4 py-3">
        <NoteForm
          at={at}
          isTimed
          isBusy={notes.add.isPending}
          onSave={(text, at_seconds) => notes.add.mutate({ text, at_seconds })}
        />
      </div>
      {video.notes.length > 0 ? (
        <ul className="divide-y">
          {video.notes.map((note) => (
            <OneNote key={note.id} note={note} notes={notes} />
          ))}
        </ul>
      ) : (
        <p className="px-4 py-6 text-center text-muted">{t("detail:notes.none")}</p>
      )}
    </div>
  );
}
