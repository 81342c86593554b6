import { makeApi } from "barq-web/kit";
import type { components, paths } from "./schema.ts";

/** Every call of /api/openapi.json, typed: `ask(api.GET("/api/lists"))`. */
export const api = makeApi<paths>();

export type Schemas = components["schemas"];
export type List = Schemas["List"];
export type Video = Schemas["Video"];
export type WholeVideo = Schemas["WholeVideo"];
export type Field = Schemas["Field"];
export type FieldType = Schemas["FieldType"];
export type Tag = Schemas["Tag"];
export type TagOfVideo = Schemas["TagOfVideo"];
export type Note = Schemas["Note"];
export type Channel = Schemas["Channel"];
export type Found = Schemas["Result"];
export type View = Schemas["View"];
export type Run = Schemas["Run"];
export type RunVideo = Schemas["RunVideo"];
export type Hold = Schemas["Hold"];
export type Subscription = Schemas["Subscription"];
export type ServerEvent = Schemas["Event"];
