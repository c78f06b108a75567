// The knobs of the PratikoAI system: what is read from the environment, and how each is told. README.md has the table.
// Called by target.ts.

import { UsageError } from '../../src/model/errors.ts';
import { type KnobEnv, readChoice, readNumber, readWhole } from '../../src/target-kit/knobs.ts';
import type { DocumentsOptions } from './documents/documents.ts';
import type { Behaviour } from './llm/behaviour.ts';

export interface Knobs {
  readonly seed: number;
  /** Documents of the knowledge base. */
  readonly corpusCount: number;
  /** Connections of the pool. */
  readonly poolSize: number;
  /** Without it, each statement opens a connection of its own. */
  readonly hasPool: boolean;
  /** Requests per second and client address; 0 for no limit. */
  readonly rateLimitPerSec: number;
  readonly adminKey: string;
  /** Signs tokens; one is made up when it is not given. */
  readonly jwtSecret: string | undefined;
  readonly usesRedis: boolean;
  readonly hasCache: boolean;
  readonly cacheTtlMs: number;
  /** Without it, what has changed stays in the cache until it is too old. */
  readonly invalidates: boolean;
  readonly hasFullTextIndex: boolean;
  /** A page of search results asks for each of its rows with a statement of its own. */
  readonly asksRowByRow: boolean;
  /** Passwords are checked on the event loop. */
  readonly blocksOnPasswords: boolean;
  /** CPU time that each tax calculation takes on the event loop. */
  readonly cpuMs: number;
  /** Heap that each request leaves behind. */
  readonly leakKilobytes: number;
  /** Without it, every answer closes its connection. */
  readonly keepsAlive: boolean;
  readonly documents: Omit<DocumentsOptions, 'onLog'>;
  readonly llm: LlmKnobs;
}

export interface LlmKnobs {
  /** Another OpenAI-compatible server in place of the model of its own. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** Of the model of its own, at the start. */
  readonly behaviour: Behaviour;
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly hasBreaker: boolean;
  /** Without it, a question without an answer is an error. */
  readonly hasFallback: boolean;
}

/** Throws a `UsageError` for a variable whose value does not fit. */
export function readKnobs(env: KnobEnv): Knobs {
  const isOn = (name: string) => readChoice(env, name, ['on', 'off']) === 'on';
  const isOff = (name: string) => readChoice(env, name, ['on', 'off']) === 'off';
  return {
    seed: readWhole(env, 'PRATIKO_SEED', 1, 0, 2_147_483_647),
    corpusCount: readWhole(env, 'PRATIKO_CORPUS', 4000, 100, 200_000),
    poolSize: readWhole(env, 'PRATIKO_POOL_SIZE', 20, 1, 100),
    hasPool: !isOff('PRATIKO_POOL'),
    rateLimitPerSec: readNumber(env, 'PRATIKO_RATE_LIMIT', 0, 0, 1_000_000),
    adminKey: env.PRATIKO_ADMIN_KEY || 'plimsoll-admin',
    jwtSecret: env.JWT_SECRET_KEY || undefined,
    usesRedis: !isOff('PRATIKO_REDIS'),
    hasCache: !isOff('PRATIKO_CACHE'),
    cacheTtlMs: readNumber(env, 'PRATIKO_CACHE_TTL_SEC', 300, 0.1, 86_400) * 1000,
    invalidates: !isOff('PRATIKO_INVALIDATION'),
    hasFullTextIndex: !isOff('PRATIKO_FULL_TEXT_INDEX'),
    asksRowByRow: isOn('PRATIKO_N_PLUS_ONE'),
    blocksOnPasswords: readChoice(env, 'PRATIKO_SCRYPT', ['async', 'sync']) === 'sync',
    cpuMs: readNumber(env, 'PRATIKO_CPU_MS', 0, 0, 10_000),
    leakKilobytes: readWhole(env, 'PRATIKO_LEAK_KB', 0, 0, 10_000),
    keepsAlive: !isOff('PRATIKO_KEEP_ALIVE'),
    documents: {
      mostAtOnce: readWhole(env, 'PRATIKO_DOCUMENTS_AT_ONCE', 20, 0, 10_000),
      mostWaiting: readWhole(env, 'PRATIKO_QUEUE_LIMIT', 200, 0, 1_000_000),
      threads: readWhole(env, 'PRATIKO_DOCUMENT_THREADS', 2, 0, 64),
    },
    llm: readLlmKnobs(env),
  };
}

