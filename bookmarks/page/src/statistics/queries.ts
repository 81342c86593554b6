import type { Schemas } from "../api/client.ts";

export type Statistics = Schemas["Statistics"];
export type FieldStatistics = Schemas["FieldStatistics"];
export type OptionsDistribution = Schemas["OptionsDistribution"];
export type RangeDistribution = Schemas["RangeDistribution"];
export type Bucket = RangeDistribution["buckets"][number];

function quoted(value: string) {
  return /^[\w.-]+$/.test(value) ? value : `"${value.replaceAll('"', "")}"`;
}

/** What finds the videos that a bar stands for: the operators are those of docs/bookmarks.md, "Finding". */
export function optionQuery(field: string, option: string | boolean) {
  return `field:${field}=${quoted(String(option))}`;
}

/** The last bucket has its end within it; so has the mark of a rating, which is its beginning. */
export function bucketQuery(field: string, bucket: Bucket, isLast: boolean) {
  const from = `field:${field}>=${bucket.from}`;

  return isLast ? from : `${from} field:${field}<${bucket.to}`;
}

export function emptyQuery(field: string) {
  return `-field:${field}`;
}

export function channelQuery(id: string) {
  return `channel:${quoted(id)}`;
}
