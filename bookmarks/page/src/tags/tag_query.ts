/** What finds the videos that have a tag. */
export function tagQuery(name: string) {
  return /[\s"]/.test(name) ? `tag:"${name.replaceAll('"', "")}"` : `tag:${name}`;
}
