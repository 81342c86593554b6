/** Once up, once down, then as it was. */
export function nextSort(now: string | undefined, by: string) {
  return now === by ? `-${by}` : now === `-${by}` ? undefined : by;
}
