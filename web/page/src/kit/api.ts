import createClient, { type Client } from "openapi-fetch";
import { Problem } from "./problem.ts";

/** Where the page is, as the server has said in <base>: "/" or "/sub/path/". */
export const basePath = new URL(document.baseURI).pathname;

/** A client for the calls of `Paths`, which are made from an OpenAPI document. */
export function makeApi<Paths extends object>(below = ""): Client<Paths> {
  return createClient<Paths>({
    baseUrl: new URL(below, document.baseURI).href.replace(/\/$/, ""),
    fetch: async (request) => {
      try {
        return await fetch(request);
      } catch (error) {
        if (error instanceof DOMException && error.name === "AbortError") {
          throw error;
        }
        throw Problem.away();
      }
    },
  });
}

/** The answer's data; what was refused is thrown as a Problem. */
export async function ask<Data>(
  call: Promise<{ data?: Data; response: Response; error?: unknown }>,
): Promise<Data> {
  const { data, response, error } = await call;

  if (!response.ok) {
    throw Problem.of(response.status, error);
  }
  return data as Data;
}
