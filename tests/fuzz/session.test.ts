// Thousands of damaged responses through real sockets and sessions. Each response carries the token of its
// request, so bytes that reach another request show. PLIMSOLL_FUZZ_SEED and PLIMSOLL_FUZZ_COUNT change what is tried.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HttpResponse } from '../../src/model/context.ts';
import type { Meter } from '../../src/model/metric.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { Cookies } from '../../src/protocols/http/cookies.ts';
import { parse, piecesOf } from '../../src/protocols/http/response-parser.cases.ts';
import { HttpRuntime } from '../../src/protocols/http/runtime.ts';
import type { Transport } from '../../src/protocols/http/transport.ts';
import { UserHttp } from '../../src/protocols/http/user-http.ts';
import { Scope } from '../../src/protocols/scope.ts';
import { delay } from '../../src/time/timer.ts';
import { type DamagingServer, startDamagingServer } from './damaging-server.ts';
import {
  fuzzCount,
  fuzzSeed,
  maxResponseBytes,
  responses,
  tokenOf,
  tokensIn,
  writeResponse,
} from './mutations.ts';
import { readResponse } from './reference-parser.ts';

const requestCount = Math.ceil(fuzzCount / 125);
const sessionCount = 80;
/** Damage often leaves the client waiting for bytes that never come. */
const timeoutMs = 400;

/** Knows which connections are open: the register that must be empty in the end. */
class WatchedRuntime extends HttpRuntime {
  readonly open = new Set<Transport>();
  override opened(connection: Transport): void {
    this.open.add(connection);
    super.opened(connection);
  }
  override closed(connection: Transport): void {
    this.open.delete(connection);
    super.closed(connection);
  }
}

/** Nobody reads what is measured here. */
const noMeter: Meter = {
  trend: () => ({ add() {} }),
  counter: () => ({ add() {} }),
  rate: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  define() {},
  cutOff() {},
  cutCount: 0,
  has: () => true,
  isFull: false,
};

let server: DamagingServer;
let runtime: WatchedRuntime;
let sessions: UserHttp[];
beforeEach(async () => {
  server = await startDamagingServer(fuzzSeed);
  const { http } = makePlan(
    {
      name: 'fuzz',
      baseUrl: server.url,
      // Damaged redirects may lead anywhere, so none is followed.
      http: { timeout: timeoutMs, redirects: 0, connectionsPerHost: 2 },
      users: { user: { tasks: { go: { run: () => {} } } } },
      profiles: { p: { executor: 'constant-vus', vus: 1, duration: '1s' } },
    },
    'p',
    { workers: 1, seed: 1, environment: 'local' },
  );
  runtime = new WatchedRuntime({ baseUrl: server.url, plan: http, userAgent: 'fuzz', onFailure() {} });
  const scope = new Scope(noMeter, {}, () => {});
  sessions = Array.from(
    { length: sessionCount },
    () => new UserHttp(runtime, { scope, takeScheduledAtMs: () => -1 }, new Cookies()),
  );
});
afterEach(() => server.close());

/** What is wrong with how request `number` ended; `undefined` when nothing is. */
function mistakeIn(
  number: number,
  response: HttpResponse,
  numberOf: ReadonlyMap<string, number>,
): string | undefined {
  const sent = server.sent.get(number);
  if (response.error !== null) {
    // A slow machine may let a request run into the timeout; nothing else may go wrong without damage.
    const excused = sent === undefined || !sent.onSoundConnection || response.error.code === 'timeout';
    return excused ? undefined : `failed without damage: ${response.error.code} ${response.error.message}`;
  }
  const content = `${JSON.stringify(response.headers)} ${response.text()}`;
  const stranger = tokensIn(content).find((token) => (numberOf.get(token) ?? number) !== number);
  if (stranger !== undefined) return `holds bytes of the response to request ${numberOf.get(stranger)}`;
  if (sent === undefined) return 'answered by nobody';
  if (sent.damaged) return undefined;
  const truth = readResponse(sent.bytes.toString('latin1'), false)!;
  const same = response.status === truth.status && response.text() === truth.body;
  return same ? undefined : `is ${response.status} ${JSON.stringify(response.text())}`;
}

// A byte too many would be left on the connection, and be read as the beginning of the next answer.
test.each(responses.map((template, number) => ({ template, number })))(
  'undamaged response $number is read to its last byte, and no further',
  ({ template, number }) => {
    const bytes = Buffer.alloc(maxResponseBytes);
    const length = writeResponse(template, tokenOf(number), bytes);
    const text = bytes.toString('latin1', 0, length);
    expect(readResponse(text, false)).toMatchObject({ byteCount: length });
    for (const size of [1, 7, length]) {
      const parsed = parse(text, { pieces: piecesOf(text, size) });
      expect(parsed).toMatchObject({ complete: true, leftover: '' });
      expect(parsed.body ?? '').toBe(readResponse(text, false)!.body);
    }
  },
);

test(`${requestCount} responses over ${sessionCount} sessions`, { timeout: 120_000 }, async () => {
  const numberOf = new Map(Array.from({ length: requestCount }, (_, number) => [tokenOf(number), number]));
  const mistakes: string[] = [];
  let next = 0;
  let answeredCount = 0;
  let soundCount = 0;

  const ask = async (session: UserHttp, number: number): Promise<void> => {
    const response = await session.get(`/${number}`);
    if (response.error === null) answeredCount++;
    if (response.error === null && server.sent.get(number)?.damaged === false) soundCount++;
    const mistake = mistakeIn(number, response, numberOf);
    const bytes = JSON.stringify(server.sent.get(number)?.bytes.toString('latin1'));
    if (mistake !== undefined)
      mistakes.push(`seed ${fuzzSeed}, response ${number} ${mistake}; sent ${bytes}`);
  };
  await Promise.all(
    sessions.map(async (session) => {
      while (next < requestCount) {
        // Now and then three at a time, for two connections and a queue.
        const count = next % 10 === 0 ? 3 : 1;
        const numbers = Array.from({ length: count }, () => next++).filter((number) => number < requestCount);
        await Promise.all(numbers.map((number) => ask(session, number)));
      }
    }),
  );

  expect(mistakes).toEqual([]);
  expect(server.unsafeRequests, `seed ${fuzzSeed}`).toEqual([]);
  // Damage is no excuse for refusing everything.
  expect(soundCount).toBeGreaterThan(requestCount * 0.1);
  expect(answeredCount).toBeGreaterThan(soundCount);
  for (const session of sessions) session.close();
  expect(await Promise.race([runtime.close().then(() => 'closed'), delay(10_000)])).toBe('closed');
  expect(runtime.open.size).toBe(0);
  for (let waits = 0; server.openSockets > 0 && waits < 200; waits++) await delay(25);
  expect(server.openSockets).toBe(0);
});
