// Starts the worker processes of a run, ahead of it. run-profile.ts and the faces over it call it.

import { createEngine, type Engine } from '../engine/engine.ts';
import { mostWorkers } from '../model/bounds.ts';
import { UsageError } from '../model/errors.ts';

const workerEntry = new URL(
  import.meta.url.endsWith('.ts') ? '../worker.ts' : '../worker.js',
  import.meta.url,
).href;

/** Starts worker processes ahead of a run, so that they boot while the suite is loaded. Throws a `UsageError` for too many. */
export function bootWorkers(count: number): Engine {
  if (!Number.isInteger(count) || count < 1 || count > mostWorkers) {
    throw new UsageError(`${count} workers: expected a whole number from 1 to ${mostWorkers}`, {
      hint: 'more workers than cores do not drive more load',
    });
  }
  return createEngine(workerEntry, count);
}
