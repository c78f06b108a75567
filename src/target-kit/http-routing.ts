// Routes of a target's HTTP API as data, and how a path finds its route. Called by http-server.ts and
// read-body.ts.

import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './http-error.ts';

export interface ApiRequest {
  /** Values of the `:name` parts of the path, in order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON where the route reads JSON, a `Buffer` where it reads bytes, else `undefined`. */
  readonly body: unknown;
}

/** One of `body`, sent as JSON, `text` with its own content type, or `pieces`. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  /** Sent as they come; left early when the client goes away. */
  readonly pieces?: AsyncIterable<string>;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route reads: JSON, which may be left out where it is optional, or bytes of one of some content types. */
export type BodyRule =
  | { readonly kind: 'json'; readonly isOptional?: true }
  | { readonly kind: 'bytes'; readonly mostBytes: number; readonly types: readonly string[] };

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with `:name` for one part that varies. */
  readonly path: string;
  /** Throws a 401 unless the headers carry what the route asks for; called before the body is read. */
  readonly authorize?: (headers: IncomingHttpHeaders) => void;
  /** Counts against the rate limit. */
  readonly limited: boolean;
  /** JSON with POST and PUT, and nothing with other methods, when absent. */
  readonly reads?: BodyRule;
  run(request: ApiRequest): Reply | Promise<Reply>;
}

/**
 * The route for a method and a path without query; HEAD counts as GET. `onRoute` learns the pattern as soon
 * as the path is known. Throws a 404 for an unknown path, a 405 with `allow` for a wrong method.
 */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
  onRoute: (pattern: string) => void,
): { route: Route; params: readonly string[] } {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const allowed: string[] = [];
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    onRoute(route.path);
    if (route.method === wanted) return { route, params };
    allowed.push(...(route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]));
  }
  if (allowed.length === 0)
    throw new HttpError(404, 'not_found', `there is nothing at ${path.slice(0, 200)}`);
  const allow = allowed.join(', ');
  throw new HttpError(405, 'method_not_allowed', `${path} takes ${allow}`, { headers: { allow } });
}

function matchPath(pattern: string, path: string): readonly string[] | undefined {
  if (pattern === path) return [];
  const colonAt = pattern.indexOf(':');
  if (colonAt < 0 || !path.startsWith(pattern.slice(0, colonAt))) return undefined;
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: string[] = [];
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(':')) params.push(given[index]!);
    else if (part !== given[index]) return undefined;
  }
  return params;
}
