// What the process of a target and the one that started it tell each other.

import type { ExitCode } from '../model/errors.ts';
import type { TargetParts } from './target.ts';

/** What is to be known of a target that runs in a process of its own. */
export interface ReadyTarget {
  readonly url: string;
  readonly parts: TargetParts;
  /** Variables that a suite needs to reach the target and what it is made of. */
  readonly env: Readonly<Record<string, string>>;
  /** What runs, a line each. */
  readonly about: readonly string[];
}

export type FromTarget =
  | { readonly kind: 'log'; readonly line: string }
  | ({ readonly kind: 'ready' } & ReadyTarget)
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly hint?: string;
      readonly exitCode: ExitCode;
    };

export type ToTarget = { readonly kind: 'start'; readonly name: string } | { readonly kind: 'stop' };
