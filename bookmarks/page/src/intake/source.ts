/** One text, or one file, that says which videos are meant. */
export type Source = { name: string; body: string | File };

/** What the API takes as JSON; more goes as a file does. */
const TEXT_MAX_BYTES = 1024 * 1024;

/** The browser tells a page that files are dragged, never which, until they are dropped. */
export function hasSources(data: DataTransfer) {
  return data.types.includes("Files") || data.types.includes("text/uri-list");
}

export function sourcesOfFiles(files: Iterable<File>): Source[] {
  return [...files].map((file) => ({ name: file.name, body: file }));
}

/** Of a drop, or of what is pasted. */
export function sourcesOf(data: DataTransfer): Source[] {
  if (data.files.length > 0) {
    return sourcesOfFiles(data.files);
  }
  const text = data.getData("text/uri-list") || data.getData("text/plain");
  return text.trim() === "" ? [] : [{ name: "", body: text }];
}

/** As it is sent: with its type. */
export function packed(source: Source): { type: string; body: XMLHttpRequestBodyInit } {
  return typeof source.body === "string" && source.body.length < TEXT_MAX_BYTES / 4
    ? { type: "application/json", body: JSON.stringify({ text: source.body }) }
    : { type: "application/octet-stream", body: source.body };
}

/** A list that is made for a file is called like it. */
export function listNameOf(sources: Source[]) {
  const name = sources[0]?.name.replace(/\.[^.]{1,8}$/, "").trim();
  return name === "" ? undefined : name;
}
