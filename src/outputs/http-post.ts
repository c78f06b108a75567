// One POST per batch, as the outputs over HTTP send theirs. A connection each: receivers close idle ones, and a batch
// every few seconds is not worth failing for that.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { maskText } from '../masking/mask.ts';
import { packageVersion } from '../model/version.ts';
import { Dialer } from '../network/dialer.ts';
import { ownConnection } from '../network/node-http.ts';
import { wallClock } from '../time/clock.ts';
import type { Attempt, Failure } from './delivery.ts';
import { basicAuth, type ReceiverUrl } from './receiver-url.ts';

interface PostOptions {
  readonly receiver: ReceiverUrl;
  /** By the format; `headers` of the definition come after. */
  readonly formatHeaders: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const longestReasonBytes = 512;
/** An answer longer than this is not read to its end. */
const longestAnswerBytes = 64 * 1024;

/**
 * Posts a batch's body. 2xx is success; 408, 429 and 5xx, and everything that happens to connections, may pass; all
 * other statuses are final. `Retry-After` is honoured, as seconds and as a date.
 */
export function createPost({ receiver, formatHeaders, headers = {} }: PostOptions): Attempt {
  const request = receiver.url.protocol === 'https:' ? httpsRequest : httpRequest;
  const secrets = [...receiver.secrets, ...secretHeaders(headers)];
  const auth = basicAuth(receiver);
  const own = {
    'user-agent': `plimsoll/${packageVersion}`,
    ...(auth === undefined ? {} : { authorization: auth }),
    ...formatHeaders,
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
  const dialer = new Dialer();
  return (batch, signal) =>
    new Promise<Failure | undefined>((resolve) => {
      const failed = (error: Error): void => {
        resolve({ reason: maskText(error.message || error.name, secrets), again: 'later' });
      };
      const sending = request(
        receiver.url,
        {
          method: 'POST',
          headers: { ...own, 'content-length': String(batch.body.length) },
          ...ownConnection(dialer, receiver.url, signal),
          signal,
        },
        (response) => {
          response.on('error', failed);
          readAnswer(response, (text) => resolve(judge(response, maskText(text, secrets))));
        },
      );
      sending.on('error', failed);
      sending.end(batch.body);
    });
}

/** Calls back at the end of the answer, or when it has been read far enough. */
function readAnswer(response: IncomingMessage, done: (text: string) => void): void {
  const start: Buffer[] = [];
  let bytes = 0;
  const textOf = (): string => Buffer.concat(start).subarray(0, longestReasonBytes).toString('utf8');
  response.on('data', (chunk: Buffer) => {
    if (bytes < longestReasonBytes) start.push(chunk);
    bytes += chunk.length;
    if (bytes <= longestAnswerBytes) return;
    done(textOf());
    response.destroy();
  });
  response.on('end', () => done(textOf()));
}

function judge(response: IncomingMessage, text: string): Failure | undefined {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return undefined;
  const said = text.replaceAll(/\s+/g, ' ').trim();
  const reason = `answered ${status}${said === '' ? '' : `: ${said.slice(0, 200)}`}`;
  if (status !== 408 && status !== 429 && status < 500) return { reason, again: 'never' };
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  return { reason, again: 'answered', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Ms to wait, from seconds or an HTTP date; `undefined` when it is neither. */
export function parseRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const atEpochMs = Date.parse(header);
  return Number.isNaN(atEpochMs) ? undefined : Math.max(0, atEpochMs - wallClock().getTime());
}

function secretHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => /auth|token|key|secret|cookie/i.test(name))
    .flatMap(([, value]) => [value, ...value.split(/\s+/)])
    .filter((secret) => secret.length >= 8);
}