function readLlmKnobs(env: KnobEnv): LlmKnobs {
  const isOff = (name: string) => readChoice(env, name, ['on', 'off']) === 'off';
  return {
    url: readUrl(env, 'PRATIKO_LLM_URL'),
    apiKey: env.LLM_API_KEY || undefined,
    behaviour: {
      mode: 'normal',
      latencyMs: readNumber(env, 'PRATIKO_LLM_LATENCY_MS', 400, 0, 60_000),
      tokensPerSec: readNumber(env, 'PRATIKO_LLM_TOKENS_PER_SEC', 80, 1, 100_000),
      failureRate: readNumber(env, 'PRATIKO_LLM_FAILURE_RATE', 0, 0, 1),
      cutRate: readNumber(env, 'PRATIKO_LLM_CUT_RATE', 0, 0, 1),
      rateLimitPerSec: readNumber(env, 'PRATIKO_LLM_RATE_LIMIT', 0, 0, 1_000_000),
    },
    timeoutMs: readNumber(env, 'PRATIKO_LLM_TIMEOUT_MS', 4000, 10, 600_000),
    retries: readWhole(env, 'PRATIKO_LLM_RETRIES', 2, 0, 10),
    hasBreaker: !isOff('PRATIKO_BREAKER'),
    hasFallback: !isOff('PRATIKO_FALLBACK'),
  };
}

/** Without a slash at the end. */
function readUrl(env: KnobEnv, name: string): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new UsageError(
    `${name} must be a URL such as https://api.openai.com/v1, found ${JSON.stringify(text)}`,
  );
}

/** One line for each knob that makes the system slower or weaker than it need be; none as it is shipped. */
export function describePlanted(knobs: Knobs): string[] {
  const { cpuMs, leakKilobytes, llm, documents } = knobs;
  const { failureRate, cutRate, rateLimitPerSec } = llm.behaviour;
  const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;
  const lines: readonly (readonly [boolean, string])[] = [
    [!knobs.hasPool, 'each statement opens a connection of its own (PRATIKO_POOL=off)'],
    [!knobs.hasCache, 'every FAQ question is searched for (PRATIKO_CACHE=off)'],
    [!knobs.invalidates, 'changed answers stay in the cache (PRATIKO_INVALIDATION=off)'],
    [!knobs.hasFullTextIndex, 'searches read all documents (PRATIKO_FULL_TEXT_INDEX=off)'],
    [knobs.asksRowByRow, 'pages of results ask for each row by itself (PRATIKO_N_PLUS_ONE=on)'],
    [documents.mostAtOnce === 0, 'any number of documents is in work at once (PRATIKO_DOCUMENTS_AT_ONCE=0)'],
    [documents.mostWaiting === 0, 'any number of documents waits (PRATIKO_QUEUE_LIMIT=0)'],
    [documents.threads === 0, 'documents are taken apart on the event loop (PRATIKO_DOCUMENT_THREADS=0)'],
    [failureRate > 0, `the model fails for ${percent(failureRate)} of requests (PRATIKO_LLM_FAILURE_RATE)`],
    [cutRate > 0, `the model breaks off ${percent(cutRate)} of answers (PRATIKO_LLM_CUT_RATE)`],
    [rateLimitPerSec > 0, `the model takes ${rateLimitPerSec} requests/s (PRATIKO_LLM_RATE_LIMIT)`],
    [!llm.hasBreaker, 'a model that fails is asked all the same (PRATIKO_BREAKER=off)'],
    [!llm.hasFallback, 'an error where the model does not answer (PRATIKO_FALLBACK=off)'],
    [knobs.blocksOnPasswords, 'passwords are checked on the event loop (PRATIKO_SCRYPT=sync)'],
    [cpuMs > 0, `each tax calculation takes ${cpuMs} ms of CPU besides (PRATIKO_CPU_MS)`],
    [leakKilobytes > 0, `each request leaves ${leakKilobytes} KB behind (PRATIKO_LEAK_KB)`],
    [!knobs.keepsAlive, 'every answer closes its connection (PRATIKO_KEEP_ALIVE=off)'],
  ];
  return lines.flatMap(([isPlanted, line]) => (isPlanted ? [line] : []));
}
