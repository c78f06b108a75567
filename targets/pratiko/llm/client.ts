// Asks the language model and does not give up at once: attempts with growing pauses, behind a circuit breaker, counted.
// Called by questions.ts and by the analysis of documents.

import {
  type CircuitBreaker,
  CircuitOpenError,
  type CircuitState,
  createCircuitBreaker,
} from '../../../src/target-kit/circuit-breaker.ts';
import { bucketLimitsSec, createDurations, header, single } from '../../../src/target-kit/durations.ts';
import { monotonicMs } from '../../../src/time/clock.ts';
import { delay } from '../../../src/time/timer.ts';
import {
  type Completion,
  type FailureReason,
  LlmError,
  type Prompt,
  requestCompletion,
  type UpstreamOptions,
} from './upstream.ts';

/** Failed attempts in a row that open the circuit, and how long it stays open. */
const failureCount = 5;
const openMs = 5000;
/** The pause before the second attempt; twice as long before each further one, less up to half by chance. */
const firstPauseMs = 200;
/** A model that asks for more patience is given up: whoever asked would not wait either. */
const longestPauseMs = 3000;

export interface LlmOptions extends UpstreamOptions {
  /** Attempts after the first. */
  readonly retries: number;
  /** Without it, the model is asked however often it fails. */
  readonly hasBreaker: boolean;
}

/** Why there is no answer. */
export type NoAnswerReason = FailureReason | 'circuit_open';

export class NoAnswerError extends Error {
  readonly reason: NoAnswerReason;
  /** When to ask again. */
  readonly retryAfterMs: number;

