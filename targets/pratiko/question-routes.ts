// Routes of the PratikoAI system about questions: frequent ones, complex ones, and the behaviour of the model. Called by
// api.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { HttpError, type Rules, readFields, readInteger } from '../../src/target-kit/http-error.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import { countUsage } from './accounts.ts';
import type { Cache } from './cache.ts';
import type { Faq } from './faq.ts';
import type { RunningModel } from './llm/start.ts';
import type { AnswerEvent, Questions } from './questions.ts';
import { ok, type RouteMaker } from './routes.ts';

const faqRules = { question: { kind: 'text', least: 3, most: 2000 } } as const satisfies Rules;
const askRules = { ...faqRules, stream: { kind: 'boolean', fallback: false } } as const satisfies Rules;
const answerRules = { answer: { kind: 'text', most: 4000 } } as const satisfies Rules;

interface Parts {
  readonly make: RouteMaker;
  readonly database: Database;
  readonly cache: Cache;
  readonly faq: Faq;
  readonly questions: Questions;
  /** Absent when another server was given. */
  readonly model: RunningModel | undefined;
}

export function questionRoutes({ make, database, cache, faq, questions, model }: Parts): Route[] {
  return [
    make.forUser('POST', '/api/chat/faq', async (userId, { body }) => {
      const { question } = readFields(body, faqRules);
      const [answer] = await Promise.all([faq.answer(question), countUsage(database, userId, 'question')]);
      return { status: 200, headers: { 'x-cache': answer.cached ? 'hit' : 'miss' }, body: answer };
    }),
    make.forUser('POST', '/api/chat/ask', async (userId, { body }) => {
      const { question, stream } = readFields(body, askRules);
      const count = (tokens: number) => countUsage(database, userId, 'question', tokens);
      if (!stream) {
        const answer = await questions.ask(question);
        await count(answer.usage.completionTokens);
        return ok(answer);
      }
      const events = await questions.askStreaming(question);
      return { status: 200, contentType: 'text/event-stream', pieces: asEventStream(events, count) };
    }),
    make.forAdmin('PUT', '/api/admin/faq/:id', async ({ params, body }) => {
      const id = readInteger('id', params[0]!, 1, 999_999_999);
      return ok(await faq.change(id, readFields(body, answerRules).answer));
    }),
    make.forAdmin('DELETE', '/api/admin/cache', async () => ok({ removed: await cache.clear() })),
    make.forAdmin('GET', '/api/admin/llm', async () => ok(await ours(model).behaviour())),
    make.forAdmin('PUT', '/api/admin/llm', async ({ body }) => ok(await ours(model).behave(body))),
  ];
}

function ours(model: RunningModel | undefined): RunningModel {
  if (model !== undefined) return model;
  throw new HttpError(
    409,
    'not_ours',
    'the model is the server in PRATIKO_LLM_URL, whose behaviour is its own',
  );
}

/** Counts the question when its answer has ended. */
async function* asEventStream(
  events: AsyncIterable<AnswerEvent>,
  count: (tokens: number) => Promise<void>,
): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.kind === 'token') {
      yield frame('token', { text: event.text });
    } else if (event.kind === 'error') {
      yield frame('error', { code: event.code, message: event.message });
    } else {
      await count(event.facts.usage.completionTokens);
      yield frame('done', event.facts);
    }
  }
}

function frame(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
