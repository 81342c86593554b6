/** What a server refused or could not do: an RFC 9457 problem. `detail` is for people, `code` for us. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: { pointer?: string; parameter?: string; detail: string }[] = [],
  ) {
    super(message);
  }

  /** "away" is ours: no answer came at all. */
  static away() {
    return new Problem(0, "away", "");
  }

  /** Of the answer's body, as far as it is one: a proxy in between speaks no JSON. */
  static of(status: number, body: unknown) {
    const said = (typeof body === "object" && body !== null ? body : {}) as {
      code?: string;
      detail?: string;
      title?: string;
      errors?: Problem["errors"];
    };
    return new Problem(
      status,
      said.code ?? "unknown",
      said.detail ?? said.title ?? String(status),
      said.errors,
    );
  }
}
