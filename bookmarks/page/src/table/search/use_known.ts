import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { channelsQuery, listsQuery, tagsQuery } from "../../api/queries.ts";
import { useRoom } from "../room.ts";
import type { Known } from "./suggest.ts";

/** What a query can name, asked for once somebody begins to write one. */
export function useKnown(isWanted: boolean): Known {
  const { fields } = useRoom();
  const tags = useQuery({ ...tagsQuery, enabled: isWanted });
  const channels = useQuery({ ...channelsQuery, enabled: isWanted });
  const lists = useQuery({ ...listsQuery, enabled: isWanted });

  return useMemo(
    () => ({
      tags: (tags.data ?? []).map((tag) => tag.name),
      channels: [...new Set((channels.data ?? []).map((channel) => channel.name))],
      lists: (lists.data ?? []).map((list) => list.name),
      fields: fields ?? [],
    }),
    [tags.data, channels.data, lists.data, fields],
  );
}
