// Asks an OpenAI-compatible server for a completion and reads its answer as it comes. Called by client.ts.

import { monotonicMs } from '../../../src/time/clock.ts';
import { cancelTimer, startTimer } from '../../../src/time/timer.ts';

export type FailureReason = 'rate_limited' | 'timeout' | 'failed';

/** An attempt that brought no answer. */
export class LlmError extends Error {
  readonly reason: FailureReason;
  /** As the server asked for; `undefined` when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: FailureReason, message: string, retryAfterMs?: number) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Prompt {
  readonly system: string;
  readonly question: string;
  /** Most tokens of the answer; the model's own limit when absent. */
  readonly mostTokens?: number;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface Completion {
  readonly model: string;
  readonly usage: Usage;
}

export interface UpstreamOptions {
  /** Without a slash at the end; completions are below it. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Longest wait for the first token, and between two. */
  readonly timeoutMs: number;
}

/** A chunk of a stream, as far as it is read. */
interface Chunk {
  readonly model?: string;
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

/**
 * Pieces of the answer as they come; returns what the server says of it. Throws an `LlmError`. Leaving the loop early ends
 * the request.
 *
 * **Source:** OpenAI API reference, "Create chat completion", with `stream` and `stream_options.include_usage`.
 */
export async function* requestCompletion(
  { baseUrl, apiKey, timeoutMs }: UpstreamOptions,
  { system, question, mostTokens }: Prompt,
): AsyncGenerator<string, Completion> {
  const patience = createPatience(timeoutMs);
  try {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({
        model: 'pratiko-1',
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: question },
        ],
        ...(mostTokens !== undefined && { max_tokens: mostTokens }),
        stream: true,
        stream_options: { include_usage: true },
      }),
      signal: patience.signal,
    });
    if (!response.ok || response.body === null) throw await refusal(response);
    let completion: Completion = { model: 'unknown', usage: { promptTokens: 0, completionTokens: 0 } };
    for await (const data of eventData(response.body)) {
      patience.renew();
      if (data === '[DONE]') return completion;
      const chunk = JSON.parse(data) as Chunk;
      completion = {
        model: chunk.model ?? completion.model,
        usage: chunk.usage
          ? { promptTokens: chunk.usage.prompt_tokens, completionTokens: chunk.usage.completion_tokens }
          : completion.usage,
      };
      const content = chunk.choices?.[0]?.delta?.content;
      if (content !== undefined && content !== '') yield content;
    }
    throw new LlmError('failed', 'the answer of the model ended early');
  } catch (error) {
    if (error instanceof LlmError) throw error;
    if (patience.isOver()) throw new LlmError('timeout', `no token within ${timeoutMs} ms`);
    throw new LlmError('failed', `the model does not answer: ${reasonOf(error)}`);
  } finally {
    patience.end();
  }
}

/** Aborts when nothing has come for `timeoutMs`. */
function createPatience(timeoutMs: number) {
  const controller = new AbortController();
  let lastMs = monotonicMs();
  let over = false;
  const check = (): void => {
    const leftMs = lastMs + timeoutMs - monotonicMs();
    if (leftMs > 0) {
      timer = startTimer(check, leftMs);
      return;
    }
    over = true;
    controller.abort();
  };
  let timer = startTimer(check, timeoutMs);
  return {
    signal: controller.signal,
    renew(): void {
      lastMs = monotonicMs();
    },
    isOver: () => over,
    end(): void {
      cancelTimer(timer);
      controller.abort();
    },
  };
}

async function refusal(response: Response): Promise<LlmError> {
  const text = (await response.text().catch(() => '')).slice(0, 200);
  if (response.status !== 429)
    return new LlmError('failed', `the model answered ${response.status}: ${text}`);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new LlmError(
    'rate_limited',
    'the model has too many requests',
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  );
}

/** `fetch` says only that it failed; why stands in the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as {
    readonly cause?: { readonly code?: string };
    readonly message?: string;
  };
  return cause?.code ?? message ?? String(error);
}

/** The data of each event of a stream; events here have one line of data each. */
async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = text.slice(from, end).trimEnd();
      from = end + 1;
      if (line.startsWith('data:')) yield line.slice(5).trimStart();
    }
    text = text.slice(from);
  }
}
