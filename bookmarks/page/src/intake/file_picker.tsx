import { type ReactNode, useRef } from "react";
import { type Source, sourcesOfFiles } from "./source.ts";

const kinds = ".csv,.txt,.json,.html,.htm,.zip,.db,.url,.webloc";

/** The browser's own dialog for files, several at once; `input` is to be rendered. */
export function useFilePicker(take: (sources: Source[]) => void): {
  open: () => void;
  input: ReactNode;
} {
  const input = useRef<HTMLInputElement>(null);

  return {
    open: () => input.current?.click(),
    input: (
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={kinds}
        onChange={(event) => {
          take(sourcesOfFiles(event.target.files ?? []));
          event.target.value = "";
        }}
      />
    ),
  };
}
