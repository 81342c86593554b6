import { Problem } from "barq-web/kit";
import { packed, type Source } from "./source.ts";

export type Progress = { sent: number; total: number };

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A POST that tells how far it is, which fetch() cannot. */
export function send<Answer>(
  path: string,
  source: Source,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const { type, body } = packed(source);

    request.open("POST", new URL(path, document.baseURI));
    request.setRequestHeader("Content-Type", type);
    request.upload.onprogress = ({ loaded, total }) => onProgress({ sent: loaded, total });
    request.onload = () => {
      const answer = read(request.responseText);
      if (request.status >= 200 && request.status < 300) {
        resolve(answer as Answer);
      } else {
        reject(Problem.of(request.status, answer));
      }
    };
    request.onerror = () => reject(Problem.away());
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) {
      request.onabort(new ProgressEvent("abort"));
    } else {
      request.send(body);
    }
  });
}
