/* Which list this browser has used last: where an address from elsewhere goes, unless told otherwise. */
const key = "last-list";

export function keepLastList(listId: string) {
  localStorage.setItem(key, listId);
}

export function lastList() {
  return localStorage.getItem(key);
}
