// URLs, resolved once: which host to connect to, what stands in the request line, what the series is called.

import { knownSecrets } from '../../masking/known-secrets.ts';
import { UsageError } from '../../model/errors.ts';
import { authorizationOfUrl } from './credentials.ts';
import { templateOf } from './name-template.ts';
import { type Route, Routes } from './route.ts';

/** A scheme, host and port: what a connection belongs to. One object per origin and worker. */
export interface Origin {
  readonly key: string;
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Where its connections go. */
  readonly route: Route;
  /** Value of the `host` header. */
  readonly hostHeader: string;
}

/** A URL as a request needs it. */
export interface Target {
  readonly origin: Origin;
  /** Path and query as they stand in the request line. */
  readonly path: string;
  /** Default series name: the path without its query, its ids replaced. */
  readonly name: string;
  /** Without user, password and fragment. */
  readonly href: string;
  /** Basic credentials of the URL's user and password; `null` when it has none. */
  readonly authorization: string | null;
}

/** Dynamic URLs would fill the cache without end, so it starts anew when full. */
const maxCachedTargets = 5000;
/** What may stand in a request line as it is; anything else goes through the URL parser. */
const plainPath = /^\/[\w\-.~!$&'()*+,;=:@%/?[\]]*$/;

/** Resolves URLs against the suite's base URL and remembers the results. */
export class TargetResolver {
  readonly #origins = new Map<string, Origin>();
  #targets = new Map<string, Target>();
  readonly #base: Target | undefined;

  readonly #routes: Routes;
  readonly #basePath: string = '';
  readonly #nameOf: (path: string) => string;

  /** Throws a `UsageError` when `baseUrl` is not an absolute http or https URL. */
  constructor(
    baseUrl: string | undefined,
    nameFromPath: 'template' | 'path' = 'template',
    routes: Routes = new Routes(),
  ) {
    this.#routes = routes;
    this.#nameOf = nameFromPath === 'template' ? templateOf : (path) => path;
    if (baseUrl === undefined) return;
    this.#base = this.#fromUrl(baseUrl, `base URL "${shown(baseUrl)}"`);
    this.#basePath = this.#base.path.replace(/\?.*$/, '').replace(/\/$/, '');
  }

  /**
   * A path starting with `/` is appended to the base URL (whose own path stays in front); anything else must
   * be an absolute URL. Throws a `TypeError` that says what is wrong with it.
   */
  resolve(url: string): Target {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    const target = this.#parse(url);
    if (this.#targets.size >= maxCachedTargets) this.#targets = new Map();
    this.#targets.set(url, target);
    return target;
  }

  #parse(url: string): Target {
    if (typeof url !== 'string') throw new TypeError(`a URL must be text, got ${typeof url}`);
    if (!url.startsWith('/')) return this.#fromUrl(url, `URL "${shown(url)}"`);
    const base = this.#base;
    if (base === undefined) {
      throw new TypeError(`"${url}" is a path, but the suite has no baseUrl (set it, or pass --base-url)`);
    }
    const path = this.#basePath + url;
    const { authorization } = base;
    if (!plainPath.test(path)) {
      return { ...this.#fromUrl(base.origin.key + path, `URL "${url}"`), authorization };
    }
    const question = path.indexOf('?');
    const name = this.#nameOf(question < 0 ? path : path.slice(0, question));
    return { origin: base.origin, path, name, href: base.origin.key + path, authorization };
  }

  #fromUrl(text: string, what: string): Target {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      throw new UsageError(`${what} is not a URL such as "http://127.0.0.1:8000"`);
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:' && url.protocol !== 'http+unix:') {
      throw new UsageError(`${what} has the scheme "${url.protocol}"; expected http: or https:`);
    }
    const origin = this.#origin(url);
    const authorization = authorizationOfUrl(url);
    if (authorization !== null) knownSecrets.learnUrl(text);
    return {
      origin,
      path: url.pathname + url.search,
      name: this.#nameOf(url.pathname),
      href: origin.key + url.pathname + url.search,
      authorization,
    };
  }

  #origin(url: URL): Origin {
    // The path of a unix socket stands, percent-encoded, where other URLs have the host.
    const socketPath = url.protocol === 'http+unix:' ? decodeURIComponent(url.host) : null;
    const key = `${url.protocol}//${url.host}`;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const secure = url.protocol === 'https:';
    const hostname =
      socketPath !== null
        ? 'localhost'
        : url.hostname.startsWith('[')
          ? url.hostname.slice(1, -1)
          : url.hostname;
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const origin: Origin = {
      key,
      secure,
      hostname,
      port,
      route: this.#routes.routeTo(secure, hostname, port, socketPath),
      hostHeader: socketPath === null ? url.host : hostname,
    };
    this.#origins.set(key, origin);
    return origin;
  }
}

/** For messages: without the password. */
function shown(url: string): string {
  return url.replace(/(:\/\/[^\s:/@]*:)[^\s/]*@/, '$1***@');
}
