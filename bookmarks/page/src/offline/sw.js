/*
 * The service worker: the page opens when its server does not answer, and says so. It keeps what the page
 * is made of and nothing else; what the API says is never kept. The build writes FILES and VERSION into it,
 * so another build is another worker, which the browser takes by itself.
 */
const FILES = [];
const VERSION = "";
const NAME = `shell-${VERSION}`;

/* The shell before this one stays: a tab that was opened with it may still ask for a part of it. */
const KEPT = 2;

/** A path below where the page is: "lists/1" of /sub/path/lists/1. */
function pathOf(url) {
  return url.startsWith(registration.scope)
    ? new URL(url).pathname.slice(scopeLength())
    : undefined;
}

function scopeLength() {
  return new URL(registration.scope).pathname.length;
}

async function fill() {
  const cache = await caches.open(NAME);
  await cache.addAll([".", ...FILES].map((file) => new Request(file, { cache: "no-cache" })));
}

async function forgetOlder() {
  const shells = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== NAME);
  await Promise.all(shells.slice(0, shells.length + 1 - KEPT).map((name) => caches.delete(name)));
}

async function shell() {
  const cache = await caches.open(NAME);
  return (await cache.match(".")) ?? Response.error();
}

/** From the server, whose page is the newest; a proxy in front of one that is away answers for it. */
async function open(request) {
  try {
    const answer = await fetch(request);
    return answer.status >= 502 && answer.status <= 504 ? await shell() : answer;
  } catch {
    return shell();
  }
}

async function part(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(fill());
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = pathOf(request.url);

  if (request.method !== "GET" || path === undefined || /^(queue\/)?(api|docs)(\/|$)/.test(path)) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(open(request));
  } else if (path.startsWith("assets/")) {
    event.respondWith(part(request));
  }
});
