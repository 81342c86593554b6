/*
 * A video with everything, as an export of ours has it: what comes back is all there, so a test need not
 * wait for YouTube and a model to say it.
 */
export const youtubeId = "jNQXAC9IVRw";

const at = "2026-01-02T03:04:05.000Z";
const minutes = 40;

/* A line every five seconds; every tenth is of whales. */
const cues = Array.from({ length: (minutes * 60) / 5 }, (_, index) => [
  index * 5000,
  index * 5000 + 4900,
  index % 10 === 3 ? `Here are Wählen and whales, part ${index}` : `This is line ${index}`,
]);

const model = { source: "model", model: "gemini-2.5-flash", model_version: "gemini-2.5-flash-001" };

const fields = [
  {
    name: "level",
    label: "Level",
    type: "select",
    options: ["beginner", "advanced"],
    required: true,
  },
  { name: "topics", label: "Topics", type: "multi-select" },
  { name: "rating", label: "My rating", type: "rating", max: 5 },
  { name: "takeaway", label: "Takeaway", type: "text", max_length: 40 },
  { name: "year", label: "Year", type: "number", min: 1900, max: 2100 },
  { name: "setup", label: "Setup time", type: "duration" },
  { name: "live", label: "Hands-on", type: "boolean" },
  { name: "recorded", label: "Recorded", type: "date" },
  { name: "slides", label: "Slides", type: "link" },
].map((field, index) => ({
  required: false,
  options: [],
  show_on_card: false,
  position: index + 1,
  created_at: at,
  updated_at: at,
  ...field,
}));

export function wholeExport(
  title: string,
  more: object = {},
  channel = { id: `UC${"z".repeat(22)}`, name: "Zoo" },
) {
  return JSON.stringify({
    format: "bookmarks",
    version: 1,
    list: { name: "ignored" },
    fields,
    videos: [
      {
        url: `https://www.youtube.com/watch?v=${youtubeId}`,
        status: "completed",
        title,
        channel: channel.name,
        channel_id: channel.id,
        channel_row: [{ ...channel, is_hidden: false, created_at: at, updated_at: at }],
        duration_seconds: minutes * 60,
        published: "2005-04-24T03:31:52.000Z",
        language: "en",
        youtube_tags: ["elephants", "trunks"],
        description:
          "0:00 Start\n1:30 The trunks\n20:00 The end\n\nMore at https://zoo.example/trunks.",
        view_count: 1234567,
        like_count: 4321,
        is_embeddable: true,
        availability: "available",
        metadata_origin: "api",
        metadata_at: at,
        fields: {
          level: {
            value: "beginner",
            ...model,
            evidence_at_seconds: 65,
            evidence_quote: "line 13",
            updated_at: at,
          },
          year: { value: 2005, source: "rule", updated_at: at },
        },
        chapters: [
          { start_seconds: 0, title: "Start", source: "description" },
          { start_seconds: 90, title: "The trunks", source: "description" },
          { start_seconds: 1200, title: "The end", source: "description" },
        ],
        transcripts: [{ language: "en", source: "player", is_auto: false, fetched_at: at, cues }],
        created_at: at,
        updated_at: at,
        ...more,
      },
    ],
  });
}
