// Addresses of suites without code that come from the environment: `${env.NAME}` and `${env.NAME:-default}` in `baseUrl` and
// `url`. Called by suite.ts when a YAML suite is loaded; what users send has templates of its own, see template.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path } from './mistake.ts';

const placeholder = /\$\{env\.([^}:\s]+)(?::-([^}]*))?\}/g;
const addressKeys: ReadonlySet<string> = new Set(['baseUrl', 'url']);

interface Filled {
  readonly value: unknown;
  /** One for each variable that is not set and has no default. */
  readonly mistakes: readonly Mistake[];
}

/**
 * The suite with its addresses filled in. A variable that is empty counts as not set. An address that nothing is left of is
 * left out, so that a default may be empty: `url: ${env.REDIS_URL:-}`. Requests of users stay as they are.
 */
export function fillAddresses(suite: unknown, env: NodeJS.ProcessEnv): Filled {
  const mistakes: Mistake[] = [];

  const fill = (text: string, path: Path): string =>
    text.replaceAll(placeholder, (whole, name: string, fallback: string | undefined) => {
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      if (fallback !== undefined) return fallback;
      const expected = `the environment variable ${name} to be set, or a default such as \${env.${name}:-http://127.0.0.1:8000}`;
      mistakes.push({ ...mistakeAt(path, expected), found: 'not set' });
      return whole;
    });

  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((one, i) => walk(one, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
      if (path.length === 0 && key === 'users') return [[key, one]];
      const at = [...path, key];
      if (typeof one !== 'string' || !addressKeys.has(key)) return [[key, walk(one, at)]];
      const filled = fill(one, at);
      return filled === '' && one !== '' ? [] : [[key, filled]];
    });
    return Object.fromEntries(entries);
  };

  const value = walk(suite, []);
  return { value, mistakes };
}
