// Complex questions of the PratikoAI system: passages of the knowledge base given to the language model, and what is
// answered when it fails. Called by the routes.

import { header } from '../../src/target-kit/durations.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import type { Knowledge, Passage } from './knowledge.ts';
import { type Llm, NoAnswerError, type NoAnswerReason } from './llm/client.ts';
import { LlmError, type Usage } from './llm/upstream.ts';

const passageCount = 3;
/** Characters of a passage that the model is given. */
const passageLength = 1500;

/** What is told of an answer beside its text. */
export interface AnswerFacts {
  /** `null` for a degraded answer. */
  readonly model: string | null;
  readonly sources: readonly { readonly id: number; readonly title: string }[];
  readonly usage: Usage;
  readonly attempts: number;
  readonly degraded: boolean;
  readonly reason?: NoAnswerReason;
}

/** Pieces of an answer; then its facts, or why it ended early. */
export type AnswerEvent =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'done'; readonly facts: AnswerFacts }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

export interface Questions {
  /** Throws an `HttpError` when there is no answer and no fall-back. */
  ask(question: string): Promise<AnswerFacts & { readonly answer: string }>;
  /** Resolves once the first piece is there. Throws as `ask` does. */
  askStreaming(question: string): Promise<AsyncIterable<AnswerEvent>>;
  /** Lines in Prometheus format. */
  render(): string[];
}

const statuses = { rate_limited: 503, circuit_open: 503, timeout: 504, failed: 502 } as const;

/** `hasFallback`: without an answer of the model, the passages are one. */
export function createQuestions(
  knowledge: Knowledge,
  llm: Llm,
  { hasFallback }: { readonly hasFallback: boolean },
): Questions {
  const degraded = new Map<NoAnswerReason, number>();

  async function prepare(question: string) {
    const passages = await knowledge.passages(question, passageCount);
    const sources = passages.map(({ id, title }) => ({ id, title }));
    return { passages, sources, prompt: { system: systemPrompt(passages), question } };
  }

  /** Throws what is not to be made up for. */
  function fallBack(error: unknown, passages: readonly Passage[]) {
    if (!(error instanceof NoAnswerError)) throw error;
    const { reason, message, retryAfterMs } = error;
    if (!hasFallback) {
      const retryAfter = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
      throw new HttpError(statuses[reason], reason, message, { headers: { 'retry-after': retryAfter } });
    }
    degraded.set(reason, (degraded.get(reason) ?? 0) + 1);
    const facts: AnswerFacts = {
      model: null,
      sources: passages.map(({ id, title }) => ({ id, title })),
      usage: { promptTokens: 0, completionTokens: 0 },
      attempts: 0,
      degraded: true,
      reason,
    };
    return { answer: passages.map(({ title, body }) => `${title}: ${body}`).join('\n\n'), facts };
  }

  return {
    async ask(question) {
      const { passages, sources, prompt } = await prepare(question);
      try {
        const { text, model, usage, attempts } = await llm.complete(prompt);
        return { answer: text, model, sources, usage, attempts, degraded: false };
      } catch (error) {
        const { answer, facts } = fallBack(error, passages);
        return { answer, ...facts };
      }
    },
    async askStreaming(question) {
      const { passages, sources, prompt } = await prepare(question);
      try {
        const { pieces, attempts } = await llm.start(prompt);
        return answerEvents(pieces, { sources, attempts });
      } catch (error) {
        const { answer, facts } = fallBack(error, passages);
        return degradedEvents(answer, facts);
      }
    },
    render() {
      const name = 'pratiko_degraded_answers_total';
      return [
        ...header(name, 'counter', 'Questions answered without the model, by reason.'),
        ...[...degraded].map(([reason, count]) => `${name}{reason="${reason}"} ${count}`),
      ];
    },
  };
}

function systemPrompt(passages: readonly Passage[]): string {
  const texts = passages.map(({ title, body }) => `${title}: ${body.slice(0, passageLength)}`);
  return `Rispondi da consulente fiscale, con le fonti seguenti.\n${texts.join('\n')}`;
}

async function* answerEvents(
  pieces: AsyncGenerator<string, { readonly model: string; readonly usage: Usage }>,
  facts: Pick<AnswerFacts, 'sources' | 'attempts'>,
): AsyncGenerator<AnswerEvent> {
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done) {
        const { model, usage } = next.value;
        yield { kind: 'done', facts: { model, usage, ...facts, degraded: false } };
        return;
      }
      yield { kind: 'token', text: next.value };
    }
  } catch (error) {
    if (!(error instanceof LlmError)) throw error;
    yield { kind: 'error', code: error.reason, message: error.message };
  } finally {
    await pieces.return({ model: 'unknown', usage: { promptTokens: 0, completionTokens: 0 } });
  }
}

async function* degradedEvents(answer: string, facts: AnswerFacts): AsyncGenerator<AnswerEvent> {
  yield { kind: 'token', text: answer };
  yield { kind: 'done', facts };
}