  constructor(reason: NoAnswerReason, message: string, retryAfterMs: number) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface WholeAnswer extends Completion {
  readonly text: string;
  readonly attempts: number;
}

/** An answer whose first piece is there; the others may still fail with an `LlmError`. */
export interface StartedAnswer {
  readonly pieces: AsyncGenerator<string, Completion>;
  readonly attempts: number;
}

export interface Llm {
  /** Throws a `NoAnswerError`. */
  complete(prompt: Prompt): Promise<WholeAnswer>;
  /** Resolves with the first piece. Throws a `NoAnswerError`. */
  start(prompt: Prompt): Promise<StartedAnswer>;
  circuit(): CircuitState;
  /** Lines in Prometheus format. */
  render(): string[];
}

type Outcome = 'ok' | FailureReason;

export function createLlm(options: LlmOptions): Llm {
  const circuit: CircuitBreaker = createCircuitBreaker({ upstream: 'the model', failureCount, openMs });
  const figures = createFigures();

  /** One request: `work` reads its pieces. Too many requests are no sign of a model that fails. */
  async function attempt<Result>(
    prompt: Prompt,
    work: (pieces: AsyncGenerator<string, Completion>) => Promise<Result>,
  ): Promise<Result> {
    const call = async () => {
      try {
        return await work(figures.watch(requestCompletion(options, prompt)));
      } catch (error) {
        if (error instanceof LlmError && error.reason === 'rate_limited') return error;
        throw error;
      }
    };
    const result = options.hasBreaker ? await circuit.run(call) : await call();
    if (result instanceof LlmError) throw result;
    return result;
  }

  async function persist<Result>(attemptOnce: () => Promise<Result>): Promise<Result & { attempts: number }> {
    for (let attempts = 1; ; attempts++) {
      try {
        return { ...(await attemptOnce()), attempts };
      } catch (error) {
        if (error instanceof CircuitOpenError) {
          throw new NoAnswerError('circuit_open', error.message, error.retryAfterMs);
        }
        if (!(error instanceof LlmError)) throw error;
        const pauseMs = error.retryAfterMs ?? firstPauseMs * 2 ** (attempts - 1) * (1 - Math.random() / 2);
        if (attempts > options.retries || pauseMs > longestPauseMs) {
          throw new NoAnswerError(error.reason, error.message, error.retryAfterMs ?? 1000);
        }
        figures.countRetry();
        await delay(pauseMs);
      }
    }
  }

  return {
    complete: (prompt) => persist(() => attempt(prompt, readAll)),
    start: (prompt) => persist(() => attempt(prompt, async (pieces) => ({ pieces: await begun(pieces) }))),
    circuit: () => circuit.state(),
    render: () => [...figures.render(), ...renderCircuit(circuit)],
  };
}

async function readAll(pieces: AsyncGenerator<string, Completion>): Promise<Completion & { text: string }> {
  let text = '';
  for (;;) {
    const next = await pieces.next();
    if (next.done) return { text, ...next.value };
    text += next.value;
  }
}

/** The same pieces, once the first is there. */
async function begun(
  pieces: AsyncGenerator<string, Completion>,
): Promise<AsyncGenerator<string, Completion>> {
  const first = await pieces.next();
  return (async function* () {
    try {
      if (first.done) return first.value;
      yield first.value;
      return yield* pieces;
    } finally {
      await pieces.return(nothing);
    }
  })();
}

/** Of an answer that is left in the middle: nobody reads it. */
const nothing: Completion = { model: 'unknown', usage: { promptTokens: 0, completionTokens: 0 } };

function createFigures() {
  const outcomes = new Map<Outcome, number>(
    (['ok', 'rate_limited', 'timeout', 'failed'] as const).map((outcome) => [outcome, 0]),
  );
  let [retries, tokens] = [0, 0];
  const durations = createDurations(
    'pratiko_llm_request_duration_seconds',
    'Requests to the model until the end of its answer, by outcome.',
    'outcome',
    bucketLimitsSec,
  );
  const firstTokens = createDurations(
    'pratiko_llm_first_token_seconds',
    'Time until the first token of an answer.',
    'model',
    bucketLimitsSec,
  );
  const count = (outcome: Outcome, durationMs: number): void => {
    outcomes.set(outcome, outcomes.get(outcome)! + 1);
    durations.record(outcome, durationMs);
  };
  return {
    countRetry(): void {
      retries++;
    },
    /** Counts pieces as they pass, and how the answer ends. */
    async *watch(pieces: AsyncGenerator<string, Completion>): AsyncGenerator<string, Completion> {
      const startedAtMs = monotonicMs();
      let isFirst = true;
      try {
        for (;;) {
          const next = await pieces.next();
          if (next.done) {
            count('ok', monotonicMs() - startedAtMs);
            return next.value;
          }
          if (isFirst) firstTokens.record('chat', monotonicMs() - startedAtMs);
          isFirst = false;
          tokens++;
          yield next.value;
        }
      } catch (error) {
        if (error instanceof LlmError) count(error.reason, monotonicMs() - startedAtMs);
        throw error;
      } finally {
        // Ends the request of an answer that nobody waits for any more.
        await pieces.return(nothing);
      }
    },
    render(): string[] {
      const name = 'pratiko_llm_requests_total';
      return [
        ...header(name, 'counter', 'Requests to the model, by outcome.'),
        ...[...outcomes].map(([outcome, sum]) => `${name}{outcome="${outcome}"} ${sum}`),
        ...single('pratiko_llm_retries_total', 'counter', 'Attempts after the first.', retries),
        ...single('pratiko_llm_tokens_total', 'counter', 'Tokens of answers.', tokens),
        ...durations.render(),
        ...firstTokens.render(),
      ];
    },
  };
}

function renderCircuit(circuit: CircuitBreaker): string[] {
  const { opened, refused } = circuit.counts();
  const name = 'pratiko_llm_circuit_state';
  const state = circuit.state();
  return [
    ...header(name, 'gauge', 'Whether the circuit to the model is in the state.'),
    ...['closed', 'half-open', 'open'].map((one) => `${name}{state="${one}"} ${one === state ? 1 : 0}`),
    ...single('pratiko_llm_circuit_opened_total', 'counter', 'How often the circuit opened.', opened),
    ...single('pratiko_llm_refused_total', 'counter', 'Attempts while the circuit was open.', refused),
  ];
}
