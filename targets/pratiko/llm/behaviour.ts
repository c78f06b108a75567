// How the language model behaves, as data that can be changed while it runs. Called by the model's server, and by knobs.ts.

import { type Rules, readFields } from '../../../src/target-kit/http-error.ts';

const modes = ['normal', 'fail', 'hang', 'reset'] as const;

export interface Behaviour {
  /** `fail` answers 500, `hang` never answers, `reset` ends the connection, each for every request. */
  readonly mode: (typeof modes)[number];
  /** Median time to the first token. */
  readonly latencyMs: number;
  readonly tokensPerSec: number;
  /** Share of requests that get a 500. */
  readonly failureRate: number;
  /** Share of answers whose connection ends in the middle. */
  readonly cutRate: number;
  /** Above so many requests a second it answers 429; 0 for no limit. */
  readonly rateLimitPerSec: number;
}

/** The fields that a body gives, and those of `current` for the others. Throws a 400 for a field that does not fit. */
export function changeBehaviour(current: Behaviour, body: unknown): Behaviour {
  const rules = {
    mode: { kind: 'text', oneOf: modes, fallback: current.mode },
    latencyMs: { kind: 'number', min: 0, max: 60_000, fallback: current.latencyMs },
    tokensPerSec: { kind: 'number', min: 1, max: 100_000, fallback: current.tokensPerSec },
    failureRate: { kind: 'number', min: 0, max: 1, fallback: current.failureRate },
    cutRate: { kind: 'number', min: 0, max: 1, fallback: current.cutRate },
    rateLimitPerSec: { kind: 'number', min: 0, max: 1_000_000, fallback: current.rateLimitPerSec },
  } as const satisfies Rules;
  const { mode, ...figures } = readFields(body, rules);
  return { mode: mode as Behaviour['mode'], ...figures };
}
