import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
} from "@tanstack/react-router";
import * as v from "valibot";
import { Home } from "./shell/home.tsx";
import { Layout } from "./shell/layout.tsx";
import { NotFound } from "./shell/not_found.tsx";

/*
 * The addresses of the page. What a person sees is in the address, so that it can be kept, sent and
 * gone back to: which list, what is searched and sorted, which video is open beside it.
 */
const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Layout,
  notFoundComponent: NotFound,
});

/** How a table of videos is looked at. */
export const lookSchema = v.object({
  q: v.fallback(v.optional(v.string()), undefined),
  sort: v.fallback(v.optional(v.string()), undefined),
  view: v.fallback(v.optional(v.string()), undefined),
  layout: v.fallback(v.optional(v.picklist(["table", "cards"])), undefined),
  video: v.fallback(v.optional(v.string()), undefined),
  /** Seconds, where the open video is to begin. */
  at: v.fallback(v.optional(v.pipe(v.number(), v.finite())), undefined),
});
export type Look = v.InferOutput<typeof lookSchema>;

/* Whoever shares a page may send its text and its address: then there are two. */
const addedSchema = v.pipe(
  v.union([v.string(), v.number(), v.array(v.union([v.string(), v.number()]))]),
  v.transform((added) => [added].flat().join(" ")),
);

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  /** An address that a bookmarklet, or another program, wants to be added. */
  validateSearch: v.object({ add: v.fallback(v.optional(addedSchema), undefined) }),
  component: Home,
});

const list = createRoute({
  getParentRoute: () => root,
  path: "/lists/$listId",
  validateSearch: lookSchema,
  component: lazyRouteComponent(() => import("./table/list_page.tsx"), "ListPage"),
});

const videos = createRoute({
  getParentRoute: () => root,
  path: "/videos",
  validateSearch: lookSchema,
  component: lazyRouteComponent(() => import("./table/videos_page.tsx"), "VideosPage"),
});

const fields = createRoute({
  getParentRoute: () => root,
  path: "/lists/$listId/fields",
  component: lazyRouteComponent(() => import("./schema/fields_page.tsx"), "FieldsPage"),
});

const statistics = createRoute({
  getParentRoute: () => root,
  path: "/lists/$listId/statistics",
  component: lazyRouteComponent(() => import("./statistics/statistics_page.tsx"), "StatisticsPage"),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => import("./runs/runs_page.tsx"), "RunsPage"),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  component: lazyRouteComponent(() => import("./runs/run_page.tsx"), "RunPage"),
});

const tags = createRoute({
  getParentRoute: () => root,
  path: "/tags",
  component: lazyRouteComponent(() => import("./tags/tags_page.tsx"), "TagsPage"),
});

const channels = createRoute({
  getParentRoute: () => root,
  path: "/channels",
  component: lazyRouteComponent(() => import("./channels/channels_page.tsx"), "ChannelsPage"),
});

const subscriptions = createRoute({
  getParentRoute: () => root,
  path: "/subscriptions",
  component: lazyRouteComponent(
    () => import("./subscriptions/subscriptions_page.tsx"),
    "SubscriptionsPage",
  ),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/settings_page.tsx"), "SettingsPage"),
});

const queue = createRoute({
  getParentRoute: () => root,
  path: "/queue",
  validateSearch: v.record(v.string(), v.unknown()),
  component: lazyRouteComponent(() => import("./queue/queue_page.tsx"), "QueuePage"),
});

export const routeTree = root.addChildren([
  home,
  list,
  videos,
  fields,
  statistics,
  runs,
  run,
  tags,
  channels,
  subscriptions,
  settings,
  queue,
]);
