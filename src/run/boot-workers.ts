// Starts the worker processes of a run, ahead of it. run-profile.ts and the faces over it call it.

import { createEngine, type Engine } from '../engine/engine.ts';
import { mostWorkers } from '../model/bounds.ts';
import { UsageError } from '../model/errors.ts';
import { moduleUrl } from '../model/package-files.ts';

/** Starts worker processes ahead of a run, so that they boot while the suite is loaded. Throws a `UsageError` for too many. */
export function bootWorkers(count: number): Engine {
  if (!Number.isInteger(count) || count < 1 || count > mostWorkers) {
    throw new UsageError(`${count} workers: expected a whole number from 1 to ${mostWorkers}`, {
      hint: 'more workers than cores do not drive more load',
    });
  }
  return createEngine(moduleUrl('src/worker').href, count);
}
