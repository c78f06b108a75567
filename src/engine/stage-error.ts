// A failure that a worker reports, as the error that ends the run.

import { exitCodes, PlimsollError, TargetError } from '../model/errors.ts';
import type { WorkerStage } from './messages.ts';

export function stageError(stage: WorkerStage, message: string, stack: string): PlimsollError {
  switch (stage) {
    case 'setup':
      return new TargetError(`the suite's setup failed: ${message}`, { hint: stack });
    case 'prepare':
      return new PlimsollError(exitCodes.usage, `the suite could not be loaded in a worker: ${message}`, {
        hint: stack,
      });
    case 'teardown':
    case 'run':
      return new PlimsollError(exitCodes.internal, `${stage} failed: ${message}`, { hint: stack });
  }
}
