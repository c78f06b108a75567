// The language model's side of its HTTP interface: chat completions as OpenAI-compatible servers have them, and a route
// that changes its behaviour. Called by process.ts.

import { createRandom } from '../../../src/stats/random.ts';
import { HttpError } from '../../../src/target-kit/http-error.ts';
import type { ApiRequest, Reply, Route } from '../../../src/target-kit/http-routing.ts';
import { createHttpServer, type HttpServer } from '../../../src/target-kit/http-server.ts';
import { createRateLimiter, type RateLimiter } from '../../../src/target-kit/rate-limit.ts';
import { monotonicMs, wallClock } from '../../../src/time/clock.ts';
import { delay } from '../../../src/time/timer.ts';
import { timeAnswer, wordAnswer } from './answer.ts';
import { type Behaviour, changeBehaviour } from './behaviour.ts';

const modelName = 'pratiko-1';

export interface ModelOptions {
  readonly seed: number;
  /** Of `/v1`. */
  readonly apiKey: string;
  /** Of `/admin/behaviour`. */
  readonly adminKey: string;
  readonly behaviour: Behaviour;
}

interface Prompt {
  readonly text: string;
  readonly mostTokens: number | undefined;
  readonly isStream: boolean;
}

/** An answer on its way. */
interface Planned {
  readonly id: string;
  readonly createdSec: number;
  readonly promptTokens: number;
  readonly pieces: readonly string[];
  /** Moments of the pieces on the monotonic clock. */
  readonly dueMs: readonly number[];
  /** Pieces before the connection ends; all of them when it does not. */
  readonly lastPiece: number;
}

export function createModelServer(options: ModelOptions): HttpServer {
  const { seed, apiKey, adminKey } = options;
  let behaviour = options.behaviour;
  let limiter = limiterOf(behaviour);
  let count = 0;
  const random = createRandom(seed, 'model');

  function plan({ text, mostTokens }: Prompt): Planned {
    const startedAtMs = monotonicMs();
    const pieces = wordAnswer(text, seed, mostTokens);
    const isCut = random() < behaviour.cutRate;
    return {
      id: `chatcmpl-${++count}`,
      createdSec: Math.floor(wallClock().getTime() / 1000),
      promptTokens: text.split(/\s+/).length,
      pieces,
      dueMs: timeAnswer(pieces.length, behaviour, random).map((ms) => startedAtMs + ms),
      lastPiece: isCut ? Math.floor(pieces.length / 2) : pieces.length,
    };
  }

  async function complete({ body }: ApiRequest): Promise<Reply> {
    const prompt = readPrompt(body);
    const waitSec = limiter?.take('all') ?? 0;
    if (waitSec > 0) return failure(429, 'rate_limit_exceeded', 'too many requests', waitSec);
    if (behaviour.mode === 'hang') return new Promise(() => {});
    if (behaviour.mode === 'reset') return { status: 200, pieces: brokenOff() };
    if (behaviour.mode === 'fail' || random() < behaviour.failureRate) {
      return failure(500, 'server_error', 'the model failed');
    }
    const planned = plan(prompt);
    if (prompt.isStream) return { status: 200, contentType: 'text/event-stream', pieces: stream(planned) };
    await delay(planned.dueMs.at(-1)! - monotonicMs());
    return planned.lastPiece < planned.pieces.length
      ? { status: 200, pieces: brokenOff() }
      : { status: 200, body: wholeAnswer(planned) };
  }

  const behave = (run: (request: ApiRequest) => void, method: Route['method']): Route => ({
    method,
    path: '/admin/behaviour',
    limited: false,
    authorize: ({ authorization }) => checkKey(authorization, adminKey),
    run(request) {
      run(request);
      return { status: 200, body: behaviour };
    },
  });
  const change = ({ body }: ApiRequest): void => {
    behaviour = changeBehaviour(behaviour, body);
    limiter = limiterOf(behaviour);
  };
  return createHttpServer({
    routes: [
      {
        method: 'POST',
        path: '/v1/chat/completions',
        limited: false,
        authorize: ({ authorization }) => checkKey(authorization, apiKey),
        run: complete,
      },
      behave(() => {}, 'GET'),
      behave(change, 'PUT'),
    ],
    limit: () => 0,
    onRequest: () => {},
    keepsAlive: true,
    onAnswered: () => {},
    // Connections that end in the middle are its behaviour.
    onError: () => {},
  });
}

function limiterOf({ rateLimitPerSec }: Behaviour): RateLimiter | undefined {
  return rateLimitPerSec > 0 ? createRateLimiter(rateLimitPerSec) : undefined;
}

function checkKey(header: string | undefined, key: string): void {
  if (header !== `Bearer ${key}`) throw new HttpError(401, 'invalid_api_key', 'the key is wrong or missing');
}

function readPrompt(body: unknown): Prompt {
  const { messages, max_tokens: most, stream: isStream } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const texts = Array.isArray(messages)
    ? messages.map((one: unknown) => (one as { readonly content?: unknown } | null)?.content)
    : [];
  if (texts.length === 0 || !texts.every((one) => typeof one === 'string')) {
    throw new HttpError(400, 'invalid_request_error', 'messages must be a list of { role, content }');
  }
  return {
    text: texts.join('\n'),
    mostTokens: typeof most === 'number' && most >= 1 ? Math.floor(most) : undefined,
    isStream: isStream === true,
  };
}

function failure(status: number, type: string, message: string, retryAfterSec?: number): Reply {
  return {
    status,
    ...(retryAfterSec !== undefined && { headers: { 'retry-after': String(retryAfterSec) } }),
    body: { error: { message, type, param: null, code: type } },
  };
}

// biome-ignore lint/correctness/useYield: it breaks off before the first piece
async function* brokenOff(): AsyncGenerator<string> {
  throw new Error('broken off');
}

function wholeAnswer({ id, createdSec, promptTokens, pieces }: Planned) {
  return {
    id,
    object: 'chat.completion',
    created: createdSec,
    model: modelName,
    choices: [{ index: 0, message: { role: 'assistant', content: pieces.join('') }, finish_reason: 'stop' }],
    usage: usageOf(promptTokens, pieces.length),
  };
}

function usageOf(promptTokens: number, completionTokens: number) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

async function* stream(planned: Planned): AsyncGenerator<string> {
  const { id, createdSec, pieces, dueMs, lastPiece, promptTokens } = planned;
  const chunk = (choices: readonly object[], usage: object | null) =>
    `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: createdSec, model: modelName, choices, usage })}\n\n`;
  for (const [k, content] of pieces.slice(0, lastPiece).entries()) {
    const waitMs = dueMs[k]! - monotonicMs();
    if (waitMs > 0) await delay(waitMs);
    yield chunk([{ index: 0, delta: { content }, finish_reason: null }], null);
  }
  if (lastPiece < pieces.length) throw new Error('broken off');
  yield chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], usageOf(promptTokens, pieces.length));
  yield 'data: [DONE]\n\n';
}
