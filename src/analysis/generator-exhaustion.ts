// Requests that failed because the generator's own machine had nothing left to make them with: no descriptor, no
// port, no memory. They say nothing about the target. Used by the generator's health and findings.

import type { ErrorGroup } from '../model/error-group.ts';
import { formatCount } from '../text/format-figure.ts';
import { explainErrorCode } from './error-advice.ts';

const resources: Readonly<Record<string, string>> = {
  EMFILE: 'had no file descriptor left',
  ENFILE: 'found no file descriptor left on its machine',
  EADDRNOTAVAIL: 'could not get a local address and port',
  EADDRINUSE: 'could not get a local address and port',
  ENOBUFS: 'had no memory left for sockets',
  ENOMEM: 'had no memory left for sockets',
  body_memory_exceeded: 'had no memory left for the bodies of responses',
};

/** Requests that failed for want of something of the generator's own, by code, most frequent first. */
function exhaustions(errors: readonly ErrorGroup[]): { code: string; count: number; message: string }[] {
  const byCode = new Map<string, { code: string; count: number; message: string }>();
  for (const { code, count, message, source } of errors) {
    if (source !== 'request' || !Object.hasOwn(resources, code) || count === 0) continue;
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, { code, count, message });
    else known.count += count;
  }
  return [...byCode.values()].sort((a, b) => b.count - a.count);
}

/** One sentence per code. A single such failure counts: it looks like one of the target, and is none. */
export function exhaustionReasons(errors: readonly ErrorGroup[]): string[] {
  return exhaustions(errors).map(
    ({ code, count, message }) =>
      `The generator ${resources[code]}, so ${formatCount(count, 'request')} could not be made (${code}; first message: ${plain(message)}).`,
  );
}

/** What to do about the most frequent one; `undefined` when there was none. */
export function exhaustionAdvice(errors: readonly ErrorGroup[]): string | undefined {
  const [first] = exhaustions(errors);
  return first === undefined ? undefined : explainErrorCode(first.code)?.advice;
}

/** Without what Node adds about a local side that there is none of. */
function plain(message: string): string {
  return message.replace(' - Local (undefined:undefined)', '');
}
